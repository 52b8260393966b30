"""Between which limits a value lies: nothing that the catalogue allows lies beyond, and verdicts hold for all of it."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from segrules.governance.limits import LimitsOf
from segrules.governance.ranges import verdict_on
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Column, Customers
from segrules.ir.rules import Rules
from segrules.types.types import IntegerType
from tests.fuzz import cases

RANGES: Mapping[str, tuple[int | None, int | None]] = {"a": (0, 3), "b": (-2, 2), "c": (1, None), "d": (None, 0)}
SAMPLES = {"a": (0, 1, 3), "b": (-2, 0, 2), "c": (1, 2, 9), "d": (-9, -1, 0)}
WHOLE = IntegerType()


def _limit(number: int | None) -> Fraction | None:
    return None if number is None else Fraction(number)


COLUMNS = {
    name: Column(name, WHOLE, name, minimum=_limit(low), maximum=_limit(high)) for name, (low, high) in RANGES.items()
}
LIMITS = LimitsOf(Rules(Catalogue("catalog.yaml", "UTC", {}, Customers(COLUMNS["a"], COLUMNS))))

CONSTANTS = st.integers(-4, 4).map(lambda number: ir.Literal(number, WHOLE))
VALUES: st.SearchStrategy[ir.Value] = st.recursive(
    st.one_of(CONSTANTS, st.sampled_from([ir.Attribute(name, WHOLE) for name in COLUMNS])),
    lambda inner: st.one_of(
        st.builds(
            ir.Arithmetic,
            st.sampled_from([ir.ArithmeticOp.ADD, ir.ArithmeticOp.SUBTRACT]),
            inner,
            inner,
            st.just(WHOLE),
        ),
        st.builds(ir.Arithmetic, st.just(ir.ArithmeticOp.MULTIPLY), CONSTANTS, inner, st.just(WHOLE)),
        st.builds(
            ir.Arithmetic,
            st.just(ir.ArithmeticOp.DIVIDE),
            inner,
            CONSTANTS.filter(lambda constant: constant.value != 0),
            st.just(WHOLE),
        ),
    ),
    max_leaves=4,
)
TESTS = st.one_of(
    st.builds(ir.Compare, st.sampled_from(list(ir.CompareOp)), VALUES, VALUES),
    st.builds(ir.Between, VALUES, CONSTANTS, CONSTANTS),
    st.builds(ir.OneOf, VALUES, st.lists(CONSTANTS, min_size=1, max_size=3).map(tuple), st.booleans()),
)


def value(node: ir.Value, row: Mapping[str, int]) -> Fraction:
    match node:
        case ir.Literal(int() as number):
            return Fraction(number)
        case ir.Attribute(name):
            return Fraction(row[name])
        case ir.Arithmetic(op, left, right):
            one, other = value(left, row), value(right, row)
            match op:
                case ir.ArithmeticOp.ADD:
                    return one + other
                case ir.ArithmeticOp.SUBTRACT:
                    return one - other
                case ir.ArithmeticOp.MULTIPLY:
                    return one * other
                case ir.ArithmeticOp.DIVIDE:
                    return one / other
        case _:
            raise AssertionError(node)


def holds(node: ir.Compare | ir.Between | ir.OneOf, row: Mapping[str, int]) -> bool:
    match node:
        case ir.Compare(op, left, right):
            one, other = value(left, row), value(right, row)
            answers = {"=": one == other, "!=": one != other, "<": one < other, "<=": one <= other, ">": one > other}
            return answers.get(op.value, one >= other)
        case ir.Between(tested, low, high):
            return value(low, row) <= value(tested, row) <= value(high, row)
        case ir.OneOf(tested, choices, negated):
            return (value(tested, row) in [choice.value for choice in choices]) is not negated


def rows() -> list[dict[str, int]]:
    return [dict(zip(SAMPLES, numbers, strict=True)) for numbers in product(*SAMPLES.values())]


@settings(max_examples=cases(300), deadline=None)
@given(VALUES)
def test_no_value_lies_beyond_its_limits(node: ir.Value) -> None:
    limits = LIMITS.value(node)
    for row in rows():
        found = value(node, row)
        assert not isinstance(limits.low, Fraction) or limits.low <= found
        assert not isinstance(limits.high, Fraction) or found <= limits.high


@settings(max_examples=cases(300), deadline=None)
@given(TESTS)
def test_a_verdict_holds_of_every_row(node: ir.Compare | ir.Between | ir.OneOf) -> None:
    verdict = verdict_on(node, LIMITS)
    answers = {holds(node, row) for row in rows()}
    assert verdict is None or answers == {verdict}


def test_bounds_are_as_narrow_as_they_can_be() -> None:
    a, b = (ir.Attribute(name, WHOLE) for name in ("a", "b"))
    for bound, verdict in ((5, False), (4, None), (-2, None), (-3, True)):
        total = ir.Arithmetic(ir.ArithmeticOp.ADD, a, b, WHOLE)
        assert verdict_on(ir.Compare(ir.CompareOp.GT, total, ir.Literal(bound, WHOLE)), LIMITS) is verdict
