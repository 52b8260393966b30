"""`top 25% by x` and `population average of x` into typed nodes: what is about everybody, wherever it stands."""

from fractions import Fraction
from typing import TYPE_CHECKING

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.semantics.typing import Typing, is_number
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import DateType, TextType, TimestampType, Type, UnknownType

if TYPE_CHECKING:
    from segrules.semantics.expressions import Binder

_AGGREGATES = {
    ir.FigureKind.TOTAL: ir.AggregateKind.TOTAL,
    ir.FigureKind.AVERAGE: ir.AggregateKind.AVERAGE,
    ir.FigureKind.MEDIAN: ir.AggregateKind.MEDIAN,
    ir.FigureKind.SMALLEST: ir.AggregateKind.SMALLEST,
    ir.FigureKind.LARGEST: ir.AggregateKind.LARGEST,
    ir.FigureKind.PERCENTILE: ir.AggregateKind.MEDIAN,
}
"""The aggregate that asks the same of the type of its values."""

ORDERED_HELP = "rank by a number, an amount of money, a date or an ordered list of values"


def has_order(of: Type) -> bool:
    """Whether customers can be ranked by values of this type; what is unknown passes."""
    ordered = isinstance(of, TextType) and of.ordered
    return ordered or is_number(of) or isinstance(of, DateType | TimestampType | UnknownType)


class PopulationBinder:
    """Binds both constructs; `customer` binds names as they are outside of any event's `where`."""

    def __init__(self, customer: "Binder", findings: list[Finding]) -> None:
        self._customer = customer
        self._findings = findings

    def _report(self, code: Code, message: str, span: Span, help_: str) -> None:
        self._findings.append(finding(code, message, span, help=help_))

    def top(self, node: nodes.TopExpr) -> ir.Condition:
        """`top N by x`, `bottom N% by x`."""
        by = self._customer.value(node.by)
        if not has_order(by.type):
            self._report(codes.NO_ORDER, "these values have no order to rank by", node.by.span, ORDERED_HELP)
        among = self._among(node.among)
        number, percent = None, None
        value = Fraction(node.amount.value)
        if value == 0:
            self._report(codes.BAD_COUNT, f"nobody is in the {node.end} 0", node.amount.span, "count from 1")
        if isinstance(node.amount, nodes.Percent):
            percent = value
            if value > 100:
                message = f"{node.amount.value}% is more than everybody"
                self._report(codes.BAD_COUNT, message, node.amount.span, "write a percentage up to 100%")
        elif value.denominator != 1:
            message = f"{node.amount.value} is not a number of customers"
            self._report(codes.BAD_COUNT, message, node.amount.span, "write a whole number or a percentage")
        else:
            number = int(value)
        return ir.Top(ir.End(node.end), by, number, percent, among, node.span)

    def figure(self, node: nodes.PopulationExpr, *, of_rows: bool) -> ir.Value:
        """`population average of x`; `of_rows` where `x` is a property of an event."""
        percent = None if node.percent is None else Fraction(node.percent.value)
        if node.percent is not None and not 0 <= Fraction(node.percent.value) <= 100:
            message = f"there is no percentile {node.percent.value}"
            self._report(codes.BAD_COUNT, message, node.percent.span, "write a number from 0 to 100")
        kind = ir.FigureKind(node.kind)
        of, events, result = self._of_rows(kind, node) if of_rows else self._of_customers(kind, node)
        among = self._among(node.among)
        if isinstance(result, UnknownType):
            return ir.Literal(0, UnknownType(), node.span)
        return ir.Figure(kind, of, events, among, percent, result, node.span)

    def _among(self, node: nodes.Expr | None) -> ir.Condition | None:
        return None if node is None else self._customer.condition(node)

    def _of_rows(self, kind: ir.FigureKind, node: nodes.PopulationExpr) -> tuple[ir.Value, ir.Events | None, Type]:
        words = _AGGREGATES[kind].removesuffix(" of")
        made = self._customer.value(nodes.AggregateExpr(words, node.rows, node.span))
        if isinstance(made, ir.Aggregate) and made.of is not None:
            return made.of, made.events, made.type
        return made, None, UnknownType()

    def _of_customers(self, kind: ir.FigureKind, node: nodes.PopulationExpr) -> tuple[ir.Value, ir.Events | None, Type]:
        assert isinstance(node.rows.events, nodes.Ref)
        wrong = node.rows.where or node.rows.window
        if wrong is not None:
            what = "a test on rows" if node.rows.where is not None else "a window"
            message = f"{what} found behind `{node.rows.events.text}`, which is a value of customers"
            help_ = "`among (…)` says which customers count; rows are chosen where a `define` makes the value"
            self._report(codes.TYPE_MISMATCH, message, wrong.span, help_)
        of = self._customer.value(node.rows.events)
        if isinstance(of.type, UnknownType):
            return of, None, of.type
        return of, None, Typing(self._findings).aggregate(_AGGREGATES[kind], of, node.span)
