"""Consent and suppression: what the latest records at `as_of` say, for all customers at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow import texts
from segrules.backends.arrow.atoms import in_window
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.ignored import IgnoredCounts, WithoutTime, as_time, seen
from segrules.backends.arrow.population import Population
from segrules.backends.arrow.scanning import Tabular, frames_of
from segrules.backends.arrow.vectors import Flags, Ints, Kind, Vector, joined
from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import ConsentColumns, ConsentStatus, ConsentTable
from segrules.ir.windows import Window
from segrules.reference.outcome import Reason
from segrules.reference.windows import Clock
from segrules.types.instants import EPOCH_DAY, day_number, microseconds

_STATES = ("granted", "withdrawn", "pending", "expired")
_GRANTED, _EXPIRED, _NO_STATUS = 0, 3, 4
_PLACES = {status: _STATES.index(status.value) for status in ConsentStatus}
_UNTIMED = np.iinfo(np.int64).min
_ALL = -1
_EXAMPLES = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Records:
    """Seen records of one channel: whose, what they say (a place in `_STATES`, or `_NO_STATUS`), and when.

    `moment` is when they were made in microseconds (`_UNTIMED` where that is not recorded). `purpose` is the purpose
    of each as a place in `purposes`, or `_ALL`; where it is None, each record is for all of `purposes`, if there are.
    """

    owners: Ints
    state: Ints
    time: Vector | None
    moment: Ints
    purposes: Sequence[str]
    purpose: Ints | None = None

    def covering(self, wanted: str) -> Flags | None:
        """The records that cover a purpose; None for all."""
        if self.purpose is None:
            return None if not self.purposes or wanted in self.purposes else np.zeros(len(self.owners), np.bool_)
        place = self.purposes.index(wanted) if wanted in self.purposes else len(self.purposes)
        flags: Flags = (self.purpose == _ALL) | (self.purpose == place)
        return flags

    def given(self, window: Window, clock: Clock) -> Flags:
        """The records that were made in a window."""
        if self.time is None:
            return np.zeros(len(self.owners), np.bool_)
        flags = in_window(self.time, window, clock)
        assert flags is not None
        return flags if self.time.present is None else flags & self.time.present


class ConsentRecords:
    """All records of consent that are seen."""

    def __init__(self, size: int, clock: Clock, records: Mapping[str, Sequence[_Records]]) -> None:
        self._size = size
        self._clock = clock
        self._records = records

    def granted(self, channel: str, given: Window | None, purposes: tuple[str, ...]) -> Flags:
        """Who gave consent for a channel and for each of the purposes, in the window `given`; over all customers."""
        flags = np.ones(self._size, np.bool_)
        for purpose in purposes or (None,):
            flags &= self._says_yes(self._records.get(channel, ()), given, purpose)
        return flags

    def _says_yes(self, records: Sequence[_Records], given: Window | None, purpose: str | None) -> Flags:
        owners, state, moment, fine = [], [], [], []
        for part in records:
            covering = None if purpose is None else part.covering(purpose)
            made = np.ones(len(part.owners), np.bool_) if given is None else part.given(given, self._clock)
            rows = slice(None) if covering is None else covering
            owners.append(part.owners[rows])
            state.append(part.state[rows])
            moment.append(part.moment[rows])
            fine.append(made[rows])
        found = np.zeros(self._size, np.bool_)
        if not owners:
            return found
        owner = np.concatenate(owners)
        latest = _latest(owner, np.concatenate(moment), self._size)
        yes = (np.concatenate(state) == _GRANTED) & np.concatenate(fine)
        found[owner[latest]] = True
        found[owner[latest & ~yes]] = False
        return found

    def state(self, channel: str) -> Vector:
        """What the latest records say; none without a record, missing where they conflict or say nothing."""
        records = self._records.get(channel, ())
        said = np.full(self._size, _NO_STATUS, np.uint8)
        there = np.zeros(self._size, np.bool_)
        if records:
            owner = np.concatenate([part.owners for part in records])
            moment = np.concatenate([part.moment for part in records])
            latest = _latest(owner, moment, self._size)
            owner, state = owner[latest], np.concatenate([part.state for part in records])[latest]
            said[owner] = state
            said[owner[said[owner] != state]] = _NO_STATUS
            there[owner] = True
        present = said != _NO_STATUS
        return Vector(
            Kind.CODE,
            np.where(present, said, np.uint8(0)),
            present,
            ~there,
            dictionary=pa.array(_STATES),
            distinct=True,
        )


def _latest(owners: Ints, moments: Ints, size: int) -> Flags:
    """The records of each customer's latest time; those without a time where there are no others."""
    newest = np.full(size, _UNTIMED, np.int64)
    np.maximum.at(newest, owners, moments)
    flags: Flags = moments == newest[owners]
    return flags


