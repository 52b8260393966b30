"""Patterns of `matches`, refused where RE2 (the engine that runs them) has no such construct."""

import re
import warnings

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.text.span import Span

_LONGEST = 1000
_MOST_REPEATS = 1000
_NOT_IN_RE2 = re.compile(r"\(\?(?:[=!]|<[=!]|>|\(|P=|#)|(?<!\\)(?:\\\\)*\\[1-9]|[*+?}]\+")


def bad_pattern(pattern: str, span: Span) -> Finding | None:
    """A finding where a pattern is none of RE2; None where it is well formed."""
    if len(pattern) > _LONGEST:
        help_ = 'keep the texts in a file and write `in list "file.csv"`'
        return finding(codes.BAD_PATTERN, f"a pattern of {len(pattern)} characters is too long", span, help=help_)
    reason = _reason(pattern)
    if reason is None:
        return None
    help_ = "write `contains`, `starts with` or `ends with` for plain text; signs such as `(` stand behind a `\\`"
    return finding(codes.BAD_PATTERN, f"this pattern cannot be read: {reason}", span, help=help_)


def _repeats(pattern: str) -> list[str]:
    return [number for ends in re.findall(r"\{(\d{1,9})?(?:,(\d{1,9})?)?\}", pattern) for number in ends if number]


def _reason(pattern: str) -> str | None:
    found = _NOT_IN_RE2.search(pattern)
    if found:
        return f"`{found.group()}` (looking around and back references are not in RE2)"
    if any(int(number) > _MOST_REPEATS for number in _repeats(pattern)):
        return f"it repeats more than {_MOST_REPEATS} times"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error).split(" at position")[0]
    return None
