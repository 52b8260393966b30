"""A column brought to its catalogue's type chunk by chunk, with a finding for all that does not fit."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Column, Table
from segrules.sources import clocks
from segrules.sources.cast import INSTANT, Cast, LocalTimes, Zones, arrow_type, as_stored, cast, is_text, too_fine
from segrules.sources.loaded import HOW_READ, ClockChange, ClockKind
from segrules.sources.packed import packed_text
from segrules.sources.samples import MOST, first_rows, named, place, rows_text, shown
from segrules.sources.sound import is_list, validate
from segrules.sources.spelled import parse
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

Name = Callable[[int], str]
"""What to call a row, counted from 0 over the whole table."""

_KINDS: Mapping[ClockKind, int] = {"skipped": clocks.SKIPPED, "repeated": clocks.REPEATED}


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A chunk as it was stored (packing undone) and what became of it."""

    plain: pa.Array
    made: Cast
    spelled: bool


@dataclass(slots=True)
class _Tally:
    """Rows of one kind: how many, and the first few as they are shown."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class Reading:
    """A column while its chunks are read one after the other.

    With `packed`, text stays in dictionaries and in wide text, as it came.
    """

    def __init__(self, column: Column, table: Table, zones: Zones, *, packed: bool = False) -> None:
        self._column = column
        self._table = table
        self._zones = zones
        self._packed = packed and isinstance(column.type, TextType)
        self._stored: pa.DataType | None = None
        # The stored type where every chunk had it, and came through without a change of its values.
        self._as_it_is: pa.DataType | None = None
        self._changed = False
        self._other: set[pa.DataType] = set()
        self._damage: str | None = None
        self._faults: dict[tuple[str, str | None], _Tally] = {}
        self._times: dict[ClockKind, _Tally] = {}
        self._made: set[pa.DataType] = set()
        self._made_with_values: set[pa.DataType] = set()

    def bring(self, array: pa.Array, *, spelled: bool, looked: bool = False, sound: bool = False) -> Brought | None:
        """Bring a chunk to its type; None, and a finding to come, where it cannot be.

        `looked` is for rows that were brought before: they are not looked through for damage again, nor for anything
        else where nothing was found in any row. `sound` is for data that a library in this process has made.
        """
        if looked and array.type == self._as_it_is and not spelled:
            return Brought(array, Cast(array.view(INSTANT) if at.is_timestamp(array.type) else array), spelled)
        try:
            if not looked:
                validate(array, sound=sound)
            plain = packed_text(array) if self._packed else as_stored(array)
            if plain is not array and not looked:
                validate(plain, sound=sound)
            made = (
                parse(plain, self._column.type, self._table.csv, self._zones)
                if spelled
                else cast(plain, self._column.type, self._zones)
            )
        except (pa.ArrowException, ValueError, OverflowError) as error:
            self._damage = self._damage or str(error).partition("\n")[0]
            return None
        if made is None:
            self._other.add(plain.type)
            return None
        self._note_as_it_is(array, made)
        return Brought(plain, made, spelled)

    def note(self, start: int, found: Brought, name: Name) -> None:
        """Keep what was found in a chunk whose first row is number `start`; once for every row."""
        values = found.made.values
        self._note_type(found)
        self._made.add(_unpacked(values.type))
        if values.null_count < len(values):
            self._made_with_values.add(_unpacked(values.type))
        self._note_faults(start, found.plain, found.made, name)
        if found.made.times is not None:
            self._note_times(found.made.times)

    @property
    def stored(self) -> pa.DataType | None:
        """The type in the data, with dictionaries and other packing undone; None where it is not known."""
        return self._stored

    @property
    def common(self) -> pa.DataType | None:
        """The one type that holds all that was read exactly, None where there is none."""
        return common_type(self._made_with_values, arrow_type(self._column.type))

    def findings(self) -> tuple[Finding, ...]:
        """What stands in the way of the type; where this is empty, every value was brought there."""
        found = (*self._type_findings(), *self._fault_findings())
        return found if found or self.common is not None else (self._mixture(),)

    def clock_changes(self) -> tuple[ClockChange, ...]:
        """Local times at a clock change."""
        return tuple(
            ClockChange(self._table.name, self._column.name, kind, tally.count, tuple(tally.examples), HOW_READ[kind])
            for kind in _KINDS
            if (tally := self._times.get(kind)) is not None
        )

    def notes(self) -> tuple[Finding, ...]:
        """A note for each kind of clock change."""
        return tuple(self._note(change) for change in self.clock_changes())

    def _note_as_it_is(self, array: pa.Array, made: Cast) -> None:
        # Instants that came through without a fault are the same numbers under another name.
        is_same = made.values is array or (at.is_timestamp(array.type) and not made.faults)
        # Other slices of the same rows may have lists and dictionaries that need another look.
        is_same = is_same and not (is_list(array.type) or at.is_dictionary(array.type))
        self._changed = self._changed or not is_same or self._as_it_is not in (None, array.type)
        self._as_it_is = None if self._changed else array.type

    def _note_type(self, found: Brought) -> None:
        # Text that stands for values has no type of its own.
        of = found.made.values.type if found.spelled or at.is_null(found.plain.type) else found.plain.type
        if self._stored is None or (found.spelled and at.is_integer(self._stored) and at.is_decimal(of)):
            self._stored = _unpacked(of)

    def _note_faults(self, start: int, plain: pa.Array, made: Cast, name: Name) -> None:
        fine = None if self._column.scale is None else too_fine(made.values, self._column.scale)
        for fault in (*made.faults, *((fine,) if fine else ())):
            count = pc.sum(fault.mask).as_py() or 0
            if count:
                tally = self._faults.setdefault((fault.why, fault.remedy), _Tally())
                tally.count += count
                for row in first_rows(fault.mask)[: MOST - len(tally.examples)]:
                    tally.examples.append(f"{_as_text(plain[row])} in {name(start + row)}")

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
                help="write the data again",
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
        kinds = sorted(str(kind) for kind in self._made)
        return finding(
            codes.OTHER_TYPE,
            f"{self._where()} is stored in several types that no one type holds exactly: {named(kinds)}",
            place(self._column.span),
            help="store the column in the same type in every file",
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


def common_type(kinds: Collection[pa.DataType], default: pa.DataType) -> pa.DataType | None:
    """The type that holds values of all `kinds` exactly; `default` where there are no kinds, None where none does."""
    if not kinds:
        return default
    return next(iter(kinds)) if len(kinds) == 1 else _wider(kinds)


def _wider(kinds: Collection[pa.DataType]) -> pa.DataType | None:
    if all(at.is_integer(kind) for kind in kinds):
        return pa.decimal128(20, 0) if any(at.is_uint64(kind) for kind in kinds) else pa.int64()
    if not all(at.is_integer(kind) or at.is_decimal(kind) for kind in kinds):
        return None
    scale = max(kind.scale if at.is_decimal(kind) else 0 for kind in kinds)
    whole = max(kind.precision - kind.scale if at.is_decimal(kind) else 20 for kind in kinds)
    return pa.decimal256(76, scale) if whole + scale <= 76 else None


def _unpacked(kind: pa.DataType) -> pa.DataType:
    return pa.string() if is_text(kind) else kind


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
