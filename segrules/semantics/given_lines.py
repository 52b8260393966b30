"""The `given` lines of one test, or of a fixture, gathered into customers.

Lines speak, one after the other, of the customer named last above them; where none is named, of the one customer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, Related
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir import nodes as ir_nodes
from segrules.ir import testcases as ir
from segrules.ir.catalogue import Column
from segrules.semantics.drafts import Draft, NotedConsent, put
from segrules.semantics.expressions import CONSENT_STATES, Binder
from segrules.semantics.given import Values
from segrules.semantics.symbols import Symbols
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.cells import Key
from segrules.types.types import BooleanType, IntegerType, TimestampType, Type

_RECORD = ("purpose", "expiry")
"""What a consent record can say beside its state and time."""


class Owner(Protocol):
    """What lines need of whoever binds the test that they stand in."""

    @property
    def names(self) -> Symbols:
        """All names of the rule set."""

    @property
    def binder(self) -> Binder:
        """Binds references."""

    @property
    def values(self) -> Values:
        """Types values and times."""

    @property
    def lists(self) -> Collection[str]:
        """The paths of list files."""

    def fixture_named(self, name: nodes.Name) -> nodes.FixtureBlock | None:
        """The fixture of this name; else a finding says what stands there."""

    def key(self, node: nodes.Text | nodes.Number, of: Type | None = None) -> Key | None:
        """A key of a type: of customers, where none is given."""

    def report(
        self, code: Code, message: str, span: Span, help_: str | None = None, related: Sequence[Related] = ()
    ) -> None:
        """Note what is wrong."""

    def note(self, found: Finding | None) -> None:
        """Note a finding, if it is one."""


class Lines:
    """The `given` lines of one test, or of a fixture, gathered into customers."""

    def __init__(self, owner: Owner, as_of: datetime | None, *, fixture: bool = False) -> None:
        self._owner = owner
        self._as_of = as_of
        self._catalogue = owner.names.catalogue
        self._drafts: dict[Key | None, Draft] = {}
        self._current: Key | None = None
        self._in_fixture = fixture
        self._rows: dict[tuple[str, Key], dict[str, tuple[ir_nodes.Literal, bool]]] = {}
        self.lists: dict[str, frozenset[str]] = {}

    def add(self, item: nodes.GivenText) -> None:
        """Take in one line."""
        match item:
            case nodes.GivenCustomerText():
                self._customer(item)
            case nodes.GivenEventText():
                self._event(item)
            case nodes.GivenConsentText():
                self._consent(item)
            case nodes.GivenRowText():
                self._row(item)
            case nodes.GivenListText():
                self._list(item)
            case nodes.GivenFixtureText(name):
                block = self._owner.fixture_named(name)
                self._in_fixture = True
                for line in () if block is None else block.given:
                    if not isinstance(line, nodes.GivenFixtureText):
                        self.add(line)
                self._in_fixture = False

    def customers(self, span: Span) -> tuple[ir.GivenCustomer, ...]:
        """All customers, in the order in which they are named; the one customer where nothing is said."""
        nameless = self._drafts.get(None)
        if nameless is not None and len(self._drafts) > 1:
            message = "this line names no customer, and others of this test do"
            help_ = "put it below the line of the customer whom it speaks of, or name the customer"
            self._owner.report(codes.WHICH_CUSTOMER, message, nameless.span, help_)
        return tuple(
            draft.customer() for draft in (self._drafts or {None: Draft(None, span, self._catalogue)}).values()
        )

    @property
    def rows(self) -> tuple[ir.GivenRow, ...]:
        """The rows to which relations lead."""
        return tuple(
            ir.GivenRow(table, key, {name: value for name, (value, _) in values.items()})
            for (table, key), values in self._rows.items()
        )

    def _draft(self, key: nodes.Text | nodes.Number | None, span: Span) -> Draft | None:
        """The customer that a line speaks of; a key that is none has a finding."""
        if key is not None:
            found = self._owner.key(key)
            if found is None:
                return None
            self._current = found
        if self._current not in self._drafts:
            self._drafts[self._current] = Draft(self._current, span, self._catalogue)
        return self._drafts[self._current]

    # --- customers

    def _customer(self, item: nodes.GivenCustomerText) -> None:
        draft = self._draft(item.key, item.span)
        for assignment in item.assignments:
            if draft is not None:
                self._attribute(draft, assignment)

    def _attribute(self, draft: Draft, item: nodes.AssignmentText) -> None:
        first, *rest = item.target.parts
        names, values = self._owner.names, self._owner.values
        attributes = self._catalogue.customers.attributes
        own = not self._in_fixture
        if not rest and first.text in attributes:
            found = values.value(item, attributes[first.text])
            if found is not None:
                self._clash(draft.attribute(first.text, found, own=own), item)
        elif len(rest) == 1 and first.text == "consent":
            self._owner.binder.channel(rest[0])
            state = self._state(item)
            if state is not None and rest[0].text in self._catalogue.consents.channels:
                self._noted(draft, NotedConsent(rest[0], state, None, None, None, own, item.span))
        elif len(rest) == 1 and first.text == "suppression" and names.kind(first.text) is None:
            self._suppression(draft, rest[0], item)
        elif len(rest) == 1 and names.kind(first.text) == "score":
            bound = self._owner.binder.expression(item.target)
            if isinstance(bound, ir_nodes.Band):
                self._band(draft, bound, item)
        elif names.kind(first.text) in ("define", "segment", "partition", "score"):
            kind = names.kind(first.text)
            help_ = "give what it reads" if kind != "score" else f"give one of its bands: `{first.text}.RANK = 3`"
            self._owner.report(
                codes.WRONG_KIND, f"`{first.text}` is a {kind}, which is worked out", item.target.span, help_
            )
        else:
            self._owner.note(names.unknown(item.target.text, item.target.span, "an attribute", attributes))

    def _band(self, draft: Draft, band: ir_nodes.Band, item: nodes.AssignmentText) -> None:
        whole = _column_of(IntegerType())
        found = self._owner.values.value(item, whole)
        if found is not None:
            self._clash(draft.band((band.score, band.rank), found, own=not self._in_fixture), item)

    def _suppression(self, draft: Draft, name: nodes.Name, item: nodes.AssignmentText) -> None:
        known = self._catalogue.suppressions
        if name.text not in known:
            self._owner.note(self._owner.names.unknown(name.text, name.span, "a suppression list", known))
            return
        column = _column_of(BooleanType())
        found = self._owner.values.value(item, column)
        if found is not None:
            self._clash(draft.suppression(name.text, found, own=not self._in_fixture), item)

    def _clash(self, before: Span | None, item: nodes.AssignmentText) -> None:
        if before is not None:
            related = [Related(before, "the other one stands here")]
            message = f"`{item.target.text}` is given two values"
            self._owner.report(codes.GIVEN_TWICE, message, item.span, "leave one of them out", related)

    # --- events, consents and lists

    def _event(self, item: nodes.GivenEventText) -> None:
        names, values = self._owner.names, self._owner.values
        draft = self._draft(item.by, item.span)
        event = self._catalogue.events.get(item.event.text)
        if event is None:
            found = names.unknown(item.event.text, item.event.span, "an event", self._catalogue.events)
            self._owner.note(found)
            return
        shown = f"the event `{event.name}`"
        at = values.time(item.at, self._as_of, self._catalogue.tables[event.table].columns[event.time].type, shown)
        given: dict[str, ir_nodes.Literal] = {}
        for assignment in item.assignments:
            name = assignment.target.text
            if name not in event.properties:
                what = "a property of this event"
                self._owner.note(names.unknown(name, assignment.target.span, what, event.properties))
                continue
            value = values.value(assignment, event.properties[name])
            if name in given:
                self._clash(given[name].span, assignment)
            elif value is not None:
                given[name] = value
        if at is None or self._as_of is None or draft is None:
            return
        values.unseen(at, self._as_of, "this event", item.at.span)
        draft.events.append(ir.GivenEvent(event.name, at, given, item.span))

    def _consent(self, item: nodes.GivenConsentText) -> None:
        draft = self._draft(item.by, item.span)
        self._owner.binder.channel(item.channel)
        channel = item.channel.text
        consents = self._catalogue.consents
        if channel not in consents.channels:
            return
        kept = consents.columns.get(channel)
        of: Type = TimestampType()
        if kept is not None:
            if kept.time is None:
                message = f"the catalogue keeps no time for consent to `{channel}`"
                help_ = f'write `given customer with consent.{channel} = "{item.status.value}"`'
                self._owner.report(codes.WRONG_KIND, message, item.at.span, help_)
                return
            of = self._catalogue.customers.attributes[kept.time].type
        elif consents.table is not None:
            of = self._catalogue.tables[consents.table.table].columns[consents.table.time].type
        state = self._state(nodes.AssignmentText(nodes.Ref((item.channel,), item.channel.span), item.status, item.span))
        at = self._owner.values.time(item.at, self._as_of, of, "this consent")
        purpose, expiry = self._record(item, channel)
        if state is None or at is None or self._as_of is None or draft is None:
            return
        self._owner.values.unseen(at, self._as_of, "this consent", item.at.span)
        self._noted(draft, NotedConsent(item.channel, state, at, purpose, expiry, not self._in_fixture, item.span))

    def _record(
        self, item: nodes.GivenConsentText, channel: str
    ) -> tuple[ir_nodes.Literal | None, ir_nodes.Literal | None]:
        """The purpose and the expiry of a consent record."""
        found: dict[str, ir_nodes.Literal | None] = dict.fromkeys(_RECORD)
        for assignment in item.assignments:
            name = assignment.target.text
            if name not in _RECORD:
                self._owner.note(
                    self._owner.names.unknown(name, assignment.target.span, "a part of a consent", _RECORD)
                )
                continue
            of = self._kept_as(channel, name)
            if of is None:
                message = f"the catalogue keeps no {name} for consent to `{channel}`"
                self._owner.report(codes.WRONG_KIND, message, assignment.span, "leave it out")
                continue
            value = self._owner.values.value(assignment, _column_of(of))
            purposes = self._catalogue.consents.purposes
            if value is not None and name == "purpose" and purposes and value.value not in purposes:
                shown = assignment.value.span
                self._owner.note(
                    self._owner.names.unknown(str(value.value), shown, "a purpose of the catalogue", purposes)
                )
                continue
            if found[name] is not None:
                self._clash(found[name].span, assignment)  # type: ignore[union-attr]  # just looked at
            found[name] = value
        return found["purpose"], found["expiry"]

    def _kept_as(self, channel: str, name: str) -> Type | None:
        """The type of the column in which a part of a consent record is kept; None where there is none."""
        consents, attributes = self._catalogue.consents, self._catalogue.customers.attributes
        kept = consents.columns.get(channel)
        if kept is not None:
            return attributes[kept.expiry].type if name == "expiry" and kept.expiry is not None else None
        if consents.table is None:
            return None
        column = consents.table.purpose if name == "purpose" else consents.table.expiry
        return None if column is None else self._catalogue.tables[consents.table.table].columns[column].type

    def _state(self, item: nodes.AssignmentText) -> ir_nodes.Literal | None:
        return self._owner.values.value(item, _column_of(CONSENT_STATES))

    def _noted(self, draft: Draft, noted: NotedConsent) -> None:
        for message, span, related in draft.consent(noted, self._as_of):
            at = [Related(related, "the other one stands here")] if related is not None else []
            self._owner.report(codes.GIVEN_TWICE if at else codes.WRONG_KIND, message, span, None, at)

    def _row(self, item: nodes.GivenRowText) -> None:
        names, relations = self._owner.names, self._catalogue.relations
        relation = relations.get(item.relation.text)
        if relation is None:
            self._owner.note(names.unknown(item.relation.text, item.relation.span, "a relation", relations))
            return
        table = self._catalogue.tables[relation.table]
        assert table.key is not None
        key = self._owner.key(item.key, table.columns[table.key].type)
        columns = {name: column for name, column in table.columns.items() if name != table.key and not column.derive}
        values = {} if key is None else self._rows.setdefault((table.name, key), {})
        for assignment in item.assignments:
            name = assignment.target.text
            if name not in columns:
                what = f"a column that is stored in the table `{table.name}`"
                self._owner.note(names.unknown(name, assignment.target.span, what, columns))
                continue
            value = self._owner.values.value(assignment, columns[name])
            if value is not None:
                self._clash(put(values, name, value, own=not self._in_fixture), assignment)

    def _list(self, item: nodes.GivenListText) -> None:
        path = item.path.value
        if path not in self._owner.lists:
            help_ = did_you_mean(path, self._owner.lists)
            self._owner.report(codes.UNKNOWN_NAME, f"no rule reads a list `{path}`", item.path.span, help_)
            return
        entries = []
        for part in item.items.items:
            if isinstance(part, nodes.Text | nodes.Number):
                entries.append(str(part.value))
            else:
                self._owner.report(codes.TYPE_MISMATCH, "entries of a list are text or numbers", part.span)
        self.lists[path] = self.lists.get(path, frozenset()) | frozenset(entries)


def _column_of(of: Type) -> Column:
    """A column of a type, for what has none of its own."""
    return Column("", of, "")
