"""Questions about every customer who could exist: proved, refuted by a customer, or undecided.

A question is whether some formulas can hold together. If nothing satisfies them, that is the proof. If something does,
it is made into a customer, and only when the interpreter finds of that customer what the question asks is it said that
there is one. Everything else is undecided, with the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expectation, Expected, GivenCustomer, GivenRow, Test
from segrules.ir.walk import all_nodes, entries_of_lists
from segrules.proofs.encoding.alone import alone
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.likely import likely
from segrules.proofs.encoding.meanings import Free, Tracked
from segrules.proofs.encoding.problem import Problem, problem
from segrules.proofs.formulas.calendar import DAY, FIRST_DAY, LAST_DAY, TIME, TODAY
from segrules.proofs.formulas.logic import TRUE, Formula, every, is_equal, no, some
from segrules.proofs.formulas.smt import BUDGET, Conflict, GivenUp, Model, decide
from segrules.proofs.premise_words import any_cut_points
from segrules.proofs.verdict import Answer, Clause, Reason, Verdict
from segrules.proofs.witnesses.allowed import allowed
from segrules.proofs.witnesses.expected import lists_for
from segrules.proofs.witnesses.plausible import plausible
from segrules.proofs.witnesses.realise import Proposal, proposals
from segrules.proofs.witnesses.replay import Replayer, Row
from segrules.proofs.witnesses.shrink import shrink
from segrules.reference.problems import DataProblem
from segrules.reference.scores import banded
from segrules.reference.values import Absent, Doubt
from segrules.testing.settings import Settings
from segrules.types.zones import local_day, start_of_day, zone

_FEW, _SOME = 6, 40
_ABOUT_OTHERS = (Reason.POPULATION, Reason.RELATION)
_ROUNDS = 3
_AROUND = 5 * 366
"""So many days before and after one there are days on which months and years have each length."""
_CALENDARS = 40
"""So often it is said of a model that its calendar is that of no day."""


@dataclass(frozen=True, slots=True)
class At:
    """What satisfies a question at an instant."""

    model: Model
    as_of: datetime


Found = At | tuple[Clause, ...] | Reason
"""That, or clauses that conflict at every instant, or why there is neither."""


Also = Callable[[Replayer, Row], bool]
"""What else has to be so of a customer, as the interpreter sees it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a customer can have all of these at once.

    `clauses` have places, and are named where they conflict; `facts` are further formulas. The interpreter must find
    the customer in all of `inside` and, for certain, in none of `outside`; a test of the customer says so. `title` is
    the test's.
    """

    title: str
    clauses: tuple[Tracked, ...]
    facts: tuple[Formula, ...] = ()
    inside: tuple[ir.Condition, ...] = ()
    outside: tuple[ir.Condition, ...] = ()
    also: Also | None = None
    small: bool = True
    """Whether a customer who is found is made small, for somebody to read."""


@dataclass(eq=False)
class Prover:
    """Answers questions about one rule set; `as_of` None asks about every instant.

    `usual` is the instant at which customers are looked for first. `asked` counts how often Z3 was asked.
    """

    rules: Rules
    as_of: datetime | None = None
    budget: int = BUDGET
    encoder: Encoder = field(init=False)
    usual: datetime = field(init=False)
    asked: int = field(default=0, init=False)
    _settings: Settings = field(init=False)
    _lists: dict[str, frozenset[str]] = field(init=False)
    _replayers: dict[datetime, Replayer] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.encoder = Encoder(self.rules)
        self._lists = entries_of_lists(self.rules)
        self._settings = Settings(self.rules)
        self.usual = self.as_of or usual_instant(self.rules)

    def replayer(self, as_of: datetime) -> Replayer:
        """The interpreter at an instant."""
        if as_of not in self._replayers:
            self._replayers[as_of] = Replayer(self.rules, as_of, self._lists, settings=self._settings)
        return self._replayers[as_of]

    def refute(self, question: Question) -> Verdict:
        """Proved that there is no such customer, or refuted by one."""
        formulas = [*question.facts, *(item.formula for item in question.clauses)]
        posed = self._posed(formulas)
        premises = tuple(any_cut_points(name) for name in sorted(posed.bands))
        found = self._looked_for(posed, question)
        match found:
            case Reason():
                return Verdict(Answer.UNDECIDED, reason=found, premises=premises)
            case At(model, as_of):
                return self._confirmed(posed, question, model, as_of, premises)
            case _:
                return Verdict(Answer.PROVED, found, premises=premises)

    def _looked_for(self, posed: Problem, question: Question) -> Found:
        """A model and its instant, the clauses that conflict at every instant, or why there is neither."""
        anywhere: Model | None = None
        for as_of in dict.fromkeys((self.usual, mid_month(self.usual))):
            found = self._decide(posed, question, posed.at(self.encoder, as_of))
            if isinstance(found, GivenUp):
                return Reason.BUDGET
            if isinstance(found, Model):
                return At(found, as_of)
            core, at_this_time_only = found
            if not at_this_time_only or self.as_of is not None:
                return core
            if anywhere is None:
                found = self._decide(posed, question, TRUE)
                if isinstance(found, GivenUp):
                    return Reason.BUDGET
                if not isinstance(found, Model):
                    return found[0]
                anywhere = found
        assert anywhere is not None  # invariant: there is a usual instant
        return self._at_a_sample(posed, question, anywhere) or self._on_any_day(posed, question, anywhere)

    def _posed(self, formulas: Sequence[Formula]) -> Problem:
        """A question closed, with what is so of one customer alone where it asks about others."""
        posed = problem(self.encoder, formulas)
        if not posed.reasons.intersection(_ABOUT_OTHERS):
            return posed
        guides = alone(self.encoder, (*posed.flags, *posed.variables))
        return replace(problem(self.encoder, [*formulas, *guides]), guides=guides)

    def _at_a_sample(self, posed: Problem, question: Question, model: Model) -> At | None:
        """A model at an instant of a sample: days of the year around the usual one, and around that of a model."""
        calendar = self.encoder.calendar
        places = [(self.usual, 0), (self.usual, DAY // 2)]
        if any(var.name == TODAY.name for var in posed.variables):
            # Dates of the calendar stand in the rules: it may have to be another year.
            places.append((calendar.as_of(int(model.number(TODAY)), 0), 0))
        for near, time in places:
            samples = [(at, posed.at(self.encoder, at)) for at in calendar.samples(near, time)]
            found = self._decide(posed, question, some(formula for _, formula in samples))
            if isinstance(found, Model):
                for at, formula in samples:
                    values = calendar.values(posed.variables, at)
                    if all(found.number(var) == number for var, number in values.items()):
                        again = self._decide(posed, question, formula)
                        return At(again, at) if isinstance(again, Model) else None
        return None

    def _on_any_day(self, posed: Problem, question: Question, model: Model) -> Found:
        """The same on any day: first of the years after the usual one, then of those around a model's, then of all.

        What the calendar is in a model need not come together on a day; what speaks against that is said, and asked
        again.
        """
        calendar = self.encoder.calendar
        days = range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1)
        usual, other = local_day(self.usual, calendar.zone).toordinal(), int(model.number(TODAY))
        near = range(max(days[0], usual), min(days[-1], usual + _AROUND) + 1)
        around = range(max(days[0], other - _AROUND), min(days[-1], other + _AROUND) + 1)
        for among in filter(None, (near, around, days)):
            said = [calendar.one_of(posed.variables, among)]
            for _ in range(_CALENDARS):
                found = self._decide(posed, question, every(said))
                if isinstance(found, GivenUp):
                    return Reason.BUDGET
                if not isinstance(found, Model):
                    core, among_these_days_only = found
                    if among == days or not among_these_days_only:
                        return core
                    break
                against = calendar.against(posed.variables, found.number, among)
                if not against:
                    as_of = calendar.as_of(int(found.number(TODAY)), int(found.number(TIME)))
                    again = self._decide(posed, question, posed.at(self.encoder, as_of))
                    if isinstance(again, Model):
                        return At(again, as_of)
                    break
                said += against
        return Reason.CALENDAR

    def _decide(
        self, posed: Problem, question: Question, time: Formula
    ) -> "Model | GivenUp | tuple[tuple[Clause, ...], bool]":
        """A model, or the clauses that conflict, and whether the instant takes part in that."""
        self.asked += 1
        wishes = [posed.few_rows(_FEW), posed.few_rows(_SOME)] if posed.cells.cells else []
        wishes += [posed.plain, *likely(self.encoder, posed), every(posed.guides)]
        found = decide(
            [*posed.facts, *question.facts],
            [time, *(item.formula for item in question.clauses)],
            small=wishes,
            minimal=True,
            budget=self.budget,
        )
        if isinstance(found, Conflict):
            clauses = tuple(question.clauses[place - 1].clause for place in found.core if place > 0)
            return tuple(dict.fromkeys(clauses)), 0 in found.core
        return found

    def _confirmed(
        self, posed: Problem, question: Question, model: Model, as_of: datetime, premises: tuple[str, ...]
    ) -> Verdict:
        """A customer whom the interpreter confirms; after one whom it does not, what it says of that one is assumed."""
        assumed: list[Formula] = []
        for _ in range(_ROUNDS):
            first: Proposal | None = None
            for proposal in proposals(self.encoder, posed, model, as_of):
                first = first or proposal
                witness = self.witness(proposal, question)
                if witness is not None:
                    return Verdict(Answer.REFUTED, witness=witness, premises=premises)
            if first is None or not posed.reasons:
                break
            assumed += self._observed(posed, first)
            again = self._decide(
                posed, replace(question, facts=(*question.facts, *assumed)), posed.at(self.encoder, as_of)
            )
            if not assumed or not isinstance(again, Model):
                break
            model = again
        reason = next((item for item in Reason if item in posed.reasons), Reason.UNCONFIRMED)
        return Verdict(Answer.UNDECIDED, reason=reason, premises=premises)

    def _observed(self, posed: Problem, proposal: Proposal) -> list[Formula]:
        """What the interpreter says of population figures and relations, for a customer who is alone in the world."""
        replayer = self.alone(proposal.as_of, proposal.rows)
        row = replayer.add(proposal.given)
        found: list[Formula] = []
        for var in posed.variables:
            if isinstance(var.meaning, Free) and isinstance(var.meaning.node, ir.Figure | ir.NumberOfRelated):
                value = replayer.value(row, var.meaning.node)
                if isinstance(value, int | Fraction):
                    found.append(is_equal(var, value))
        for item in posed.flags:
            if isinstance(item.meaning, Free) and isinstance(item.meaning.node, ir.Figure):
                value = replayer.value(row, item.meaning.node)
                word = " is none" if value is Absent.NONE else " is missing" if value is Absent.MISSING else None
                if item.name.endswith((" is none", " is missing")):
                    holds = word is not None and item.name.endswith(word)
                    found.append(item if holds else no(item))
        return found

    def alone(self, as_of: datetime, rows: tuple[GivenRow, ...]) -> Replayer:
        """The interpreter at an instant, with rows to which relations lead."""
        if not rows:
            return self.replayer(as_of)
        return Replayer(self.rules, as_of, self._lists, rows, self._settings)

    def witness(self, proposal: Proposal, question: Question) -> Test | None:
        """The test that shows a customer, made small; None where the interpreter does not confirm it."""
        replayer = self.alone(proposal.as_of, proposal.rows)
        targets = (*question.inside, *question.outside)

        def holds(candidate: GivenCustomer) -> bool:
            if not allowed(candidate, self.rules.catalogue) or replayer.lacks(candidate, targets):
                return False
            try:
                row = replayer.add(candidate)
            except DataProblem:
                return False
            return (
                all(replayer.found(row, target) is Expected.IN for target in question.inside)
                and all(replayer.found(row, target) is not Expected.IN for target in question.outside)
                and (question.also is None or question.also(replayer, row))
                and self.scored(replayer, row)
            )

        if not holds(proposal.given):
            return None
        given = proposal.given
        if question.small:
            plainer = plausible(self.rules.catalogue, proposal.as_of)
            given = shrink(given, holds, zone_name=self.rules.catalogue.zone, proposed=plainer)
        row = replayer.add(given)
        said = (_expectation(target, replayer.found(row, target)) for target in targets)
        expectations = tuple(item for item in said if item is not None)
        lists = lists_for(self._lists, given)
        return Test(question.title, proposal.as_of, (given,), lists, expectations, rows=proposal.rows)

    def scored(self, replayer: Replayer, row: Row) -> bool:
        """Whether all bands that a customer is given are of scores that the customer takes part in.

        A band with cut points has to be the one in which the customer's own value lies.
        """
        for (score, name), given in row.given.bands.items():
            scored, rank = self.rules.scores[score], self.rules.scores[score].ranks[name]
            among = True if scored.among is None else replayer.truth(row, scored.among)
            value = replayer.value(row, rank.by)
            if among is not True or isinstance(value, Absent | Doubt):
                return False
            if rank.bands.cuts is not None and banded(rank, [True], [value], [Absent.NONE], [0])[0] != [given.value]:
                return False
        return True


def _expectation(target: ir.Condition, found: Expected) -> Expectation | None:
    """What a test can expect of a target: of a define or an attribute only that it is true, or false."""
    match target:
        case ir.InSegment() | ir.InStage():
            return Expectation(found, target, 0)
        case ir.Defined() if found is Expected.NOT_IN:
            return Expectation(Expected.IN, ir.Not(target), 0)
        case ir.IsTrue(ir.Attribute() as attribute) if found is not Expected.UNKNOWN_IN:
            value = ir.Literal(found is Expected.IN, attribute.type)
            return Expectation(Expected.IN, ir.Compare(ir.CompareOp.EQ, attribute, value), 0)
        case ir.Defined() if found is Expected.IN:
            return Expectation(found, target, 0)
        case _:
            return None


def usual_instant(rules: Rules) -> datetime:
    """The instant at which witnesses are shown: the latest one of the tests, else after all dates in the rules."""
    if rules.tests:
        return max(test.as_of for test in rules.tests)
    days = [date(2026, 1, 1)]
    for node in all_nodes(rules):
        if isinstance(node, ir.Literal) and isinstance(node.value, date):
            days.append(_day(node.value, rules))
        window = getattr(node, "window", None)
        if window is not None:
            values = (getattr(window, name) for name in window.__slots__)
            days += [_day(value, rules) for value in values if isinstance(value, date)]
    latest = max(day for day in days if day < date(2100, 1, 1))
    month = latest.year * 12 + latest.month
    return mid_month(datetime(month // 12, month % 12 + 1, 1, 12, tzinfo=zone(rules.catalogue.zone)))


def mid_month(instant: datetime) -> datetime:
    """The start of a Thursday in the middle of the same month: the current week, month and year have begun by then."""
    day = instant.date().replace(day=14)
    thursday = day + timedelta(days=(3 - day.weekday()) % 7)
    of = zone(str(instant.tzinfo))
    return start_of_day(thursday, of).astimezone(of)


def _day(moment: date, rules: Rules) -> date:
    if isinstance(moment, datetime):
        return local_day(moment.astimezone(UTC), zone(rules.catalogue.zone))
    return moment
