"""A customer of a test while its lines are read: what is given, once each, and what overrides what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from segrules.ir import testcases as ir
from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Literal, Property
from segrules.ir.walk import descendants
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.cells import Key
from segrules.types.types import BooleanType, DateType
from segrules.types.zones import local_day, zone

_Problem = tuple[str, Span, Span | None]


@dataclass(frozen=True, slots=True)
class NotedConsent:
    """A consent as a test gives it; `at` None where it gives the state alone, `own` where no fixture gives it."""

    channel: nodes.Name
    state: Literal
    at: date | datetime | None
    purpose: Literal | None
    expiry: Literal | None
    own: bool
    span: Span


@dataclass(slots=True)
class Draft:
    """All that is given of one customer so far. What a test says itself overrides what its fixtures say."""

    key: Key | None
    span: Span
    catalogue: Catalogue
    events: list[ir.GivenEvent] = field(default_factory=list)
    _attributes: dict[str, tuple[Literal, bool]] = field(default_factory=dict)
    _bands: dict[tuple[str, str], tuple[Literal, bool]] = field(default_factory=dict)
    _suppressions: dict[str, tuple[Literal, bool]] = field(default_factory=dict)
    _consents: list[tuple[ir.GivenConsent, bool]] = field(default_factory=list)

    def attribute(self, name: str, value: Literal, *, own: bool) -> Span | None:
        """Give an attribute; where it has another value already, or is worked out of one that has, that one's place."""
        column = self.catalogue.customers.attributes[name]
        if name == self.catalogue.customers.key.name and self.key not in (None, value.value):
            return self.span
        for channel, columns in self.catalogue.consents.columns.items():
            for consent, _ in self._consents if columns.state == name else ():
                if consent.channel == channel:
                    return consent.span
        if column.derive is not None:
            for node in descendants(column.derive):
                if isinstance(node, Property) and node.name in self._attributes:
                    return self._attributes[node.name][0].span
        for other, (given, _) in self._attributes.items():
            derive = self.catalogue.customers.attributes[other].derive
            if derive is not None and any(isinstance(n, Property) and n.name == name for n in descendants(derive)):
                return given.span
        return put(self._attributes, name, value, own=own)

    def band(self, rank: tuple[str, str], value: Literal, *, own: bool) -> Span | None:
        """Set a score's band outright; where it has another already, that one's place."""
        return put(self._bands, rank, value, own=own)

    def suppression(self, name: str, value: Literal, *, own: bool) -> Span | None:
        """Say whether the customer stands on a suppression list; where the contrary was said, its place."""
        return put(self._suppressions, name, value, own=own)

    def consent(self, noted: NotedConsent, as_of: datetime | None) -> Iterator[_Problem]:
        """Give a consent; what is wrong with it, and the place of what it contradicts."""
        channel = noted.channel.text
        columns = self.catalogue.consents.columns.get(channel)
        same = [(given, own) for given, own in self._consents if given.channel == channel]
        if columns is not None and columns.state in self._attributes:
            yield (
                f"`{columns.state}` holds the consent to `{channel}`, and both are given",
                noted.span,
                self._attributes[columns.state][0].span,
            )
            return
        if noted.own and any(not own for _, own in same):
            self._consents = [item for item in self._consents if item[0].channel != channel or item[1]]
            same = [item for item in same if item[1]]
        if not noted.own and any(own for _, own in same):
            return
        alone = noted.at is None or columns is not None
        if same and (alone or any(given.at is None for given, _ in same)):
            if noted.at is not None or same[-1][0].state != noted.state.value:
                yield f"consent to `{channel}` is given twice", noted.span, same[-1][0].span
            return
        state, expiry = str(noted.state.value), None if noted.expiry is None else noted.expiry.value
        if state == "expired" and expiry is None:
            expiry = None if as_of is None else self._over(channel, as_of)
            if expiry is None and as_of is not None:
                yield f"the catalogue keeps no expiry for consent to `{channel}`", noted.span, None
                return
        if columns is not None and not self._spelled(columns.state, state):
            yield f"`{columns.state}`, which holds the consent to `{channel}`, cannot say `{state}`", noted.span, None
            return
        purpose = None if noted.purpose is None else str(noted.purpose.value)
        assert expiry is None or isinstance(expiry, date)
        self._consents.append((ir.GivenConsent(channel, state, noted.at, purpose, expiry, noted.span), noted.own))

    def customer(self) -> ir.GivenCustomer:
        """The customer as it stands in the test."""
        named = self._attributes.get(self.catalogue.customers.key.name)
        key = named[0].value if self.key is None and named is not None else self.key
        assert key is None or isinstance(key, int | str)
        on = frozenset(name for name, (value, _) in self._suppressions.items() if value.value is True)
        return ir.GivenCustomer(
            key,
            {name: value for name, (value, _) in self._attributes.items()},
            {rank: value for rank, (value, _) in self._bands.items()},
            tuple(self.events),
            tuple(given for given, _ in self._consents),
            on,
            self.span,
        )

    def _over(self, channel: str, as_of: datetime) -> date | datetime | None:
        """An expiry at which consent is just over."""
        consents = self.catalogue.consents
        columns = consents.columns.get(channel)
        if columns is not None:
            of = None if columns.expiry is None else self.catalogue.customers.attributes[columns.expiry].type
        elif consents.table is not None and consents.table.expiry is not None:
            of = self.catalogue.tables[consents.table.table].columns[consents.table.expiry].type
        else:
            of = None
        if of is None:
            return None
        return local_day(as_of, zone(self.catalogue.zone)) if isinstance(of, DateType) else as_of - timedelta(seconds=1)

    def _spelled(self, column: str, state: str) -> bool:
        """Whether a column can hold a state."""
        if isinstance(self.catalogue.customers.attributes[column].type, BooleanType):
            return state != "pending"
        wanted = "granted" if state == "expired" else state
        return any(status.value == wanted for status in self.catalogue.consents.statuses.values())


def put(into: dict, name: object, value: Literal, *, own: bool) -> Span | None:  # type: ignore[type-arg]  # keys of several kinds
    """Note a value, unless the test itself gave one before; of two values that contradict, the place of the first."""
    before = into.get(name)
    if before is None or (own and not before[1]):
        into[name] = (value, own)
        return None
    if before[1] and not own:
        return None
    return None if before[0].value == value.value else before[0].span
