"""A segment's condition into one expression of pyarrow, for filters of tables and datasets: exact, or refused.

The flat program of the condition is run over expressions in place of bits. Every test of the result is true only where
it is *known* to be true, and no test is ever turned with `~` as a whole: a null or NaN never becomes true by negation.

    not age >= 18        (age <= 17)
    country != "GB"      (country != "GB")
    email is unknown     is_null(email)
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, inf, nextafter
from sys import float_info
from typing import Any, assert_never

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.diagnostics.errors import BadInput
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
from segrules.ir.membership import qualifying
from segrules.ir.rules import Rules
from segrules.lowering import leaves
from segrules.lowering.edges import Away, DaysAgo, Edge, Now, UnitStart, as_day, as_instant
from segrules.lowering.lower import SWAPPED, Lowering
from segrules.lowering.program import FALSE, TRUE, Operation, Plane, Program, Root, Side
from segrules.reference.text import folded, folded_pattern
from segrules.reference.windows import Clock
from segrules.types.instants import day_number, microseconds
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    describe,
)
from segrules.types.zones import zone

MOST_TESTS = 500
"""So many tests an expression may hold. pyarrow's time grows with the square of it, over each row group."""

MOST_DEEP = 100
"""So many levels an expression may have. pyarrow works through it by recursion, and a deep one ends the process:
1,000 levels in a thread with 512 KiB of stack (500 did not), 12,000 in one with 8 MiB (6,000 did not)."""

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY_SECONDS = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)

Expression = Any
"""An expression of pyarrow."""

Test = Expression | bool
"""A test on every row, or what it comes to on all rows."""


