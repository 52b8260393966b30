"""All columns of a table in the order in which they can be computed: those of the data, then the derived ones."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from segrules.diagnostics.codes import CATALOGUE_CONFLICT, CURRENCY_MISMATCH, TYPE_MISMATCH
from segrules.ir.catalogue import Column
from segrules.ir.nodes import Value
from segrules.schema.document import Path
from segrules.schema.models import ColumnModel, TableModel
from segrules.schema.report import Report
from segrules.semantics.catalogue_columns import check_keys, data_column, described_column
from segrules.semantics.catalogue_names import Desk, check_scope, column_of, expression, in_words
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
    UnknownType,
)

_KEYS_OF_DATA = ("column", "nullable", "range", "values", "ordered", "zone", "currency_column")
"""What is said of values in the data, and so cannot be said of a derived column."""

_AGREEING: dict[str, tuple[type[Type], ...]] = {
    "integer": (IntegerType,),
    "decimal": (IntegerType, DecimalType),
    "float": (IntegerType, DecimalType, FloatType),
    "money": (MoneyType,),
    "boolean": (BooleanType,),
    "text": (TextType,),
    "date": (DateType,),
    "timestamp": (TimestampType,),
    "list of text": (ListType,),
}
"""Which types of an expression a declared type takes."""


def build_columns(report: Report, path: Path, model: TableModel, home: str | None) -> dict[str, Column]:
    """The columns, each behind those that it is derived from."""
    check_scope(report, [(name, (*path, "columns", name)) for name in model.columns])
    columns: dict[str, Column] = {}
    for name, column in model.columns.items():
        if column.derive is None:
            columns[name] = data_column(report, (*path, "columns", name), name, column, home)
    for name in _derivation_order(report, path, model):
        at = (*path, "columns", name)
        columns[name] = _derived_column(report, at, model.columns[name], columns, home)
    for name, column in model.columns.items():
        # What could not be put in order takes part all the same, so that naming it is no second mistake.
        span = report.document.key_span((*path, "columns", name))
        columns.setdefault(name, Column(name, UnknownType(), name, span=span))
        if column.currency_column is not None:
            _check_currency_column(report, path, name, column.currency_column, columns)
    return columns


def _check_currency_column(report: Report, path: Path, name: str, currency: str, columns: Mapping[str, Column]) -> None:
    at = (*path, "columns", name, "currency_column")
    found = column_of(report, str(path[1]), columns, currency, at)
    if found is not None:
        Desk(report, {}, None).fits(found, at, (TextType,), "text")


def _derived_column(
    report: Report, path: Path, model: ColumnModel, columns: Mapping[str, Column], home: str | None
) -> Column:
    for key in _KEYS_OF_DATA:
        if key in model.model_fields_set:
            message = f"`{key}` cannot stand at a derived column: it is about values in the data"
            report.key((*path, key), message, CATALOGUE_CONFLICT)
    described = described_column(report, path, str(path[-1]), model)
    bound = expression(report, model.derive or "", (*path, "derive"), columns, str(path[1]), home)
    if bound is None:
        return described
    inferred = bound.type if isinstance(bound, Value) else BooleanType()
    type_ = _agreed(report, path, model, inferred)
    check_keys(report, path, model, type_, besides=_KEYS_OF_DATA)
    return replace(described, type=type_, scale=model.scale, derive=bound)


def _agreed(report: Report, path: Path, model: ColumnModel, inferred: Type) -> Type:
    """The type of the expression, with the unit that the model gives; reported where the declared type is another."""
    if isinstance(inferred, UnknownType):
        return inferred
    if isinstance(inferred, IntegerType | DecimalType | FloatType):
        inferred = replace(inferred, unit=model.unit or inferred.unit)
    if model.currency is not None and isinstance(inferred, MoneyType) and model.currency != inferred.currency:
        message = f"the expression is {in_words(inferred)}, and the declared currency is {model.currency}"
        report.value((*path, "currency"), message, CURRENCY_MISMATCH)
    if model.type is None:
        return inferred
    if not isinstance(inferred, _AGREEING[model.type]):
        message = f"the expression is {in_words(inferred)}, and the declared type is `{model.type}`"
        report.value((*path, "type"), message, TYPE_MISMATCH, help="leave `type` out to take that of the expression")
        return inferred
    match inferred, model.type:
        case IntegerType(unit), "decimal":
            return DecimalType(unit)
        case ((IntegerType(unit) | DecimalType(unit)), "float"):
            return FloatType(unit)
        case _:
            return inferred


def _derivation_order(report: Report, path: Path, model: TableModel) -> list[str]:
    """The derived columns, each behind those that it reads; columns that read themselves are reported and left out."""
    derived = {name: column.derive for name, column in model.columns.items() if column.derive is not None}
    reads = {
        name: [other for other in _names_in(report, (*path, "columns", name, "derive"), text) if other in derived]
        for name, text in derived.items()
    }
    order: list[str] = []
    done: set[str] = set()
    waiting = list(derived)
    while ready := [name for name in waiting if done.issuperset(reads[name])]:
        order += ready
        done.update(ready)
        waiting = [name for name in waiting if name not in done]
    seen: set[str] = set()
    for name in waiting:
        cycle = _cycle(name, reads, set(waiting))
        if not seen.intersection(cycle):
            shown = " → ".join(f"`{step}`" for step in [*cycle, cycle[0]])
            at = (*path, "columns", cycle[0], "derive")
            report.value(at, f"a derived column reads itself: {shown}", CATALOGUE_CONFLICT)
        seen.update(cycle)
    return order


def _cycle(start: str, reads: Mapping[str, list[str]], waiting: set[str]) -> list[str]:
    """The cycle that is reached from `start`, every column of which waits for another one that waits."""
    trail = [start]
    while True:
        following = next(name for name in reads[trail[-1]] if name in waiting)
        if following in trail:
            return trail[trail.index(following) :]
        trail.append(following)


def _names_in(report: Report, path: Path, text: str) -> Iterator[str]:
    """The names that an expression reads; none where it cannot be parsed, which binding reports."""
    # Loaded here: the parser of the rule language is not needed for a catalogue without expressions.
    from segrules.syntax import nodes
    from segrules.syntax.parse import parse_expression

    parsed, _ = parse_expression(text, report.document.text_span(path))
    stack: list[Any] = [parsed]
    while stack:
        node = stack.pop()
        if isinstance(node, nodes.Ref):
            yield node.parts[0].text
        elif isinstance(node, tuple):
            stack.extend(node)
        elif is_dataclass(node):
            stack.extend(getattr(node, field.name) for field in fields(node))
