"""A question as one closed set of formulas: what it asks, and all that always holds of what it speaks of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from segrules.ir import nodes as ir
from segrules.ir.fingerprint import digest
from segrules.proofs.encoding.cells import Cells, cut
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.meanings import ConsentIs, ConsentTime, Free, FreeBand, SameText, TextTested
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Total
from segrules.proofs.encoding.text_tests import text_flag
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import DAY, is_calendar
from segrules.proofs.formulas.logic import (
    Flag,
    Formula,
    Linear,
    Var,
    at_least,
    every,
    implies,
    leaves,
    no,
    same,
    some,
    variables,
)
from segrules.proofs.texts.classes import Predicate, TextClass, asked, classes
from segrules.proofs.verdict import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """What a question speaks of and what always holds of it.

    `texts` are the classes into which the texts of each source fall, with the flags of the tests that tell them apart.
    `reasons` are why a model may be no customer; `bands` the scores whose bands may be cut anywhere.
    """

    facts: tuple[Formula, ...]
    leaves: tuple[Flag | Linear, ...]
    cells: Cells
    texts: Mapping[str, tuple[tuple[Flag, ...], tuple[TextClass, ...]]]
    reasons: frozenset[Reason]
    bands: frozenset[str]
    variables: tuple[Var, ...]
    """All numbers that are spoken of, sorted by name."""
    flags: tuple[Flag, ...]
    """All flags that are spoken of, sorted by name."""
    guides: tuple[Formula, ...] = ()
    """What a model had better satisfy to be a customer."""

    def at(self, encoder: Encoder, as_of: datetime) -> Formula:
        """That the calendar is as it is at one `as_of`."""
        return encoder.calendar.at([var for var in self.variables if is_calendar(var)], as_of)

    @property
    def timeless(self) -> bool:
        """Whether nothing depends on the day of `as_of`."""
        return not any(is_calendar(var) for var in self.variables)

    @property
    def plain(self) -> Formula:
        """That nothing is so odd as records of consent that contradict each other, or one made a moment ago."""
        odd = [item for item in self.flags if isinstance(item.meaning, ConsentIs) and item.meaning.state == "missing"]
        times = [var for var in self.variables if isinstance(var.meaning, ConsentTime)]
        of_dates = {var for var in times if isinstance(var.meaning, ConsentTime) and var.meaning.is_date}
        days = [at_least(var, 2 if var in of_dates else 2 * DAY) for var in times]
        return every([*(no(item) for item in odd), *days])

    def few_rows(self, most: int) -> Formula:
        """That there are at most so many rows of events."""
        counts = sums.total((1, cell.count) for cell in self.cells.cells)
        return sums.less_or_equal(counts, sums.just(most))


def problem(encoder: Encoder, formulas: Sequence[Formula]) -> Problem:
    """The closure of formulas: axioms, texts, cells and calendar of all that they speak of."""
    seen: dict[Flag | Linear, None] = {}
    numbers: dict[str, Var] = {}
    facts: dict[Formula, None] = {}
    cells = Cells((), (), ())
    rows: tuple[str, ...] = ()
    texts: dict[str, tuple[tuple[Flag, ...], tuple[TextClass, ...]]] = {}
    reasons: set[Reason] = set()
    waiting: list[Formula] = list(formulas)
    looked_at: set[Formula] = set()
    while True:
        while waiting:
            for leaf in leaves(waiting.pop()):
                if leaf in seen:
                    continue
                seen[leaf] = None
                for name, var in _names(leaf):
                    if var is not None:
                        if name in numbers:
                            continue
                        numbers[name] = var
                    for fact in encoder.axioms.get(name, ()):
                        if fact not in facts:
                            facts[fact] = None
                            waiting.append(fact)
        texts, said, lost = _texts(leaf for leaf in seen if isinstance(leaf, Flag))
        reasons |= lost
        meanings: list[tuple[Var | Flag, object]] = [(var, var.meaning) for _, var in sorted(numbers.items())]
        meanings += _edge_rows(seen)
        of_rows = (item.name for item, meaning in meanings if isinstance(meaning, Number | Total | Distinct | EdgeRow))
        asked_ = tuple(sorted(of_rows))
        if asked_ != rows:
            rows = asked_
            cells = cut(encoder, meanings)
        facts.update(dict.fromkeys(said))
        new = [fact for fact in chain(said, cells.axioms) if fact not in looked_at]
        if not new:
            break
        looked_at.update(new)
        waiting += new
    # Cells that are cut again have the same names: what was said of the earlier ones does not hold of them.
    facts.update(dict.fromkeys(cells.axioms))
    calendar = encoder.calendar.axioms([var for var in numbers.values() if is_calendar(var)])
    spoken = tuple(sorted({*seen, *leaves(calendar)}, key=lambda leaf: leaf.key))
    metas = [meaning for _, meaning in _meanings(spoken)]
    reasons |= {meaning.reason for meaning in metas if isinstance(meaning, Free)}
    if cells.too_many:
        reasons.add(Reason.SIZE)
    bands = frozenset(f"{meaning.score}.{meaning.rank}" for meaning in metas if isinstance(meaning, FreeBand))
    spoken_of = variables(spoken)
    return Problem((*facts, calendar), spoken, cells, texts, frozenset(reasons), bands, *spoken_of)


def _names(leaf: Flag | Linear) -> Iterable[tuple[str, Var | None]]:
    if isinstance(leaf, Flag):
        yield leaf.name, None
    else:
        for _, var in leaf.terms:
            yield var.name, var


def _meanings(spoken: Iterable[Flag | Linear]) -> Iterable[tuple[str, object]]:
    for leaf in spoken:
        if isinstance(leaf, Flag):
            yield leaf.name, leaf.meaning
        else:
            for _, var in leaf.terms:
                yield var.name, var.meaning


def _edge_rows(seen: Iterable[Flag | Linear]) -> list[tuple[Var | Flag, object]]:
    found = [leaf for leaf in seen if isinstance(leaf, Flag) and isinstance(leaf.meaning, EdgeRow)]
    return [(leaf, leaf.meaning) for leaf in sorted(found, key=lambda item: item.name)]


# --- texts


def _texts(
    flags: Iterable[Flag],
) -> tuple[dict[str, tuple[tuple[Flag, ...], tuple[TextClass, ...]]], list[Formula], set[Reason]]:
    """Which tests of a text can hold together, and what follows where two texts are equal."""
    by_source: dict[str, dict[str, Flag]] = {}
    closed: dict[str, tuple[str, ...] | None] = {}
    pairs: list[tuple[Flag, SameText]] = []
    for item in flags:
        if isinstance(item.meaning, TextTested):
            by_source.setdefault(item.meaning.source, {})[item.name] = item
            closed[item.meaning.source] = item.meaning.values
        elif isinstance(item.meaning, SameText):
            pairs.append((item, item.meaning))
    pairs.sort(key=lambda pair: pair[0].name)
    for _, said in pairs:
        tests = {**_tests(by_source.get(said.one, {})), **_tests(by_source.get(said.other, {}))}
        for source, values in zip((said.one, said.other), said.values, strict=True):
            closed[source] = values
            of_source = by_source.setdefault(source, {})
            for _, test in sorted(tests.items()):
                made = text_flag(source, values, test)
                of_source[made.name] = made
    found: dict[str, tuple[tuple[Flag, ...], tuple[TextClass, ...]]] = {}
    facts: list[Formula] = []
    lost: set[Reason] = set()
    for source in sorted(by_source):
        tests_ = tuple(by_source[source][name] for name in sorted(by_source[source]))
        made_ = classes([_predicate(item) for item in tests_], closed[source])
        if made_ is None:
            lost.add(Reason.TEXT)
            continue
        found[source] = tests_, made_
        facts.append(some(every(_signed(tests_, one.signs)) for one in made_))
    for equal, said in pairs:
        if said.one in found and said.other in found:
            facts += _same_text(equal, found[said.one], found[said.other])
    return found, facts, lost


def _signed(tests: Sequence[Flag], signs: Sequence[bool]) -> list[Formula]:
    return [item if sign else no(item) for item, sign in zip(tests, signs, strict=True)]


def _tests(of_source: Mapping[str, Flag]) -> dict[str, ir.Condition]:
    found = {}
    for item in of_source.values():
        assert isinstance(item.meaning, TextTested)
        found[digest(item.meaning.test)] = item.meaning.test
    return found


def _predicate(item: Flag) -> Predicate:
    assert isinstance(item.meaning, TextTested)
    known = asked(item.meaning.test)
    assert known is not None and known[2], item.meaning.test  # invariant: tests are stored as what holds
    return known[1]


def _same_text(
    equal: Flag,
    one: tuple[tuple[Flag, ...], tuple[TextClass, ...]],
    other: tuple[tuple[Flag, ...], tuple[TextClass, ...]],
) -> Iterable[Formula]:
    def test(item: Flag) -> ir.Condition:
        assert isinstance(item.meaning, TextTested)
        return item.meaning.test

    by_test = {test(item): item for item in other[0]}
    for item in one[0]:
        yield implies(equal, same(item, by_test[test(item)]))
    for alone in one[1]:
        if alone.only:
            signs = {test(item): sign for item, sign in zip(one[0], alone.signs, strict=True)}
            both = [item if signs[test(item)] else no(item) for item in one[0]]
            both += [item if signs[test(item)] else no(item) for item in other[0]]
            yield implies(every(both), equal)
