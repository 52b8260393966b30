"""Segments that say the same: in which ways of writing, and never where they mean different things."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrules.ir import nodes as ir
from segrules.ir.canonical import Canonical
from segrules.ir.catalogue import Catalogue, Column, Customers
from segrules.ir.rules import Definition, Rules
from segrules.types.types import BooleanType, IntegerType
from tests.fuzz import cases
from tests.governance.kept import said

BEFORE = """\
segment tall where height > 190 consent email
define adult as age >= 18
define chain as last_one
define last_one as staff or adult
"""


def same(folder: Path, one: str, other: str) -> bool:
    """Whether two bodies of segments are said to have the same members."""
    found = said(folder, "SEG910", f"{BEFORE}segment a {one}\nsegment b {other}\n")
    assert found in ([], [(6, "`a` and `b` have the same members")])
    return bool(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("where staff and adult", "where adult and staff"),
        ("where staff or (adult or height > 3)", "where (height > 3 or staff) or adult or staff"),
        ("where adult", "where age >= 18"),
        ("where age > 17", "where not not age >= 18"),
        ("where 18 <= age", "where age >= 18"),
        ("where not (staff and adult)", "where not staff or not adult"),
        ("where age between 18 and 30", "where age <= 30 and age >= 18"),
        ('where country in ["GB", "IE"]', 'where country = "IE" or country = "GB"'),
        ('where country not in ["GB", "IE"]', 'where country != "IE" and country != "GB"'),
        ("where chain", "where adult or staff"),
        (
            "where staff except adult",
            "where not adult eligible staff",
        ),
        ("where staff eligible adult", "where staff and adult"),
        ("where in segment tall", "where height > 190"),
        ("where did purchase", "where number of purchase > 0"),
        ("where did not purchase", "where number of purchase = 0"),
        ("where did purchase at least 2 times", "where not did purchase fewer than 2 times"),
        (
            "where did purchase where (pieces > 3 and amount > 5 GBP)",
            "where did purchase where (amount > 5 GBP and pieces >= 4)",
        ),
        ("where staff consent email and sms", "where staff consent sms and email"),
        ("where staff consent email or sms", "where staff consent sms or email"),
        ('owner "x" where staff size at least 5 review by 2030-01-01', "where staff"),
        ('where staff holdout 10% salt "x"', 'where staff holdout 20% salt "y"'),
        (
            "channel email, sms where staff consent email and sms",
            "channel sms, email where staff consent email and sms",
        ),
        ("where staff", "status draft where staff"),
    ],
)
def test_ways_of_writing_that_mean_the_same(tmp_path: Path, one: str, other: str) -> None:
    assert same(tmp_path, one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("where age > 18", "where age >= 18"),
        ("where age != 18", "where not age = 18"),
        ("where staff", "where not staff"),
        ("where staff or adult", "where staff and adult"),
        ('where nickname = "x"', 'where nickname = "x" ignoring case'),
        ("where did purchase in the last 3 days", "where did purchase in the last 4 days"),
        ("where did purchase where (pieces > 3)", "where did purchase where (pieces > 4)"),
        ("where staff consent email", "where staff"),
        ("where staff consent email or sms", "where staff consent email and sms"),
        ("channel email where staff consent email", "channel sms where staff consent sms"),
        ("purpose ads where staff", "purpose news where staff"),
        ("where total of purchase.amount > 5 GBP", "where average of purchase.amount > 5 GBP"),
        ('where in sample 10% salt "x"', 'where in sample 10% salt "y"'),
        ("where staff", "status retired where staff"),
    ],
)
def test_what_means_something_else_is_told_apart(tmp_path: Path, one: str, other: str) -> None:
    assert not same(tmp_path, one, other)


def test_a_long_chain_of_defines_is_followed(tmp_path: Path) -> None:
    chain = "define d0 as staff\n" + "".join(
        f"define d{i} as d{i - 1} or (adult and d{i - 1})\n" for i in range(1, 300)
    )
    rules = f"{BEFORE}{chain}segment a where d299\nsegment b where d299 and d299\n"
    assert len(said(tmp_path, "SEG910", rules)) == 1


# --- laws, over three-valued tables

FLAGS = ("p", "q")
_COLUMNS = {name: Column(name, BooleanType(), name) for name in FLAGS} | {"n": Column("n", IntegerType(), "n")}
_N = ir.Attribute("n", IntegerType())
_VALUES = (None, 0, 1, 2, 3)


def number(value: int) -> ir.Literal:
    return ir.Literal(value, IntegerType())


ATOMS = st.one_of(
    st.sampled_from([ir.IsTrue(ir.Attribute(name, BooleanType())) for name in FLAGS]),
    st.builds(ir.Compare, st.sampled_from(list(ir.CompareOp)), st.just(_N), st.builds(number, st.integers(0, 3))),
    st.builds(ir.Between, st.just(_N), st.builds(number, st.integers(0, 3)), st.builds(number, st.integers(0, 3))),
    st.builds(
        ir.OneOf,
        st.just(_N),
        st.lists(st.builds(number, st.integers(0, 3)), min_size=1, max_size=3).map(tuple),
        st.booleans(),
    ),
    st.builds(ir.Fixed, st.booleans()),
    st.just(ir.Defined("d")),
)
CONDITIONS: st.SearchStrategy[ir.Condition] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(ir.Not, inner),
        st.builds(ir.And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(ir.Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
DEFINED = ir.Or((ir.IsTrue(ir.Attribute("p", BooleanType())), ir.Compare(ir.CompareOp.GT, _N, number(1))))


def canonical() -> Canonical:
    people = Customers(_COLUMNS["n"], _COLUMNS)
    catalogue = Catalogue("catalog.yaml", "UTC", {}, people)
    return Canonical(Rules(catalogue, {"d": Definition("d", None, DEFINED, True)}))


def kleene(node: ir.Condition, row: Mapping[str, bool | int | None]) -> bool | None:
    """The value of a condition of a customer, written down once more from the meaning."""
    match node:
        case ir.Fixed(value):
            return value
        case ir.IsTrue(ir.Attribute(name)):
            found = row[name]
            return None if found is None else bool(found)
        case ir.Compare(op, _, ir.Literal(int() as bound)):
            n = row["n"]
            if n is None:
                return None
            return {"=": n == bound, "!=": n != bound, "<": n < bound, "<=": n <= bound}.get(
                op.value, n > bound if op is ir.CompareOp.GT else n >= bound
            )
        case ir.Between(_, ir.Literal(int() as low), ir.Literal(int() as high)):
            n = row["n"]
            return None if n is None else low <= n <= high
        case ir.OneOf(_, choices, negated):
            n = row["n"]
            return None if n is None else (n in [choice.value for choice in choices]) is not negated
        case ir.Defined():
            return kleene(DEFINED, row)
        case ir.Not(item):
            inner = kleene(item, row)
            return None if inner is None else not inner
        case ir.And(items):
            values = [kleene(item, row) for item in items]
            return False if False in values else (None if None in values else True)
        case ir.Or(items):
            values = [kleene(item, row) for item in items]
            return True if True in values else (None if None in values else False)
        case _:
            raise AssertionError(node)


def table(condition: ir.Condition) -> list[bool | None]:
    truths = (None, False, True)
    return [kleene(condition, {"p": p, "q": q, "n": n}) for p, q, n in product(truths, truths, _VALUES)]


@settings(max_examples=cases(300), deadline=None)
@given(CONDITIONS, CONDITIONS)
def test_one_text_means_one_meaning(one: ir.Condition, other: ir.Condition) -> None:
    texts = canonical()
    for left, right in ((one, other), (one, ir.Or((one, other))), (one, ir.And((one, other)))):
        if texts.condition(left) == texts.condition(right):
            assert table(left) == table(right)


@st.composite
def rewritten(draw: st.DrawFn, condition: ir.Condition) -> ir.Condition:
    """The condition in other words: shuffled, doubled, nested, negated twice, turned by De Morgan's laws."""
    match condition:
        case ir.And(items) | ir.Or(items):
            kind = type(condition)
            parts = [draw(rewritten(item)) for item in items]
            parts += draw(st.lists(st.sampled_from(parts), max_size=1))
            shuffled = draw(st.permutations(parts))
            if draw(st.booleans()):
                other = ir.Or if kind is ir.And else ir.And
                return ir.Not(other(tuple(ir.Not(part) for part in shuffled)))
            return kind((kind(tuple(shuffled[:1])), *shuffled[1:])) if draw(st.booleans()) else kind(tuple(shuffled))
        case ir.Not(item):
            return ir.Not(draw(rewritten(item)))
        case ir.Defined():
            return DEFINED if draw(st.booleans()) else condition
        case _:
            return ir.Not(ir.Not(condition)) if draw(st.booleans()) else condition


@settings(max_examples=cases(200), deadline=None)
@given(st.data())
def test_other_words_have_the_same_text(data: st.DataObject) -> None:
    condition = data.draw(CONDITIONS)
    other = data.draw(rewritten(condition))
    assert table(condition) == table(other)
    texts = canonical()
    assert texts.condition(condition) == texts.condition(other)