# --- reading --------------------------------------------------------------------------------------


def read_consents(
    setting: Setting,
    sources: Mapping[str, Tabular],
    population: Population,
    ignored: IgnoredCounts,
    problems: list[Finding],
) -> ConsentRecords:
    """All records of the catalogue's consents; what is wrong with them goes to `problems`."""
    consents = setting.catalogue.consents
    unknown: Counter[str] = Counter()
    records: dict[str, list[_Records]] = {}
    if consents.columns:
        for columns in consents.columns.values():
            made = _from_columns(setting, population, columns, unknown)
            records.setdefault(columns.channel, []).append(made)
    if consents.table is not None:
        source = sources[consents.table.table]
        for channel, made in _from_table(setting, source, consents.table, population, (ignored, problems, unknown)):
            records.setdefault(channel, []).append(made)
    if unknown:
        count = unknown.total()
        have = "1 consent has" if count == 1 else f"{count} consents have"
        problems.append(
            finding(
                codes.UNKNOWN_STATUS,
                f"{have} a status that the catalogue does not know",
                help="add it to `statuses` in the catalogue's `consents`, or mend the data",
                examples=sorted(unknown)[:_EXAMPLES],
            )
        )
    return ConsentRecords(population.size, setting.clock, records)


def _from_columns(setting: Setting, population: Population, columns: ConsentColumns, unknown: Counter[str]) -> _Records:
    """One record at most for each customer."""
    names = [name for name in (columns.state, columns.time, columns.expiry) if name is not None]
    parts: dict[str, list[Vector]] = {name: [] for name in names}
    for _, _, column in population.batches(names):
        for name in parts:
            parts[name].append(column(name))
    vectors = {name: joined(found) for name, found in parts.items()}
    attributes = setting.catalogue.customers.attributes
    status = _statuses(setting, vectors[columns.state], unknown)
    recorded = status != _NO_STATUS
    time = None
    if columns.time is not None:
        time = as_time(vectors[columns.time], attributes[columns.time].type)
        early = seen(time, setting.clock)
        recorded &= early if time.present is None else early | ~time.present
    expiry = None
    if columns.expiry is not None:
        expiry = as_time(vectors[columns.expiry], attributes[columns.expiry].type)
    rows = np.flatnonzero(recorded)
    return _records(setting, rows, rows, (status, time, expiry), columns.purposes, None)


def _records(
    setting: Setting,
    rows: Ints,
    owners: Ints,
    found: tuple[Ints, Vector | None, Vector | None],
    purposes: Sequence[str],
    purpose: Ints | None,
) -> _Records:
    """Records out of some rows of columns."""
    status, time, expiry = found
    state = status[rows]
    if expiry is not None:
        state = np.where((state == _GRANTED) & _over(expiry.take(rows), setting.clock), _EXPIRED, state)
    time = None if time is None else time.take(rows)
    moments = np.full(len(rows), _UNTIMED, np.int64) if time is None else _moments(time, setting.clock)
    return _Records(owners, state, time, moments, purposes, None if purpose is None else purpose[rows])


def _statuses(setting: Setting, cells: Vector, unknown: Counter[str]) -> Ints:
    """What each cell spells, as a place in `_STATES`; spellings that are unknown are counted."""
    if cells.kind is Kind.FLAG:
        status = np.where(cells.data, _GRANTED, _STATES.index("withdrawn"))
    elif cells.kind is Kind.CODE and texts.are_texts(cells):
        words: list[str] = cells.dictionary.to_pylist()
        known = setting.catalogue.consents.statuses
        table = np.array([_PLACES[known[word]] if word in known else _NO_STATUS for word in words], np.int64)
        status = table[cells.data] if len(words) else np.full(len(cells), _NO_STATUS)
        strange = [place for place, word in enumerate(words) if word not in known]
        if strange:
            data = cells.data if cells.present is None else cells.data[cells.present]
            counts = np.bincount(data, minlength=len(words))
            unknown.update({words[place]: int(counts[place]) for place in strange if counts[place]})
    else:
        status = np.full(len(cells), _NO_STATUS)
    return status if cells.present is None else np.where(cells.present, status, _NO_STATUS)


