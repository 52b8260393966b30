"""Verdicts of the engines into results, with every clause of what failed."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segrules.diagnostics.finding import Finding
from segrules.evaluation.needed import cut_down
from segrules.explain.clauses import Answer, Clause, answer_words, condition_clause, segment_clause
from segrules.ir import nodes as ir
from segrules.ir.rules import ConsentClause, Rules, Segment
from segrules.ir.testcases import Expected, Test
from segrules.reference.consent import granted
from segrules.reference.evaluate import worked_out
from segrules.reference.interpreter import Interpreter
from segrules.reference.values import Absent, Doubt, Result
from segrules.reference.windows import Clock
from segrules.reference.world import Customer
from segrules.testing.result import TestFailure, TestResult, TestRun, TestStatus
from segrules.testing.run import Bench, Judged, Progress, Verdict
from segrules.testing.variant import target_words

_EXPLAINED = 50
"""So many tests are explained clause by clause; in a broken rule set all the others fail for the same reasons."""

_NONE = "none (there is no such thing)"


def run_tests(
    rules: Rules, tests: Sequence[Test], findings: tuple[Finding, ...] = (), progress: Progress | None = None
) -> TestRun:
    """Run tests on both engines.

    Raises:
        BadRules: a pattern of the rules cannot be run.
    """
    start = time.perf_counter()
    bench = Bench(rules, progress or _silent)
    judged = bench.judge(tests)
    seconds = time.perf_counter() - start
    results = tuple(_results(rules, bench, judged))
    return TestRun(results, findings, seconds)


def _results(rules: Rules, bench: Bench, judged: Sequence[Judged]) -> Iterator[TestResult]:
    left = _EXPLAINED
    for item in judged:
        test = item.test
        wrong = [verdict for verdict in item.verdicts if not verdict.holds]
        if item.findings:
            status = TestStatus.REFUSED
        elif any(not verdict.agreed for verdict in wrong):
            status = TestStatus.DISAGREED
        else:
            status = TestStatus.FAILED if wrong else TestStatus.PASSED
        explained = bool(wrong) and left > 0
        left -= explained
        inspected = _Inspected(bench, test) if explained else None
        failures = tuple(_failure(rules, test, verdict, inspected) for verdict in wrong)
        yield TestResult(test.title, status, test.span, len(test.expectations), failures, item.findings)


def _failure(rules: Rules, test: Test, verdict: Verdict, inspected: "_Inspected | None") -> TestFailure:
    expectation = verdict.expectation
    target = expectation.target
    several = len(test.customers) > 1
    customer = test.customers[expectation.customer].key if several else None
    about = target_words(target, rules)
    arrow = None if verdict.agreed else verdict.arrow.value
    why = None if inspected is None else inspected.why(target, expectation.customer)
    if isinstance(target, ir.InSegment | ir.InStage):
        return TestFailure(
            about, customer, expectation.expected.value, verdict.found.value, expectation.span, arrow, why
        )
    found = _truth_word(verdict.found)
    if isinstance(target, ir.Compare) and inspected is not None:
        found = inspected.value(target.left, expectation.customer)
    return TestFailure(about, customer, "is", found, expectation.span, arrow, why)


def _truth_word(found: Expected) -> str:
    return {Expected.IN: "that it holds", Expected.NOT_IN: "that it does not hold"}.get(found, "that it is unknown")


@dataclass
class _Of:
    """Answers about one customer, from the interpreter."""

    interpreter: Interpreter
    customer: Customer
    clock: Clock

    def truth(self, condition: ir.Condition) -> bool | None:
        return self.interpreter.truth(condition, self.customer)

    def value(self, value: ir.Value) -> Answer:
        return _answer(value, self.interpreter.value(value, self.customer))

    def granted(self, clause: ConsentClause, segment: Segment) -> bool:
        return granted(self.customer, clause, segment.header.purposes, self.clock)

    def suppressed(self, name: str) -> bool:
        return name in self.customer.suppressions


class _Inspected:
    """One test by itself, worked out by the interpreter, to be asked about single clauses."""

    def __init__(self, bench: Bench, test: Test) -> None:
        self._variant = bench.settings.variant(test)
        rules, tables, keys = bench.settings.world(test)
        asked = [self._variant.ask(item.target) for item in test.expectations]
        self._rules = cut_down(rules, {root for one in asked for root in one.reached})
        names = tuple({name: None for one in asked for name in one.segments})
        self._interpreter, customers = worked_out(self._rules, tables, test.as_of, names)
        by_key = {customer.key: customer for customer in customers}
        self._customers = [by_key[key] for key in keys]
        self._clock = Clock(test.as_of, rules.catalogue.zone)

    def why(self, target: ir.Condition, customer: int) -> Clause:
        """Every clause of a target with what it comes to."""
        answers = _Of(self._interpreter, self._customers[customer], self._clock)
        if isinstance(target, ir.InSegment):
            return segment_clause(self._rules, target.name, answers)
        return condition_clause(self._rules, self._variant.given(target), answers)

    def value(self, value: ir.Value, customer: int) -> str:
        """What a value is, in words."""
        changed = self._variant.given(value)
        result = self._interpreter.value(changed, self._customers[customer])
        return answer_words(_answer(value, result), value.type, self._rules.catalogue.zone)


def _answer(value: ir.Value, result: Result) -> Answer:
    match result:
        case Absent.NONE:
            return Answer((), _NONE)
        case Absent.MISSING:
            # What is made of rows or of other values may be missing though all that there is was given.
            is_plain = isinstance(value, ir.Attribute | ir.RelatedColumn | ir.ConsentState)
            return Answer((), "missing (not given)" if is_plain else "missing")
        case Doubt(numbers):
            return Answer(tuple(sorted(numbers)))
        case _:
            return Answer((result,))


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
