"""Settings that hold for every test."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from segrules.workspace.load import Texts

# A slow machine is no mistake in the code; how long tests may take is said for the run as a whole.
settings.register_profile("segrules", deadline=None, print_blob=True)
settings.load_profile("segrules")

# A million objects may live on, as of the large rule sets: they are not looked through for every few thousand new ones.
gc.set_threshold(50_000, 20, 50)

TOGETHER = {
    "tests/conformance/test_conformance.py": "conformance",
    "tests/formats/test_ci.py": "ci",
    "tests/rulesets/test_online_retail.py": "online_retail",
    "tests/rulesets/test_regularity.py": "online_retail",
    "tests/rulesets/test_rfm_grids.py": "rfm_grids",
    "tests/rulesets/test_twelve.py": "twelve",
    "tests/rulesets/test_twelve_bounds.py": "twelve",
    "tests/test_packaging.py": "packaging",
}
"""Files whose tests share what takes long to prepare, by a name of what they share: one process has them all."""


@pytest.fixture(scope="session", autouse=True)
def _texts_are_read_once() -> Iterator[None]:
    """Projects that tests load have most texts in common: they know each other's, as the two of `segrules diff` do."""
    known = Texts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segrules.workspace.load.Texts", lambda: known)
        yield


def pytest_collection_finish() -> None:
    """The tests themselves live to the end: nothing of theirs is ever garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "_Sharing":
    """Tests go one by one to whatever process is free, but for those that belong together."""
    return _Sharing(config, log)


class _Sharing(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)