def arrow_expression(rules: Rules, name: str, as_of: datetime | None, schema: pa.Schema | None = None) -> Expression:
    """Who qualifies for a segment, or for whom a define holds, as a filter over the customers' own table.

    Rows for which the expression is true are exactly those for whom the condition is known to be true; for all others
    it is false or null, and a filter leaves both out. It names the columns as the data do.

    Consent, suppression lists and holdout are no part of it: who qualifies may still not be contacted. Nor is what a
    run checks beforehand, such as unique keys and closed lists of values.

    Args:
        rules: typed rules without errors.
        name: a segment, or a define that is a condition.
        as_of: an aware datetime; needed only where a window counts from it.
        schema: how the columns are stored. Without it they are taken to be stored as the catalogue's types are by
            themselves (whole numbers as int64, timestamps in microseconds with the zone `UTC`, or without one where
            the catalogue gives the column a `zone`); pyarrow refuses the expression for most other columns.

    Raises:
        BadInput: there is no such name, or the condition cannot be told exactly, or it would be too large.
    """
    return _Telling(rules, name, as_of, schema).expression()


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One side of a leaf; `turned` where it is not on that side, in doubt or missing."""

    leaf: int
    side: Side
    turned: bool = False


@dataclass(frozen=True, slots=True)
class _Joined:
    """Terms joined by AND or OR, with the number of leaves below."""

    operation: Operation
    parts: "tuple[_Term, ...]"
    size: int


_Term = bool | _Leaf | _Joined


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """A column as it is stored; `assumed` where no schema says so."""

    column: Column
    field: Expression
    type: pa.DataType
    assumed: bool

    @property
    def is_float(self) -> bool:
        """Whether there may be NaN, which is missing."""
        return bool(at.is_floating(self.type))

    def known(self) -> Expression:
        """Where there is a value."""
        valid = self.field.is_valid()
        return valid & ~pc.is_nan(self.field) if self.is_float else valid

    def missing(self) -> Expression:
        """Where there is none."""
        null = self.field.is_null()
        return null | pc.is_nan(self.field) if self.is_float else null

    def text(self) -> Expression:
        """The column as texts, unpacked where they are in a dictionary."""
        return self.field.cast(pa.string()) if at.is_dictionary(self.type) else self.field


class _Telling:
    """Makes one expression; counts what it makes."""

    def __init__(self, rules: Rules, name: str, as_of: datetime | None, schema: pa.Schema | None) -> None:
        self._rules = rules
        self._name = name
        self._schema = schema
        self._has_as_of = as_of is not None
        self._clock = Clock(as_of or _NEVER, rules.catalogue.zone)
        self._tests = 0

    def expression(self) -> Expression:
        """The whole expression."""
        try:
            made, depth = _built(self.tree(self._root(), sign=True))
        except RecursionError:
            raise self.refused("it goes through too many names, one inside the other") from None
        if depth > MOST_DEEP:
            raise self.refused(f"it would nest {depth} levels, of which pyarrow takes {MOST_DEEP} safely")
        return pc.scalar(made) if isinstance(made, bool) else made

    def _root(self) -> ir.Condition:
        if self._name in self._rules.segments:
            return qualifying(self._rules.segments[self._name])
        if self._name in self._rules.definitions:
            body = self._rules.definitions[self._name].body
            if isinstance(body, ir.Condition):
                return body
            raise self.refused("it is a value, not a condition")
        raise self.refused("it is neither a segment nor a define")

    def refused(self, why: str, remedy: str | None = None) -> BadInput:
        """Why there is no such expression."""
        help_ = remedy or "`evaluate` gives its members over the same tables, `run` writes them"
        return BadInput(f"`{self._name}` cannot be told as an Arrow expression: {why}", help=help_)

    def _too_many(self) -> BadInput:
        return self.refused(f"it would hold more than {MOST_TESTS} tests")

    # --- the program, run over terms

    def tree(self, condition: ir.Condition, *, sign: bool, turned: bool = False) -> "_Tree":
        """Where a condition is known to be true, or known to be false (or, `turned`, where it is not)."""
        lowering = Lowering(self._rules)
        try:
            node = lowering.known(condition, sign)
        except NotImplementedError as error:
            raise self.refused(f"`{error}` is not yet evaluated") from None
        if node in (TRUE, FALSE):
            return (node == TRUE) is not turned
        program = lowering.nodes.finished(lowering.values, {Root(Plane.QUALIFIES, self._name): node})
        term = self._term(program)
        return self._tree(_turned(term) if turned else term, _Leaves(self, program, lowering))

    def _term(self, program: Program) -> _Term:
        rows: dict[int, _Term] = {0: True, 1: False}
        sides = zip(program.plane_leaf.tolist(), program.plane_side.tolist(), program.plane_row.tolist(), strict=True)
        for leaf, side, row in sides:
            rows[row] = _Leaf(leaf, Side(side))
        steps = zip(
            program.operations.tolist(),
            program.left.tolist(),
            program.right.tolist(),
            program.target.tolist(),
            strict=True,
        )
        for operation, left, right, target in steps:
            if operation == Operation.NOT:
                rows[target] = _turned(rows[left])
            else:
                joined = _joined(Operation(operation), rows[left], rows[right])
                if joined.size > MOST_TESTS:
                    raise self._too_many()
                rows[target] = joined
        return rows[int(program.root_row[0])]

    def _tree(self, term: _Term, made: "_Leaves") -> "_Tree":
        match term:
            case bool():
                return term
            case _Joined(operation, parts):
                return operation, tuple(self._tree(part, made) for part in parts)
            case _Leaf(leaf, side, turned):
                return made.tree(leaf, yes=side is Side.YES, turned=turned)
            case _:
                assert_never(term)

    def counted(self, test: Test) -> Test:
        """A test of the result, counted."""
        self._tests += not isinstance(test, bool)
        if self._tests > MOST_TESTS:
            raise self._too_many()
        return test

    # --- columns and time

    def stored(self, value: ir.Value) -> _Stored:
        """The column that a value is; anything else is refused."""
        if not isinstance(value, ir.Attribute):
            raise self.refused(_why_no_column(value))
        customers = self._rules.catalogue.customers
        column = customers.attributes[value.name]
        if customers.table is None:
            raise self.refused("the customers are derived from events, and have no table of their own")
        table = self._rules.catalogue.tables[customers.table]
        if value.name not in table.columns:
            raise self.refused(f"`{value.name}` is not in the customers' own table `{table.name}`")
        if column.derive is not None:
            raise self.refused(f"`{value.name}` is computed from other columns")
        field = pc.field(column.physical)
        if self._schema is None:
            return _Stored(column, field, _by_itself(column), assumed=True)
        if len(found := self._schema.get_all_field_indices(column.physical)) != 1:
            many = "more than one column" if found else "no column"
            raise self.refused(f"the schema has {many} `{column.physical}`", "give the schema of the customers' table")
        kind = self._schema.field(found[0]).type
        if not (at.is_null(kind) or _fits(column, kind)):
            raise self.refused(
                f"`{column.physical}` is stored as `{kind}`, and as {describe(column.type)} that cannot be filtered",
                "cast the column beforehand",
            )
        return _Stored(column, field, kind, assumed=False)

    def bound(self, stored: _Stored, bound: leaves.Bound) -> Fraction | int | float:
        """A bound on the scale of values: numbers, days or microseconds."""
        match bound:
            case int() | Fraction() | float():
                return bound
            case datetime():
                return microseconds(bound)
            case date():
                return day_number(bound)
            case _:
                return self._edge(stored, bound)

    def _edge(self, stored: _Stored, edge: Edge) -> int:
        if isinstance(edge, Now | Away | UnitStart | DaysAgo) and not self._has_as_of:
            raise self.refused(f"the window of `{stored.column.name}` counts from `as_of`", "give `as_of`")
        if isinstance(stored.column.type, DateType):
            return as_day(edge, self._clock)
        return as_instant(edge, self._clock)

    def at_least(self, stored: _Stored, bound: leaves.Bound, *, strict: bool) -> tuple[Test, Test]:
        """Where a value is at least (`strict`: more than) a bound, and where there is one that is not."""
        value = self.bound(stored, bound)
        if at.is_null(stored.type):
            return False, False
        if stored.is_float:
            return _float_at_least(stored.field, Fraction(value), strict)
        if stored.assumed and isinstance(stored.column.type, DecimalType | MoneyType):
            return self._decimal_at_least(stored.field, Fraction(value), strict)
        if isinstance(stored.column.type, TimestampType) and stored.type.tz is None:
            local = _on_the_wall(int(value) + strict, stored.column.zone or self._rules.catalogue.zone)
            if local is None:
                raise self.refused(
                    f"`{stored.column.name}` holds local times, and a bound lies where the clock skips an hour"
                )
            value, strict = local, False
        if isinstance(stored.column.type, DateType | TimestampType):
            value, strict = int(value) + strict, False
        scaled = Fraction(value) * _factor(stored)
        threshold = floor(scaled) + 1 if strict else ceil(scaled)
        least, most = _range(stored.type)
        if threshold <= least:
            return stored.known(), False
        if threshold > most:
            return False, stored.known()
        literal = _literal(threshold, stored.type)
        return stored.field >= literal, stored.field < literal

    def _decimal_at_least(self, field: Expression, value: Fraction, strict: bool) -> tuple[Test, Test]:
        literal = _decimal(value)
        if literal is None:
            raise self.refused("a bound has no end of decimals", "give the schema of the customers' table")
        return (field > literal, field <= literal) if strict else (field >= literal, field < literal)


_Tree = Test | tuple[Operation, "tuple[_Tree, ...]"]
"""Tests joined by AND or OR, before it is known how deep that is."""


class _Leaves:
    """Leaves of a program as tests on columns."""

    def __init__(self, telling: _Telling, program: Program, lowering: Lowering) -> None:
        self._telling = telling
        self._program = program
        self._lowering = lowering

    def tree(self, number: int, *, yes: bool, turned: bool) -> _Tree:
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
                stored = self._telling.stored(_what_must_be_known(self._program.values[value]))
                return self._telling.counted(stored.known() if yes else stored.missing())
            case leaves.Tested(atom):
                return self._atom(atom, yes)
            case leaves.IsNone(value):
                raise self._telling.refused(_why_no_column(self._program.values[value]))
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
                values = [self._lowering.resolved(value) for value in _operands(atom)]
            case leaves.AtLeast(value) | leaves.Member(value) | leaves.IsSet(value):
                values = [self._program.values[value]]
            case _:
                assert_never(leaf)
        read = [value for value in values if not isinstance(value, ir.Literal)]
        return tuple(self._telling.counted(self._telling.stored(value).missing()) for value in read)

    def _stored(self, value: int) -> _Stored:
        return self._telling.stored(self._program.values[value])

    def _column(self, value: ir.Value) -> _Stored:
        return self._telling.stored(self._lowering.resolved(value))

    def _test(self, stored: _Stored, make: Callable[[], Test]) -> Test:
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
                    op, left, right = SWAPPED[op], right, left
                made = ir.Compare(op, left, right, ignoring_case)
                return None if made == atom or isinstance(left, ir.Literal) else made
            case _:
                return None

    def _can_be_listed(self, value: ir.Value) -> bool:
        stored = self._column(value)
        return isinstance(stored.column.type, TextType) or _is_listed_whole(stored)

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
                if not _is_listed_whole(stored):
                    raise self._telling.refused(f"`{stored.column.name}` is looked up in a list of texts")
                return self._one_of(stored, [int(entry) for entry in entries if _is_whole(entry)], yes != negated)
            case ir.TextTest(op, value, pattern, ignoring_case):
                stored = self._column(value)
                return self._test(stored, lambda: self._text_test(stored, op, pattern, ignoring_case, yes))
            case ir.ListTest():
                raise self._telling.refused("it tests a list")
            case ir.Anniversary():
                raise self._telling.refused("it asks for anniversaries")
            case _:
                raise self._telling.refused(_why_no_column(_operands(atom)[0]))

    def _compare(self, atom: ir.Compare, yes: bool) -> Test:
        if not isinstance(atom.right, ir.Literal):
            return self._columns(atom.op, atom.left, atom.right, atom.ignoring_case, yes)
        stored = self._telling.stored(atom.left)
        if isinstance(stored.column.type, TextType):
            return self._against_text(atom.op, stored, atom.right, atom.ignoring_case, yes)
        raise self._telling.refused(f"`{stored.column.name}` is compared with something of another kind")

    def _against_text(
        self, op: ir.CompareOp, stored: _Stored, literal: ir.Literal, ignoring_case: bool, yes: bool
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
        if not _comparable(one, other) or (isinstance(left.type, TextType) and left.type.ordered):
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

    def _among(self, stored: _Stored, texts: Collection[str], inside: bool, ignoring_case: bool = False) -> Test:
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

    def _one_of(self, stored: _Stored, numbers: Sequence[int], inside: bool) -> Test:
        """Where a whole number is one of some, or is another one."""

        def test() -> Test:
            least, most = _range(stored.type)
            fitting = sorted(number for number in numbers if least <= number <= most)
            if not fitting:
                return False if inside else stored.known()
            listed = stored.field.isin(pa.array(fitting, stored.type))
            return listed if inside else stored.known() & ~listed

        return self._test(stored, test)

    def _text_test(self, stored: _Stored, op: ir.TextOp, pattern: str, ignoring_case: bool, yes: bool) -> Test:
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


# --- terms ----------------------------------------------------------------------------------------


def _size(term: _Term) -> int:
    return term.size if isinstance(term, _Joined) else 1


def _joined(operation: Operation, left: _Term, right: _Term) -> _Joined:
    parts = tuple(
        part
        for term in (left, right)
        for part in (term.parts if isinstance(term, _Joined) and term.operation == operation else (term,))
    )
    return _Joined(operation, parts, _size(left) + _size(right))


def _turned(term: _Term) -> _Term:
    match term:
        case bool():
            return not term
        case _Leaf(leaf, side, turned):
            return _Leaf(leaf, side, not turned)
        case _Joined(operation, parts, size):
            other = Operation.OR if operation == Operation.AND else Operation.AND
            return _Joined(other, tuple(_turned(part) for part in parts), size)
        case _:
            assert_never(term)


def _built(tree: _Tree) -> tuple[Test, int]:
    """The expression, and how deep it is; a long row of terms becomes a balanced tree."""
    if not isinstance(tree, tuple):
        return tree, 3  # such as `valid & ~is_nan(field)`
    operation, parts = tree
    final = operation == Operation.OR
    built = [_built(part) for part in parts]
    if any(test is final for test, _ in built):
        return final, 0
    built = [(test, depth) for test, depth in built if not isinstance(test, bool)]
    if not built:
        return not final, 0
    while len(built) > 1:
        pairs = zip(built[::2], built[1::2], strict=False)
        joined = [(a | b if final else a & b, 1 + max(m, n)) for (a, m), (b, n) in pairs]
        built = joined + built[len(joined) * 2 :]
    return built[0]


# --- columns --------------------------------------------------------------------------------------


def _why_no_column(value: ir.Value) -> str:
    match value:
        case ir.Aggregate(events=events) | ir.EventTime(events=events):
            return "it reads events: " + ", ".join(f"`{name}`" for name in events.names)
        case ir.Band(score, rank):
            return f"it reads the score `{score}.{rank}`, which ranks customers among each other"
        case ir.ConsentState(channel):
            return f"it reads `consent.{channel}` as a value"
        case ir.Arithmetic():
            return "it calculates, which in Arrow may round or overflow"
        case ir.DaysSince() | ir.YearsSince() | ir.PartOf():
            return "it calculates with days"
        case ir.UnevaluatedValue(construct):
            return f"`{construct}` is not yet evaluated"
        case ir.Literal():
            return "it tests a constant"
        case _:
            return "it tests something else than a column"


def _what_must_be_known(value: ir.Value) -> ir.Value:
    """What has to be there so that a value is."""
    while isinstance(value, ir.DaysSince | ir.YearsSince | ir.PartOf):
        value = value.of
    return value


def _operands(atom: ir.Condition) -> tuple[ir.Value, ...]:
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


def _by_itself(column: Column) -> pa.DataType:
    """How a column stands in Arrow where nobody says more than the catalogue does."""
    match column.type:
        case IntegerType():
            return pa.int64()
        case DecimalType() | MoneyType():
            return pa.decimal128(38, 0)
        case FloatType():
            return pa.float64()
        case BooleanType():
            return pa.bool_()
        case DateType():
            return pa.date32()
        case TimestampType():
            return pa.timestamp("us", None if column.zone else "UTC")
        case _:
            return pa.string()


def _fits(column: Column, kind: pa.DataType) -> bool:
    """Whether a run takes a column of this kind, and pyarrow filters it."""
    match column.type:
        case IntegerType() | DecimalType() | MoneyType():
            return bool(at.is_integer(kind) or (at.is_decimal(kind) and kind.scale >= 0))
        case FloatType():
            whole = at.is_integer(kind) or (at.is_decimal(kind) and kind.scale >= 0)
            return bool(whole or at.is_float32(kind) or at.is_float64(kind))
        case BooleanType():
            return bool(at.is_boolean(kind))
        case TextType():
            inner = kind.value_type if at.is_dictionary(kind) else kind
            return bool(at.is_string(inner) or at.is_large_string(inner))
        case DateType():
            return bool(at.is_date(kind) or (at.is_timestamp(kind) and kind.tz is None))
        case TimestampType():
            return bool(at.is_timestamp(kind))
        case _:
            return False


def _factor(stored: _Stored) -> Fraction:
    """What a value (a number, a day, a microsecond) is multiplied by to give the whole number that is stored."""
    kind = stored.type
    if at.is_decimal(kind):
        return Fraction(10**kind.scale)
    if at.is_date64(kind):
        return Fraction(_DAY_SECONDS * 1_000)
    if at.is_timestamp(kind):
        seconds = Fraction(_DAY_SECONDS) if isinstance(stored.column.type, DateType) else Fraction(1, 1_000_000)
        return seconds * _PER_SECOND[kind.unit]
    return Fraction(1)


def _range(kind: pa.DataType) -> tuple[int, int]:
    """The least and the most whole number that a kind stores."""
    if at.is_decimal(kind):
        most = 10**kind.precision - 1
        return -most, most
    bits = kind.bit_width
    if at.is_unsigned_integer(kind):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _literal(number: int, kind: pa.DataType) -> Any:
    """The stored whole number as a constant of the column's own type, so that nothing is cast."""
    if at.is_decimal(kind):
        digits = tuple(map(int, str(abs(number))))
        return pc.scalar(pa.scalar(Decimal((number < 0, digits, -kind.scale)), kind))
    if at.is_integer(kind):
        return pc.scalar(pa.scalar(number, kind))
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    return pc.scalar(pa.array([number], width).view(kind)[0])


