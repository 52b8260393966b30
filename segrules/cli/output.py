"""How a command prints: its findings in the format that was asked for, on standard output or into a file."""

import io
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

from segrules.cli.console import print_error, print_findings, print_message
from segrules.cli.exit import Exit
from segrules.cli.formats.registry import FORMATS, render
from segrules.cli.formats.report import Refusal, Report, make_report
from segrules.diagnostics.errors import BadInput, OutputProblem, SegrulesError
from segrules.diagnostics.finding import Finding
from segrules.text.source import Source

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable by which GitHub Actions names the file for the summary of a step."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how the findings of one command are printed: `folder` is the project as it was named."""

    command: str
    folder: str
    format: str
    fail_on: str = "error"

    def findings(
        self,
        findings: Sequence[Finding],
        sources: Mapping[str, Source],
        *,
        told: str | None = None,
        silenced: int = 0,
    ) -> None:
        """Print findings, as text or in one of the formats that hold nothing else; `told` is a last line for people.

        `silenced` is how many others are silenced.
        """
        if self.format in FORMATS:
            self._print(findings, sources, told=told)
            return
        print_findings(findings, sources, silenced=silenced)
        if told is not None:
            sys.stdout.write(f"{told}\n")

    def refuse(self, error: SegrulesError, sources: Mapping[str, Source] | None = None) -> Exit:
        """Say why the command could not do what it was asked, and give the exit code for it."""
        if self.format not in FORMATS:
            return print_error(error, self.format, sources)
        self._print(error.findings, {**error.sources, **(sources or {})}, Refusal(error.message, error.help))
        print_message(error.message, error.help)
        return Exit.INPUT if isinstance(error, BadInput) else Exit.FINDINGS

    def _print(
        self,
        findings: Sequence[Finding],
        sources: Mapping[str, Source],
        refusal: Refusal | None = None,
        told: str | None = None,
    ) -> None:
        as_named = self.format == "concise"
        project = Path(self.folder).as_posix() if as_named else in_repository(Path(self.folder))
        report = make_report(
            self.command,
            findings,
            sources,
            project="" if project == "." else project,
            anywhere=as_named,
            fail_on=self.fail_on,
            refusal=refusal,
            told=told,
        )
        sys.stdout.write(render(self.format, report))
        sys.stdout.flush()
        if self.format == "github":
            _summarise(report)


def in_repository(folder: Path) -> str:
    """The path of the folder from the root of the git repository that holds it, with forward slashes.

    Where there is no repository, from the working folder; where that does not hold it either, empty.
    """
    full = folder.resolve()
    root = next((path for path in (full, *full.parents) if os.path.lexists(path / ".git")), Path.cwd())
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else ""


def _summarise(report: Report) -> None:
    """Add the whole report to the summary of the step."""
    from segrules.cli.formats.markdown import SUMMARY
    from segrules.cli.formats.markdown import render as as_markdown

    add_to_summary(lambda written: as_markdown(report, SUMMARY - written))


def add_to_summary(make: Callable[[int], str]) -> None:
    """Add a text to the summary of the step, where GitHub Actions gave it a file; `make` is told how much is there."""
    place = os.environ.get(STEP_SUMMARY)
    if not place:
        return
    try:
        with Path(place).open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(f"{make(file.tell())}\n")
    except OSError as error:
        print_message(f"the summary of the step cannot be written: {_why(error)}")


@contextmanager
def printed_to(place: str) -> Iterator[None]:
    """Let what is printed on standard output go to a file, which appears whole or not at all.

    Raises:
        OutputProblem: the file cannot be written; what stood there still stands.
    """
    path = Path(os.path.realpath(place))
    # A pipe or a device cannot be replaced.
    through = path.exists() and not path.is_file() and not path.is_dir()
    building = path if through else path.parent / f".{path.name}.{secrets.token_hex(6)}.tmp"
    if path.is_dir():
        raise OutputProblem(f"`{place}` is a folder", help="give `--output-file` the name of a file")
    printed = io.StringIO()
    try:
        with _saying_why(place):
            # Opened before anything is worked out, which may take long.
            file = building.open("w", encoding="utf-8", errors="replace", newline="\n")
        try:
            with redirect_stdout(printed):
                yield
            with _saying_why(place):
                file.write(printed.getvalue())
                file.flush()
                if not through:
                    os.fsync(file.fileno())
        finally:
            # What could not be written is tried again, and has been told of.
            with suppress(OSError):
                file.close()
        if not through:
            with _saying_why(place):
                building.replace(path)
    finally:
        if not through:
            with suppress(OSError):
                building.unlink()


@contextmanager
def _saying_why(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputProblem(f"`{place}` cannot be written: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
