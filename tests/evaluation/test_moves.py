"""Counts of who entered and left: what they are, and that small ones are told neither outright nor by arithmetic."""

import itertools
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import z3

from segrules.evaluation.moved import Counted, SegmentMoves
from segrules.evaluation.small_moves import Edge, Network, protect
from tests.evaluation.made_moves import Flags, World, among, counted

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))


def _moves(
    before: range | list[int] | None, after: range | list[int] | None, customers: int = 1_000, min_cell: int = 11
) -> SegmentMoves:
    was = {} if before is None else {"a": among(customers, before)}
    now = {} if after is None else {"a": among(customers, after)}
    (made,) = counted(World(was, now, min_cell=min_cell)).segments
    return made


# --- what is counted


def test_customers_before_and_after_who_entered_left_and_stayed() -> None:
    assert _moves(range(100), range(40, 300)) == SegmentMoves("a", "a", 100, 260, 200, 40, 60)


def test_nobody_moves() -> None:
    made = _moves(range(100), range(100))
    assert (made, made.moved) == (SegmentMoves("a", "a", 100, 100, 0, 0, 100), False)


def test_all_move() -> None:
    made = _moves(range(100), range(100, 300))
    assert (made, made.moved) == (SegmentMoves("a", "a", 100, 200, 200, 100, 0), True)


def test_a_segment_of_one_version_has_numbers_of_that_version() -> None:
    assert _moves(None, range(100)) == SegmentMoves(None, "a", None, 100, 100, None, None)
    assert _moves(range(100), None) == SegmentMoves("a", None, 100, None, None, 100, None)


def test_without_customers_everything_is_zero() -> None:
    empty = np.zeros(0, np.bool_)
    stages = np.zeros(0, np.int16), ("x", "y")
    made = counted(World({"a": empty}, {"a": empty}, (stages, stages)))
    assert (made.customers, made.segments) == (0, (SegmentMoves("a", "a", 0, 0, 0, 0, 0),))
    assert [(stage.name, stage.before, stage.after) for stage in made.partitions[0].stages] == [
        ("x", 0, 0),
        ("y", 0, 0),
    ]
    assert made.partitions[0].moves == ()


def test_stages_may_come_and_go() -> None:
    before = np.repeat(np.array([0, 1], np.int16), 100), ("x", "old")
    after = np.repeat(np.array([0, 2, 1, 0], np.int16), 50), ("x", "new", "y")
    nobody = {"a": among(200, range(0))}
    (made,) = counted(World(nobody, nobody, (before, after))).partitions
    assert [(stage.name, stage.before, stage.after) for stage in made.stages] == [
        ("x", 100, 100),
        ("old", 100, None),
        ("new", None, 50),
        ("y", None, 50),
    ]
    assert [(move.before, move.after, move.customers) for move in made.moves] == [
        ("x", "x", 50),
        ("x", "y", 50),
        ("old", "x", 50),
        ("old", "new", 50),
    ]
    assert made.moved


# --- what is hidden


def test_a_few_who_enter_are_hidden_with_the_number_after() -> None:
    made = _moves(range(500), range(505))
    assert made == SegmentMoves("a", "a", 500, None, None, 0, 500, ("after", "entered"))
    assert made.moved


def test_a_few_who_leave_are_hidden_with_the_number_after() -> None:
    made = _moves(range(500), range(5, 500))
    assert (made.before, made.after, made.entered, made.left, made.stayed) == (500, None, 0, None, None)


def test_where_a_few_enter_and_a_few_leave_nothing_but_the_number_before_is_told() -> None:
    made = _moves(range(500), range(3, 505))
    assert (made.entered, made.left, made.stayed) == (None, None, None)
    assert None in (made.before, made.after)


def test_eleven_are_shown() -> None:
    assert _moves(range(500), range(511)).entered == 11


def test_a_small_segment_is_hidden() -> None:
    made = _moves(range(5), range(5))
    assert (made.before, made.after, made.entered, made.left, made.stayed) == (None, None, 0, 0, None)
    assert made.suppressed == ("before", "after", "stayed")
    assert not made.moved


def test_a_segment_that_leaves_out_a_few_is_hidden() -> None:
    assert _moves(range(995), range(995)).before is None


def test_a_few_customers_are_not_counted_at_all() -> None:
    made = counted(World({"a": among(8, range(4))}, {"a": among(8, range(2, 8))}))
    (segment,) = made.segments
    assert made.customers is None
    assert {segment.before, segment.after, segment.entered, segment.left, segment.stayed} == {None}


