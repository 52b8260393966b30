"""Boxes and their comparison: what they call disjoint is disjoint, and what they should see they see."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrules.proofs.boxes.boxes import Box, Boxes
from segrules.proofs.boxes.clashes import Clashes
from segrules.proofs.formulas.logic import (
    All,
    Constant,
    Flag,
    Formula,
    Linear,
    Not,
    Number,
    Relation,
    Some,
    Var,
    at_least,
    at_most,
    constant,
    equal,
    every,
    flag,
    implies,
    is_equal,
    linear,
    no,
    some,
)

WEEK, MONTH, YEAR = (Var(name, low=0, high=2) for name in ("in a week", "in a month", "in a year"))
SHARE = Var("share", whole=False, low=-1, high=1)
FREE = Var("free")
STAFF, KNOWN = flag("staff"), flag("known")
ORDER = ((WEEK, MONTH), (MONTH, YEAR))

HALVES = tuple(Fraction(number, 2) for number in range(-2, 3))
VALUES: Mapping[Var, tuple[Number, ...]] = {
    WEEK: tuple(range(3)),
    MONTH: tuple(range(3)),
    YEAR: tuple(range(3)),
    SHARE: HALVES,
    FREE: (-2, 0, 3),
}

Who = npt.NDArray[np.bool_]
"""Of each customer, in order, whether something is so."""

_EVERYBODY = np.array(list(product(*VALUES.values(), (0, 1), (0, 1))), np.float64)
"""One row for each customer; all numbers here are multiples of small powers of two, which doubles hold exactly."""
NUMBERS: Mapping[Formula | Var, npt.NDArray[np.float64]] = dict(zip((*VALUES, STAFF, KNOWN), _EVERYBODY.T, strict=True))


def holds(formula: Formula) -> Who:
    """For whom a formula holds."""
    match formula:
        case Constant():
            return np.full(len(_EVERYBODY), formula.value)
        case Flag():
            return _who(NUMBERS[formula] == 1)
        case Not():
            return ~holds(formula.item)
        case All():
            return _who(np.all([holds(item) for item in formula.items], axis=0))
        case Some():
            return _who(np.any([holds(item) for item in formula.items], axis=0))
        case Linear():
            total, bound = _sum(formula.terms), float(formula.bound)
            relations: Mapping[Relation, Who] = {
                Relation.LE: total <= bound,
                Relation.LT: total < bound,
                Relation.EQ: total == bound,
            }
            return relations[formula.relation]
        case _:
            raise AssertionError(formula)


def _sum(terms: Iterable[tuple[Number, Var]]) -> npt.NDArray[np.float64]:
    return np.asarray(np.sum([float(factor) * NUMBERS[var] for factor, var in terms], axis=0), np.float64)


def _who(flags: object) -> Who:
    return np.asarray(flags, np.bool_)


variables = st.sampled_from(tuple(VALUES))
bounds = st.sampled_from((-3, -1, 0, 1, 2, 4, Fraction(1, 2), Fraction(-1, 2)))
terms = st.lists(st.tuples(st.sampled_from((-2, -1, 1, 2)), variables), min_size=2, max_size=3)
single = st.builds(lambda var, factor: [(factor, var)], variables, st.sampled_from((-2, -1, 1, 2, Fraction(1, 2))))
sums = st.one_of(single, single, terms)
literals = st.one_of(
    st.builds(lambda parts, bound, strict: linear(parts, bound, strict=strict), sums, bounds, st.booleans()),
    st.builds(equal, sums, bounds),
    st.builds(lambda parts, bound: no(equal(parts, bound)), sums, bounds),
    st.sampled_from((STAFF, KNOWN, no(STAFF), no(KNOWN))),
)
formulas = st.recursive(
    literals,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(every), st.lists(inner, min_size=2, max_size=4).map(some)
    ),
    max_leaves=10,
)
facts = st.lists(st.one_of(literals, st.lists(literals, min_size=2, max_size=3).map(some)), max_size=2)
limits = st.sampled_from((1, 2, 3, 48))


def assert_sound(of: list[Formula], facts: list[Formula], limit: int, *, ordered: bool) -> tuple[Boxes, Clashes, Who]:
    """Nobody whom the premises allow is in two formulas called disjoint, or outside the boxes of one that holds.

    Gives whom they allow, too.
    """
    boxes = Boxes(of, ORDER if ordered else (), facts, limit)
    premises = [holds(fact) for fact in facts]
    if ordered:
        premises += [NUMBERS[small] <= NUMBERS[large] for small, large in ORDER]
    allowed = _who(np.all([np.full(len(_EVERYBODY), True), *premises], axis=0))
    clashes = Clashes(boxes.of)
    disjoint = clashes.disjoint()
    assert (disjoint == disjoint.T).all()
    inside = [allowed & holds(formula) for formula in of]
    assert not any(inside[place].any() for place in boxes.empty)
    for place, who in enumerate(inside):
        assert not any((who & inside[other]).any() for other in np.flatnonzero(disjoint[place]))
        contained = [contains(box) for box in boxes.of[place]]
        assert not (who & ~np.any(contained, axis=0)).any()
    return boxes, clashes, allowed


def contains(box: Box) -> Who:
    """Who is in a box."""

    def within(numbers: npt.NDArray[np.float64], ranges: object) -> Who:
        assert isinstance(ranges, tuple)
        return _who(np.any([_reaches(numbers, low) & ~_passes(numbers, high) for low, high in ranges], axis=0))

    parts = [np.full(len(_EVERYBODY), True)]
    parts += [(NUMBERS[of] == 1) == value for of, value in box.flags.items()]
    parts += [within(NUMBERS[var], ranges) for var, ranges in box.numbers.items()]
    parts += [within(_sum(of), ranges) for of, ranges in box.sums.items()]
    return _who(np.all(parts, axis=0))


def _reaches(numbers: npt.NDArray[np.float64], end: tuple[Number, int]) -> Who:
    """Whose number, with a zero behind it, is no less than an end."""
    number, side = float(end[0]), end[1]
    return _who((numbers > number) | ((numbers == number) & (side <= 0)))


def _passes(numbers: npt.NDArray[np.float64], end: tuple[Number, int]) -> Who:
    number, side = float(end[0]), end[1]
    return _who((numbers > number) | ((numbers == number) & (side < 0)))


@given(st.lists(formulas, min_size=2, max_size=4), facts, limits, st.booleans())
def test_whom_two_formulas_share_keeps_them_from_being_disjoint(
    of: list[Formula], known: list[Formula], limit: int, ordered: bool
) -> None:
    assert_sound(of, known, limit, ordered=ordered)


@given(st.lists(formulas, min_size=2, max_size=3), facts, st.booleans())
def test_a_meeting_of_boxes_holds_everybody_who_is_in_both(
    of: list[Formula], known: list[Formula], ordered: bool
) -> None:
    boxes, clashes, allowed = assert_sound(of, known, 48, ordered=ordered)
    one, other = boxes.of[0], boxes.of[1]
    for box in one[:4]:
        met = [boxes.meet(box, second) for second in other[:4]]
        clash = clashes.of_box(box)
        for place, (second, meeting) in enumerate(zip(other[:4], met, strict=True)):
            shared = allowed & contains(box) & contains(second)
            if shared.any():
                assert meeting is not None
                assert contains(meeting)[shared].all()
                assert boxes.compatible([box], second)
                assert not clash[len(one) + place]


@given(st.lists(formulas, min_size=2, max_size=5), facts)
def test_some_rows_are_rows_of_all_pairs(of: list[Formula], known: list[Formula]) -> None:
    clashes = Clashes(Boxes(of, ORDER, known).of)
    rows = list(range(0, len(of), 2))
    assert (clashes.disjoint(rows) == clashes.disjoint()[rows]).all()


def disjoint(one: Formula, other: Formula, *known: Formula, order: tuple[tuple[Var, Var], ...] = ()) -> bool:
    return bool(Clashes(Boxes([one, other], order, known).of).disjoint()[0, 1])


def test_flags_and_ranges_that_do_not_meet() -> None:
    assert disjoint(every([STAFF, at_least(FREE, 1)]), no(STAFF))
    assert disjoint(at_least(FREE, 3), at_most(FREE, 2))
    assert not disjoint(at_least(FREE, 3), at_most(FREE, 3))


def test_over_other_than_whole_numbers_an_end_may_be_left_out() -> None:
    half = Fraction(1, 2)
    assert disjoint(linear([(1, SHARE)], half, strict=True), at_least(SHARE, half))
    assert not disjoint(at_most(SHARE, half), at_least(SHARE, half))
    assert not disjoint(linear([(1, SHARE)], half, strict=True), at_least(SHARE, Fraction(49, 100)))


def test_a_list_of_values_is_one_box() -> None:
    countries = some(is_equal(FREE, number) for number in (1, 5, 9))
    others = no(countries)
    boxes = Boxes([every([countries, STAFF]), every([others, STAFF])])
    assert [len(of) for of in boxes.of] == [1, 1]
    assert disjoint(countries, others)
    assert disjoint(countries, some([is_equal(FREE, 2), is_equal(FREE, 8)]))
    assert not disjoint(countries, some([is_equal(FREE, 2), is_equal(FREE, 9)]))


def test_more_ends_than_fit_into_a_word() -> None:
    numbers = [is_equal(FREE, number) for number in range(0, 400, 2)]
    table = Clashes(Boxes(numbers).of).disjoint()
    assert (table == ~np.eye(200, dtype=bool)).all()


def test_what_happened_in_a_week_happened_in_a_year() -> None:
    assert not disjoint(at_least(WEEK, 2), at_most(YEAR, 1))
    assert disjoint(at_least(WEEK, 2), at_most(YEAR, 1), order=ORDER)
    assert not disjoint(at_least(YEAR, 2), at_most(WEEK, 1), order=ORDER)


def test_an_order_holds_through_a_variable_that_no_formula_speaks_of() -> None:
    first, middle, last = Var("first"), Var("middle"), Var("last")
    assert disjoint(at_least(first, 3), at_most(last, 2), order=((first, middle), (middle, last)))


def test_one_of_two_holds_always() -> None:
    assert disjoint(STAFF, no(KNOWN), implies(STAFF, KNOWN))
    assert disjoint(at_least(WEEK, 1), at_least(FREE, 8), implies(at_least(WEEK, 1), at_most(FREE, 7)))
    assert not disjoint(at_least(WEEK, 1), at_least(FREE, 7), implies(at_least(WEEK, 1), at_most(FREE, 7)))


def test_a_comparison_and_its_opposite() -> None:
    gain = linear([(1, FREE), (-1, YEAR)], 2)
    assert disjoint(gain, no(gain))
    assert disjoint(gain, linear([(2, YEAR), (-2, FREE)], -6))
    assert not disjoint(gain, linear([(2, YEAR), (-2, FREE)], -4))
    same = equal([(1, FREE), (1, YEAR)], 4)
    assert disjoint(same, no(same))


def test_a_sum_is_worked_out_from_its_variables() -> None:
    assert disjoint(every([at_most(FREE, 5), at_most(YEAR, 1)]), linear([(-1, FREE), (-1, YEAR)], -7))
    assert not disjoint(every([at_most(FREE, 5), at_most(YEAR, 1)]), linear([(-1, FREE), (-1, YEAR)], -6))


def test_a_sum_bounds_its_variables() -> None:
    box = Boxes([every([linear([(1, FREE), (2, YEAR)], 9), at_least(YEAR, 2)])]).of[0][0]
    assert box.numbers[FREE][0][1] == (5, 0)


def test_what_cannot_hold_is_disjoint_with_all() -> None:
    boxes = Boxes([STAFF, every([at_least(WEEK, 2), at_most(MONTH, 1)]), constant(False)], ORDER)
    assert boxes.empty == (1, 2)
    assert Clashes(boxes.of).disjoint().tolist() == [[False, True, True], [True] * 3, [True] * 3]


def test_nothing_holds_where_the_premises_cannot() -> None:
    assert Boxes([STAFF], (), [constant(False)]).empty == (0,)


def test_everything_meets_all_but_nothing() -> None:
    assert Clashes(Boxes([constant(True), STAFF]).of).disjoint().tolist() == [[False, False], [False, False]]


def test_no_formulas_at_all() -> None:
    assert Clashes(Boxes([]).of).disjoint().shape == (0, 0)


@pytest.mark.parametrize("limit", [1, 4, 48])
def test_there_are_no_more_boxes_than_the_limit(limit: int) -> None:
    flags = [flag(f"f{number}") for number in range(20)]
    pairs = every(some([flags[number], flags[number + 1]]) for number in range(0, 20, 2))
    boxes = Boxes([every([pairs, STAFF]), some(every([one, STAFF, KNOWN]) for one in flags), no(STAFF)], limit=limit)
    assert all(len(of) <= limit for of in boxes.of)
    assert Clashes(boxes.of).disjoint()[:2, 2].all()


def test_a_meeting_knows_what_neither_box_knows() -> None:
    boxes = Boxes([at_most(FREE, 5), at_most(YEAR, 1), linear([(-1, FREE), (-1, YEAR)], -7)])
    free, year, total = (of[0] for of in boxes.of)
    assert boxes.compatible([free, year], total)
    assert boxes.meet_all([free, year]) is not None
    assert boxes.meet_all([free, year, total]) is None


def test_a_box_from_elsewhere_is_held_against_all() -> None:
    boxes = Boxes([at_most(FREE, 5), is_equal(FREE, 9), every([STAFF, at_least(FREE, 20)])])
    clashes = Clashes(boxes.of)
    met = boxes.meet(boxes.of[0][0], Box())
    assert met is not None
    assert clashes.of_box(met).tolist() == [False, True, True]
    assert clashes.owners.tolist() == [0, 1, 2]
    other = Boxes([is_equal(FREE, 7)])
    assert other.of[0][0].numbers[FREE] == (((7, 0), (7, 0)),)
