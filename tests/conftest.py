"""Settings that hold for every test."""

from hypothesis import settings

# A slow machine is no mistake in the code; how long tests may take is said for the run as a whole.
settings.register_profile("segrules", deadline=None, print_blob=True)
settings.load_profile("segrules")
