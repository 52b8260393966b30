"""Events of the catalogue's model into events of the typed tree, rows that make one event included."""

import re
from dataclasses import dataclass, replace
from typing import assert_never

from segrules.diagnostics.codes import BAD_CATALOGUE, CATALOGUE_CONFLICT, TYPE_MISMATCH
from segrules.ir.catalogue import Choose, Column, Combined, Customers, Event, Grouping, Table
from segrules.ir.nodes import AggregateKind, Property, Value
from segrules.schema.document import Path
from segrules.schema.models import CatalogueModel, EventModel, GroupModel
from segrules.semantics.catalogue_columns import build_labels
from segrules.semantics.catalogue_names import (
    A_KEY,
    A_TIME,
    KEY_TYPES,
    NUMBER_TYPES,
    TIME_TYPES,
    Desk,
    check_order,
    check_scope,
    in_words,
    shown,
)
from segrules.types.types import (
    BooleanType,
    DecimalType,
    IntegerType,
    MoneyType,
    TextType,
    Type,
    UnknownType,
)

_COMBINED = re.compile(
    r"(total of|average of|smallest of|largest of|most frequent|first|last|only|distinct)\s+(\S.*)", re.DOTALL
)
_COUNT = re.compile(r"number\s+of\s+(lines|rows)")
_IN_ORDER = (AggregateKind.FIRST, AggregateKind.LAST, AggregateKind.MOST_FREQUENT)


def build_events(desk: Desk, model: CatalogueModel, customers: Customers | None) -> dict[str, Event]:
    """The events by name; what is wrong with them is reported."""
    built = {name: _event(desk, name, event, customers) for name, event in model.events.items()}
    return {name: event for name, event in built.items() if event is not None}


def _event(desk: Desk, name: str, model: EventModel, customers: Customers | None) -> Event | None:
    path: Path = ("events", name)
    table = desk.table(model.table, (*path, "table"))
    if table is None:
        return None
    customer = desk.holds_key(table, model.customer, (*path, "customer"), customers.key if customers else None)
    time = desk.column(table, model.time, (*path, "time"), TIME_TYPES, A_TIME)
    where = desk.condition(model.where, (*path, "where"), table) if model.where is not None else None
    order_by = _order(desk, model, table, path)
    grouping, properties = None, _row_properties(desk, model, table, path)
    if model.group is not None:
        grouping, properties = _grouped(desk, model, model.group, table, path)
        order_by = order_by or grouping.by
    built_in = [(prop, _property_path(model, path, prop)) for prop in properties]
    check_scope(desk.report, built_in, built_in=True)
    if customer is None or time is None:
        return None
    return Event(
        name=name,
        table=table.name,
        customer=customer.name,
        time=time.name,
        order_by=order_by,
        where=where,
        grouping=grouping,
        properties=properties,
        description=model.description,
        labels=build_labels(desk.report, (*path, "labels"), model.labels),
        span=desk.report.document.key_span(path),
    )


def _property_path(model: EventModel, path: Path, name: str) -> Path:
    if model.group is not None:
        return (*path, "group", "properties", name)
    return ("tables", model.table, "columns", name)


def _order(desk: Desk, model: EventModel, table: Table, path: Path) -> tuple[str, ...]:
    report = desk.report
    if model.id is not None and model.order_by is not None:
        message = "`id` breaks ties already, so `order_by` has nothing to say"
        report.key((*path, "order_by"), message, CATALOGUE_CONFLICT, help="leave `id` or `order_by` out")
    if model.id is not None:
        column = desk.column(table, model.id, (*path, "id"), KEY_TYPES, A_KEY)
        if column is not None and table.key is not None and table.key != model.id:
            message = f"`{model.id}` is not the key of `{table.name}`, which is `{table.key}`"
            report.value((*path, "id"), message, CATALOGUE_CONFLICT, help=f"write `order_by: {model.id}`")
        return (model.id,)
    if model.order_by is None and model.group is None and not any(report.says((*path, k)) for k in ("id", "order_by")):
        message = f"the event `{path[-1]}` needs `id` or `order_by`"
        report.key(
            path, message, help="`id` names a unique column; `order_by` says which of two rows of one time is first"
        )
    return check_order(desk, table, model.order_by, (*path, "order_by"))


