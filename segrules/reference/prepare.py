"""Plain tables into customers with their events and consents, as the catalogue says.

What cannot be told apart or assigned stops with a `DataProblem`; rows that take no part are counted.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.ir.catalogue import (
    Catalogue,
    Choose,
    Combined,
    ConsentColumns,
    ConsentStatus,
    Derivation,
    Event,
    Relation,
    Table,
)
from segrules.ir.walk import descendants
from segrules.reference.aggregates import aggregate, most_frequent
from segrules.reference.interpreter import Interpreter
from segrules.reference.outcome import Ignored, Reason
from segrules.reference.problems import DataProblem
from segrules.reference.values import Absent, Doubt
from segrules.reference.windows import Clock
from segrules.reference.world import ConsentRecord, Customer, EventRow, Row, World
from segrules.types.cells import Cell, Key, Tables
from segrules.types.types import BooleanType

_EXAMPLES = 5

Line = dict[str, Cell]
"""One row of a table by column, derived columns included."""


def prepare(
    catalogue: Catalogue,
    tables: Tables,
    clock: Clock,
    events: Collection[str],
    related: Collection[str] = (),
    shared: Collection[str] = (),
) -> World:
    """Everything that rules can see at the instant of `clock`; of the events only those of these names.

    `related` are the relations whose tables are read, `shared` those whose customers are asked something.

    Raises:
        DataProblem: a customer key is missing or stands twice, an event has no time, rows that should agree do not,
            or a consent has a status that the catalogue does not know.
    """
    return _Preparation(catalogue, tables, clock).world(events, related, shared)


class _Preparation:
    def __init__(self, catalogue: Catalogue, tables: Tables, clock: Clock) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._clock = clock
        self._interpreter = Interpreter(catalogue, clock)
        self._lines: dict[str, list[Line]] = {}
        self._problems: list[Finding] = []
        self._ignored: list[Ignored] = []

    def world(self, events: Collection[str], related: Collection[str], shared: Collection[str]) -> World:
        customers = {item.key: item for item in self._customers()}
        self._stop()
        for event in self._catalogue.events.values():
            if event.name in events:
                self._add_events(event, customers)
        self._add_consents(customers)
        for suppression in self._catalogue.suppressions.values():
            for line in self._table(suppression.table):
                customer = customers.get(line[suppression.customer])  # type: ignore[arg-type]  # null is nobody
                if customer is not None:
                    customer.suppressions.add(suppression.name)
        rows = {name: self._related(relation) for name, relation in self._relations(related)}
        for _, relation in self._relations(shared):
            keyless = [item.key for item in customers.values() if item.attributes[relation.column] is None]
            self._ignore(relation.members, Reason.NO_KEY, keyless)
        self._stop()
        ordered = sorted(customers.values(), key=lambda customer: customer.key)
        return World(self._clock, ordered, tuple(self._ignored), rows)

    def _relations(self, names: Collection[str]) -> Iterator[tuple[str, Relation]]:
        return (item for item in self._catalogue.relations.items() if item[0] in names)

    def _related(self, relation: Relation) -> dict[Key, Row]:
        table = self._catalogue.tables[relation.table]
        assert table.key is not None
        return {key: Row(line) for key, line in self._by_key(table.name, table.key, f"`{table.name}`").items()}

    def _stop(self) -> None:
        if self._problems:
            raise DataProblem(self._problems)

    def _problem(self, code: Code, message: str, help_: str, examples: Sequence[object] = ()) -> None:
        shown = [str(example) for example in examples[:_EXAMPLES]]
        self._problems.append(finding(code, message, help=help_, examples=shown))

    # --- rows

    def _table(self, name: str) -> list[Line]:
        """The rows of a table with their derived columns, worked out once."""
        if name not in self._lines:
            table = self._catalogue.tables[name]
            columns = self._tables[name]
            stored = [column.name for column in table.columns.values() if column.derive is None]
            rows = zip(*(columns[column] for column in stored), strict=True)
            lines = [dict(zip(stored, cells, strict=True)) for cells in rows]
            self._derive(table, lines)
            self._lines[name] = lines
        return self._lines[name]

    def _derive(self, table: Table, lines: list[Line]) -> None:
        for column in table.columns.values():
            if column.derive is not None:
                work_out = self._worked_out(column.derive)
                for line in lines:
                    line[column.name] = work_out(line)

    def _worked_out(self, expression: ir.Expression) -> Callable[[Line], Cell]:
        """An expression of the catalogue as a function of a row; missing, none and unknown are null in a column.

        It depends on nothing but the columns that it reads, so rows that are equal there are worked out once.
        """
        match expression:
            case ir.Property(name) | ir.IsTrue(ir.Property(name)):
                return lambda line: line[name]
            case _:
                pass
        reads = {node.name: None for node in descendants(expression) if isinstance(node, ir.Property)}
        read: Callable[[Line], Hashable] = itemgetter(*reads) if reads else lambda line: None
        done: dict[Hashable, Cell] = {}

        def work_out(line: Line) -> Cell:
            cells = read(line)
            try:
                return done[cells]
            except KeyError:
                done[cells] = self._expression(expression, Row(line))
                return done[cells]

        return work_out

    def _expression(self, expression: ir.Expression, row: Row) -> Cell:
        if isinstance(expression, ir.Condition):
            return self._interpreter.truth(expression, None, row)
        value = self._interpreter.value(expression, None, row)
        assert not isinstance(value, Doubt)
        return None if isinstance(value, Absent) else value

    def _passing(self, where: ir.Condition | None, lines: Sequence[Line]) -> list[Line]:
        """The rows for which a filter of the catalogue is known to be true."""
        if where is None:
            return list(lines)
        passes = self._worked_out(where)
        return [line for line in lines if passes(line) is True]

    # --- customers

    def _customers(self) -> Iterator[Customer]:
        customers = self._catalogue.customers
        if customers.derivation is not None:
            attributes = self._derived_customers(customers.derivation)
        else:
            assert customers.table is not None
            attributes = self._by_key(customers.table, customers.key.name, "customers")
        for joined in customers.joined:
            table = self._catalogue.tables[joined]
            assert table.key is not None
            rows = self._by_key(joined, table.key, f"`{joined}`")
            empty: Line = dict.fromkeys(table.columns)
            for key, line in attributes.items():
                found = rows.get(key, empty)
                line.update({name: cell for name, cell in found.items() if name != table.key})
        for key, line in attributes.items():
            line[customers.key.name] = key
            yield Customer(key, line)

    def _by_key(self, table: str, column: str, what: str) -> dict[Key, Line]:
        found: dict[Key, Line] = {}
        missing = 0
        twice: dict[Key, None] = {}
        for line in self._table(table):
            key: Any = line[column]
            if key is None:
                missing += 1
            elif key in found:
                twice[key] = None
            else:
                found[key] = dict(line)
        if missing:
            message = f"`{column}` is missing in {_rows(missing)} of {what}"
            self._problem(codes.MISSING_KEY, message, "every row needs a key; mend the data")
        if twice:
            message = f"`{column}` is not unique among {what}: {len(twice)} stand more than once"
            of_events = any(event.table == table for event in self._catalogue.events.values())
            code = codes.DUPLICATE_EVENT if of_events else codes.DUPLICATE_CUSTOMER
            self._problem(code, message, "keep one row for each key", list(twice))
        return found

    def _derived_customers(self, how: Derivation) -> dict[Key, Line]:
        by_key: dict[Key, list[Line]] = defaultdict(list)
        for line in self._in_order(self._passing(how.where, self._table(how.table)), how.time, how.order_by):
            key: Any = line[how.key]
            time: Any = line[how.time]
            if key is not None and time is not None and self._clock.seen(time):
                by_key[key].append(line)
        found: dict[Key, Line] = {}
        clashes: dict[str, list[Key]] = defaultdict(list)
        for key, lines in by_key.items():
            found[key] = {}
            for name, chosen in how.attributes.items():
                cells = [line[chosen.column] for line in lines]
                if chosen.choose is Choose.ONLY and len({cell for cell in cells if cell is not None}) > 1:
                    clashes[name].append(key)
                found[key][name] = _chosen(chosen.choose, cells)
        for name, keys in clashes.items():
            who = "1 customer" if len(keys) == 1 else f"{len(keys)} customers"
            message = f"`{name}` is not one value for {who}"
            self._problem(codes.NOT_ONE_VALUE, message, "choose `last by time` or `most frequent` instead", keys)
        return found

    def _in_order(self, lines: Sequence[Line], time: str, order_by: Sequence[str]) -> list[Line]:
        """Rows by time, then by `order_by`, nulls first; rows equal in all of these stay as they stand."""
        names = (time, *order_by)
        return sorted(lines, key=lambda line: [_sortable(line[name]) for name in names])

    # --- events

    def _add_events(self, event: Event, customers: Mapping[Key, Customer]) -> None:
        lines = self._passing(event.where, self._table(event.table))
        without_time = [line for line in lines if line[event.time] is None]
        if without_time:
            message = f"`{event.time}` is missing in {_rows(len(without_time))} of the event `{event.name}`"
            examples = [_described(line) for line in without_time]
            self._problem(
                codes.MISSING_TIME, message, "every event needs a time; mend the data or its `where`", examples
            )
            return
        seen: list[Line] = []
        not_yet: list[object] = []
        nobody: list[object] = []
        unknown: list[object] = []
        for line in lines:
            time: Any = line[event.time]
            key: Any = line[event.customer]
            if not self._clock.seen(time):
                not_yet.append(time.isoformat())
            elif key is None:
                nobody.append(time.isoformat())
            elif key not in customers:
                unknown.append(key)
            else:
                seen.append(line)
        self._ignore(event.name, Reason.NOBODY, nobody)
        self._ignore(event.name, Reason.UNKNOWN_CUSTOMER, unknown)
        self._ignore(event.name, Reason.NOT_YET, not_yet)
        by_customer: dict[Key, list[EventRow]] = defaultdict(list)
        for key, row in self._rows(event, self._in_order(seen, event.time, event.order_by)):
            by_customer[key].append(row)
        for key, rows in by_customer.items():
            customers[key].events[event.name] = rows

    def _rows(self, event: Event, lines: Sequence[Line]) -> Iterator[tuple[Key, EventRow]]:
        """Events out of lines in order: each line one, or grouped."""
        if event.grouping is None:
            for line in lines:
                values = {name: line[name] for name in event.properties}
                yield line[event.customer], EventRow(values, line[event.time])  # type: ignore[misc,arg-type]
            return
        groups: dict[tuple[Cell, ...], list[Line]] = defaultdict(list)
        for line in lines:
            groups[(line[event.customer], *(line[name] for name in event.grouping.by))].append(line)
        made = []
        parts = {name: self._part(combined) for name, combined in event.grouping.properties.items()}
        clashes: dict[str, list[object]] = defaultdict(list)
        for together, members in groups.items():
            place = 0 if event.grouping.time is Choose.FIRST else -1
            if event.grouping.time is Choose.ONLY and members[0][event.time] != members[-1][event.time]:
                clashes[event.time].append(together[1:])
            values = {}
            for name, combined in event.grouping.properties.items():
                cells = [parts[name](line) for line in members]
                if combined.kind is ir.AggregateKind.ONLY and len({cell for cell in cells if cell is not None}) > 1:
                    clashes[name].append(together[1:])
                values[name] = _combined(combined, cells, event.properties[name].type)
            chosen = members[place]
            order = tuple(_sortable(chosen[name]) for name in (event.time, *event.order_by))
            made.append((order, together[0], EventRow(values, chosen[event.time])))  # type: ignore[arg-type]
        for name, examples in clashes.items():
            groups_text = "1 group" if len(examples) == 1 else f"{len(examples)} groups"
            message = f"`{name}` is not one value for {groups_text} of the event `{event.name}`"
            shown = [", ".join(map(str, example)) for example in examples]  # type: ignore[call-overload]
            self._problem(
                codes.NOT_ONE_VALUE, message, "say how lines combine: `first`, `last`, `most frequent`", shown
            )
        for _, key, row in sorted(made, key=lambda item: item[0]):
            yield key, row  # type: ignore[misc]

    def _part(self, combined: Combined) -> Callable[[Line], Cell]:
        """What a line gives to a property of its group; for the number of lines, that it is one."""
        return (lambda line: True) if combined.of is None else self._worked_out(combined.of)

    def _ignore(self, event: str, reason: Reason, examples: Sequence[object]) -> None:
        if examples:
            shown = tuple(str(example) for example in sorted(dict.fromkeys(examples), key=str)[:_EXAMPLES])
            self._ignored.append(Ignored(event, reason, len(examples), shown))

    # --- consents

    def _add_consents(self, customers: Mapping[Key, Customer]) -> None:
        consents = self._catalogue.consents
        unknown: dict[str, int] = defaultdict(int)
        for columns in consents.columns.values():
            for customer in customers.values():
                status = self._status(customer.attributes[columns.state], unknown)
                if status is not None:
                    self._add_record(customer, _from_columns(columns, status, customer.attributes))
        if consents.table is not None:
            self._add_consent_rows(customers, unknown)
        if unknown:
            count = sum(unknown.values())
            have = "1 consent has" if count == 1 else f"{count} consents have"
            message = f"{have} a status that the catalogue does not know"
            help_ = "add it to `statuses` in the catalogue's `consents`, or mend the data"
            self._problem(codes.UNKNOWN_STATUS, message, help_, sorted(unknown))

    def _add_consent_rows(self, customers: Mapping[Key, Customer], unknown: dict[str, int]) -> None:
        how = self._catalogue.consents.table
        assert how is not None
        without_time: list[Line] = []
        strangers: list[object] = []
        for line in self._table(how.table):
            key: Any = line[how.customer]
            status = self._status(line[how.status], unknown)
            time: Any = line[how.time]
            if time is None:
                without_time.append(line)
            elif key not in customers:
                strangers.append(key)
            else:
                purpose: Any = line[how.purpose] if how.purpose is not None else None
                expiry: Any = line[how.expiry] if how.expiry is not None else None
                purposes = frozenset() if purpose is None else frozenset({purpose})
                record = ConsentRecord(str(line[how.channel]), purposes, status, time, expiry)
                self._add_record(customers[key], record)
        self._ignore("consent", Reason.UNKNOWN_CUSTOMER, strangers)
        if without_time:
            message = f"`{how.time}` is missing in {_rows(len(without_time))} of the consents"
            examples = [_described(line) for line in without_time]
            self._problem(codes.MISSING_TIME, message, "every consent needs a time; mend the data", examples)

    def _add_record(self, customer: Customer, record: ConsentRecord) -> None:
        if record.time is None or self._clock.seen(record.time):
            customer.consents.append(record)

    def _status(self, cell: Cell, unknown: dict[str, int]) -> ConsentStatus | None:
        """The status that a cell spells; None for null, and for a spelling that is unknown, which is counted."""
        if isinstance(cell, bool):
            return ConsentStatus.GRANTED if cell else ConsentStatus.WITHDRAWN
        if cell is None:
            return None
        found = self._catalogue.consents.statuses.get(str(cell))
        if found is None:
            unknown[str(cell)] += 1
        return found


def _from_columns(columns: ConsentColumns, status: ConsentStatus, attributes: Mapping[str, Cell]) -> ConsentRecord:
    time: Any = attributes[columns.time] if columns.time is not None else None
    expiry: Any = attributes[columns.expiry] if columns.expiry is not None else None
    return ConsentRecord(columns.channel, frozenset(columns.purposes), status, time, expiry)


def _chosen(choose: Choose, cells: Sequence[Cell]) -> Cell:
    """The value chosen out of rows in order of time; `most frequent` and `only` pass over nulls."""
    if choose is Choose.LAST:
        return cells[-1]
    if choose is Choose.FIRST:
        return cells[0]
    present = [cell for cell in cells if cell is not None]
    if not present:
        return None
    return most_frequent(present) if choose is Choose.MOST_FREQUENT else present[0]


def _combined(combined: Combined, cells: Sequence[Cell], result: Any) -> Cell:
    """One property of grouped lines; sums and averages are missing where a line lacks the value."""
    if combined.kind in (ir.AggregateKind.FIRST, ir.AggregateKind.LAST):
        return cells[0] if combined.kind is ir.AggregateKind.FIRST else cells[-1]
    present = [cell for cell in cells if cell is not None]
    passes_over = combined.kind in (ir.AggregateKind.ONLY, ir.AggregateKind.MOST_FREQUENT)
    if not present or (len(present) < len(cells) and not passes_over):
        return None
    of = combined.of.type if isinstance(combined.of, ir.Value) else BooleanType()
    value = aggregate(combined.kind, present, of, result)
    assert not isinstance(value, Doubt)
    return None if isinstance(value, Absent) else value


def _sortable(cell: Cell) -> tuple[bool, Any]:
    return cell is not None, cell


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _described(line: Line) -> str:
    shown = [f"{name} {_plain(cell)}" for name, cell in line.items() if cell is not None]
    return ", ".join(shown[:3])


def _plain(cell: Cell) -> str:
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
