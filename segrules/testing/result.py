"""What came out of a run of tests: typed results, for Python users and for every output."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from segrules.diagnostics.finding import Finding
from segrules.explain.clauses import Clause
from segrules.text.span import Span
from segrules.types.cells import Key


class TestStatus(StrEnum):
    """How a test ended."""

    __test__ = False  # pytest would take the class for tests of its own

    PASSED = "passed"
    FAILED = "failed"
    """Something else was found than what was expected."""
    REFUSED = "refused"
    """It could not be run: its findings say why."""
    DISAGREED = "disagreed"
    """The two engines found different things: a mistake in segrules, not in the rules."""


ENDINGS = {
    TestStatus.PASSED: "passed",
    TestStatus.FAILED: "failed",
    TestStatus.REFUSED: "cannot be run",
    TestStatus.DISAGREED: "ENGINES DISAGREE",
}
"""How a test ended, in words."""


@dataclass(frozen=True, slots=True)
class TestFailure:
    """An expectation that does not hold.

    `about` is the segment, stage or value, `expected` and `found` are `in`, `not in`, `unknown in` or a value;
    `arrow` is what the Arrow engine found where it found something else. `why` has every clause with what it comes to,
    None where so many tests failed that they are not all explained.
    """

    __test__ = False

    about: str
    customer: Key | None
    expected: str
    found: str
    span: Span
    arrow: str | None = None
    why: Clause | None = None


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test: its title, where it stands, how it ended, and for what reasons."""

    __test__ = False

    title: str
    status: TestStatus
    span: Span
    expectations: int
    failures: tuple[TestFailure, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything that was expected was found."""
        return self.status is TestStatus.PASSED

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.span.path}:{self.span.line}"


@dataclass(frozen=True, slots=True)
class TestRun:
    """All tests that were run, in the order of their files.

    `findings` are those of the rules; `seconds` is the time that evaluating took.
    """

    __test__ = False

    results: tuple[TestResult, ...]
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return all(item.passed for item in self.results)

    @property
    def disagreed(self) -> bool:
        """Whether the engines found different things anywhere: a mistake in segrules."""
        return any(item.status is TestStatus.DISAGREED for item in self.results)

    def count(self, status: TestStatus) -> int:
        """How many tests ended in a way."""
        return sum(item.status is status for item in self.results)

    def __repr__(self) -> str:
        return f"TestRun({self.counts})"

    @property
    def counts(self) -> str:
        """How many tests there are, and how they ended: `3 tests: 2 passed, 1 failed`."""
        ended = [status for status in TestStatus if self.count(status) or status is TestStatus.PASSED]
        told = ", ".join(f"{self.count(status):,} {ENDINGS[status]}" for status in ended)
        return f"{len(self):,} test{'' if len(self) == 1 else 's'}: {told}"

    def __iter__(self) -> Iterator[TestResult]:
        """The results, one for each test."""
        return iter(self.results)

    def __len__(self) -> int:
        """How many tests were run."""
        return len(self.results)

    def __bool__(self) -> bool:
        """A run is true, even one without tests: ask `passed`."""
        return True

    def to_json(self) -> dict[str, Any]:
        """The run as JSON values, as `segrules test --output-format json` prints it."""
        from segrules.testing.report import run_json

        return run_json(self)

    def to_junit(self) -> str:
        """The run as JUnit XML, as `segrules test --output-format junit` prints it."""
        from segrules.testing.junit import junit_xml

        return junit_xml(self)

    def __str__(self) -> str:
        """The run as plain text, as `segrules test` prints it."""
        from segrules.testing.report import run_pieces

        return "".join(piece.text for piece in run_pieces(self, {}))
