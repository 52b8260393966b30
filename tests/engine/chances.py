"""Random samples, holdouts and caps, as the text of rules."""

from collections.abc import Callable, Sequence

from tests.engine.picking import Pick, chance, some

_SHARES = ("50%", "33.33%", "10%", "0.01%", "99.99%", "75.5%")
_SALTS = ("x", "autumn-2027", "a:b", "äß 😀", "twelve bytes")


def sample(pick: Pick) -> str:
    """A condition on the customer."""
    return f'in sample {pick((*_SHARES, "100%"))} salt "{pick(_SALTS)}"'


def holdout(pick: Pick) -> str:
    """A clause of a segment."""
    return f'  holdout {pick(_SHARES)} salt "{pick(_SALTS)}"'


def caps(pick: Pick, channels: Sequence[str], condition: Callable[[], str]) -> list[str]:
    """Clauses of a ruleset, for channels that the catalogue knows."""
    lines = []
    for _ in range(pick((0, 0, 1, 2))):
        named = ", ".join(some(pick, channels)) if channels and not chance(pick, 3) else ""
        lines.append(f"  cap {named} require {condition()}")
    return lines


def caps_of_catalogue(pick: Pick, channels: Sequence[str]) -> dict[str, dict[str, object]]:
    """The catalogue's own caps, over events that every random catalogue has."""
    window = pick(("in the last 7 days", "in the last 1 month", "", "in the last 2 whole weeks"))
    requires = (
        f"did line fewer than 3 times {window}",
        f"did any of line, stay at most 2 times {window}",
        f"did not stay {window}",
        f'did line where (kind != "web") at most 1 times {window}',
        f"number of stay {window} < 2",
    )
    return {
        name: {"channels": some(pick, channels), "require": pick(requires)} for name in some(pick, ("often", "seldom"))
    }
