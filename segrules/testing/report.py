"""Results of tests into what people and programs read."""

from collections.abc import Iterator, Mapping
from typing import Any

from segrules.diagnostics.finding import Code, Finding, Severity, finding, in_order
from segrules.diagnostics.render import Piece, finding_json, printable, render_pieces
from segrules.explain.clauses import clause_json, clause_pieces
from segrules.testing.result import ENDINGS, TestFailure, TestResult, TestRun, TestStatus
from segrules.text.source import Source

_SHOWN = 50
"""So many tests that did not pass are told in text, and explained at all."""

_STYLES = {
    TestStatus.PASSED: "green",
    TestStatus.FAILED: "bold red",
    TestStatus.REFUSED: "bold red",
    TestStatus.DISAGREED: "bold magenta",
}

FAILED_TEST = Code("TEST", "failed-test", Severity.ERROR)
"""What a test that does not pass is called where findings are shown; it is about one project, so it has no page."""

OUR_MISTAKE = (
    "the two engines found different things: this is a mistake in segrules, not in the rules; "
    "please report the test and the rules that it is about"
)


def run_pieces(run: TestRun, sources: Mapping[str, Source]) -> Iterator[Piece]:
    """Every test that did not pass, with the reasons, then how many there were, as styled text."""
    others = [item for item in run.results if not item.passed]
    for result in others[:_SHOWN]:
        yield from _result_pieces(result, sources)
        yield Piece("\n")
    if len(others) > _SHOWN:
        yield Piece(f"{len(others) - _SHOWN:,} more that did not pass are not shown\n\n", "dim")
    yield Piece(f"{run.counts}\n", "" if run.passed else "bold")


def run_json(run: TestRun) -> dict[str, Any]:
    """The run as JSON values."""
    return {
        "passed": run.passed,
        "counts": {status.value: run.count(status) for status in TestStatus},
        "tests": [_result_json(item) for item in run.results],
        "findings": [finding_json(item) for item in run.findings],
    }


def run_findings(run: TestRun) -> tuple[Finding, ...]:
    """What did not pass as findings, beside those of the rules and of tests that cannot be run."""
    found = [*run.findings]
    for result in run.results:
        found += result.findings
        for failure in result.failures:
            told = f"the test `{result.title}` does not pass: {headline(failure)}"
            found.append(finding(FAILED_TEST, told, failure.span, help=None if failure.arrow is None else OUR_MISTAKE))
    return in_order(found)


def failure_lines(failure: TestFailure) -> str:
    """What was expected and found, and why, as plain text."""
    return "".join(piece.text for piece in _failure_pieces(failure))


def headline(failure: TestFailure) -> str:
    """What was expected and found, on one line."""
    who = "" if failure.customer is None else f"customer {failure.customer}: "
    if failure.expected == "is":
        return f"{who}expected {failure.about}, found {failure.found}"
    return f"{who}expected {failure.expected} {failure.about}, found {failure.found} it"


def _result_pieces(result: TestResult, sources: Mapping[str, Source]) -> Iterator[Piece]:
    yield Piece(ENDINGS[result.status], _STYLES[result.status])
    yield Piece(f"  {printable(result.title)}  ", "bold")
    yield Piece(f"{result.place}\n", "dim")
    for failure in result.failures:
        yield from _failure_pieces(failure)
    if result.findings:
        yield from render_pieces(in_order(result.findings), sources)


def _failure_pieces(failure: TestFailure) -> Iterator[Piece]:
    yield Piece(f"  {printable(headline(failure))}  ")
    yield Piece(f"{failure.span.path}:{failure.span.line}\n", "dim")
    if failure.arrow is not None:
        yield Piece(f"  the interpreter found {failure.found}, the Arrow engine {failure.arrow}\n", "bold magenta")
        yield Piece(f"  {OUR_MISTAKE}\n", "bold magenta")
    if failure.why is not None:
        yield from clause_pieces(failure.why, "    ")


def _result_json(result: TestResult) -> dict[str, Any]:
    return {
        "title": result.title,
        "status": result.status.value,
        "file": result.span.path,
        "line": result.span.line,
        "expectations": result.expectations,
        "failures": [_failure_json(item) for item in result.failures],
        "findings": [finding_json(item) for item in result.findings],
    }


def _failure_json(failure: TestFailure) -> dict[str, Any]:
    return {
        "about": failure.about,
        "customer": failure.customer,
        "expected": failure.expected,
        "found": failure.found,
        "arrow": failure.arrow,
        "file": failure.span.path,
        "line": failure.span.line,
        "column": failure.span.column,
        "why": None if failure.why is None else clause_json(failure.why),
    }
