"""`segrules.lock`: the cut points of scores with frozen bands, from text and into text, a line for each rank."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from segrules.diagnostics.codes import BAD_LOCK_FILE
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.rules import CutMethod
from segrules.text.source import Source
from segrules.text.span import NOWHERE, Span
from segrules.workspace.files import file_span

NAME = "segrules.lock"
FORMAT = 1

_HEAD = f"""\
# Cut points of scores with frozen bands, a line for each rank. To be reviewed like code.
# Written by `segrules fit`.
format = {FORMAT}

[scores]
"""
_KEYS = ("method", "as_of", "customers", "cuts", "definition")
_MOST_DIGITS = 400
_BARE = re.compile(r"[A-Za-z0-9_-]+")

RawCut = int | Decimal | str | date | datetime


@dataclass(frozen=True, slots=True)
class Locked:
    """The line of one rank: how and when its cut points were found, of how many customers, and for what definition."""

    score: str
    rank: str
    method: CutMethod
    as_of: datetime
    customers: int
    cuts: tuple[RawCut, ...]
    definition: str
    span: Span = field(default=NOWHERE, compare=False)


def parse_lock(source: Source) -> tuple[tuple[Locked, ...], list[Finding]]:
    """The lines of a lock file, with everything wrong in it at once."""
    try:
        content = tomllib.loads(source.text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        return (), [_syntax(error, source)]
    except (RecursionError, ValueError, InvalidOperation):
        message = "something in it is nested too deeply or out of range"
        return (), [finding(BAD_LOCK_FILE, message, file_span(source.path), help=_AGAIN)]
    return _Reading(source).read(content)


def lock_text(lines: Iterable[Locked]) -> str:
    """The text of a lock file, sorted by score and rank."""
    return _HEAD + "".join(f"{_line(item)}\n" for item in sorted(lines, key=lambda item: (item.score, item.rank)))


_AGAIN = "write it anew with `segrules fit`"


def _syntax(error: tomllib.TOMLDecodeError, source: Source) -> Finding:
    text = str(error)
    found = re.search(r"\s*\(at line (\d+), column (\d+)\)$", text)
    line, column = (int(found[1]), int(found[2])) if found else (len(source.lines), len(source.lines[-1]) + 1)
    reason = re.sub(r"\s*\(at [^()]*\)$", "", text)
    message = f"not TOML: {reason[:1].lower()}{reason[1:]}"
    return finding(BAD_LOCK_FILE, message, file_span(source.path, line, column), help=_AGAIN)


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._findings: list[Finding] = []
        self._lines: list[Locked] = []

    def read(self, content: Mapping[str, Any]) -> tuple[tuple[Locked, ...], list[Finding]]:
        """All lines that are sound."""
        version = content.get("format")
        if type(version) is not int or version != FORMAT:
            message = f"`format` is not {FORMAT}, the only one that this segrules knows"
            self._wrong(message, self._place("format"))
            return (), self._findings
        for key in content:
            if key not in ("format", "scores"):
                self._unknown(key, ("format", "scores"), self._place(key))
        scores = content.get("scores", {})
        if not isinstance(scores, dict):
            self._wrong("`scores` must be a table", self._place("scores"))
            return (), self._findings
        for score, ranks in scores.items():
            if not isinstance(ranks, dict):
                self._wrong(f"`{score}` must hold a table for each rank", self._place(score))
                continue
            for rank, entry in ranks.items():
                self._entry(score, rank, entry)
        return tuple(self._lines), self._findings

    def _entry(self, score: str, rank: str, entry: Any) -> None:
        place, name = self._place(f"{_key(score)}.{_key(rank)}"), f"{score}.{rank}"
        if not isinstance(entry, dict):
            self._wrong(f"`{name}` must be a table", place)
            return
        before = len(self._findings)
        for key in entry:
            if key not in _KEYS:
                self._unknown(key, _KEYS, place)
        for key in _KEYS:
            if key not in entry:
                self._wrong(f"`{name}` has no `{key}`", place)
        if len(self._findings) > before:
            return
        expected = {
            "method": ("one of " + ", ".join(f"`{item}`" for item in CutMethod), _is_method),
            "as_of": ("a timestamp with an offset", lambda of: isinstance(of, datetime) and of.tzinfo is not None),
            "customers": ("a whole number", lambda of: type(of) is int and of >= 0),
            "cuts": ("a list of numbers, dates or texts", _are_cuts),
            "definition": ("text", lambda of: isinstance(of, str)),
        }
        for key, (what, test) in expected.items():
            if not test(entry[key]):
                self._wrong(f"`{key}` of `{name}` must be {what}", place)
        if len(self._findings) > before:
            return
        method, as_of = CutMethod(entry["method"]), entry["as_of"].astimezone(UTC)
        cuts, definition = tuple(entry["cuts"]), entry["definition"]
        self._lines.append(Locked(score, rank, method, as_of, entry["customers"], cuts, definition, place))

    def _wrong(self, message: str, place: Span) -> None:
        self._findings.append(finding(BAD_LOCK_FILE, message, place, help=_AGAIN))

    def _unknown(self, key: str, known: tuple[str, ...], place: Span) -> None:
        listed = "known are " + ", ".join(f"`{item}`" for item in known)
        self._findings.append(
            finding(BAD_LOCK_FILE, f"unknown key `{key}`", place, help=did_you_mean(key, known) or listed)
        )

    def _place(self, key: str) -> Span:
        """The line that begins with a key; the file as a whole where none does."""
        for number, line in enumerate(self._source.lines, 1):
            text = line.lstrip()
            if text.startswith(key) and not _BARE.match(text[len(key) : len(key) + 1]):
                column = len(line) - len(text) + 1
                return Span(self._source.path, number, column, number, column + len(key))
        return file_span(self._source.path)


def _is_method(value: object) -> bool:
    return isinstance(value, str) and value in list(CutMethod)


def _are_cuts(value: object) -> bool:
    return isinstance(value, list) and all(
        not isinstance(item, bool) and isinstance(item, int | Decimal | str | date) for item in value
    )


def typed_number(raw: RawCut) -> Fraction | float | None:
    """A number as it is written, exactly; None for what is none, or has too many digits to be one of the data."""
    if isinstance(raw, int):
        return Fraction(raw)
    if isinstance(raw, Decimal):
        if raw.is_infinite():
            return float(raw)
        return Fraction(raw) if raw.is_finite() and abs(raw.adjusted()) <= _MOST_DIGITS else None
    if isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,400}/[0-9]{1,400}", raw):
        above, below = raw.split("/")
        return Fraction(int(above), int(below)) if int(below) else None
    return None


# --- writing


def _line(item: Locked) -> str:
    cuts = ", ".join(_toml(cut) for cut in item.cuts)
    return (
        f"{_key(item.score)}.{_key(item.rank)} = {{method = {_toml(item.method.value)}, as_of = {_toml(item.as_of)}, "
        f"customers = {item.customers}, cuts = [{cuts}], definition = {_toml(item.definition)}}}"
    )


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml(name)


def _toml(value: RawCut) -> str:
    match value:
        case str():
            return f'"{_escaped(value)}"'
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            if value.is_infinite():
                return "inf" if value > 0 else "-inf"
            text = format(value, "f") if -20 <= value.adjusted() <= 20 else format(value, "e")
            return text if "." in text or "e" in text else f"{text}.0"
        case _:
            return str(value)


_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\"})


def _escaped(value: str) -> str:
    return "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char for char in value.translate(_ESCAPES)
    )
