"""Consent: what the latest record at `as_of` says, for a channel and for every purpose of a segment."""

from collections.abc import Sequence
from datetime import date, datetime

from segrules.ir.catalogue import ConsentStatus
from segrules.ir.rules import ConsentClause, Granted
from segrules.reference.values import MISSING, NONE, Absent, Result
from segrules.reference.windows import Clock, holds
from segrules.reference.world import ConsentRecord, Customer

_EXPIRED = "expired"


def granted(customer: Customer, clause: ConsentClause, purposes: Sequence[str], clock: Clock) -> bool:
    """Whether a `consent` clause holds: true or false, never unknown."""
    return any(all(_one(customer, item, purposes, clock) for item in group) for group in clause.any_of)


def state(customer: Customer, channel: str, clock: Clock) -> Result:
    """`consent.email` as a value: none without a record, missing where the latest ones conflict."""
    latest = _latest([record for record in customer.consents if record.channel == channel], clock)
    if not latest:
        return NONE
    states = {_state(record, clock) for record in latest}
    return states.pop() if len(states) == 1 else MISSING


def _one(customer: Customer, item: Granted, purposes: Sequence[str], clock: Clock) -> bool:
    records = [record for record in customer.consents if record.channel == item.channel]
    if not purposes:
        return _says_yes(records, item, clock)
    covering = (
        [record for record in records if not record.purposes or purpose in record.purposes] for purpose in purposes
    )
    return all(_says_yes(covers, item, clock) for covers in covering)


def _says_yes(records: list[ConsentRecord], item: Granted, clock: Clock) -> bool:
    latest = _latest(records, clock)
    return bool(latest) and all(
        _state(record, clock) == ConsentStatus.GRANTED.value and _given(record, item, clock) for record in latest
    )


def _given(record: ConsentRecord, item: Granted, clock: Clock) -> bool:
    if item.given is None:
        return True
    return record.time is not None and holds(item.given, record.time, clock)


def _state(record: ConsentRecord, clock: Clock) -> str | Absent:
    """What a record says; missing where it has no status."""
    if record.status is None:
        return MISSING
    if record.status is ConsentStatus.GRANTED and record.expiry is not None and _over(record.expiry, clock):
        return _EXPIRED
    return record.status.value


def _over(expiry: date | datetime, clock: Clock) -> bool:
    """Whether consent has run out: its expiry is not after `as_of`; a bare date is the first day without."""
    return expiry <= clock.as_of if isinstance(expiry, datetime) else expiry <= clock.today


def _latest(records: list[ConsentRecord], clock: Clock) -> list[ConsentRecord]:
    """The records of the latest time; one whose time is not known is the only one there is."""
    timed = [(_moment(record.time, clock), record) for record in records if record.time is not None]
    if not timed:
        return records
    newest = max(moment for moment, _ in timed)
    return [record for moment, record in timed if moment == newest]


def _moment(time: date | datetime, clock: Clock) -> datetime:
    return time if isinstance(time, datetime) else clock.start(time)
