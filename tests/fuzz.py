"""How many random cases are made: a half of the usual number in `make test`, a multiple of it in `make test-long`.

`SEGRULES_FUZZ` is that multiple; `make test-long` sets it to 2. The cases of `make test` are the first ones of those.
"""

import os

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))
LONG = FUZZ > 1


def cases(usual: int) -> int:
    """How many cases there are where `usual` are enough to find most mistakes."""
    return usual * FUZZ if LONG else usual // 2
