"""A segment's condition into one expression of pyarrow, for filters of tables and datasets: exact, or refused.

The flat program of the condition is run over expressions in place of bits. Every test of the result is true only where
it is *known* to be true, and no test is ever turned with `~` as a whole: a null or NaN never becomes true by negation.

    not age >= 18        (age <= 17)
    country != "GB"      (country != "GB")
    email is unknown     is_null(email)
"""

from datetime import UTC, date, datetime
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.backends.arrow.expression_columns import (
    Expression,
    Stored,
    Test,
    by_itself,
    constant,
    decimal,
    factor,
    fits,
    float_at_least,
    range_of,
)
from segrules.backends.arrow.expression_terms import Joined, LeafSide, Term, Tree, built, join, turned_over
from segrules.backends.arrow.expression_tests import Tests, why_no_column
from segrules.backends.arrow.expression_times import on_the_wall
from segrules.diagnostics.errors import BadInput
from segrules.ir import nodes as ir
from segrules.ir.membership import qualifying
from segrules.ir.rules import Rules
from segrules.lowering import leaves
from segrules.lowering.edges import Away, DaysAgo, Edge, Now, UnitStart, as_day, as_instant
from segrules.lowering.lower import Lowering
from segrules.lowering.program import FALSE, TRUE, Operation, Plane, Program, Root, Side
from segrules.reference.windows import Clock
from segrules.types.instants import day_number, microseconds
from segrules.types.types import DateType, DecimalType, MoneyType, TimestampType, describe

MOST_TESTS = 500
"""So many tests an expression may hold. pyarrow's time grows with the square of it, over each row group."""

MOST_DEEP = 100
"""So many levels an expression may have. pyarrow works through it by recursion, and a deep one ends the process:
1,000 levels in a thread with 512 KiB of stack (500 did not), 12,000 in one with 8 MiB (6,000 did not)."""

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


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
    return Telling(rules, name, as_of, schema).expression()


class Telling:
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
            made, depth = built(self.tree(self._root(), sign=True))
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

    def tree(self, condition: ir.Condition, *, sign: bool, turned: bool = False) -> "Tree":
        """Where a condition is known to be true, or known to be false (or, `turned`, where it is not)."""
        lowering = Lowering(self._rules)
        node = lowering.known(condition, sign)
        if node in (TRUE, FALSE):
            return (node == TRUE) is not turned
        program = lowering.nodes.finished(lowering.values, {Root(Plane.QUALIFIES, self._name): node})
        if any(isinstance(leaf, leaves.Tested) and isinstance(leaf.atom, ir.Top) for leaf in program.leaves):
            raise self.refused("it asks who is at the top, which ranks customers among each other")
        term = self._term(program)
        return self._tree(turned_over(term) if turned else term, Tests(self, program, lowering))

    def _term(self, program: Program) -> Term:
        rows: dict[int, Term] = {0: True, 1: False}
        sides = zip(program.plane_leaf.tolist(), program.plane_side.tolist(), program.plane_row.tolist(), strict=True)
        for leaf, side, row in sides:
            rows[row] = LeafSide(leaf, Side(side))
        steps = zip(
            program.operations.tolist(),
            program.left.tolist(),
            program.right.tolist(),
            program.target.tolist(),
            strict=True,
        )
        for operation, left, right, target in steps:
            if operation == Operation.NOT:
                rows[target] = turned_over(rows[left])
            else:
                joined = join(Operation(operation), rows[left], rows[right])
                if joined.size > MOST_TESTS:
                    raise self._too_many()
                rows[target] = joined
        return rows[int(program.root_row[0])]

    def _tree(self, term: Term, made: "Tests") -> "Tree":
        match term:
            case bool():
                return term
            case Joined(operation, parts):
                return operation, tuple(self._tree(part, made) for part in parts)
            case LeafSide(leaf, side, turned):
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

    def stored(self, value: ir.Value) -> Stored:
        """The column that a value is; anything else is refused."""
        if not isinstance(value, ir.Attribute):
            raise self.refused(why_no_column(value))
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
            return Stored(column, field, by_itself(column), assumed=True)
        if len(found := self._schema.get_all_field_indices(column.physical)) != 1:
            many = "more than one column" if found else "no column"
            raise self.refused(f"the schema has {many} `{column.physical}`", "give the schema of the customers' table")
        kind = self._schema.field(found[0]).type
        if not (at.is_null(kind) or fits(column, kind)):
            raise self.refused(
                f"`{column.physical}` is stored as `{kind}`, and as {describe(column.type)} that cannot be filtered",
                "cast the column beforehand",
            )
        return Stored(column, field, kind, assumed=False)

    def bound(self, stored: Stored, bound: leaves.Bound) -> Fraction | int | float:
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

    def _edge(self, stored: Stored, edge: Edge) -> int:
        if isinstance(edge, Now | Away | UnitStart | DaysAgo) and not self._has_as_of:
            raise self.refused(f"the window of `{stored.column.name}` counts from `as_of`", "give `as_of`")
        if isinstance(stored.column.type, DateType):
            return as_day(edge, self._clock)
        return as_instant(edge, self._clock)

    def at_least(self, stored: Stored, bound: leaves.Bound, *, strict: bool) -> tuple[Test, Test]:
        """Where a value is at least (`strict`: more than) a bound, and where there is one that is not."""
        value = self.bound(stored, bound)
        if at.is_null(stored.type):
            return False, False
        if stored.is_float:
            return float_at_least(stored.field, Fraction(value), strict)
        if stored.assumed and isinstance(stored.column.type, DecimalType | MoneyType):
            return self._decimal_at_least(stored.field, Fraction(value), strict)
        if isinstance(stored.column.type, TimestampType) and stored.type.tz is None:
            local = on_the_wall(int(value) + strict, stored.column.zone or self._rules.catalogue.zone)
            if local is None:
                raise self.refused(
                    f"`{stored.column.name}` holds local times, and a bound lies where the clock skips an hour"
                )
            value, strict = local, False
        if isinstance(stored.column.type, DateType | TimestampType):
            value, strict = int(value) + strict, False
        scaled = Fraction(value) * factor(stored)
        threshold = floor(scaled) + 1 if strict else ceil(scaled)
        least, most = range_of(stored.type)
        if threshold <= least:
            return stored.known(), False
        if threshold > most:
            return False, stored.known()
        bound_ = constant(threshold, stored.type)
        return stored.field >= bound_, stored.field < bound_

    def _decimal_at_least(self, field: Expression, value: Fraction, strict: bool) -> tuple[Test, Test]:
        literal = decimal(value)
        if literal is None:
            raise self.refused("a bound has no end of decimals", "give the schema of the customers' table")
        return (field > literal, field <= literal) if strict else (field >= literal, field < literal)
