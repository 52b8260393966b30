"""Data that cannot be evaluated: the run stops instead of guessing."""

from collections.abc import Sequence

from segrules.diagnostics.finding import Finding


class DataProblem(Exception):
    """The data contradict the catalogue; `findings` say how, with counts and examples."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(item.message for item in findings))
        self.findings = tuple(findings)


class BadPattern(DataProblem):
    """RE2 refuses a pattern of the rules, which is seen only when it runs; the data are not to blame."""

    def __init__(self, findings: Sequence[Finding], pattern: str) -> None:
        super().__init__(findings)
        self.pattern = pattern
