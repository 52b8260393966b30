"""Consent: kept in records of a table, or in columns of the customers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segrules.ir import nodes as ir
from segrules.ir.catalogue import ConsentColumns, ConsentStatus
from segrules.ir.rules import ConsentClause, Granted
from segrules.proofs.encoding import attributes, moments
from segrules.proofs.encoding.meanings import ConsentGiven, ConsentIs, ConsentTime
from segrules.proofs.encoding.values import (
    Boolean,
    Choice,
    Encoded,
    Presence,
    Timed,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import Edge
from segrules.proofs.formulas.logic import (
    FALSE,
    Formula,
    Var,
    constant,
    every,
    flag,
    no,
    some,
)
from segrules.types.types import (
    DateType,
)

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder

_EXPIRED = "expired"


def granted(encoder: "Encoder", clause: ConsentClause, purposes: Sequence[str]) -> Formula:
    """Whether a `consent` clause holds; it is never unknown."""
    return some(every(_granted(encoder, item, purposes) for item in group) for group in clause.any_of)


def _granted(encoder: "Encoder", item: Granted, purposes: Sequence[str]) -> Formula:
    columns = encoder.rules.catalogue.consents.columns.get(item.channel)
    if columns is not None:
        covers = not columns.purposes or all(purpose in columns.purposes for purpose in purposes)
        return every((constant(covers), _by_columns(encoder, columns, item)))
    table = encoder.rules.catalogue.consents.table
    by_purpose = table is not None and table.purpose is not None
    wanted: Sequence[str | None] = purposes if purposes and by_purpose else (None,)
    return every(_by_record(encoder, item, purpose) for purpose in wanted)


def _by_record(encoder: "Encoder", item: Granted, purpose: str | None) -> Formula:
    if purpose is None:
        state = consent_state(encoder, item.channel)
        assert isinstance(state, Choice)
        given = every((state.presence.there, state.when[ConsentStatus.GRANTED.value]))
    else:
        name = f"consent {item.channel} for {purpose}"
        given = flag(name, ConsentGiven(item.channel, purpose))
        encoder.holds(given, no(flag(f"consent.{item.channel} none", ConsentIs(item.channel, None))))
    if item.given is None:
        return given
    table = encoder.rules.catalogue.consents.table
    assert table is not None
    column = encoder.rules.catalogue.tables[table.table].columns[table.time]
    is_date = isinstance(column.type, DateType)
    at = Var(f"consent {item.channel} for {purpose} at", meaning=ConsentTime(item.channel, purpose, is_date))
    position = sums.of(at)
    now = sums.just(1) if is_date else encoder.calendar.position(encoder.calendar.now()).plus(1)
    encoder.always(at, sums.less_or_equal(now, position))
    timed = Timed(
        Presence(),
        is_date,
        (lambda edge: sums.less(edge.days, position))
        if is_date
        else (lambda edge: sums.less(encoder.calendar.position(edge), position)),
    )
    return every(
        [
            given,
            *(moments.lies_within(timed, bound) for bound in moments.bounds_of(encoder, item.given, is_date=is_date)),
        ]
    )


def _by_columns(encoder: "Encoder", columns: ConsentColumns, item: Granted) -> Formula:
    state = _column_states(encoder, columns)
    parts = [state[ConsentStatus.GRANTED.value], no(_unseen(encoder, columns))]
    if item.given is not None:
        if columns.time is None:
            return FALSE
        timed = attributes.attribute(encoder, columns.time)
        assert isinstance(timed, Timed)
        inside = [
            moments.lies_within(timed, bound) for bound in moments.bounds_of(encoder, item.given, is_date=timed.is_date)
        ]
        parts += [timed.presence.there, *inside]
    return every(parts)


def _unseen(encoder: "Encoder", columns: ConsentColumns) -> Formula:
    """That the only record lies in the future, and so is not there."""
    if columns.time is None:
        return FALSE
    timed = attributes.attribute(encoder, columns.time)
    assert isinstance(timed, Timed)
    now = encoder.calendar.today() if timed.is_date else encoder.calendar.now()
    return every((timed.presence.there, no(timed.before(now))))


def _column_states(encoder: "Encoder", columns: ConsentColumns) -> dict[str, Formula]:
    """When the columns of a channel say granted, withdrawn, pending and expired."""
    column = encoder.rules.catalogue.customers.attributes[columns.state]
    value = attributes.attribute(encoder, columns.state)
    said: dict[str, Formula] = {}
    if isinstance(value, Boolean):
        said = {
            ConsentStatus.GRANTED.value: every((value.presence.there, value.true)),
            ConsentStatus.WITHDRAWN.value: every((value.presence.there, no(value.true))),
            ConsentStatus.PENDING.value: FALSE,
        }
    else:
        spelled = encoder.rules.catalogue.consents.statuses
        attribute = ir.Attribute(columns.state, column.type)
        for status in ConsentStatus:
            texts = sorted(text for text, of in spelled.items() if of is status)
            choices = tuple(ir.Literal(text, column.type) for text in texts)
            said[status.value] = encoder.truth(ir.OneOf(attribute, choices)).true if choices else FALSE
    if columns.expiry is None:
        return {**said, _EXPIRED: FALSE}
    expiry = attributes.attribute(encoder, columns.expiry)
    assert isinstance(expiry, Timed)
    now = encoder.calendar.today() if expiry.is_date else encoder.calendar.now()
    # A bare date is the first day without.
    after = Edge(now.days.plus(-1)) if expiry.is_date else Edge(now.days, moments.micros_of(now).plus(-1))
    over = every((expiry.presence.there, expiry.before(after)))
    granted = said[ConsentStatus.GRANTED.value]
    return {**said, ConsentStatus.GRANTED.value: every((granted, no(over))), _EXPIRED: every((granted, over))}


def consent_state(encoder: "Encoder", channel: str) -> Encoded:
    """The state of consent for a channel, as a value."""
    columns = encoder.rules.catalogue.consents.columns.get(channel)
    if columns is not None:
        states = _column_states(encoder, columns)
        unseen = _unseen(encoder, columns)
        return Choice(Presence(FALSE, some((unseen, no(some(states.values()))))), states)
    names = [*(status.value for status in ConsentStatus), _EXPIRED]
    when = {name: flag(f"consent.{channel} {name}", ConsentIs(channel, name)) for name in names}
    none = flag(f"consent.{channel} none", ConsentIs(channel, None))
    missing = flag(f"consent.{channel} missing", ConsentIs(channel, "missing"))
    alone = [*when.values(), none, missing]
    if alone[0].name not in encoder.axioms:
        pairs = [no(every((a, b))) for place, a in enumerate(alone) for b in alone[place + 1 :]]
        table = encoder.rules.catalogue.consents.table
        if table is None or table.expiry is None:
            pairs.append(no(when[_EXPIRED]))
        for item in alone:
            encoder.axioms[item.name] = [some(alone), *pairs]
    return Choice(Presence(missing, none), dict(when))
