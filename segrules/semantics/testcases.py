"""`test` and `fixture` blocks into tests that stand by themselves: fixtures resolved, names and values checked."""

from collections.abc import Collection, Sequence
from fractions import Fraction

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, Related, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir import nodes as ir_nodes
from segrules.ir import testcases as ir
from segrules.ir.build import negation
from segrules.semantics.expressions import Binder
from segrules.semantics.given import Values
from segrules.semantics.given_lines import Lines
from segrules.semantics.symbols import Symbols
from segrules.semantics.typing import Typing
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.cells import Key
from segrules.types.types import BooleanType, IntegerType, TextType, Type, UnknownType
from segrules.types.zones import zone


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
        lines = Lines(self, None, fixture=True)
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
        lines = Lines(self, as_of)
        for item in block.given:
            lines.add(item)
        customers = lines.customers(block.title.span)
        expectations = tuple(e for item in block.expectations for e in self._expectations(item, customers))
        if as_of is None or not block.expectations:
            return None
        return ir.Test(block.title.value, as_of, customers, lines.lists, expectations, block.title.span, lines.rows)

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
        if symbol is not None and symbol.kind == "relation":
            help_ = f'write `given {name.text} "KEY" with …`'
            self.report(codes.SYNTAX, f"`given {name.text}` does not say which", name.span, help_)
            return None
        if symbol is not None and symbol.kind == "event":
            help_ = f"write `given {name.text} on 2026-02-01` or `given {name.text} 3 days ago`"
            self.report(codes.SYNTAX, f"`given {name.text}` does not say when", name.span, help_)
            return None
        known = self._names.of_kind("fixture", "event")
        self.note(self._names.unknown(name.text, name.span, "a fixture or an event", known))
        return None

    def key(self, node: nodes.Text | nodes.Number, of: Type | None = None) -> Key | None:
        """A key of a type: of customers, where none is given."""
        of = of or self._names.catalogue.customers.key.type
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
