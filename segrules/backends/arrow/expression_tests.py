"""Leaves of a program as tests on stored columns, each true only where the leaf is known to be on its side."""

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.backends.arrow.expression_columns import (
    Expression,
    Stored,
    Test,
    comparable,
    is_listed_whole,
    is_whole,
    range_of,
)
from segrules.backends.arrow.expression_terms import Tree
from segrules.ir import nodes as ir
from segrules.ir.walk import event_names
from segrules.lowering import leaves
from segrules.lowering.lower import Lowering
from segrules.lowering.program import Operation, Program
from segrules.reference.text import folded, folded_pattern
from segrules.types.types import TextType

if TYPE_CHECKING:
    from segrules.backends.arrow.expression import Telling


class Tests:
    """Leaves of a program as tests on columns."""

    def __init__(self, telling: "Telling", program: Program, lowering: Lowering) -> None:
        self._telling = telling
        self._program = program
        self._lowering = lowering

    def tree(self, number: int, *, yes: bool, turned: bool) -> Tree:
        """Where a leaf is on one of its sides, or, `turned`, where it is not."""
        leaf = self._program.leaves[number]
        simpler = self._simpler(leaf.atom) if isinstance(leaf, leaves.Tested) else None
        if simpler is not None:
            return self._telling.tree(simpler, sign=yes, turned=turned)
        if not turned:
            return self._side(leaf, yes)
        # What is not known to be on one side is on the other or missing.
        return Operation.OR, (self._side(leaf, not yes), *self._missing(leaf))

    def _side(self, leaf: leaves.Leaf, yes: bool) -> Test:
        match leaf:
            case leaves.AtLeast(value, bound, strict):
                pair = self._telling.at_least(self._stored(value), bound, strict=strict)
                return self._telling.counted(pair[0 if yes else 1])
            case leaves.Member(value, texts):
                return self._among(self._stored(value), texts, yes)
            case leaves.IsSet(value):
                stored = self._stored(value)
                return self._test(stored, lambda: stored.field == pc.scalar(yes))
            case leaves.IsKnown(value) if isinstance(self._program.values[value], ir.Literal):
                return yes
            case leaves.IsKnown(value):
                stored = self._telling.stored(what_must_be_known(self._program.values[value]))
                return self._telling.counted(stored.known() if yes else stored.missing())
            case leaves.Tested(atom):
                return self._atom(atom, yes)
            case leaves.IsNone(value):
                raise self._telling.refused(why_no_column(self._program.values[value]))
            case leaves.HasConsent() | leaves.Suppressed():
                raise self._telling.refused("it asks for consent")
            case _:
                assert_never(leaf)

    def _missing(self, leaf: leaves.Leaf) -> tuple[Test, ...]:
        """Where a leaf is on neither side."""
        match leaf:
            case leaves.IsKnown() | leaves.IsNone() | leaves.HasConsent() | leaves.Suppressed():
                return ()
            case leaves.Tested(atom):
                values = [self._lowering.resolved(value) for value in operands(atom)]
            case leaves.AtLeast(value) | leaves.Member(value) | leaves.IsSet(value):
                values = [self._program.values[value]]
            case _:
                assert_never(leaf)
        read = [value for value in values if not isinstance(value, ir.Literal)]
        return tuple(self._telling.counted(self._telling.stored(value).missing()) for value in read)

    def _stored(self, value: int) -> Stored:
        return self._telling.stored(self._program.values[value])

    def _column(self, value: ir.Value) -> Stored:
        return self._telling.stored(self._lowering.resolved(value))

    def _test(self, stored: Stored, make: Callable[[], Test]) -> Test:
        return False if at.is_null(stored.type) else self._telling.counted(make())

    # --- single tests

    def _simpler(self, atom: ir.Condition) -> ir.Condition | None:
        """The same test in terms of simpler ones; None where there are none."""
        match atom:
            case ir.Between(value, low, high):
                return ir.And((ir.Compare(ir.CompareOp.GE, value, low), ir.Compare(ir.CompareOp.LE, value, high)))
            case ir.OneOf(value, choices, negated) if choices and not self._can_be_listed(value):
                found = ir.Or(tuple(ir.Compare(ir.CompareOp.EQ, value, choice) for choice in choices))
                return ir.Not(found) if negated else found
            case ir.Compare(op, left, right, ignoring_case):
                # Defines may stand for columns and constants that the program tests in its own way.
                left, right = self._lowering.resolved(left), self._lowering.resolved(right)
                if isinstance(left, ir.Literal):
                    op, left, right = op.mirrored, right, left
                made = ir.Compare(op, left, right, ignoring_case)
                return None if made == atom or isinstance(left, ir.Literal) else made
            case _:
                return None

    def _can_be_listed(self, value: ir.Value) -> bool:
        stored = self._column(value)
        return isinstance(stored.column.type, TextType) or is_listed_whole(stored)

    def _atom(self, atom: ir.Condition, yes: bool) -> Test:
        match atom:
            case ir.Compare():
                return self._compare(atom, yes)
            case ir.OneOf(value, choices, negated, ignoring_case):
                stored = self._column(value)
                if isinstance(stored.column.type, TextType):
                    texts = [str(choice.value) for choice in choices]
                    return self._among(stored, texts, yes != negated, ignoring_case)
                numbers = {Fraction(choice.value) for choice in choices if isinstance(choice.value, int | Fraction)}
                return self._one_of(stored, [int(n) for n in numbers if n.denominator == 1], yes != negated)
            case ir.InListFile(value, _, entries, negated, ignoring_case):
                stored = self._column(value)
                if isinstance(stored.column.type, TextType):
                    return self._among(stored, entries, yes != negated, ignoring_case)
                if not is_listed_whole(stored):
                    raise self._telling.refused(f"`{stored.column.name}` is looked up in a list of texts")
                return self._one_of(stored, [int(entry) for entry in entries if is_whole(entry)], yes != negated)
            case ir.TextTest(op, value, pattern, ignoring_case):
                stored = self._column(value)
                return self._test(stored, lambda: self._text_test(stored, op, pattern, ignoring_case, yes))
            case ir.ListTest():
                raise self._telling.refused("it tests a list")
            case ir.InSample():
                raise self._telling.refused("it takes a sample")
            case ir.Anniversary():
                raise self._telling.refused("it asks for anniversaries")
            case _:
                raise self._telling.refused(why_no_column(operands(atom)[0]))

    def _compare(self, atom: ir.Compare, yes: bool) -> Test:
        if not isinstance(atom.right, ir.Literal):
            return self._columns(atom.op, atom.left, atom.right, atom.ignoring_case, yes)
        stored = self._telling.stored(atom.left)
        if isinstance(stored.column.type, TextType):
            return self._against_text(atom.op, stored, atom.right, atom.ignoring_case, yes)
        raise self._telling.refused(f"`{stored.column.name}` is compared with something of another kind")

    def _against_text(
        self, op: ir.CompareOp, stored: Stored, literal: ir.Literal, ignoring_case: bool, yes: bool
    ) -> Test:
        word = str(literal.value)
        if op in (ir.CompareOp.EQ, ir.CompareOp.NE):
            return self._among(stored, [word], yes == (op is ir.CompareOp.EQ), ignoring_case)
        order = stored.column.type.values if isinstance(stored.column.type, TextType) else None
        if order is None or word not in order:
            raise self._telling.refused(f"`{word}` has no place in the order of `{stored.column.name}`")
        place = order.index(word)
        below = order[:place] if op in (ir.CompareOp.LT, ir.CompareOp.GE) else order[: place + 1]
        # The order ends at its last value: what is not above is below.
        above = [text for text in order if text not in below]
        return self._among(stored, above, yes == (op in (ir.CompareOp.GT, ir.CompareOp.GE)))

    def _columns(self, op: ir.CompareOp, left: ir.Value, right: ir.Value, ignoring_case: bool, yes: bool) -> Test:
        one, other = self._telling.stored(left), self._telling.stored(right)
        if at.is_null(one.type) or at.is_null(other.type):
            return False
        if not comparable(one, other) or (isinstance(left.type, TextType) and left.type.ordered):
            raise self._telling.refused(
                f"`{one.column.name}` and `{other.column.name}` are not stored so that they compare exactly",
                "give the schema of the customers' table" if one.assumed else None,
            )
        pair = (one.text(), other.text()) if isinstance(left.type, TextType) else (one.field, other.field)
        if ignoring_case:
            pair = (pc.ascii_lower(pair[0]), pc.ascii_lower(pair[1]))
        test = _COMPARED[op if yes else _OPPOSITE[op]](*pair)
        if one.is_float and (op if yes else _OPPOSITE[op]) is ir.CompareOp.NE:
            test = test & ~pc.is_nan(one.field) & ~pc.is_nan(other.field)
        return self._telling.counted(test)

    def _among(self, stored: Stored, texts: Collection[str], inside: bool, ignoring_case: bool = False) -> Test:
        """Where a text is one of some, or is another one."""

        def test() -> Test:
            words = sorted({folded(text) for text in texts} if ignoring_case else set(texts))
            field = pc.ascii_lower(stored.text()) if ignoring_case else stored.field
            if not words:
                return False if inside else stored.known()
            if len(words) == 1:
                return field == pc.scalar(words[0]) if inside else field != pc.scalar(words[0])
            listed = field.isin(pa.array(words, pa.string()))
            # `isin` is false for null, so that its negation has to ask for a value.
            return listed if inside else stored.field.is_valid() & ~listed

        return self._test(stored, test)

    def _one_of(self, stored: Stored, numbers: Sequence[int], inside: bool) -> Test:
        """Where a whole number is one of some, or is another one."""

        def test() -> Test:
            least, most = range_of(stored.type)
            fitting = sorted(number for number in numbers if least <= number <= most)
            if not fitting:
                return False if inside else stored.known()
            listed = stored.field.isin(pa.array(fitting, stored.type))
            return listed if inside else stored.known() & ~listed

        return self._test(stored, test)

    def _text_test(self, stored: Stored, op: ir.TextOp, pattern: str, ignoring_case: bool, yes: bool) -> Test:
        text = pc.ascii_lower(stored.text()) if ignoring_case else stored.text()
        match op:
            case ir.TextOp.MATCHES:
                wanted = folded_pattern(pattern) if ignoring_case else pattern
                try:
                    pc.match_substring_regex(pa.scalar(""), wanted)
                except pa.ArrowInvalid as error:
                    raise self._telling.refused(
                        f"the pattern `{pattern}` cannot be run: {str(error).splitlines()[0]}"
                    ) from None
                found = pc.match_substring_regex(text, wanted)
            case ir.TextOp.CONTAINS:
                found = pc.match_substring(text, folded(pattern) if ignoring_case else pattern)
            case ir.TextOp.STARTS:
                found = pc.starts_with(text, folded(pattern) if ignoring_case else pattern)
            case ir.TextOp.ENDS:
                found = pc.ends_with(text, folded(pattern) if ignoring_case else pattern)
            case _:
                assert_never(op)
        return found if yes else ~found


