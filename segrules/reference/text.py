"""Tests on text: by code point, ASCII letters folded where case is ignored, patterns by RE2."""

import re
from functools import lru_cache

from segrules.diagnostics.codes import BAD_PATTERN
from segrules.diagnostics.finding import finding
from segrules.ir.nodes import TextOp
from segrules.reference.problems import BadPattern

_ESCAPE_OR_LETTER = re.compile(r"\\[pP]\{[^}]*\}|\\[pP].|\\.|[A-Z]")
_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def folded(text: str) -> str:
    """The text with the letters A to Z in small; no other letter changes."""
    return text.translate(_FOLD)


def text_test(op: TextOp, text: str, pattern: str, *, ignoring_case: bool) -> bool:
    """Whether a text passes one of the tests."""
    if op is TextOp.MATCHES:
        return _matches(folded(text), folded_pattern(pattern)) if ignoring_case else _matches(text, pattern)
    if ignoring_case:
        text, pattern = folded(text), folded(pattern)
    match op:
        case TextOp.CONTAINS:
            return pattern in text
        case TextOp.STARTS:
            return text.startswith(pattern)
        case TextOp.ENDS:
            return text.endswith(pattern)


def folded_pattern(pattern: str) -> str:
    """The pattern with its letters A to Z in small, but for those behind a backslash, which are no text."""
    return _ESCAPE_OR_LETTER.sub(lambda found: found[0] if len(found[0]) > 1 else found[0].lower(), pattern)


@lru_cache(maxsize=100_000)
def _matches(text: str, pattern: str) -> bool:
    """Whether RE2 finds the pattern anywhere in the text."""
    import pyarrow as pa  # loaded only where a rule has a pattern
    import pyarrow.compute as pc

    try:
        found: bool = pc.match_substring_regex(pa.scalar(text), pattern).as_py()
    except pa.ArrowInvalid as error:
        raise bad_pattern(pattern, error) from None
    return found


def bad_pattern(pattern: str, error: Exception) -> BadPattern:
    """What to raise where RE2 refuses a pattern."""
    message = f"the pattern `{pattern}` cannot be run: {str(error).splitlines()[0]}"
    return BadPattern([finding(BAD_PATTERN, message, help="patterns are those of RE2")], pattern)
