"""Exceptions of the Python API. Each says in one line what went wrong and carries the findings behind it.

Problems in a rule set are findings; an exception is raised where somebody asked for what cannot be given.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from segrules.diagnostics.finding import Finding, Severity, in_order
from segrules.text.source import Source


class SegrulesError(Exception):
    """What every exception of segrules derives from.

    `message` says it in one sentence. `findings` are the reasons, sorted by place, perhaps none; `help` is the remedy,
    where there is one. `sources` are texts that the findings point into, by path, where nobody else has them.
    The exception as text is the message with the first of the reasons, an error if there is one.
    """

    def __init__(
        self,
        message: str,
        findings: Iterable[Finding] = (),
        *,
        help: str | None = None,  # noqa: A002  what findings call it, too
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        super().__init__(message)
        self.sources = sources or {}
        self.message = message
        self.findings = in_order(findings)
        self.help = help

    def __str__(self) -> str:
        if not self.findings:
            return self.message
        first = next((item for item in self.findings if item.severity is Severity.ERROR), self.findings[0])
        more = len(self.findings) - 1
        return f"{self.message}; {first.code}: {first.message}" + (f"; and {more:,} more" if more else "")


class BadInput(SegrulesError):
    """What was asked for does not exist or cannot be: no project, an unknown segment, a wrong `as_of`."""


class UnknownName(BadInput, KeyError):
    """Nothing has the name that was asked for; also a `KeyError`, as for every other mapping."""


class OutputProblem(BadInput):
    """The output cannot be written where it was asked for; what stood there before is untouched."""


class BadRules(SegrulesError):
    """Rules or catalogue have errors."""


class BadData(SegrulesError):
    """The data cannot be read or do not fit the catalogue."""


class Cancelled(SegrulesError):
    """The caller asked to stop; nothing was written and nothing is left behind."""


class StrictRefusal(SegrulesError):
    """A strict run found something wrong with its result and wrote nothing; `summary` has the sizes that it found."""

    def __init__(
        self, message: str, findings: Iterable[Finding] = (), summary: Mapping[str, Any] | None = None
    ) -> None:
        # Invariant: every exception can be made of its message alone, which is how one is unpickled.
        super().__init__(message, findings)
        self.summary: Mapping[str, Any] = summary or {}
