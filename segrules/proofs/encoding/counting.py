"""Which event rows are meant, how many there are, and tests of the first and last of them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from segrules.ir import nodes as ir
from segrules.ir import windows as win
from segrules.ir.build import conjunction
from segrules.ir.rewrite import rewritten
from segrules.proofs.encoding import moments
from segrules.proofs.encoding import rows as of_rows
from segrules.proofs.encoding.rows import Plane, Rows
from segrules.proofs.encoding.values import (
    Numeric,
    Presence,
    Truth,
    two_valued,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.logic import (
    FALSE,
    Formula,
    at_least,
    every,
    implies,
    no,
    some,
)
from segrules.proofs.formulas.sums import Sum
from segrules.proofs.verdict import Reason
from segrules.types.types import (
    DateType,
    IntegerType,
)

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder


def parts_of(encoder: "Encoder", events: ir.Events, extra: ir.Condition | None = None) -> tuple[Rows, ...]:
    """The rows of each kind of event; links are left aside."""
    return tuple(rows_of(encoder, name, all_filters(events.where, extra), events.window) for name in events.names)


def rows_of(encoder: "Encoder", event: str, where: ir.Condition | None, window: win.Window) -> Rows:
    """The rows of an event in a window."""
    return Rows(event, where, moments.bounds_of(encoder, window, is_date=is_dated(encoder, event)))


def is_dated(encoder: "Encoder", event: str) -> bool:
    """Whether an event's time is a day."""
    found = encoder.rules.catalogue.events[event]
    column = encoder.rules.catalogue.tables[found.table].columns[found.time]
    return isinstance(column.type, DateType)


def count_of(encoder: "Encoder", events: ir.Events) -> Numeric:
    """How many rows there are; a range where some are in doubt."""
    parts = parts_of(encoder, events)
    sure, doubt = rows_in(parts, Plane.SURE), rows_in(parts, Plane.DOUBT)
    if not events.links:
        high = sure if events.where is None else sure + doubt
        return Numeric(Presence(), sure, high)
    return _chain(encoder, events, sure, sure + doubt)


def _chain(encoder: "Encoder", events: ir.Events, sure: Sum, perhaps: Sum) -> Numeric:
    """Rows that are followed by others: what must hold, and what is so where there are no such others."""
    least = encoder.free_number(events, Reason.SEQUENCE, "least")
    most = encoder.free_number(events, Reason.SEQUENCE, "most")
    limits = [
        at_least(least, 0),
        sums.less_or_equal(sums.of(least), sums.of(most)),
        sums.less_or_equal(sums.of(least), sure),
        sums.less_or_equal(sums.of(most), perhaps),
    ]
    others: list[Formula] = []
    only_without = all(link.kind is ir.LinkKind.WITHOUT for link in events.links)
    for link in events.links:
        (name,) = link.events.names
        known = [ir.IsKnown(ir.Property(item, IntegerType())) for item in link.same]
        behind = rows_of(encoder, name, link.events.where, win.Ever())
        if link.kind is ir.LinkKind.THEN:
            for_sure = rows_of(encoder, name, all_filters(link.events.where, *known), win.Ever())
            limits.append(implies(at_least(least, 1), at_least(of_rows.number(for_sure, Plane.SURE), 1)))
            limits.append(implies(at_least(most, 1), any_rows(_both(behind))))
        others.append(no(any_rows(_both(behind))))
    if only_without:
        exact = every(
            (sums.equals(sums.of(least), sure), sums.equals(sums.of(most), perhaps)),
        )
        limits.append(implies(every(others), exact))
    for var in (least, most):
        encoder.always(var, *limits)
    return Numeric(Presence(), sums.of(least), sums.of(most))


def edge_row_test(encoder: "Encoder", which: ir.AggregateKind, events: ir.Events, condition: ir.Condition) -> Truth:
    """A test of the first or last row."""
    if len(events.names) > 1 or events.links:
        return encoder.free(ir.EdgeRow(which, events, condition), Reason.SEQUENCE)
    (rows,) = parts_of(encoder, events)
    doubt = FALSE if events.where is None else any_rows(sums.of(of_rows.number(rows, Plane.DOUBT)))
    sure = at_least(of_rows.number(rows, Plane.SURE), 1)
    known = {value: of_rows.edge_row(which, rows, condition, value) for value in (True, False)}
    nobody = every((no(doubt), no(sure)))
    return Truth(every((no(doubt), sure, known[True])), some((nobody, every((no(doubt), sure, known[False])))))


def as_edge_row(encoder: "Encoder", node: ir.Condition) -> Truth | None:
    """A test of the value in a first or last row, as a test of that row; None for all other conditions."""
    kinds = (ir.AggregateKind.FIRST, ir.AggregateKind.LAST)
    found = [
        part
        for part in _operands(node)
        if isinstance(part, ir.Aggregate) and part.kind in kinds and isinstance(part.of, ir.Property)
    ]
    others = [part for part in _operands(node) if not isinstance(part, ir.Literal)]
    if len(found) != 1 or len(others) != 1 or len(found[0].events.names) > 1 or found[0].events.links:
        return None
    (value,) = found
    assert isinstance(value.of, ir.Property)
    inside = value.of
    condition = rewritten(node, lambda part: inside if part == value else part)
    truth = edge_row_test(encoder, value.kind, value.events, condition)
    return two_valued(truth.true) if isinstance(node, ir.IsKnown) else truth


def all_filters(where: ir.Condition | None, *extra: ir.Condition | None) -> ir.Condition | None:
    """All of some filters, None for none."""
    parts = [part for part in (where, *extra) if part is not None]
    return conjunction(parts) if parts else None


def rows_in(parts: Iterable[Rows], plane: Plane) -> Sum:
    """The number of rows, over several kinds of events."""
    return sums.total((1, of_rows.number(rows, plane)) for rows in parts)


def _both(rows: Rows) -> Sum:
    return rows_in((rows,), Plane.SURE) + rows_in((rows,), Plane.DOUBT)


def any_rows(count: Sum) -> Formula:
    """That there is a row at least."""
    return sums.less_or_equal(sums.just(1), count)


def _operands(node: ir.Condition) -> tuple[ir.Value, ...]:
    match node:
        case ir.Compare(_, left, right):
            return left, right
        case (
            ir.IsTrue(value)
            | ir.OneOf(value)
            | ir.InListFile(value)
            | ir.TextTest(value=value)
            | ir.ListTest(value=value)
            | ir.IsKnown(value)
            | ir.InWindow(value)
            | ir.Anniversary(value)
        ):
            return (value,)
        case _:
            return ()
