"""The pieces of a table into columns of the catalogue's types, with a finding for all that does not fit."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Column, Table
from segrules.sources import clocks
from segrules.sources.cast import Cast, LocalTimes, Zones, arrow_type, as_stored, cast, too_fine
from segrules.sources.formats import Piece
from segrules.sources.loaded import HOW_READ, ClockChange, ClockKind
from segrules.sources.samples import MOST, Rows, first_rows, named, rows_text, shown
from segrules.sources.spelled import parse
from segrules.text.span import NOWHERE, Span
from segrules.types.types import (
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
    describe,
)

_KINDS: Mapping[ClockKind, int] = {"skipped": clocks.SKIPPED, "repeated": clocks.REPEATED}


@dataclass(frozen=True, slots=True, eq=False)
class Conformed:
    """A column in its catalogue's type (None where it could not be brought there) and what was found.

    `stored` is its type in the data, with dictionaries and other packing undone.
    """

    values: pa.ChunkedArray | None
    findings: tuple[Finding, ...] = ()
    clock_changes: tuple[ClockChange, ...] = ()
    stored: pa.DataType | None = None


@dataclass(slots=True)
class _Tally:
    """Rows of one kind: how many, and the first few as they are shown."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


def conform(column: Column, table: Table, pieces: Sequence[Piece], zones: Zones) -> Conformed:
    """Bring a stored column to its type, over all files of its table."""
    missing = [piece for piece in pieces if column.physical not in piece.columns]
    if missing:
        return Conformed(None, (_missing(column, table, pieces, missing),))
    reading = _Reading(column, table, zones, Rows(pieces))
    for start, array, spelled in _chunks(column.physical, pieces):
        reading.read(start, array, spelled)
    return reading.conformed()


def place(span: Span) -> Span | None:
    """The span of a finding about something in the catalogue, None for what nobody wrote."""
    return None if span == NOWHERE else span


def _chunks(name: str, pieces: Sequence[Piece]) -> Iterator[tuple[int, pa.Array, bool]]:
    start = 0
    for piece in pieces:
        row = start
        for chunk in piece.columns[name].chunks:
            yield row, chunk, name in piece.spelled
            row += len(chunk)
        start += piece.rows


def _missing(column: Column, table: Table, pieces: Sequence[Piece], missing: Sequence[Piece]) -> Finding:
    names = list(dict.fromkeys(name for piece in missing for name in piece.names))
    near = did_you_mean(column.physical, names)
    if len(missing) == len(pieces):
        message = f"the data of table `{table.name}` have no column `{column.physical}`"
        examples: tuple[str, ...] = ()
    else:
        some = f"{len(missing):,} of {len(pieces):,} files"
        message = f"column `{column.physical}` is missing in {some} of table `{table.name}`"
        examples = tuple(f"`{piece.shown}`" for piece in missing[:MOST])
    if f"/{column.physical}=" in missing[0].shown:
        near = f"`{column.physical}` is in the names of the folders: declare them as Hive partitions"
    there = f"the data have {named(names)}" if names else "the data have no columns"
    return finding(codes.MISSING_COLUMN, message, place(column.span), help=near or there, examples=examples)


