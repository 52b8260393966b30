"""Names and small texts of the catalogue into what they stand for: tables, columns, zones, periods, expressions.

Whatever does not stand for anything is reported. A name that leads to something broken is passed over in silence:
that has its own finding.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from segrules.diagnostics.codes import (
    BAD_CATALOGUE,
    BAD_NAME,
    CASE_CLASH,
    CATALOGUE_CONFLICT,
    CATALOGUE_NAME,
    DUPLICATE_NAME,
    NOT_A_CONDITION,
    TYPE_MISMATCH,
)
from segrules.diagnostics.finding import Related
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Column, Table
from segrules.ir.nodes import Condition, IsTrue, Value
from segrules.ir.windows import Period, Unit
from segrules.schema.document import Path
from segrules.schema.report import Report
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    TextType,
    TimestampType,
    Type,
    UnknownType,
    describe,
)

TIME_TYPES = (DateType, TimestampType)
NUMBER_TYPES = (IntegerType, DecimalType, FloatType)
KEY_TYPES = (IntegerType, TextType)
A_TIME = "a date or a timestamp"
A_KEY = "a whole number or text"
BUILT_IN = frozenset({"customer", "consent"})

_PERIOD = re.compile(r"([0-9]{1,6}) (minute|hour|day|week|month|quarter|year)s?")


class Desk:
    """What the parts of a catalogue are looked up in while it is put together.

    `home` is the catalogue's zone, None where that is wrong.
    """

    def __init__(self, report: Report, tables: dict[str, Table], home: str | None) -> None:
        self.report = report
        self.tables = tables
        self.home = home

    def expression(self, text: str, path: Path, table: Table) -> Value | Condition | None:
        """The expression that the text at `path` writes over one row of `table`."""
        return expression(self.report, text, path, table.columns, table.name, self.home)

    def table(self, name: str, path: Path) -> Table | None:
        """The table that the text at `path` names."""
        table = self.tables.get(name)
        if table is None and not self.report.stands(("tables", name)):
            remedy = did_you_mean(name, self.tables)
            self.report.value(path, f"there is no table `{name}`", CATALOGUE_NAME, help=remedy)
        return table

    def column(
        self, table: Table, name: str, path: Path, wanted: tuple[type[Type], ...] = (), what: str = ""
    ) -> Column | None:
        """The column of `table` that the text at `path` names; with `wanted` its type has to be one of these."""
        column = column_of(self.report, table.name, table.columns, name, path)
        if column is not None and wanted:
            self.fits(column, path, wanted, what)
        return column

    def columns(self, table: Table, names: Sequence[str] | None, path: Path) -> tuple[str, ...]:
        """Those of `names` that are columns of `table`; a name that stands twice is reported."""
        for i, name in enumerate(names or ()):
            if name in (names or ())[:i]:
                self.report.value(_item(self.report, path, i), f"`{name}` stands twice", CATALOGUE_CONFLICT)
        found = [(name, self.column(table, name, _item(self.report, path, i))) for i, name in enumerate(names or ())]
        return tuple(dict.fromkeys(name for name, column in found if column is not None))

    def fits(self, column: Column, path: Path, wanted: tuple[type[Type], ...], what: str) -> bool:
        """Whether the column's type is one of `wanted`; `what` says in words which those are."""
        if isinstance(column.type, (*wanted, UnknownType)):
            return True
        message = f"`{column.name}` is {in_words(column.type)}, where {what} is expected"
        self.report.value(path, message, TYPE_MISMATCH, related=_declared(column))
        return False

    def holds_key(self, table: Table, name: str, path: Path, key: Column | None) -> Column | None:
        """The column that the text at `path` names, which has to hold keys of customers."""
        column = self.column(table, name, path)
        if column is not None and key is not None:
            self.same_kind(column, key, path)
        return column

    def same_kind(self, column: Column, key: Column, path: Path) -> None:
        """Report a column whose values can never equal those of `key`."""
        kinds = {type(column.type), type(key.type)}
        if len(kinds) > 1 and UnknownType not in kinds:
            message = f"`{column.name}` is {in_words(column.type)}, and the key `{key.name}` is {in_words(key.type)}"
            self.report.value(path, message, TYPE_MISMATCH, related=_declared(key))

    def condition(self, text: str, path: Path, table: Table) -> Condition | None:
        """The condition that the text at `path` writes over one row of `table`."""
        bound = self.expression(text, path, table)
        if bound is None or isinstance(bound, Condition):
            return bound
        if isinstance(bound.type, BooleanType):
            return IsTrue(bound, bound.span)
        if not isinstance(bound.type, UnknownType):
            message = f"this is {in_words(bound.type)}, where a condition is expected"
            self.report.value(path, message, NOT_A_CONDITION)
        return None


