"""How many random cases there are: a half of them in `make test`, all of them and more in `make test-long`.

`SEGRULES_FUZZ` says how many, and is 2 in `make test-long`. The cases of `make test` are the first of those.
"""

import os

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))
LONG = FUZZ > 1


def cases(count: int) -> int:
    """How many of `count` cases: half of them where nothing else is said, all with `SEGRULES_FUZZ=2`."""
    return count * FUZZ // 2
