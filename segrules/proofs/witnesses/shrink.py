"""A customer who shows something into the smallest one, with plain values, who still shows it.

First facts are left out, many at once and then fewer, as in delta debugging; then the values that stay are made
simpler one by one. The order is fixed and so is the number of tries, so that the same customer shrinks the same way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from segrules.ir.build import rounded
from segrules.ir.nodes import Literal
from segrules.ir.testcases import GivenConsent, GivenCustomer, GivenEvent
from segrules.types.types import FloatType, TextType
from segrules.types.zones import local_day, start_of_day, zone

Place = tuple[str, str]
"""Where a value stands: the event (empty for attributes), and the name."""

Proposed = Callable[[Place, Literal], Iterable[Literal]]
"""Values that are plainer than the one in hand, best first, such as bounds that the rules name."""

TRIES = 300

_SHORT = 12
"""Texts of so many letters may stay as they are."""

_Fact = tuple[str, Any]
_Holds = Callable[[GivenCustomer], bool]


def shrink(
    given: GivenCustomer,
    holds: _Holds,
    *,
    zone_name: str = "UTC",
    proposed: Proposed | None = None,
    tries: int = TRIES,
) -> GivenCustomer:
    """The customer with as few facts, and as plain values, as `holds` lets be; asked `tries` times at most.

    `holds` is true of `given`, and has to be false where something is left out that cannot be missing, as
    `Replayer.holds` is. Times become days of the zone where they can.
    """
    shrinking = _Shrinking(given, holds, tries)
    shrinking.leave_out(_facts)
    shrinking.leave_out(_parts)
    plainer = _Plainer(zone_name, proposed)
    for simplify in (_event_times, _consent_times, _values):
        simplify(shrinking, plainer)
    shrinking.leave_out(_facts, 1)  # what plainer values have made needless
    return shrinking.best


class _Shrinking:
    """The best customer so far, and how many more may be tried."""

    def __init__(self, given: GivenCustomer, holds: _Holds, tries: int) -> None:
        self.best = given
        self._holds = holds
        self._left = tries

    def attempt(self, candidate: GivenCustomer) -> bool:
        """Take a candidate where it holds."""
        if self._left <= 0:
            return False
        self._left -= 1
        if not self._holds(candidate):
            return False
        self.best = candidate
        return True

    def leave_out(self, facts_of: Callable[[GivenCustomer], list[_Fact]], most: int | None = None) -> None:
        """Leave out facts: all (or `most`), halves, quarters and so on down to single ones, until all are needed."""
        size = most or max(len(facts_of(self.best)), 1)
        while True:
            dropped = self._leave_out_by(size, facts_of)
            if size == 1 and not dropped:
                return
            size = max((size + 1) // 2, 1)

    def _leave_out_by(self, size: int, facts_of: Callable[[GivenCustomer], list[_Fact]]) -> bool:
        """Go through the facts in pieces of a size; whether any piece could be left out."""
        dropped, start = False, 0
        while start < len(facts := facts_of(self.best)):
            if self.attempt(_without(self.best, set(facts[start : start + size]))):
                dropped = True
            else:
                start += size
        return dropped


# --- facts


def _facts(given: GivenCustomer) -> list[_Fact]:
    """What a customer is made of, the least telling first."""
    # The key goes where no attribute repeats it.
    keyed = given.key is not None and all(value.value != given.key for value in given.attributes.values())
    return [
        *(("suppression", name) for name in sorted(given.suppressions)),
        *(("band", rank) for rank in given.bands),
        *(("consent", place) for place in range(len(given.consents))),
        *(("event", place) for place in range(len(given.events))),
        *(("attribute", name) for name in given.attributes),
        *([("key", "")] if keyed else []),
    ]


def _parts(given: GivenCustomer) -> list[_Fact]:
    """What single facts are made of: properties of events, and what consents say beside their state."""
    return [
        *(("property", (place, name)) for place, event in enumerate(given.events) for name in event.properties),
        *(("purpose", place) for place, consent in enumerate(given.consents) if consent.purpose is not None),
        *(("expiry", place) for place, consent in enumerate(given.consents) if consent.expiry is not None),
    ]


def _without(given: GivenCustomer, out: set[_Fact]) -> GivenCustomer:
    events = [
        replace(
            event,
            properties={
                name: value for name, value in event.properties.items() if ("property", (place, name)) not in out
            },
        )
        for place, event in enumerate(given.events)
        if ("event", place) not in out
    ]
    consents = [
        replace(
            consent,
            purpose=None if ("purpose", place) in out else consent.purpose,
            expiry=None if ("expiry", place) in out else consent.expiry,
        )
        for place, consent in enumerate(given.consents)
        if ("consent", place) not in out
    ]
    return replace(
        given,
        key=None if ("key", "") in out else given.key,
        attributes={name: value for name, value in given.attributes.items() if ("attribute", name) not in out},
        bands={rank: value for rank, value in given.bands.items() if ("band", rank) not in out},
        events=tuple(events),
        consents=tuple(consents),
        suppressions=frozenset(name for name in given.suppressions if ("suppression", name) not in out),
    )


# --- values


@dataclass(frozen=True)
class _Plainer:
    """Values that are plainer than others."""

    zone_name: str
    proposed: Proposed | None

    def moments(self, at: date | datetime) -> list[datetime]:
        """Of an instant the first one of its day, of the next day, and its hour."""
        if not isinstance(at, datetime):
            return []
        of = zone(self.zone_name)
        try:
            day = local_day(at, of)
            found = [start_of_day(day, of), start_of_day(day + timedelta(days=1), of)]
        except OverflowError:  # the ends of the calendar
            return []
        return [] if at in found else [*found, at.replace(minute=0, second=0, microsecond=0)]

    def literals(self, place: Place, literal: Literal) -> Iterator[Literal]:
        """Plainer values of the same type, the plainest first."""
        seen = [literal.value]
        wanted = [] if self.proposed is None else list(self.proposed(place, literal))
        values = [item.value for item in wanted]
        if literal.value in values:  # what was wanted less, or never, is not plainer
            wanted, near = wanted[: values.index(literal.value)], []
        else:
            near = [replace(literal, value=value) for value in self._near(literal)]
        for candidate in (*wanted, *near):
            if candidate.value not in seen:
                seen.append(candidate.value)
                yield candidate

    def _near(self, literal: Literal) -> Iterable[Any]:
        value = literal.value
        if isinstance(value, bool):
            return ()
        if isinstance(value, int | Fraction):
            whole = _rounder(Fraction(value))
            return (
                [rounded(Fraction(number), literal.type) for number in whole]
                if isinstance(literal.type, FloatType)
                else whole
            )
        if isinstance(value, datetime):
            return self.moments(value)
        if isinstance(value, str) and not (isinstance(literal.type, TextType) and literal.type.values is not None):
            return _shorter(value)
        if isinstance(value, tuple):
            return [value[:place] + value[place + 1 :] for place in range(len(value))]
        return ()


def _rounder(value: Fraction) -> list[int | Fraction]:
    """1, 0, and numbers near by with fewer digits, those with the fewest first; whole ones for whole numbers."""
    if value in (0, 1):
        return []
    found: list[int | Fraction] = [1, 0] if value > 0 else [-1, 0]
    for power in range(len(str(abs(value.numerator) // value.denominator)) - 1, -3, -1):
        unit = Fraction(10) ** power
        down = value // unit * unit
        if down == value:
            break
        found += [_plain(number) for number in (down, down + unit)]
    return found


def _plain(number: Fraction) -> int | Fraction:
    return int(number) if number.denominator == 1 else number


def _shorter(text: str) -> list[str]:
    """Texts with fewer letters, and one of plain letters; none for a short text of plain letters."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "a" for letter in text)
    if len(text) <= _SHORT:
        return [plain]
    return [text[:1], text[:_SHORT], text[: len(text) // 2], text[:-1], plain]


def _event_times(shrinking: _Shrinking, plainer: _Plainer) -> None:
    for place in range(len(shrinking.best.events)):
        for at in plainer.moments(shrinking.best.events[place].at):
            if shrinking.attempt(_with_event(shrinking.best, place, replace(shrinking.best.events[place], at=at))):
                break


def _consent_times(shrinking: _Shrinking, plainer: _Plainer) -> None:
    for place in range(len(shrinking.best.consents)):
        consent = shrinking.best.consents[place]
        if consent.at is None:
            continue
        alone = sum(other.channel == consent.channel for other in shrinking.best.consents) == 1
        bare = alone and consent.purpose is None and consent.expiry is None
        if bare and shrinking.attempt(_with_consent(shrinking.best, place, replace(consent, at=None))):
            continue
        for at in plainer.moments(consent.at):
            if shrinking.attempt(_with_consent(shrinking.best, place, replace(consent, at=at))):
                break


@dataclass(frozen=True)
class _Slot:
    """An attribute, or where `event` is set a property of one event."""

    event: int | None
    name: str

    def place(self, given: GivenCustomer) -> Place:
        return ("" if self.event is None else given.events[self.event].event), self.name

    def values(self, given: GivenCustomer) -> Mapping[str, Literal]:
        return given.attributes if self.event is None else given.events[self.event].properties

    def with_value(self, given: GivenCustomer, value: Literal) -> GivenCustomer:
        values = {**self.values(given), self.name: value}
        if self.event is None:
            return replace(given, attributes=values)
        return _with_event(given, self.event, replace(given.events[self.event], properties=values))


def _values(shrinking: _Shrinking, plainer: _Plainer) -> None:
    slots = [_Slot(None, name) for name in shrinking.best.attributes]
    slots += [_Slot(place, name) for place, event in enumerate(shrinking.best.events) for name in event.properties]
    for slot in slots:
        while _simplified(shrinking, plainer, slot):
            pass


def _simplified(shrinking: _Shrinking, plainer: _Plainer, slot: _Slot) -> bool:
    """Take the first plainer value that holds; whether a still plainer one may be near."""
    value = slot.values(shrinking.best)[slot.name]
    for candidate in plainer.literals(slot.place(shrinking.best), value):
        if shrinking.attempt(slot.with_value(shrinking.best, candidate)):
            return isinstance(value.value, str | tuple)
    return False


def _with_event(given: GivenCustomer, place: int, event: GivenEvent) -> GivenCustomer:
    return replace(given, events=(*given.events[:place], event, *given.events[place + 1 :]))


def _with_consent(given: GivenCustomer, place: int, consent: GivenConsent) -> GivenCustomer:
    return replace(given, consents=(*given.consents[:place], consent, *given.consents[place + 1 :]))
