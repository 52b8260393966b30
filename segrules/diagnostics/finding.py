"""The one type of every message about a rule set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from segrules.text.span import NOWHERE, Span


class Severity(StrEnum):
    """How much a finding weighs: errors stop a run, warnings and notes do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: its stable number, its kebab-case name and the severity that it has by default.

    One that is `optional` is looked for only where the project's settings name it.
    """

    number: str
    name: str
    severity: Severity
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that belongs to a finding, with what it shows."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A customer who shows what a finding says: the test to paste into the rules, and the same for programs."""

    test: str
    content: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One message: what was found and what was expected, where, and how to mend it.

    `message` is one lower-case sentence without a full stop, user text in backticks.
    `span` is None where the finding concerns no file, such as a count over data.
    `examples` are values from the data, shown below the message; `evidence` is a customer who shows it.
    """

    code: Code
    message: str
    span: Span | None = None
    help: str | None = None
    related: tuple[Related, ...] = ()
    severity: Severity = Severity.ERROR
    examples: tuple[str, ...] = ()
    evidence: Evidence | None = None


def finding(
    code: Code,
    message: str,
    span: Span | None = None,
    *,
    help: str | None = None,  # noqa: A002  the field's name in every output
    related: Iterable[Related] = (),
    severity: Severity | None = None,
    examples: Iterable[str] = (),
    evidence: Evidence | None = None,
) -> Finding:
    """Build a finding with the severity of its code unless another is given."""
    return Finding(code, message, span, help, tuple(related), severity or code.severity, tuple(examples), evidence)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted by place, then code; equal findings once; those without a place last."""

    def key(item: Finding) -> tuple[bool, Span, str, str]:
        return item.span is None, item.span or NOWHERE, item.code.number, item.message

    return tuple(sorted(dict.fromkeys(findings), key=key))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings is an error."""
    return any(item.severity is Severity.ERROR for item in findings)
