"""Files that cannot be read, as findings, and the exception that carries them out of reading."""

from collections.abc import Collection, Iterator, Sequence

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Table
from segrules.sources.samples import MOST, place
from segrules.sources.unreadable import Unreadable


class TableProblems(Exception):
    """A table cannot be read, or not to its end; the findings say why, and each of them is an error."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(item.message for item in findings))
        self.findings = findings


def cut(table: Table, problems: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first of many problems, and how many more there are."""
    return (*problems[:MOST], *_rest(table, problems[MOST:]))


def as_finding(table: Table, error: Unreadable) -> Finding:
    """A finding about a place or a file that gives no rows."""
    return finding(
        codes.UNREADABLE_DATA,
        f"table `{table.name}`: {error.message}",
        place(table.span),
        help=error.remedy,
        examples=error.examples,
    )


def _rest(table: Table, more: Collection[Finding]) -> Iterator[Finding]:
    if more:
        yield finding(
            codes.UNREADABLE_DATA,
            f"table `{table.name}`: {len(more):,} more files cannot be read",
            place(table.span),
        )
