"""Paths into text: which rule files there are, and what they hold. Trouble comes back as findings."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from segrules.diagnostics.codes import CASE_CLASH, NOT_UTF8, TOO_LARGE, UNREADABLE_FILE
from segrules.diagnostics.finding import Code, Finding, Related, finding
from segrules.text.source import NotText, Source, decode
from segrules.text.span import Span

SUFFIX = ".seg"
LARGEST = 10_000_000
"""Bytes of a rule file, catalogue or `segrules.toml` that are still read."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that was read: its text, and `sha256:` with the digest of its bytes."""

    source: Source
    hash: str


class Reader(Protocol):
    """Gives the text of a file, or a finding that says why there is none; `read_text` reads what is on disk."""

    def __call__(self, path: Path, shown: str, *, at: Span | None = None, limit: int = LARGEST) -> "TextFile | Finding":
        """The text of the file at `path`, which people see as `shown`."""


def file_span(path: str, line: int = 1, column: int = 1) -> Span:
    """The place of a finding that concerns a file as a whole, or one place in it."""
    return Span(path, line, column, line, column + 1)


def shown_path(path: Path, root: Path) -> str:
    """The path as people see it: relative to the project, with forward slashes; absolute on another drive."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:
        return path.as_posix()


def why(error: OSError) -> str:
    """The system's reason in a few lower-case words: `permission denied`."""
    return (error.strerror or type(error).__name__).lower()


def read_bytes(path: Path, shown: str, *, at: Span | None = None, limit: int = LARGEST) -> bytes | Finding:
    """The bytes of a regular file of at most `limit` bytes, else a finding at `at` (or at the file)."""
    place = at or Span(shown, 0, 0, 0, 0)
    try:
        if path.is_dir():
            return finding(UNREADABLE_FILE, f"`{shown}` is a folder, a file was expected", place)
        if path.exists() and not path.is_file():
            return finding(UNREADABLE_FILE, f"`{shown}` is not a regular file", place)
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        return finding(UNREADABLE_FILE, f"`{shown}` cannot be read: {why(error)}", place)
    except ValueError:  # a NUL in the name
        return finding(UNREADABLE_FILE, f"`{shown}` cannot be the name of a file", place)
    if len(data) > limit:
        return finding(
            TOO_LARGE,
            f"`{shown}` is larger than {limit:,} bytes".replace(",", " "),
            place,
            help="split it into several files, or check that it is the file that was meant",
        )
    return data


def read_text(path: Path, shown: str, *, at: Span | None = None, limit: int = LARGEST) -> TextFile | Finding:
    """The UTF-8 text of a file, with or without a byte order mark and with any line ends, else a finding."""
    data = read_bytes(path, shown, at=at, limit=limit)
    return data if isinstance(data, Finding) else text_of(data, shown, at=at)


def text_of(data: bytes, shown: str, *, at: Span | None = None) -> TextFile | Finding:
    """The UTF-8 text of bytes that were read from a file, else a finding."""
    try:
        source = decode(shown, data)
    except NotText as error:
        return finding(
            NOT_UTF8,
            f"`{shown}` is not UTF-8 text: the bytes at line {error.line}, column {error.column} have no meaning",
            at or file_span(shown, error.line, error.column),
            help="save the file as UTF-8",
        )
    return TextFile(source, f"sha256:{hashlib.sha256(data).hexdigest()}")


def rule_files(root: Path, places: tuple[str, ...], at: Span | None = None) -> tuple[tuple[Path, ...], list[Finding]]:
    """All rule files at and below `places` (relative to `root`), each once, sorted by path as it is shown.

    Folders whose names start with a dot are passed over. A link that leads back to a folder already seen is
    not followed. `at` is where the places are written.
    """
    findings: list[Finding] = []
    found: dict[str, Path] = {}
    seen: set[str] = set()
    for place in places:
        path = root / place
        try:
            path.stat()
        except FileNotFoundError:
            pass  # said below
        except (OSError, ValueError):
            findings.append(finding(UNREADABLE_FILE, f"`{place}` under `rules` cannot be read", at))
            continue
        if path.is_dir():
            for file in _below(path, root, seen, findings):
                found.setdefault(os.path.realpath(file), file)
        elif path.exists():
            found.setdefault(os.path.realpath(path), path)
        else:
            findings.append(finding(UNREADABLE_FILE, f"`{place}` under `rules` does not exist", at))
    files = sorted(found.values(), key=lambda file: shown_path(file, root))
    findings += _case_clashes([shown_path(file, root) for file in files])
    return tuple(files), findings


def _below(folder: Path, root: Path, seen: set[str], findings: list[Finding]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        findings.append(_unreadable(folder, root, error))
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_dir():
                yield from _below(path, root, seen, findings)
            elif path.suffix.lower() == SUFFIX:
                yield path
        except OSError as error:
            findings.append(_unreadable(path, root, error))


def _unreadable(path: Path, root: Path, error: OSError, code: Code = UNREADABLE_FILE) -> Finding:
    shown = shown_path(path, root)
    return finding(code, f"`{shown}` cannot be read: {why(error)}", Span(shown, 0, 0, 0, 0))


def _case_clashes(shown: list[str]) -> Iterator[Finding]:
    """Paths that are one file on a system that does not tell upper from lower case."""
    first: dict[str, str] = {}
    for path in shown:
        other = first.setdefault(path.casefold(), path)
        if other != path:
            yield finding(
                CASE_CLASH,
                f"the file names `{other}` and `{path}` differ only in case",
                file_span(path),
                help="rename one of them: Windows and macOS cannot tell them apart",
                related=[Related(file_span(other), "the other file")],
            )