def _decimal(value: Fraction) -> Any | None:
    """An exact decimal constant; None where there is none, or none that Arrow holds."""
    scale = 0
    while (value * 10**scale).denominator != 1:
        scale += 1
        if scale > 38:
            return None
    number = int(value * 10**scale)
    precision = max(len(str(abs(number))), scale, 1)
    if precision > 76:
        return None
    kind = pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
    return _literal(number, kind)


def _float_at_least(field: Expression, value: Fraction, strict: bool) -> tuple[Test, Test]:
    """Comparisons with the double next to the bound, on the side where all doubles compare alike; NaN is on neither."""
    try:
        near = float(value)
    except OverflowError:
        near = float_info.max if value > 0 else -float_info.max
    if strict:
        bound = pc.scalar(nextafter(near, -inf) if Fraction(near) > value else near)
        return field > bound, field <= bound
    bound = pc.scalar(nextafter(near, inf) if Fraction(near) < value else near)
    return field >= bound, field < bound


def _comparable(one: _Stored, other: _Stored) -> bool:
    """Whether two columns compare exactly as they are stored."""
    match one.column.type, other.column.type:
        case ((IntegerType() | DecimalType() | MoneyType()), (IntegerType() | DecimalType() | MoneyType())):
            return one.assumed or _widened(one.type, other.type)
        case FloatType(), FloatType():
            return one.is_float and other.is_float
        case TextType(), TextType():
            return True
        case (DateType(), DateType()) | (BooleanType(), BooleanType()):
            return bool(one.type == other.type)
        case TimestampType(), TimestampType():
            # Finer units than microseconds are cut, and local times do not keep their order where clocks skip.
            return (
                not one.assumed and bool(one.type == other.type) and one.type.tz is not None and one.type.unit != "ns"
            )
        case _:
            return False