def _row_properties(desk: Desk, model: EventModel, table: Table, path: Path) -> dict[str, Column]:
    """Properties of an event that is a single row."""
    if model.group is not None:
        if model.properties is not None:
            message = "an event with `group` has the properties that stand in `group`"
            desk.report.key((*path, "properties"), message, CATALOGUE_CONFLICT, help="leave `properties` out here")
        return {}
    if model.properties is not None:
        names = desk.columns(table, model.properties, (*path, "properties"))
        return {name: table.columns[name] for name in names}
    taken = (model.customer, model.time, "customer", "consent")
    return {name: column for name, column in table.columns.items() if name not in taken}


# --- groups ---------------------------------------------------------------------------------------


def _grouped(
    desk: Desk, event: EventModel, model: GroupModel, table: Table, path: Path
) -> tuple[Grouping, dict[str, Column]]:
    at: Path = (*path, "group")
    by = check_order(desk, table, model.by, (*at, "by"))
    combined: dict[str, Combined] = {}
    columns: dict[str, Column] = {}
    for name, text in model.properties.items():
        here = (*at, "properties", name)
        made = _combined(desk, name, text, table, here)
        if made is None:
            columns[name] = Column(name, UnknownType(), name, span=desk.report.document.key_span(here))
            continue
        combined[name], columns[name] = made.combined, made.column
        ordered = event.id is not None or event.order_by is not None
        if made.combined.kind in _IN_ORDER and not ordered and not desk.report.says((*path, "order_by")):
            message = f"`{made.combined.kind}` needs an order among rows of one time"
            desk.report.value(here, message, CATALOGUE_CONFLICT, help="add `id` or `order_by` to the event")
    time = Choose.FIRST if model.time == "first" else Choose.LAST
    return Grouping(by, time, combined), columns


@dataclass(frozen=True, slots=True)
class _Made:
    """A property of a group, and the column that rules see."""

    combined: Combined
    column: Column


def _combined(desk: Desk, name: str, text: str, table: Table, path: Path) -> _Made | None:
    """`total of quantity * unit_price` as a property; None where it is wrong, which is reported."""
    report = desk.report
    span = report.document.key_span(path)
    if _COUNT.fullmatch(text.strip()):
        column = Column(name, IntegerType(), name, nullable=False, span=span)
        return _Made(Combined(AggregateKind.NUMBER, None), column)
    found = _COMBINED.fullmatch(text.strip())
    if found is None:
        remedy = (
            "such as `total of amount`, `number of lines`, `first country`, `only country` or `distinct product_id`"
        )
        report.value(path, f"`{shown(text)}` does not say how lines combine", BAD_CATALOGUE, help=remedy)
        return None
    kind = AggregateKind(" ".join(found[1].split()))
    of = desk.expression(found[2], path, table)
    if of is None:
        return None
    of_type = of.type if isinstance(of, Value) else BooleanType()
    result = _result(kind, of_type)
    if result is None:
        message = f"`{kind}` cannot be taken of {in_words(of_type)}"
        report.value(path, message, TYPE_MISMATCH)
        return None
    source = table.columns.get(of.name) if isinstance(of, Property) else None
    column = source or Column(name, result, name)
    scale = None if kind in (AggregateKind.AVERAGE, AggregateKind.DISTINCT) else column.scale
    seen = replace(
        column, name=name, type=result, physical=name, nullable=column.nullable, scale=scale,
        minimum=None, maximum=None, zone=None, currency_column=None, derive=None, span=span,
    )  # fmt: skip
    return _Made(Combined(kind, of), seen)


def _result(kind: AggregateKind, of: Type) -> Type | None:
    """The type of what an aggregate makes of values of type `of`; None where it takes no such values."""
    if isinstance(of, UnknownType):
        return of
    match kind:
        case AggregateKind.NUMBER | AggregateKind.DISTINCT:
            return IntegerType()
        case AggregateKind.TOTAL:
            return of if isinstance(of, (*NUMBER_TYPES, MoneyType)) else None
        case AggregateKind.AVERAGE | AggregateKind.MEDIAN:
            if isinstance(of, IntegerType):
                return DecimalType(of.unit)
            return of if isinstance(of, (*NUMBER_TYPES, MoneyType)) else None
        case AggregateKind.SMALLEST | AggregateKind.LARGEST:
            has_order = isinstance(of, (*NUMBER_TYPES, MoneyType, *TIME_TYPES))
            return of if has_order or (isinstance(of, TextType) and of.ordered) else None
        case AggregateKind.FIRST | AggregateKind.LAST | AggregateKind.ONLY | AggregateKind.MOST_FREQUENT:
            return of
        case _:
            assert_never(kind)
