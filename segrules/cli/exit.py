"""Exit codes: what a script can tell from a command without reading its output."""

from collections.abc import Iterable
from enum import IntEnum

from segrules.diagnostics.finding import Finding, Severity


class Exit(IntEnum):
    """How a command ended."""

    FINE = 0
    """No error among the findings."""
    FINDINGS = 1
    """Errors among the findings (with `--fail-on warning` warnings, too)."""
    INPUT = 2
    """Bad usage or input: an unknown option, folder or segment, an output that cannot be written."""
    FAILURE = 3
    """A mistake in segrules itself."""
    INTERRUPTED = 130
    """Stopped from the keyboard."""
    TERMINATED = 143
    """Stopped by SIGTERM."""


def exit_for(findings: Iterable[Finding], fail_on: str) -> Exit:
    """`FINDINGS` where a finding is an error, or with `fail_on` `warning` a warning, else `FINE`."""
    heavy = (Severity.ERROR, Severity.WARNING) if fail_on == "warning" else (Severity.ERROR,)
    return Exit.FINDINGS if any(item.severity in heavy for item in findings) else Exit.FINE