def _over(expiry: Vector, clock: Clock) -> Flags:
    """Whether consent has run out; never where no expiry is recorded."""
    limit = microseconds(clock.as_of) if expiry.kind is Kind.INSTANT else day_number(clock.today)
    flags: Flags = expiry.data <= limit
    return flags if expiry.present is None else flags & expiry.present


def _moments(time: Vector, clock: Clock) -> Ints:
    """When records were made, days at their first instant."""
    moments = time.data
    if time.kind is Kind.DAY:
        days, inverse = np.unique(time.data, return_inverse=True)
        first, last = date.min.toordinal(), date.max.toordinal()
        ordinals = np.clip(days.astype(np.int64) + EPOCH_DAY, first, last)  # anything stands where there is no day
        starts = [microseconds(clock.start(date.fromordinal(day))) for day in ordinals.tolist()]
        moments = np.array(starts, np.int64)[inverse]
    return moments if time.present is None else np.where(time.present, moments, _UNTIMED)


# --- a table of records ---------------------------------------------------------------------------


def _from_table(
    setting: Setting,
    source: Tabular,
    how: ConsentTable,
    population: Population,
    telling: tuple[IgnoredCounts, list[Finding], Counter[str]],
) -> Iterator[tuple[str, _Records]]:
    """The records of each channel in every batch."""
    ignored, problems, unknown = telling
    optional = (how.purpose, how.expiry)
    names = {how.customer, how.channel, how.status, how.time, *(name for name in optional if name is not None)}
    types = source.table.columns
    without = WithoutTime()
    for start, frame in frames_of(setting, source, names):
        status = _statuses(setting, frame.column(how.status), unknown)
        time = as_time(frame.column(how.time), types[how.time].type)
        timed = time.present if time.present is not None else np.ones(frame.rows, np.bool_)
        without.add(start, ~timed)
        keys = frame.column(how.customer)
        owners = population.owners(frame, how.customer)
        ignored.add(None, Reason.UNKNOWN_CUSTOMER, keys, timed & (owners < 0))
        recorded = timed & (owners >= 0) & seen(time, setting.clock)
        expiry = None if how.expiry is None else as_time(frame.column(how.expiry), types[how.expiry].type)
        purposes, purpose = _purposes(None if how.purpose is None else frame.column(how.purpose))
        for channel, rows in _by_channel(frame.column(how.channel), recorded):
            yield channel, _records(setting, rows, owners[rows], (status, time, expiry), purposes, purpose)
    if without.count:
        message = f"`{how.time}` is missing in {{}} of the consents"
        problems.append(without.finding(message, "every consent needs a time; mend the data", setting, source))


def _by_channel(channels: Vector, recorded: Flags) -> Iterator[tuple[str, Ints]]:
    if channels.present is not None:
        # A record without a channel is for one of that name.
        yield "None", np.flatnonzero(recorded & ~channels.present)
        recorded = recorded & channels.present
    if channels.kind is Kind.CODE:
        for code, word in enumerate(channels.dictionary.to_pylist()):
            rows = np.flatnonzero(recorded & (channels.data == code))
            if len(rows):
                yield word, rows


def _purposes(column: Vector | None) -> tuple[list[str], Ints | None]:
    if column is None:
        return [], None
    if column.kind is not Kind.CODE:
        return [], np.full(len(column), _ALL)
    encoded = pc.dictionary_encode(column.dictionary)
    same = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    purpose = same[column.data] if len(same) else np.full(len(column), _ALL)
    if column.present is not None:
        purpose = np.where(column.present, purpose, _ALL)
    return encoded.dictionary.to_pylist(), purpose


def suppressed(setting: Setting, sources: Mapping[str, Tabular], population: Population, name: str) -> Flags:
    """Who stands on a suppression list; over all customers."""
    suppression = setting.catalogue.suppressions[name]
    source = sources[suppression.table]
    flags = np.zeros(population.size, np.bool_)
    for _, frame in frames_of(setting, source, {suppression.customer}):
        owners = population.owners(frame, suppression.customer)
        flags[owners[owners >= 0]] = True
    return flags
