"""Tables of the catalogue's model into tables of the typed tree: their files, keys and age."""

import codecs
import re
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from segrules.diagnostics.codes import CATALOGUE_CONFLICT
from segrules.ir.catalogue import CsvOptions, Format, Fresh, Table
from segrules.ir.windows import SUB_DAY
from segrules.schema.document import Path, Scalar
from segrules.schema.models import CatalogueModel, CsvModel, TableModel
from segrules.schema.report import Report
from segrules.semantics.catalogue_derived import build_columns
from segrules.semantics.catalogue_names import A_KEY, A_TIME, KEY_TYPES, TIME_TYPES, Desk, check_scope, period
from segrules.types.types import DateType

_ENDINGS = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".arrow": Format.ARROW,
    ".arrows": Format.ARROW,
    ".feather": Format.ARROW,
    ".ipc": Format.ARROW,
}


def build_tables(report: Report, model: CatalogueModel, home: str | None) -> dict[str, Table]:
    """All tables, built as far as they are right; what is wrong is reported. `home` is the catalogue's zone.

    A table without a key takes the `id` of an event of its own as key, so that it is held to be unique.
    """
    check_scope(report, [(name, ("tables", name)) for name in model.tables])
    ids: dict[str, str] = {}
    for event in model.events.values():
        if event.id is not None:
            ids.setdefault(event.table, event.id)
    tables = {name: _table(report, name, table, home) for name, table in model.tables.items()}
    return {name: _keyed(table, ids.get(name)) for name, table in tables.items()}


def _keyed(table: Table, key: str | None) -> Table:
    if table.key is not None or key is None or key not in table.columns:
        return table
    return replace(table, key=key, columns={**table.columns, key: replace(table.columns[key], nullable=False)})


def _table(report: Report, name: str, model: TableModel, home: str | None) -> Table:
    path: Path = ("tables", name)
    columns = build_columns(report, path, model, home)
    if model.key is not None and model.key in columns:
        columns[model.key] = replace(columns[model.key], nullable=False)
    table = Table(
        name=name,
        path=model.path,
        format=_format(report, path, model),
        columns=columns,
        key=model.key,
        csv=_csv(report, path, model),
        hive=model.partitioning == "hive",
        retain=period(report, model.retain, (*path, "retain")),
        description=model.description,
        span=report.document.key_span(path),
    )
    desk = Desk(report, {name: table}, home)
    _check_key(desk, table, (*path, "key"))
    return replace(table, fresh=_fresh(desk, table, model, (*path, "fresh_within")))


def _check_key(desk: Desk, table: Table, path: Path) -> None:
    column = desk.column(table, table.key, path, KEY_TYPES, A_KEY) if table.key is not None else None
    if column is None:
        return
    if column.derive is not None:
        desk.report.value(path, f"the key `{column.name}` is a derived column", CATALOGUE_CONFLICT)
    at = ("tables", table.name, "columns", column.name, "nullable")
    stated = desk.report.document.find(at)
    if isinstance(stated, Scalar) and stated.value is True:
        desk.report.value(at, f"`{column.name}` is the table's key, so it cannot be null", CATALOGUE_CONFLICT)


def _fresh(desk: Desk, table: Table, model: TableModel, path: Path) -> Fresh | None:
    if model.fresh_within is None:
        return None
    column = desk.column(table, model.fresh_within.column, (*path, "column"), TIME_TYPES, A_TIME)
    within = period(desk.report, model.fresh_within.within, (*path, "within"))
    if column is None or within is None:
        return None
    if isinstance(column.type, DateType) and within.unit in SUB_DAY:
        message = f"`{column.name}` is a date, which has no {within.unit}s"
        desk.report.value((*path, "within"), message, CATALOGUE_CONFLICT, help="write days or longer units")
    return Fresh(column.name, within)


# --- files ----------------------------------------------------------------------------------------


def _format(report: Report, path: Path, model: TableModel) -> Format:
    if model.format is not None:
        return Format(model.format)
    ending = PurePosixPath(model.path.replace("\\", "/")).suffix.casefold()
    if ending and ending not in _ENDINGS and not report.says((*path, "format")):
        message = f"the ending `{ending}` does not say which format the data have"
        report.value((*path, "path"), message, help="add `format: parquet`, `csv` or `arrow`")
    # A folder has no ending.
    return _ENDINGS.get(ending, Format.PARQUET)


def _csv(report: Report, path: Path, model: TableModel) -> CsvOptions:
    tabs = model.path.casefold().endswith(".tsv")
    csv = model.csv or CsvModel()
    made = CsvOptions(
        delimiter=csv.delimiter or ("\t" if tabs else ","),
        decimal_mark=csv.decimal_mark,
        encoding=csv.encoding,
        date_format=csv.date_format,
        timestamp_format=csv.timestamp_format,
        nulls=tuple(csv.nulls),
    )
    if model.csv is None:
        return made
    at = (*path, "csv")
    ending = PurePosixPath(model.path).suffix.casefold()
    if model.format not in (None, "csv") or (model.format is None and _ENDINGS.get(ending) is not Format.CSV):
        report.key(at, "`csv` stands at a table that is not CSV", CATALOGUE_CONFLICT, help="add `format: csv`")
    if made.delimiter == made.decimal_mark:
        message = f"delimiter and decimal mark are both `{made.delimiter}`"
        report.key((*at, "decimal_mark"), message, CATALOGUE_CONFLICT, help='add `delimiter: ";"`')
    if made.delimiter in ('"', "\n", "\r"):
        report.value((*at, "delimiter"), "a quote or a line end cannot be the delimiter", CATALOGUE_CONFLICT)
    if not _is_encoding(made.encoding):
        report.value((*at, "encoding"), f"there is no encoding `{made.encoding}`", help="such as `utf-8` or `cp1252`")
    for key, pattern in (("date_format", made.date_format), ("timestamp_format", made.timestamp_format)):
        if pattern is not None and not _holds_date(pattern):
            remedy = "`%Y`, `%m` and `%d` stand for year, month and day"
            report.value((*at, key), f"`{pattern}` does not write a whole date", help=remedy)
    return made


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _holds_date(pattern: str) -> bool:
    moment = datetime(2023, 4, 5, 16, 17, 18)
    try:
        return datetime.strptime(moment.strftime(pattern), pattern).date() == moment.date()
    except (ValueError, re.error):
        return False
