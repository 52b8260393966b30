"""Everything that is claimed of a rule set, asked at once."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from segrules.ir.rules import Rules, Status
from segrules.proofs.declarations import about_groups, about_partitions
from segrules.proofs.encoding.meanings import ColumnValue, ConsentGiven, ConsentIs, Missing, OnList, TextTested
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Total
from segrules.proofs.findings import findings_of
from segrules.proofs.formulas.logic import Flag, leaves, no
from segrules.proofs.grids import grids
from segrules.proofs.missing import about_missing
from segrules.proofs.policies import about_policies
from segrules.proofs.prover import Prover, Question
from segrules.proofs.segments import about_segments
from segrules.proofs.statements import Kind, Proofs, Statement
from segrules.proofs.verdict import Answer, Verdict

Progress = Callable[[str, int, int], None]


def prove(rules: Rules, as_of: datetime | None = None, progress: Progress | None = None) -> Proofs:
    """Statements about segments, groups, partitions and policies, with their verdicts.

    Args:
        rules: typed rules without errors, cut points of frozen bands included.
        as_of: the instant for which to prove, None for every instant from 1971 to 2199.
        progress: told how many segments are done, and how many there are; what it raises ends the work.
    """
    prover = Prover(rules, as_of)
    empty: set[str] = set()
    found: list[Statement] = []
    count = len(rules.segments)
    done: dict[str, None] = {}
    for statement in about_segments(prover):
        if progress is not None and statement.names[0] not in done:
            progress("proving", len(done), count)
        done[statement.names[0]] = None
        if statement.kind is Kind.NOBODY and statement.verdict.answer is Answer.PROVED:
            empty.add(statement.names[0])
        found.append(statement)
    parts: Iterable[Iterator[Statement]] = (
        about_missing(prover),
        about_groups(prover),
        about_partitions(prover),
        about_policies(prover, empty.__contains__),
        _equal(prover, empty),
    )
    for part in parts:
        found += part
    if progress is not None:
        progress("proving", count, count)
    of_bands = tuple(grids(rules))
    return Proofs(tuple(found), of_bands, findings_of(found, of_bands, rules), as_of, prover.asked)


def _equal(prover: Prover, empty: set[str]) -> Iterator[Statement]:
    """Pairs of segments that speak of the same things and turn out to have the same members.

    `segrules overlap` compares all segments; here those are compared that read the same columns and events. Of more
    than two that are alike, each is compared with the first alone.
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    for segment in prover.rules.segments.values():
        if segment.header.status is not Status.RETIRED and segment.name not in empty:
            alike.setdefault(_subjects(prover, segment.name), []).append(segment.name)
    for names in alike.values():
        first: list[str] = []
        for other in names:
            same = next((one for one in first if _have_the_same(prover, one, other)), None)
            if same is None:
                first.append(other)
                continue
            text = f"`{same}` and `{other}` have the same members"
            span = prover.rules.segments[other].span
            yield Statement(Kind.EQUAL, (same, other), text, Verdict(Answer.PROVED), span)


def _have_the_same(prover: Prover, one: str, other: str) -> bool:
    formulas = prover.encoder.member(one), prover.encoder.member(other)
    return formulas[0] is formulas[1] or all(
        prover.refute(Question("", (), (inside, no(outside)), small=False)).answer is Answer.PROVED
        for inside, outside in (formulas, formulas[::-1])
    )


def _subjects(prover: Prover, segment: str) -> tuple[str, ...]:
    """The columns, events, lists and channels that a segment speaks of."""
    found: set[str] = set()
    for leaf in leaves(prover.encoder.member(segment)):
        meanings = [leaf.meaning] if isinstance(leaf, Flag) else [var.meaning for _, var in leaf.terms]
        for meaning in meanings:
            match meaning:
                case Missing(name) | ColumnValue(name) | OnList(name) | ConsentGiven(name) | ConsentIs(name):
                    found.add(name)
                case Number(rows) | Total(rows) | Distinct(rows) | EdgeRow(rows=rows):
                    found.add(rows.event)
                case TextTested(source):
                    found.add(source)
                case _:
                    found.add(leaf.key)
    return tuple(sorted(found))
