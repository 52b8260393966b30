"""`test` and `fixture` blocks into tests that stand by themselves: fixtures resolved, names and values checked.

Lines speak, one after the other, of the customer named last above them; where none is named, of the one customer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from fractions import Fraction

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, Related, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir import nodes as ir_nodes
from segrules.ir import testcases as ir
from segrules.ir.build import negation
from segrules.ir.catalogue import Column
from segrules.semantics.drafts import Draft, NotedConsent
from segrules.semantics.expressions import CONSENT_STATES, Binder
from segrules.semantics.given import Values
from segrules.semantics.symbols import Symbols
from segrules.semantics.typing import Typing
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.cells import Key
from segrules.types.types import BooleanType, IntegerType, TextType, TimestampType, Type, UnknownType
from segrules.types.zones import zone

_RECORD = ("purpose", "expiry")
"""What a consent record can say beside its state and time."""


class TestBinder:
    """Binds the tests and fixtures of a rule set; `lists` are the paths of the list files that its rules read."""

    def __init__(self, names: Symbols, binder: Binder, lists: Collection[str], findings: list[Finding]) -> None:
        self._names = names
        self._binder = binder
        self._lists = lists
        self._findings = findings
        self._values = Values(zone(names.catalogue.zone), findings)

    def fixture(self, block: nodes.FixtureBlock) -> None:
        """Check a fixture by itself; its times are resolved for each test that names it."""
        lines = _Lines(self, None, fixture=True)
        for item in block.given:
            if isinstance(item, nodes.GivenFixtureText):
                help_ = "name both fixtures in the test"
                self.report(codes.WRONG_KIND, "a fixture names no other fixture", item.span, help_)
            else:
                lines.add(item)

    def test(self, block: nodes.TestBlock) -> ir.Test | None:
        """A test; None, with findings, where it has no date or no expectation."""
        as_of = None if block.as_of is None else self._values.instant(block.as_of)
        if block.as_of is None:
            help_ = "write `as of 2026-11-01` behind its title"
            self.report(codes.SYNTAX, f"the test `{block.title.value}` has no `as of`", block.title.span, help_)
        if not block.expectations:
            help_ = "write `expect in SEGMENT` or `expect not in SEGMENT`"
            self.report(codes.SYNTAX, f"the test `{block.title.value}` expects nothing", block.title.span, help_)
        lines = _Lines(self, as_of)
        for item in block.given:
            lines.add(item)
        customers = lines.customers(block.title.span)
        expectations = tuple(e for item in block.expectations for e in self._expectations(item, customers))
        if as_of is None or not block.expectations:
            return None
        return ir.Test(block.title.value, as_of, customers, lines.lists, expectations, block.title.span)

    # --- what the lines ask for

    @property
    def names(self) -> Symbols:
        """All names of the rule set."""
        return self._names

    @property
    def binder(self) -> Binder:
        """Binds references."""
        return self._binder

    @property
    def values(self) -> Values:
        """Types values and times."""
        return self._values

    @property
    def lists(self) -> Collection[str]:
        """The paths of list files."""
        return self._lists

    def fixture_named(self, name: nodes.Name) -> nodes.FixtureBlock | None:
        """The fixture of this name; else a finding says what stands there."""
        symbol = self._names.by_name.get(name.text)
        if symbol is not None and isinstance(symbol.block, nodes.FixtureBlock):
            return symbol.block
        if symbol is not None and symbol.kind == "event":
            help_ = f"write `given {name.text} on 2026-02-01` or `given {name.text} 3 days ago`"
            self.report(codes.SYNTAX, f"`given {name.text}` does not say when", name.span, help_)
            return None
        known = self._names.of_kind("fixture", "event")
        self.note(self._names.unknown(name.text, name.span, "a fixture or an event", known))
        return None

    def key(self, node: nodes.Text | nodes.Number) -> Key | None:
        """A customer's key, of the type that keys have."""
        of = self._names.catalogue.customers.key.type
        if isinstance(node, nodes.Text):
            if isinstance(of, TextType):
                return node.value
            self.report(
                codes.TYPE_MISMATCH, "text found where keys are whole numbers", node.span, "leave out the quotes"
            )
            return None
        number = Fraction(node.value)
        if isinstance(of, IntegerType) and number.denominator == 1 and number < 2**63:
            return int(number)
        message = "a number found where keys are text" if isinstance(of, TextType) else f"`{node.value}` is no key"
        self.report(codes.TYPE_MISMATCH, message, node.span, "write the key as the data have it")
        return None

    def report(
        self, code: Code, message: str, span: Span, help_: str | None = None, related: Sequence[Related] = ()
    ) -> None:
        """Note what is wrong."""
        self._findings.append(finding(code, message, span, help=help_, related=related))

    def note(self, found: Finding | None) -> None:
        """Note a finding, if it is one."""
        self._findings += [found] if found else []

    # --- expectations

    def _expectations(self, node: nodes.ExpectText, customers: Sequence[ir.GivenCustomer]) -> list[ir.Expectation]:
        places = self._places(node, customers)
        expected, target = self._target(node)
        return [] if target is None else [ir.Expectation(expected, target, place, node.span) for place in places]

    def _places(self, node: nodes.ExpectText, customers: Sequence[ir.GivenCustomer]) -> list[int]:
        if not node.keys:
            if len(customers) > 1:
                first = next(customer.key for customer in customers if customer.key is not None)
                shown = f'"{first}"' if isinstance(first, str) else str(first)
                message = "this test has several customers, and `expect` names none of them"
                self.report(codes.WHICH_CUSTOMER, message, node.span, f"write `expect {shown} …`")
                return []
            return [0]
        known = {customer.key: place for place, customer in enumerate(customers)}
        places = []
        for key in node.keys:
            value = self.key(key)
            if value is None:
                continue
            if value in known:
                places.append(known[value])
            else:
                named = [str(item) for item in known if item is not None]
                message = f"no customer `{value}` is given in this test"
                self.report(codes.UNKNOWN_NAME, message, key.span, did_you_mean(str(value), named))
        return places

    def _target(self, node: nodes.ExpectText) -> tuple[ir.Expected, ir_nodes.Condition | None]:
        if node.kind != "value":
            before = len(self._findings)
            target = self._binder.membership(node.target, node.target.span)
            return ir.Expected(node.kind), target if len(self._findings) == before else None
        assert node.value is not None
        first, *rest = node.target.parts
        # Behind `expect` the word `consent` is a name like any other.
        consent = nodes.ConsentRef(rest[0], node.target.span) if first.text == "consent" and len(rest) == 1 else None
        left = self._binder.expression(consent or node.target)
        right = self._binder.value(node.value)
        if isinstance(left, ir_nodes.Condition):
            if isinstance(right.type, BooleanType) and isinstance(right, ir_nodes.Literal):
                return ir.Expected.IN, left if right.value else negation(left, node.span)
            help_ = f"write `{node.target.text} = true` or `{node.target.text} = false`"
            self.report(codes.TYPE_MISMATCH, f"`{node.target.text}` is true or false", node.span, help_)
            return ir.Expected.IN, None
        if isinstance(left.type, UnknownType) or isinstance(right.type, UnknownType):
            return ir.Expected.IN, None
        Typing(self._findings).comparison(ir_nodes.CompareOp.EQ, left, right, node.span)
        return ir.Expected.IN, ir_nodes.Compare(ir_nodes.CompareOp.EQ, left, right, span=node.span)


class _Lines:
    """The `given` lines of one test, or of a fixture, gathered into customers."""

    def __init__(self, owner: TestBinder, as_of: datetime | None, *, fixture: bool = False) -> None:
        self._owner = owner
        self._as_of = as_of
        self._catalogue = owner.names.catalogue
        self._drafts: dict[Key | None, Draft] = {}
        self._current: Key | None = None
        self._in_fixture = fixture
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
