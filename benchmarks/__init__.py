"""How fast segrules and other engines find the members of the same segments: `python -m benchmarks`."""