class _Reading:
    """A column while its chunks are read one after the other."""

    def __init__(self, column: Column, table: Table, zones: Zones, rows: Rows) -> None:
        self._column = column
        self._table = table
        self._zones = zones
        self._rows = rows
        self._values: list[pa.Array] = []
        self._stored: pa.DataType | None = None
        self._other: set[pa.DataType] = set()
        self._damage: str | None = None
        self._faults: dict[tuple[str, str | None], _Tally] = {}
        self._times: dict[ClockKind, _Tally] = {}

    def read(self, start: int, array: pa.Array, spelled: bool) -> None:
        """Add the chunk whose first row is number `start`."""
        try:
            array.validate(full=True)
            plain = as_stored(array)
            plain.validate(full=True)
            made = (
                parse(plain, self._column.type, self._table.csv, self._zones)
                if spelled
                else cast(plain, self._column.type, self._zones)
            )
        except (pa.ArrowException, ValueError, OverflowError) as error:
            self._damage = self._damage or str(error).partition("\n")[0]
            return
        if made is None:
            self._other.add(plain.type)
            return
        self._stored = self._stored or (made.values.type if spelled or at.is_null(plain.type) else plain.type)
        self._note_faults(start, plain, made)
        if made.times is not None:
            self._note_times(made.times)
        self._values.append(made.values)

    def conformed(self) -> Conformed:
        """The whole column, once every chunk is read."""
        findings = (*self._type_findings(), *self._fault_findings())
        changes = tuple(self._clock_changes())
        notes = tuple(self._note(change) for change in changes)
        if findings:
            return Conformed(None, findings + notes, changes, self._stored)
        joined = _joined(self._values, arrow_type(self._column.type))
        if joined is None:
            return Conformed(None, (self._mixture(), *notes), changes, self._stored)
        return Conformed(joined, notes, changes, self._stored or joined.type)

    def _note_faults(self, start: int, plain: pa.Array, made: Cast) -> None:
        fine = None if self._column.scale is None else too_fine(made.values, self._column.scale)
        for fault in (*made.faults, *((fine,) if fine else ())):
            count = pc.sum(fault.mask).as_py() or 0
            if count:
                tally = self._faults.setdefault((fault.why, fault.remedy), _Tally())
                tally.count += count
                for row in first_rows(fault.mask)[: MOST - len(tally.examples)]:
                    tally.examples.append(f"{_as_text(plain[row])} in {self._rows.name(start + row)}")

    def _note_times(self, times: LocalTimes) -> None:
        for kind, number in _KINDS.items():
            mask = pc.equal(times.kinds, number)
            count = pc.sum(mask).as_py() or 0
            if count:
                tally = self._times.setdefault(kind, _Tally())
                tally.count += count
                distinct = pc.unique(times.local.filter(mask))[:MOST].to_pylist()
                found = dict.fromkeys((*tally.examples, *(clocks.local_text(local) for local in distinct)))
                tally.examples = list(found)[:MOST]

    def _type_findings(self) -> Iterator[Finding]:
        column, span = self._where(), place(self._column.span)
        expected = describe(self._column.type)
        for found in sorted(self._other, key=str):
            yield finding(
                codes.OTHER_TYPE,
                f"{column} holds `{found}`, expected {expected}",
                span,
                help=_remedy(found, self._column.type),
            )
        if self._damage is not None:
            yield finding(
                codes.OTHER_TYPE,
                f"{column} holds values that are no {expected}: {self._damage.replace('`', chr(39)).rstrip('.')}",
                span,
                help="write the file again",
            )

    def _fault_findings(self) -> Iterator[Finding]:
        for (why, remedy), tally in self._faults.items():
            yield finding(
                codes.OTHER_TYPE,
                f"{self._where()} holds values that {why}, in {rows_text(tally.count)}",
                place(self._column.span),
                help=remedy,
                examples=tally.examples,
            )

    def _mixture(self) -> Finding:
        kinds = sorted({str(array.type) for array in self._values})
        return finding(
            codes.OTHER_TYPE,
            f"{self._where()} is stored in several types that no one type holds exactly: {named(kinds)}",
            place(self._column.span),
            help="store the column in the same type in every file",
        )

    def _clock_changes(self) -> Iterator[ClockChange]:
        for kind in _KINDS:
            if kind in self._times:
                tally = self._times[kind]
                yield ClockChange(
                    self._table.name, self._column.name, kind, tally.count, tuple(tally.examples), HOW_READ[kind]
                )

    def _note(self, change: ClockChange) -> Finding:
        return finding(
            codes.CLOCK_CHANGE,
            f"{self._where()} has local times that a clock change of `{self._zones.local.key}` "
            f"{'skips' if change.kind == 'skipped' else 'repeats'}, in {rows_text(change.count)}, {change.how}",
            place(self._column.span),
            examples=(shown(example) for example in change.examples),
        )

    def _where(self) -> str:
        return f"column `{self._column.physical}` of table `{self._table.name}`"


def _joined(arrays: Sequence[pa.Array], default: pa.DataType) -> pa.ChunkedArray | None:
    """Chunks of one type; files may store a column in several widths or scales, which one wider type then holds.

    None where no type holds all values exactly.
    """
    kinds = {array.type for array in arrays if array.null_count < len(array)}
    of = kinds.pop() if len(kinds) == 1 else _wider(kinds) if kinds else default
    if of is None:
        return None
    try:
        chunks = [pa.nulls(len(array), of) if array.null_count == len(array) else array.cast(of) for array in arrays]
    except pa.ArrowInvalid:
        return None
    return pa.chunked_array(chunks, of)


def _wider(kinds: Collection[pa.DataType]) -> pa.DataType | None:
    if all(at.is_integer(kind) for kind in kinds):
        return pa.decimal128(20, 0) if any(at.is_uint64(kind) for kind in kinds) else pa.int64()
    if not all(at.is_integer(kind) or at.is_decimal(kind) for kind in kinds):
        return None
    scale = max(kind.scale if at.is_decimal(kind) else 0 for kind in kinds)
    whole = max(kind.precision - kind.scale if at.is_decimal(kind) else 20 for kind in kinds)
    return pa.decimal256(76, scale) if whole + scale <= 76 else None


def _as_text(value: pa.Scalar) -> str:
    # Python has no datetime for some days and times, Arrow has text for all of them; without their zone, since
    # Arrow looks zones up where some systems have none.
    if at.is_timestamp(value.type):
        value = value.cast(pa.int64()).cast(pa.timestamp(value.type.unit))
    return shown(value.cast(pa.string()).as_py() if at.is_temporal(value.type) else value.as_py())


def _remedy(found: pa.DataType, expected: Type) -> str:
    match expected:
        case IntegerType() if at.is_floating(found):
            return (
                "store whole numbers, for example as `int64` (in pandas `Int64`, which can be null), "
                "or declare `type: float`"
            )
        case DecimalType() if at.is_floating(found):
            return "store exact numbers, for example as `decimal128(18, 2)`, or declare `type: float`"
        case MoneyType() if at.is_floating(found):
            return "money is exact: store it as decimals, for example `decimal128(18, 2)`"
        case TimestampType() if at.is_date(found):
            return "declare `type: date`, or store the time of day as well"
        case DateType() if at.is_timestamp(found):
            return "declare `type: timestamp`, or store the day alone"
        case ListType() if at.is_string(found):
            return "store lists, for example in Parquet: CSV has no way to write them"
        case TextType() if at.is_integer(found):
            return "declare `type: integer`, or store text"
        case FloatType() | IntegerType() | DecimalType() | MoneyType() if at.is_string(found):
            return "store numbers, or declare `type: text`"
        case _:
            return "correct the type in the catalogue, or in the data"