def _widened(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether Arrow has a type that holds the numbers of both."""
    if at.is_integer(one) and at.is_integer(other):
        return not any(at.is_uint64(kind) for kind in (one, other)) or bool(one == other)
    sizes = [(kind.precision, kind.scale) if at.is_decimal(kind) else (20, 0) for kind in (one, other)]
    finest = max(scale for _, scale in sizes)
    most = 76 if at.is_decimal256(one) or at.is_decimal256(other) else 38
    return all(precision + finest - scale <= most for precision, scale in sizes)


def _is_listed_whole(stored: _Stored) -> bool:
    """Whether a column holds nothing but stored whole numbers; or nothing at all."""
    return bool(at.is_integer(stored.type) or at.is_null(stored.type)) and isinstance(
        stored.column.type, IntegerType | DecimalType | MoneyType
    )


def _is_whole(entry: str) -> bool:
    digits = entry.removeprefix("-")
    return digits.isascii() and digits.isdigit() and str(int(entry)) == entry


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


# --- local times ----------------------------------------------------------------------------------


def _on_the_wall(instant: int, zone_name: str) -> int | None:
    """The local time from which on, and before which not, local times stand for `instant` or later; None if none does.

    Local times are read as a run reads them: the first of two where the clock goes back, and, where it skips, with the
    offset from before. The latter lie behind later local times, so that no one time divides them.
    """
    try:
        moment = _EPOCH + timedelta(microseconds=instant)
        early, late = (_offset(moment + timedelta(days=days), zone_name) for days in (-2, 2))
        if early == late and all(_offset(moment + timedelta(hours=h), zone_name) == early for h in range(-48, 48)):
            return instant + early
        change = _change(moment, zone_name)
    except OverflowError:
        return None
    if change is None:
        return None
    at_change, before, after = change
    if instant <= at_change:
        return instant + before
    if instant >= at_change + abs(after - before):
        return instant + after
    # The clock goes back: whatever shows after the hour that comes twice is later. It skips: nothing divides.
    return at_change + before if after < before else None


def _change(moment: datetime, zone_name: str) -> tuple[int, int, int] | None:
    """The one change of the clock near a moment, with the offsets before and after; None where there are several."""
    hours = [moment + timedelta(hours=h) for h in range(-48, 49)]
    offsets = [_offset(hour, zone_name) for hour in hours]
    changes = [place for place in range(1, len(hours)) if offsets[place] != offsets[place - 1]]
    if len(changes) != 1:
        return None
    early, late = hours[changes[0] - 1], hours[changes[0]]
    before, after = offsets[changes[0] - 1], offsets[changes[0]]
    while late - early > timedelta(microseconds=1):
        middle = early + (late - early) / 2
        if _offset(middle, zone_name) == before:
            early = middle
        else:
            late = middle
    return microseconds(late), before, after


def _offset(moment: datetime, zone_name: str) -> int:
    offset = moment.astimezone(zone(zone_name)).utcoffset()
    # Invariant: a named zone knows its offset for every instant.
    assert offset is not None
    return offset // timedelta(microseconds=1)