_COMPARED: dict[ir.CompareOp, Callable[[Expression, Expression], Expression]] = {
    ir.CompareOp.EQ: lambda a, b: a == b,
    ir.CompareOp.NE: lambda a, b: a != b,
    ir.CompareOp.LT: lambda a, b: a < b,
    ir.CompareOp.LE: lambda a, b: a <= b,
    ir.CompareOp.GT: lambda a, b: a > b,
    ir.CompareOp.GE: lambda a, b: a >= b,
}
_OPPOSITE = {
    ir.CompareOp.EQ: ir.CompareOp.NE,
    ir.CompareOp.NE: ir.CompareOp.EQ,
    ir.CompareOp.LT: ir.CompareOp.GE,
    ir.CompareOp.LE: ir.CompareOp.GT,
    ir.CompareOp.GT: ir.CompareOp.LE,
    ir.CompareOp.GE: ir.CompareOp.LT,
}


def why_no_column(value: ir.Value) -> str:
    """Why a value is no column of the customers."""
    match value:
        case ir.Aggregate(events=events) | ir.EventTime(events=events):
            return "it reads events: " + ", ".join(f"`{name}`" for name in event_names(events))
        case ir.RelatedColumn(relation, column):
            return f"it reads `{relation}.{column}`, which stands in another table"
        case ir.NumberOfRelated(relation):
            return f"it asks other customers, by the relation `{relation}`"
        case ir.UnitsOf(events=events) | ir.UnitsWith(events=events) | ir.DaysBetween(events=events):
            return "it reads events: " + ", ".join(f"`{name}`" for name in events.names)
        case ir.Band(score, rank):
            return f"it reads the score `{score}.{rank}`, which ranks customers among each other"
        case ir.ConsentState(channel):
            return f"it reads `consent.{channel}` as a value"
        case ir.Arithmetic():
            return "it calculates, which in Arrow may round or overflow"
        case ir.DaysSince() | ir.YearsSince() | ir.PartOf():
            return "it calculates with days"
        case ir.Figure():
            return "it reads a population figure, which is made of all customers"
        case ir.Literal():
            return "it tests a constant"
        case _:
            return "it tests something else than a column"


def what_must_be_known(value: ir.Value) -> ir.Value:
    """What has to be there so that a value is."""
    while isinstance(value, ir.DaysSince | ir.YearsSince | ir.PartOf):
        value = value.of
    return value


def operands(atom: ir.Condition) -> tuple[ir.Value, ...]:
    """The values that a test compares."""
    match atom:
        case ir.Compare(_, left, right):
            return left, right
        case ir.Between(value, low, high):
            return value, low, high
        case ir.OneOf(value) | ir.InListFile(value) | ir.TextTest(_, value) | ir.ListTest(_, value):
            return (value,)
        case ir.IsTrue(value) | ir.InWindow(value) | ir.Anniversary(value) | ir.KnownFor(value):
            return (value,)
        case _:
            raise AssertionError(atom)