def test_with_one_as_the_smallest_count_everything_is_shown() -> None:
    assert _moves(range(3), range(1, 4), customers=5, min_cell=1) == SegmentMoves("a", "a", 3, 3, 1, 1, 2)


def test_the_same_customers_are_hidden_wherever_they_are_counted() -> None:
    # Who left `a` is the whole of `b`: shown there, it would tell how many stayed, and so the few who entered.
    before = {"a": among(1_000, range(500)), "b": among(1_000, range(100, 500))}
    after = {"a": among(1_000, [*range(100), *range(500, 505)]), "b": among(1_000, range(100, 500))}
    one, other = counted(World(before, after)).segments
    assert one.entered is None
    assert (one.left is None) == (other.before is None)


def test_segments_that_lie_in_one_another_do_not_differ_by_a_few() -> None:
    people = {"inner": among(1_000, range(300)), "outer": among(1_000, range(305))}
    inner, outer = counted(World(people, people)).segments
    assert None in (inner.before, outer.before)


def test_few_of_many_reasons_are_hidden_with_another() -> None:
    world = World(
        {"a": among(1_000, range(100))},
        {"a": among(1_000, range(300))},
        groups={
            ("a", "entered"): [
                among(1_000, range(100, 200)),
                among(1_000, range(200, 295)),
                among(1_000, range(295, 300)),
            ]
        },
    )
    (made,) = counted(world).segments
    assert made.entered == 200
    assert sorted((cause.customers or 0) for cause in made.entered_because) == [0, 0, 95]


def test_reasons_are_not_told_of_a_hidden_number() -> None:
    world = World(
        {"a": among(1_000, range(100))},
        {"a": among(1_000, range(105))},
        groups={("a", "entered"): [among(1_000, range(100, 105))]},
    )
    assert counted(world).segments[0].entered_because == ()


def test_of_counts_that_add_up_the_cheapest_is_hidden_with_a_small_one() -> None:
    edges = [
        Edge("in", "out", 5, "few", 1),
        Edge("in", "out", 40, "cheap", 1),
        Edge("in", "out", 50, "dear", 9),
        Edge("out", "in", 95, "all", 99),
    ]
    network = Network(edges)
    assert protect([network], 11) == {"few", "cheap"}
    assert network.hidden == {0, 1}


# --- an attack: whoever knows all that is shown, and which customers lie in which, cannot tell a small count


@dataclass(frozen=True)
class _Number:
    """A number of customers: its name, a term for it, who is counted."""

    name: str
    term: Any
    who: Flags

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.who))


@pytest.mark.parametrize("seed", range(12 * FUZZ))
def test_a_small_count_may_be_as_many_numbers_as_there_are_small_ones(seed: int) -> None:
    world = _world(seed)
    attack = _Attack(world, counted(world))
    for number in attack.small():
        assert attack.room(number) == world.min_cell - 1, (number.name, number.count)


