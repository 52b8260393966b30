"""Rule files into rule files of one layout: which files, what changes, and how they are written."""

import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from segrules.diagnostics.codes import CASE_CLASH
from segrules.diagnostics.errors import BadInput, BadRules, OutputProblem
from segrules.diagnostics.finding import Finding
from segrules.formatter.format import LayoutChangedMore, format_source
from segrules.text.source import Source
from segrules.workspace.files import SUFFIX, read_bytes, rule_files, shown_path, text_of, why

TEXT = "<text>"
"""What text that is in no file is called in findings."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file before and after.

    `after` is None where the file cannot be read or laid out: `findings` say why, or `refused` does, which is a
    mistake in segrules and no reason to touch the file.
    """

    shown: str
    before: bytes
    after: bytes | None
    findings: tuple[Finding, ...] = ()
    source: Source | None = None
    refused: str | None = None

    @property
    def changes(self) -> bool:
        """Whether the file would be another one."""
        return self.after is not None and self.after != self.before

    def diff(self) -> str:
        """The change as a unified diff; empty where there is none."""
        if self.after is None or not self.changes:
            return ""
        before, after = (_diff_lines(data) for data in (self.before, self.after))
        return "".join(unified_diff(before, after, self.shown, self.shown))


def format_text(text: str, *, path: str = TEXT) -> str:
    r"""Rule text in the one layout of rule files; `path` is what findings call it.

    >>> print(format_text('segment vip where spend>=500 GBP and did purchase\nconsent email'), end="")
    segment vip
      where   spend >= 500 GBP and did purchase
      consent email

    Raises:
        BadRules: the text cannot be read; the findings say why.
    """
    made = format_bytes(text.encode("utf-8", "surrogatepass"), path)
    if made.refused is not None:
        raise LayoutChangedMore(made.refused)
    if made.after is None:
        sources = {} if made.source is None else {path: made.source}
        raise BadRules(f"`{path}` cannot be read", made.findings, sources=sources)
    return made.after.decode("utf-8")


def format_bytes(data: bytes, shown: str) -> Formatted:
    """Lay out the bytes of a rule file."""
    text = text_of(data, shown)
    if isinstance(text, Finding):
        return Formatted(shown, data, None, (text,))
    try:
        after, findings = format_source(text.source)
    except LayoutChangedMore as refusal:
        return Formatted(shown, data, None, source=text.source, refused=str(refusal))
    return Formatted(shown, data, None if after is None else after.encode("utf-8"), tuple(findings), text.source)


def format_files(paths: Sequence[Path]) -> Iterator[Formatted]:
    """Lay out files, one after the other; nothing is written."""
    for path in paths:
        shown = shown_path(path, Path())
        data = read_bytes(path, shown)
        yield Formatted(shown, b"", None, (data,)) if isinstance(data, Finding) else format_bytes(data, shown)


def files_at(places: Sequence[str]) -> tuple[tuple[Path, ...], list[Finding]]:
    """The files to lay out: those named, and the rule files of folders and of those below; each once, sorted.

    Raises:
        BadInput: there is nothing at one of the places.
    """
    for place in places:
        if not place or "\0" in place or not Path(place).exists():
            raise BadInput(
                f"`{place}` does not exist", help=f"name files, or folders with files that end in `{SUFFIX}`"
            )
    files, findings = rule_files(Path(), tuple(places))
    # Two names that differ in case are no concern of the layout.
    return files, [item for item in findings if item.code is not CASE_CLASH]


def write_file(path: Path, text: bytes) -> None:
    """Write a file whole or not at all; it keeps its permissions, and a link goes on pointing where it did.

    Raises:
        OutputProblem: the file cannot be written; what stood there still stands.
    """
    real = Path(os.path.realpath(path))
    building = real.parent / f".{real.name}.{secrets.token_hex(6)}.tmp"
    try:
        if not os.access(real, os.W_OK):
            raise PermissionError(0, "it may only be read")
        mode = stat.S_IMODE(real.stat().st_mode)
        with building.open("xb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        building.chmod(mode)
        building.replace(real)
    except OSError as error:
        raise OutputProblem(f"`{shown_path(path, Path())}` cannot be written: {why(error)}") from error
    finally:
        with suppress(OSError):
            building.unlink()


def _diff_lines(data: bytes) -> list[str]:
    lines = data.decode("utf-8").split("\n")
    shown = [f"{line}\n" for line in lines[:-1]]
    return [*shown, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else shown
