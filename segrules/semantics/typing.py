"""What may be compared, added, multiplied and aggregated with what."""

from fractions import Fraction

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.text.span import Span
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
    UnknownType,
    describe,
)

Numeric = IntegerType | DecimalType | FloatType
_ORDERING = (ir.CompareOp.LT, ir.CompareOp.LE, ir.CompareOp.GT, ir.CompareOp.GE)


def is_number(*types: Type) -> bool:
    """Whether all types are numbers or money."""
    return all(isinstance(of, Numeric | MoneyType) for of in types)


class Typing:
    """The rules of the types; `findings` gathers what breaks them."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings

    def _report(self, code: Code, message: str, span: Span, help_: str) -> None:
        self._findings.append(finding(code, message, span, help=help_))

    def text(self, value: ir.Value, what: str) -> None:
        """`value` must be text."""
        if not isinstance(value.type, TextType | UnknownType):
            message = f"{_a(value.type)} found where {what} tests text"
            self._report(codes.TYPE_MISMATCH, message, value.span, "name a column of text")

    def comparison(self, op: ir.CompareOp, left: ir.Value, right: ir.Value, span: Span) -> None:
        """Both sides of a comparison must be of one kind and unit, and have an order if one is asked for."""
        one, other = left.type, right.type
        if isinstance(one, UnknownType) or isinstance(other, UnknownType):
            return
        if isinstance(one, Numeric) and isinstance(other, Numeric):
            self._units(one, other, span)
            self._counted(left, right)
            self._counted(right, left)
        elif isinstance(one, MoneyType) and isinstance(other, MoneyType):
            self._currencies(one, other, span)
        elif isinstance(one, TextType) and isinstance(other, TextType):
            self._order_of_text(op, one, other, span)
        elif isinstance(one, BooleanType) and isinstance(other, BooleanType):
            if op in _ORDERING:
                help_ = "write `= true`, `= false` or the name alone"
                self._report(codes.NO_ORDER, "true and false have no order", span, help_)
        elif type(one) is not type(other) or isinstance(one, ListType):
            self._mismatch(left, right, span)

    def _mismatch(self, left: ir.Value, right: ir.Value, span: Span) -> None:
        one, other = left.type, right.type
        place = right.span if isinstance(right, ir.Literal) else left.span if isinstance(left, ir.Literal) else span
        message = f"{_a(one)} is compared with {_a(other)}"
        self._report(codes.TYPE_MISMATCH, message, place, _mismatch_help(one, other, left, right))

    def _units(self, one: Numeric, other: Numeric, span: Span) -> None:
        if one.unit is not None and other.unit is not None and one.unit != other.unit:
            message = f"a number of {one.unit} is put beside a number of {other.unit}"
            self._report(codes.UNIT_MISMATCH, message, span, "use one unit; nothing is converted")

    def _counted(self, count: ir.Value, constant: ir.Value) -> None:
        """A number of rows, values or customers is compared with a number alone: `30 days` is not 30 rows."""
        unit = constant.type.unit if isinstance(constant.type, Numeric) else None
        if is_count(count) and isinstance(constant, ir.Literal) and unit not in (None, "times"):
            help_ = f"write `{_plain(constant.value)}`; for time since the last row write `days since last E`"
            message = f"a count is put beside a number of {unit}"
            self._report(codes.UNIT_MISMATCH, message, constant.span, help_)

    def _currencies(self, one: MoneyType, other: MoneyType, span: Span) -> None:
        if one.currency != other.currency:
            message = f"money in {one.currency} is put beside money in {other.currency}"
            self._report(codes.CURRENCY_MISMATCH, message, span, "use one currency; nothing is converted")

    def _order_of_text(self, op: ir.CompareOp, one: TextType, other: TextType, span: Span) -> None:
        if op not in _ORDERING:
            return
        ordered = [of for of in (one, other) if of.ordered and of.values is not None]
        if len(ordered) == 2 and one.values == other.values:
            return
        message = "text is compared by order"
        help_ = "only a closed list of values with `ordered: true` in the catalogue has an order; use `=` or `in [..]`"
        self._report(codes.NO_ORDER, message, span, help_)

    def arithmetic(
        self, op: ir.ArithmeticOp, left: ir.Value, right: ir.Value, span: Span, *, in_catalogue: bool
    ) -> Type:
        """The type of the result; the unknown type after a mistake."""
        one, other = left.type, right.type
        if isinstance(one, UnknownType) or isinstance(other, UnknownType):
            return UnknownType()
        if not is_number(one, other):
            wrong = left if not is_number(one) else right
            message = f"{_a(wrong.type)} found where arithmetic expects a number"
            help_ = "name a number or an amount of money"
            if isinstance(wrong.type, DateType | TimestampType):
                help_ = "dates are tested against windows, and `days since` makes a number of them"
            self._report(codes.TYPE_MISMATCH, message, wrong.span, help_)
            return UnknownType()
        if op in (ir.ArithmeticOp.ADD, ir.ArithmeticOp.SUBTRACT):
            return self._sum(left, right, span)
        return self._product(op, left, right, span, in_catalogue=in_catalogue)

    def _sum(self, left: ir.Value, right: ir.Value, span: Span) -> Type:
        one, other = left.type, right.type
        if isinstance(one, MoneyType) and isinstance(other, MoneyType):
            self._currencies(one, other, span)
            return one
        if isinstance(one, MoneyType) or isinstance(other, MoneyType):
            self._mismatch(left, right, span)
            return UnknownType()
        assert isinstance(one, Numeric) and isinstance(other, Numeric)
        self._units(one, other, span)
        return _joined(one, other, one.unit or other.unit)

    def _product(self, op: ir.ArithmeticOp, left: ir.Value, right: ir.Value, span: Span, *, in_catalogue: bool) -> Type:
        one, other = left.type, right.type
        dividing = op is ir.ArithmeticOp.DIVIDE
        constant_left, constant_right = isinstance(left, ir.Literal), isinstance(right, ir.Literal)
        if dividing and not constant_right:
            help_ = "multiply the other side of the comparison instead: `a > 2 * b` for `a / b > 2`"
            self._report(codes.NOT_LINEAR, "a value is divided by a value that is not a constant", span, help_)
            return UnknownType()
        if not constant_left and not constant_right and not in_catalogue:
            help_ = "multiply by a constant, or let a derived column of the catalogue hold the product"
            self._report(codes.NOT_LINEAR, "two values are multiplied, neither of which is a constant", span, help_)
            return UnknownType()
        if dividing and isinstance(right, ir.Literal) and right.value == 0:
            self._report(codes.BAD_NUMBER, "a value is divided by zero", span, "divide by another number")
            return UnknownType()
        if isinstance(one, MoneyType) and isinstance(other, MoneyType):
            message = "money is divided by money" if dividing else "money is multiplied by money"
            self._report(codes.CURRENCY_MISMATCH, message, span, "one side must be a plain number")
            return UnknownType()
        if isinstance(other, MoneyType) and dividing:
            message = "a number is divided by money"
            self._report(codes.CURRENCY_MISMATCH, message, span, "divide by a plain number")
            return UnknownType()
        if isinstance(one, MoneyType):
            return one
        if isinstance(other, MoneyType):
            return other
        assert isinstance(one, Numeric) and isinstance(other, Numeric)
        joined = _joined(one, other, one.unit if constant_right else other.unit if constant_left else None)
        return DecimalType(joined.unit) if dividing and isinstance(joined, IntegerType) else joined

    def aggregate(self, kind: ir.AggregateKind, of: ir.Value, span: Span) -> Type:
        """The type of an aggregate over `of`; the unknown type after a mistake."""
        match kind:
            case ir.AggregateKind.DISTINCT:
                return IntegerType()
            case (
                ir.AggregateKind.FIRST | ir.AggregateKind.LAST | ir.AggregateKind.MOST_FREQUENT | ir.AggregateKind.ONLY
            ):
                return of.type
            case ir.AggregateKind.TOTAL | ir.AggregateKind.AVERAGE if not is_number(of.type):
                message = f"{_a(of.type)} found where `{kind.value}` expects a number or money"
                help_ = "name a property that is a number, or count with `number of` or `distinct`"
                self._report(codes.TYPE_MISMATCH, message, of.span, help_)
                return UnknownType()
            case ir.AggregateKind.AVERAGE if isinstance(of.type, IntegerType):
                return DecimalType(of.type.unit)
            case ir.AggregateKind.TOTAL | ir.AggregateKind.AVERAGE:
                return of.type
            case _:
                if is_number(of.type) or isinstance(of.type, DateType | TimestampType):
                    return of.type
                if isinstance(of.type, TextType) and of.type.ordered:
                    return of.type
                message = f"{_a(of.type)} found where `{kind.value}` expects values in an order"
                self._report(codes.NO_ORDER, message, of.span, "name a number, an amount of money or a date")
                return UnknownType()


def _joined(one: Numeric, other: Numeric, unit: str | None) -> Numeric:
    if isinstance(one, FloatType) or isinstance(other, FloatType):
        return FloatType(unit)
    if isinstance(one, IntegerType) and isinstance(other, IntegerType):
        return IntegerType(unit)
    return DecimalType(unit)


_COUNTS = (ir.AggregateKind.NUMBER, ir.AggregateKind.DISTINCT)


def is_count(value: ir.Value) -> bool:
    """Whether a value counts rows, values or customers, and so has no unit."""
    counted = isinstance(value, ir.Aggregate) and value.kind in _COUNTS
    return counted or isinstance(value, ir.NumberOfRelated | ir.UnitsWith | ir.Band)


def _a(of: Type) -> str:
    words = describe(of)
    return words if words.startswith(("true", "text", "money", "unknown")) else f"a {words}"


def _mismatch_help(one: Type, other: Type, left: ir.Value, right: ir.Value) -> str:
    types = (one, other)
    money = next((of for of in types if isinstance(of, MoneyType)), None)
    if money is not None and any(isinstance(of, Numeric) for of in types):
        constant = next((side for side in (left, right) if isinstance(side, ir.Literal)), None)
        if constant is not None and isinstance(constant.type, MoneyType):
            return f"write `{_plain(constant.value)}`: the other side is no amount of money"
        if isinstance(constant, ir.Literal) and isinstance(constant.value, int | Fraction):
            return f"write `{_plain(constant.value)} {money.currency}`"
        return f"compare it with an amount, such as `500 {money.currency}`"
    if {type(of) for of in types} == {DateType, TimestampType}:
        return "test a timestamp against a window: `is on 2026-01-31`, `is before 2026-01-31`, `is since 2026-01-31`"
    if isinstance(one, TextType) and one.values is not None and isinstance(right, ir.Literal):
        return "its values are " + ", ".join(f'`"{value}"`' for value in one.values[:8])
    if isinstance(one, TextType) and isinstance(right, ir.Literal):
        return f'put text into double quotes: `"{_plain(right.value)}"`'
    if isinstance(other, TextType) and isinstance(right, ir.Literal) and isinstance(one, Numeric | MoneyType):
        return "write the number without quotes"
    if isinstance(other, TextType) and isinstance(right, ir.Literal) and isinstance(one, DateType | TimestampType):
        return "write the date without quotes, such as `2026-01-31`"
    if isinstance(one, ListType) or isinstance(other, ListType):
        return "test a list with `has any of [..]`, `has all of [..]` or `has none of [..]`"
    if isinstance(one, BooleanType):
        return "compare it with `true` or `false`, or write the name alone"
    return "compare values of one kind"


def _plain(value: object) -> str:
    if isinstance(value, Fraction) and value.denominator != 1:
        return format(float(value), "g")
    return str(value).lower() if isinstance(value, bool) else str(value)