class _Attack:
    """Everything that is known of the numbers as linear facts for Z3."""

    def __init__(self, world: World, told: Counted) -> None:
        self.min_cell = world.min_cell
        self.everybody = z3.Int("everybody")
        self.facts: list[Any] = [self.everybody >= 1, self.everybody <= 5_000]
        self.numbers: list[_Number] = []
        self._tell(self.everybody, told.customers, world.size)
        for segment in told.segments:
            self._segment(world, segment)
        self._partition(world, told)
        self._relate()

    def small(self) -> list[_Number]:
        """The small numbers, each of the same customers once."""
        found = {item.who.tobytes(): item for item in self.numbers if 0 < item.count < self.min_cell}
        return list(found.values())

    def room(self, number: _Number) -> int:
        """How many numbers it may be, counted as far as there are small ones."""
        solver = z3.SimpleSolver()
        solver.add(self.facts)
        most = self.min_cell - 2

        def reaches(fact: Any) -> bool:
            return bool(solver.check(fact) == z3.sat)

        up = next(step for step in range(most, -1, -1) if reaches(number.term >= number.count + step))
        down = next(step for step in range(most - up, -1, -1) if reaches(number.term <= number.count - step))
        return 1 + up + down

    def _tell(self, term: Any, told: int | None, count: int) -> None:
        assert told in (None, count)
        # Nobody is always told: what is hidden is at least one.
        self.facts.append(term >= 1 if told is None else term == told)

    def _segment(self, world: World, told: SegmentMoves) -> None:
        name = str(told.name_before)
        was, now = world.before[name], world.after[name]
        stayed, left, entered, neither = (z3.Int(f"{name} {part}") for part in range(4))
        self.facts += [stayed + left + entered + neither == self.everybody]
        for label, term, who in (
            ("stayed", stayed, was & now),
            ("left", left, was & ~now),
            ("entered", entered, now & ~was),
            ("before", stayed + left, was),
            ("after", stayed + entered, now),
        ):
            self.numbers.append(_Number(f"{name} {label}", term, who))
            self._tell(term, getattr(told, label), self.numbers[-1].count)
        for label, term, who in (
            ("neither", neither, ~(was | now)),
            ("not before", entered + neither, ~was),
            ("not after", left + neither, ~now),
        ):
            self.numbers.append(_Number(f"{name} {label}", term, who))
            self.facts.append(term >= 1 if who.any() else term == 0)
        groups = world.groups.get((name, "entered"), ())
        if told.entered_because:
            terms = [z3.Int(f"{name} group {place}") for place in range(len(groups))]
            self.facts.append(sum(terms) == entered)
            shown = {cause.flips[0].part.line - 1: cause.customers for cause in told.entered_because}
            for place, who in enumerate(groups):
                self.numbers.append(_Number(f"{name} group {place}", terms[place], who))
                self._tell(terms[place], shown[place], self.numbers[-1].count)

    def _partition(self, world: World, told: Counted) -> None:
        assert world.stages is not None
        (was, names), (now, _) = world.stages
        shown = {(move.before, move.after): move.customers for move in told.partitions[0].moves}
        cells = {}
        for one, other in itertools.product(names, repeat=2):
            cells[one, other] = term = z3.Int(f"{one} {other}")
            who = (was == names.index(one)) & (now == names.index(other))
            self.numbers.append(_Number(f"{one} to {other}", term, who))
            self._tell(term, shown.get((one, other), 0), self.numbers[-1].count)
        self.facts.append(sum(cells.values()) == self.everybody)
        for stage in told.partitions[0].stages:
            name = str(stage.name)
            place = names.index(name)
            before = sum(cells[name, other] for other in names)
            after = sum(cells[one, name] for one in names)
            for term, who, number in ((before, was == place, stage.before), (after, now == place, stage.after)):
                self.numbers.append(_Number(f"stage {name}", term, who))
                self._tell(term, number, self.numbers[-1].count)

    def _relate(self) -> None:
        """Rules tell who lies in what, who excludes whom, and which two take everybody."""
        for one, other in itertools.combinations(self.numbers, 2):
            if one.count and other.count:
                if not (one.who & ~other.who).any():
                    self.facts.append(one.term <= other.term)
                if not (other.who & ~one.who).any():
                    self.facts.append(other.term <= one.term)
                if not (one.who & other.who).any():
                    self.facts.append(one.term + other.term <= self.everybody)
                if (one.who | other.who).all():
                    self.facts.append(one.term + other.term >= self.everybody)


def _world(seed: int) -> World:
    """A few segments, some of them made of others or of a stage, that change a little, a lot or not at all."""
    random = np.random.default_rng(seed)
    customers = int(random.integers(1, 120))
    stages = int(random.integers(2, 5))
    weights = random.random(stages) ** 2
    weights /= weights.sum()
    was = random.choice(stages, customers, p=weights)
    moves = random.random(customers) < random.choice([0, 0.05, 0.3])
    now = np.where(moves, random.choice(stages, customers, p=weights), was)
    before: dict[str, Flags] = {}
    after: dict[str, Flags] = {}
    for number in range(int(random.integers(1, 5))):
        members = random.random(customers) < random.random()
        turned = random.random(customers) < random.random() * random.choice([0, 0.05, 0.3, 1])
        changed = (members | turned, members & ~turned, members ^ turned)[int(random.integers(3))]
        before[f"s{number}"], after[f"s{number}"] = np.asarray(members), np.asarray(changed)
    if random.random() < 0.5:
        before["s0"], after["s0"] = was == 0, now == 0
    for name, one, other in (("s2", "s0", "s1"), ("s3", "s1", "s0")):
        if name in before and random.random() < 0.5:
            before[name], after[name] = before[one] & before[other], after[one] & ~before[other]
    names = tuple(f"t{number}" for number in range(stages))
    entered = after["s0"] & ~before["s0"]
    part = random.integers(0, 3, customers)
    groups = [entered & (part == number) for number in range(3) if (entered & (part == number)).any()]
    return World(
        before,
        after,
        ((was.astype(np.int16), names), (now.astype(np.int16), names)),
        {("s0", "entered"): groups} if len(groups) else {},
        int(random.integers(2, 9)),
    )