def column_of(report: Report, table: str, columns: Mapping[str, Column], name: str, path: Path) -> Column | None:
    """The column that the text at `path` names, among the columns of a table that may still be in the making."""
    column = columns.get(name)
    if column is None and not report.stands(("tables", table, "columns", name)):
        remedy = did_you_mean(name, columns)
        report.value(path, f"the table `{table}` has no column `{name}`", CATALOGUE_NAME, help=remedy)
    return column


def expression(
    report: Report, text: str, path: Path, columns: Mapping[str, Column], table: str, home: str | None
) -> Value | Condition | None:
    """The expression that the text at `path` writes over one row; None where it is wrong, which is reported.

    Times in it without an offset are local to the zone `home`.
    """
    # Loaded here: the parser of the rule language is not needed for a catalogue without expressions.
    from segrules.semantics.rows import bind_row_expression

    bound, findings = bind_row_expression(text, report.document.text_span(path), columns, table, home or "UTC")
    report.findings.extend(findings)
    return bound


def period(report: Report, text: str | None, path: Path) -> Period | None:
    """`2 days` as a period; None where nothing stands there or it is wrong, which is reported."""
    if text is None:
        return None
    found = _PERIOD.fullmatch(" ".join(text.split()))
    if found and int(found[1]) > 0:
        return Period(int(found[1]), Unit(found[2]))
    remedy = "write a number and a unit, such as `2 days` or `24 months`"
    report.value(path, f"`{shown(text)}` is not a period", BAD_CATALOGUE, help=remedy)
    return None


@cache
def zone_names() -> frozenset[str]:
    """The names of all zones, the same on every system."""
    listed = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {"Factory"}


def zone(report: Report, name: str, path: Path) -> bool:
    """Whether the text at `path` names a zone."""
    if name in zone_names():
        return True
    remedy = did_you_mean(name, zone_names()) or "zones have names such as `Europe/London` and `UTC`"
    report.value(path, f"there is no time zone `{shown(name)}`", CATALOGUE_CONFLICT, help=remedy)
    return False


def check_order(desk: Desk, table: Table, names: Sequence[str] | None, path: Path) -> tuple[str, ...]:
    """Those of `names` that are columns by which rows can be put in order or told apart."""
    found = desk.columns(table, names, path)
    for name in found:
        if isinstance(table.columns[name].type, ListType):
            message = f"`{name}` is a list of text, which has no order"
            desk.report.value(path, message, CATALOGUE_CONFLICT)
    return found


def check_channels(desk: Desk, named: Sequence[str], path: Path, channels: Sequence[str]) -> None:
    """Report names under `channels` of the block at `path` that are none of `channels`, if there are any."""
    for i, channel in enumerate(named):
        if channels and channel not in channels:
            remedy = did_you_mean(channel, channels) or f"the channels are {', '.join(f'`{c}`' for c in channels)}"
            at = _item(desk.report, (*path, "channels"), i)
            desk.report.value(at, f"there is no channel `{channel}`", CATALOGUE_NAME, help=remedy)


Named = tuple[str, Path]
"""A name and the path of the key (or of the value) that gives it."""


def check_scope(report: Report, names: Iterable[Named], *, built_in: bool = False) -> None:
    """Report names of one scope that are equal, or differ in case only, or (`built_in`) belong to the language."""
    first: dict[str, Named] = {}
    for name, path in names:
        if built_in and name in BUILT_IN:
            report.key(path, f"`{name}` is built in and cannot be a name here", BAD_NAME, help="give it another name")
        before, at = first.setdefault(name.casefold(), (name, path))
        related = [Related(report.document.key_span(at), "the first one")]
        if before != name:
            message = f"`{name}` and `{before}` differ in case only"
            report.key(path, message, CASE_CLASH, help="rename one of them", related=related)
        elif at != path:
            report.key(path, f"the name `{name}` is taken", DUPLICATE_NAME, help="rename one of them", related=related)


def _declared(column: Column) -> list[Related]:
    return [Related(column.span, f"`{column.name}` is declared here")]


def _item(report: Report, path: Path, i: int) -> Path:
    """The path of item `i` of a list that may be written as a single text."""
    return (*path, i) if report.stands((*path, i)) else path


def in_words(of: Type) -> str:
    """A type in words, with an article where one is due."""
    words = describe(of)
    return words if words.startswith(("money", "true")) or words == "text" else f"a {words}"


def shown(text: str) -> str:
    """A text of the catalogue as a message shows it: in one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"
