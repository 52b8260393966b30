"""Data that cannot be evaluated: the run stops instead of guessing."""

from collections.abc import Sequence

from segrules.diagnostics.finding import Finding


class DataProblem(Exception):
    """The data contradict the catalogue; `findings` say how, with counts and examples."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(item.message for item in findings))
        self.findings = tuple(findings)
