"""One column of the catalogue's model into a column of the typed tree: type, closed list, range, labels."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from segrules.diagnostics.codes import CATALOGUE_CONFLICT, EMPTY_RANGE, UNLISTED_VALUE
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Column, Labels
from segrules.schema.document import Path
from segrules.schema.models import ColumnModel, LabelsModel
from segrules.schema.report import Report
from segrules.semantics.catalogue_names import in_words, shown, zone
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
from segrules.types.zones import zone as named_zone

_KEYS_OF_TYPES: dict[str, tuple[type[Type], ...]] = {
    "currency": (MoneyType,),
    "currency_column": (MoneyType,),
    "scale": (MoneyType, DecimalType),
    "unit": (IntegerType, DecimalType, FloatType),
    "range": (IntegerType, DecimalType, FloatType, MoneyType, DateType, TimestampType),
    "values": (TextType, ListType),
    "ordered": (TextType,),
    "value_labels": (TextType, ListType),
    "zone": (TimestampType,),
}


def build_labels(report: Report, path: Path, model: LabelsModel) -> Labels:
    """Governance labels as the typed tree has them; `path` leads to where they stand."""
    span = report.document.key_span(path)
    return Labels(tuple(model.category), model.origin, model.identifiability, tuple(model.proxy_for), span)


def data_column(report: Report, path: Path, name: str, model: ColumnModel, home: str | None) -> Column:
    """A column of the data; bounds in local time are read in its zone, else in `home`."""
    type_ = _declared_type(report, path, model)
    check_keys(report, path, model, type_)
    zone_is_right = model.zone is None or zone(report, model.zone, (*path, "zone"))
    low, high = _range(report, path, model, type_, (model.zone if zone_is_right else None) or home)
    return replace(
        described_column(report, path, name, model),
        type=type_,
        physical=model.column or name,
        nullable=model.nullable is not False,
        scale=model.scale,
        minimum=low,
        maximum=high,
        zone=model.zone,
        currency_column=model.currency_column,
    )


def described_column(report: Report, path: Path, name: str, model: ColumnModel) -> Column:
    """A column with what is said about it, its type still open."""
    for value in model.value_labels:
        if model.values is not None and value not in model.values:
            message = f"`{value}` is not among the `values` of `{name}`"
            remedy = did_you_mean(value, model.values)
            report.key((*path, "value_labels", value), message, UNLISTED_VALUE, help=remedy)
    return Column(
        name=name,
        type=UnknownType(),
        physical=name,
        description=model.description,
        synonyms=tuple(model.synonyms),
        deprecated=model.deprecated,
        labels=build_labels(report, (*path, "labels"), model.labels),
        value_labels={
            value: build_labels(report, (*path, "value_labels", value), labels)
            for value, labels in model.value_labels.items()
        },
        span=report.document.key_span(path),
    )


def _declared_type(report: Report, path: Path, model: ColumnModel) -> Type:
    """The type that the model declares; unknown where that is wrong or not said."""
    match model.type:
        case "integer":
            return IntegerType(model.unit)
        case "decimal":
            return DecimalType(model.unit)
        case "float":
            return FloatType(model.unit)
        case "money":
            if model.currency is not None:
                return MoneyType(model.currency)
            if not report.says((*path, "currency")):
                report.key(path, f"the money column `{path[-1]}` needs a `currency`", help="such as `currency: GBP`")
            return UnknownType()
        case "boolean":
            return BooleanType()
        case "text":
            return TextType(_values(report, path, model), model.ordered)
        case "date":
            return DateType()
        case "timestamp":
            return TimestampType()
        case "list of text":
            return ListType(_values(report, path, model))
        case None:
            if not any(report.says((*path, key)) for key in ("type", "derive")):
                report.key(path, f"the column `{path[-1]}` has no `type`", help="such as `type: integer`")
            return UnknownType()


def _values(report: Report, path: Path, model: ColumnModel) -> tuple[str, ...] | None:
    if model.values is None:
        if model.ordered and not report.says((*path, "values")):
            report.key((*path, "ordered"), "`ordered` needs `values`", help="list them, smallest first")
        return None
    for i, value in enumerate(model.values):
        if value in model.values[:i]:
            report.value((*path, "values", i), f"the value `{value}` stands twice", CATALOGUE_CONFLICT)
    return tuple(dict.fromkeys(model.values))


def check_keys(report: Report, path: Path, model: ColumnModel, type_: Type, besides: Collection[str] = ()) -> None:
    """Report keys that say nothing about a column of this type; those in `besides` are reported elsewhere."""
    for key, types in _KEYS_OF_TYPES.items():
        if key in model.model_fields_set and key not in besides and not isinstance(type_, (*types, UnknownType)):
            what = f"a column of type `{model.type}`" if model.type else in_words(type_)
            report.key((*path, key), f"`{key}` has no meaning for {what}", CATALOGUE_CONFLICT)


# --- ranges ---------------------------------------------------------------------------------------

_Bound = Fraction | date | datetime | None


def _range(report: Report, path: Path, model: ColumnModel, type_: Type, home: str | None) -> tuple[_Bound, _Bound]:
    if model.range is None or not isinstance(type_, _KEYS_OF_TYPES["range"]):
        return None, None
    at = (*path, "range")
    low, high = (_bound(report, (*at, i), bound, type_, home) for i, bound in enumerate(model.range))
    if low is not None and high is not None and _above(low, high, home):
        report.value(at, "the range is empty: its first bound lies above its second", EMPTY_RANGE)
    return low, high


def _above(low: Any, high: Any, home: str | None) -> bool:
    """Whether the one bound lies above the other; a day beside an instant stands for all of that day."""
    if isinstance(low, datetime) != isinstance(high, datetime):
        low, high = (
            bound.astimezone(_zone_info(home)).date() if isinstance(bound, datetime) else bound for bound in (low, high)
        )
    return bool(low > high)


def _bound(report: Report, path: Path, bound: Decimal | str | None, type_: Type, home: str | None) -> _Bound:
    if bound is None:
        return None
    match type_:
        case DateType() | TimestampType():
            made: _Bound = _moment(str(bound), type_, home)
            wanted = "a date, such as `2026-01-31`" if isinstance(type_, DateType) else "a date or a time"
        case _:
            made = Fraction(bound) if isinstance(bound, Decimal) else None
            wanted = "a number"
    if made is None:
        report.value(path, f"`range` takes {wanted}, found `{shown(str(bound))}`")
    return made


def _zone_info(home: str | None) -> ZoneInfo:
    return named_zone(home or "UTC")


def _moment(text: str, type_: Type, home: str | None) -> date | datetime | None:
    """A bound of a date or timestamp: a day, or a time, which is local time in `home` where it has no offset."""
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        if isinstance(type_, DateType) or len(text) == len("2026-01-31"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=_zone_info(home))).astimezone(UTC)
    except (ValueError, OverflowError, LookupError):
        return None
