"""Which tests of one text entail or exclude each other, two by two: `"DE"` is no `"AT"`, and contains a `"D"`.

What three tests say together is left to the closure of a question; see `problem`.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from segrules.proofs.encoding.meanings import TextTested
from segrules.proofs.formulas.logic import Flag, Formula, no, some
from segrules.proofs.texts.classes import asked, classes


def entailments(flags: Iterable[Flag]) -> Iterator[Formula]:
    """A fact for each pair of signs that no text has; flags about other things than texts are passed over."""
    by_source: dict[str, list[Flag]] = {}
    for item in sorted(set(flags), key=lambda item: item.name):
        if isinstance(item.meaning, TextTested):
            by_source.setdefault(item.meaning.source, []).append(item)
    for tests in by_source.values():
        for one, other in combinations(tests, 2):
            yield from _between(one, other)


def _between(one: Flag, other: Flag) -> Iterator[Formula]:
    assert isinstance(one.meaning, TextTested)
    assert isinstance(other.meaning, TextTested)
    asked_one, asked_other = asked(one.meaning.test), asked(other.meaning.test)
    if asked_one is None or asked_other is None:
        return
    found = classes((asked_one[1], asked_other[1]), one.meaning.values)
    if found is None:
        return
    signs = {made.signs for made in found}
    for sign in (True, False):
        for sign_other in (True, False):
            if (sign, sign_other) not in signs:
                yield some((no(one) if sign else one, no(other) if sign_other else other))
