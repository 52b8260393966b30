"""Which tests a run takes."""

from collections.abc import Sequence

from segrules.diagnostics.errors import BadInput
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.testcases import Test


def select_tests(tests: Sequence[Test], wanted: str | None) -> tuple[Test, ...]:
    """The tests whose titles contain `wanted`, upper and lower case alike; all where it is None.

    Raises:
        BadInput: there is none.
    """
    if wanted is None:
        return tuple(tests)
    folded = wanted.casefold()
    chosen = tuple(test for test in tests if folded in test.title.casefold())
    if not chosen:
        titles = [test.title for test in tests]
        some = ", ".join(f"`{title}`" for title in titles[:5]) + (" and more" if len(titles) > 5 else "")
        help_ = did_you_mean(wanted, titles) or (f"there are {some}" if titles else "the project has no tests")
        raise BadInput(f"no test is called `{wanted}`", help=help_)
    return chosen
