"""What happens where a value was not recorded: whom that leaves out, and whom it lets in.

A missing value never lets anyone in unless a rule says `is unknown`, or takes the rest with `otherwise`. For each
segment and attribute that is a theorem here: proved, or refuted by somebody who is in because a value is missing.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
from segrules.ir.nodes import Constant, Literal
from segrules.ir.rules import Segment, Status
from segrules.ir.walk import all_nodes
from segrules.proofs.encoding.meanings import Missing
from segrules.proofs.formulas.logic import Flag, Formula, every, leaves, no, only_negated, replaced
from segrules.proofs.prover import Also, Prover, Question
from segrules.proofs.statements import Kind, Statement
from segrules.proofs.verdict import Answer, Verdict
from segrules.proofs.witnesses.realise import default
from segrules.proofs.witnesses.replay import Replayer, Row
from segrules.reference.problems import DataProblem
from segrules.types.types import BooleanType, TextType


def about_missing(prover: Prover) -> Iterator[Statement]:
    """For each segment and each attribute that may be missing, that this lets nobody in."""
    for segment in prover.rules.segments.values():
        if segment.header.status is not Status.RETIRED:
            for item in missing_flags(prover, segment):
                yield lets_in(prover, segment, item)


def left_out(prover: Prover, segment: Segment) -> Iterator[Statement]:
    """For each attribute that may be missing, that this leaves nobody out who would be in with some value."""
    for item in missing_flags(prover, segment):
        name = _name(item)
        member = _qualifies(prover, segment)
        question = Question(
            f"somebody in {segment.name} of whom {name} is known",
            (),
            (prover.encoder.member(segment.name), no(replaced(member, item, True)), no(item)),
            inside=(ir.InSegment(segment.name),),
            also=_out_without(segment.name, name),
        )
        text = f"`{segment.name}` has the same members whether `{name}` is recorded or not"
        yield Statement(Kind.LEFT_OUT, (segment.name, name), text, prover.refute(question), segment.span)


def lets_in(prover: Prover, segment: Segment, item: Flag) -> Statement:
    """That nobody is in a segment because an attribute is missing."""
    name = _name(item)
    text = f"nobody is in `{segment.name}` because `{name}` is missing"
    member = _qualifies(prover, segment)
    if only_negated(member, item):
        return Statement(Kind.LET_IN, (segment.name, name), text, Verdict(Answer.PROVED), segment.span)
    facts = (replaced(member, item, True), no(replaced(member, item, False)), item)
    question = Question(
        f"somebody in {segment.name} of whom {name} is missing",
        (),
        (every(facts), prover.encoder.member(segment.name)),
        inside=(ir.InSegment(segment.name),),
        also=_out_with_some(prover, segment.name, name),
    )
    return Statement(Kind.LET_IN, (segment.name, name), text, prover.refute(question), segment.span)


def missing_flags(prover: Prover, segment: Segment) -> list[Flag]:
    """The attributes that may be missing and are read, by name."""
    spoken = leaves(_qualifies(prover, segment))
    found = [item for item in spoken if isinstance(item, Flag) and isinstance(item.meaning, Missing)]
    return sorted(found, key=lambda item: item.name)


def _qualifies(prover: Prover, segment: Segment) -> Formula:
    """Who qualifies; that consent never ends where no end is recorded is a matter of its own."""
    clauses = prover.encoder.clauses(segment.name)
    return every(item.formula for item in clauses if item.clause.what in ("where", "except", "eligible", "cap"))


def _name(item: Flag) -> str:
    assert isinstance(item.meaning, Missing)
    return item.meaning.name


def _out_without(segment: str, name: str) -> Also:
    def also(replayer: Replayer, row: Row) -> bool:
        if name not in row.given.attributes:
            return False
        kept = {other: value for other, value in row.given.attributes.items() if other != name}
        return not _member(replayer, row, kept, segment)

    return also


def _out_with_some(prover: Prover, segment: str, name: str) -> Also:
    column = prover.rules.catalogue.customers.attributes[name]
    values = list(_values(prover, column))

    def also(replayer: Replayer, row: Row) -> bool:
        return name not in row.given.attributes and any(
            not _member(replayer, row, {**row.given.attributes, name: Literal(value, column.type)}, segment)
            for value in values
        )

    return also


def _member(replayer: Replayer, row: Row, attributes: dict[str, Literal], segment: str) -> bool:
    try:
        return replayer.member(replayer.add(replace(row.given, attributes=attributes)), segment)
    except DataProblem:
        return True


def _values(prover: Prover, column: Column) -> Iterator[Constant]:
    """Values that rules may tell apart: those of a closed list; constants of the column's type, and what is beside."""
    match column.type:
        case BooleanType():
            yield from (True, False)
        case TextType(values) if values is not None:
            yield from values
        case _:
            yield default(column)
            for value in all_nodes(prover.rules):
                if isinstance(value, Literal) and isinstance(value.type, type(column.type)):
                    yield value.value
                    if isinstance(value.value, int | Fraction) and not isinstance(value.value, bool):
                        yield from (value.value - 1, value.value + 1)
