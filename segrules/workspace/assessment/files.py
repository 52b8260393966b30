"""Where assessments lie: names of files, what stands in the folder, and files that appear whole or not at all."""

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segrules.diagnostics.errors import BadInput, OutputProblem
from segrules.workspace.assessment.document import HEAD
from segrules.workspace.assessment.record import MADE_BY, Earlier, read_record
from segrules.workspace.files import why
from segrules.workspace.project import Project

INDEX = "index.md"
RECORD, DOCUMENT, DECISION = ".json", ".md", ".decision.md"
_TAKEN = {"index", "con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
"""Names that are the index's, or no names of files on Windows."""


def stem_of(segment: str) -> str:
    """What the names of a segment's files begin with; no other segment has it, whatever the system makes of case.

    >>> stem_of("win_back"), stem_of("aux")
    ('win_back', 'aux-segment')
    """
    # Invariant: no name of a segment holds a hyphen, and no two differ in case alone.
    return f"{segment}-segment" if segment.casefold() in _TAKEN else segment


def check_asked(
    project: Project, out: str | os.PathLike[str] | None, min_cell: int, *, data: bool, as_of: bool
) -> Path:
    """The folder that assessments are written to.

    Raises:
        BadInput: none is named, or what is asked for does not go together.
    """
    if min_cell < 1:
        raise BadInput(f"`min_cell` is {min_cell}, expected a whole number from 1")
    if data and not as_of:
        raise BadInput(
            "`data` is given, and nothing is counted without `as_of`", help="add the instant, or leave it out"
        )
    if out is not None:
        return Path(out)
    if project.assessments is None:
        raise BadInput(
            "no folder is named for the assessments",
            help='name one with `out`, or write `assessments = "assessments"` into `segrules.toml`',
        )
    return project.root / project.assessments


def digest(text: str) -> str:
    """`sha256:` and the digest of a document, whatever its line ends have become on the way."""
    return f"sha256:{hashlib.sha256(text.replace(chr(13) + chr(10), chr(10)).encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the folder for one segment; None for a file that is not there."""

    record: str | None
    document: str | None
    decision: str | None

    @property
    def earlier(self) -> Earlier | None:
        """The assessment that was written before; None where there is none, or what stands there is none."""
        return None if self.record is None else read_record(self.record)


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of assessments; it need not be there yet."""

    path: Path

    def standing(self, segment: str) -> Standing:
        """The files of one segment.

        Raises:
            OSError: one of them cannot be read.
        """
        stem = stem_of(segment)
        return Standing(*(self._read(f"{stem}{ending}") for ending in (RECORD, DOCUMENT, DECISION)))

    def records(self) -> dict[str, str]:
        """The segments that have assessments of ours here, each with the name of its file, sorted by name.

        Raises:
            OSError: the folder cannot be read.
        """
        found: dict[str, str] = {}
        with suppress(FileNotFoundError):
            for name in sorted(os.listdir(self.path)):  # noqa: PTH208  names alone are wanted
                if name.endswith(RECORD):
                    text = self._read(name)
                    segment = None if text is None else _segment_of(text)
                    if segment is not None:
                        found[segment] = name
        return found

    def check(self) -> None:
        """Refuse early what could not be written.

        Raises:
            OutputProblem: something else stands where the folder is to be, or it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not os.access(self.path, os.W_OK):
                raise PermissionError(0, "it may only be read")
        except FileExistsError:
            message = f"`{self.path}` is a file, a folder was expected"
            raise OutputProblem(message, help="choose another name for the folder of assessments") from None
        except NotADirectoryError:
            message = f"`{self.path}` lies in a file"
            raise OutputProblem(message, help="choose another name for the folder of assessments") from None
        except (OSError, ValueError) as error:
            reason = why(error) if isinstance(error, OSError) else "it cannot be the name of a folder"
            raise OutputProblem(f"`{self.path}` cannot be written: {reason}") from error

    def refuse_strange(self, name: str) -> None:
        """Refuse to replace a document that segrules did not write.

        Raises:
            OutputProblem: there is such a file.
        """
        try:
            text = self._read(name)
        except OSError as error:
            raise OutputProblem(f"`{self.path / name}` cannot be read: {why(error)}") from error
        if text is None:
            return
        ours = _segment_of(text) is not None if name.endswith(RECORD) else text.startswith(HEAD)
        if not ours:
            message = f"`{self.path / name}` was not written by `{MADE_BY}`, so it is not replaced"
            raise OutputProblem(message, help="choose another folder, or remove the file by hand")

    def write(self, name: str, text: str) -> bool:
        """Write a file whole or not at all; whether it had to be written.

        Raises:
            OutputProblem: it cannot be written; what stood there still stands.
        """
        path = self.path / name
        building = self.path / f".{name}.{secrets.token_hex(6)}.tmp"
        data = text.encode("utf-8", "replace")
        try:
            with suppress(FileNotFoundError):
                if path.read_bytes() == data:
                    return False
            with building.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            building.replace(path)
        except OSError as error:
            raise OutputProblem(f"`{path}` cannot be written: {why(error)}") from error
        finally:
            with suppress(OSError):
                building.unlink()
        return True

    def _read(self, name: str) -> str | None:
        try:
            return (self.path / name).read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None


def _segment_of(text: str) -> str | None:
    """The segment that a record of ours is about; None where it is none of ours."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("made_by") != MADE_BY:
        return None
    segment = content.get("segment")
    return segment if isinstance(segment, str) else None
