"""Tests on text: by code point, ASCII letters folded where case is ignored, patterns by RE2."""

from functools import lru_cache

from segrules.ir.nodes import TextOp

_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def folded(text: str) -> str:
    """The text with the letters A to Z in small; no other letter changes."""
    return text.translate(_FOLD)


def text_test(op: TextOp, text: str, pattern: str, *, ignoring_case: bool) -> bool:
    """Whether a text passes one of the tests."""
    if op is TextOp.MATCHES:
        return _matches(text, pattern)
    if ignoring_case:
        text, pattern = folded(text), folded(pattern)
    match op:
        case TextOp.CONTAINS:
            return pattern in text
        case TextOp.STARTS:
            return text.startswith(pattern)
        case TextOp.ENDS:
            return text.endswith(pattern)


@lru_cache(maxsize=100_000)
def _matches(text: str, pattern: str) -> bool:
    """Whether RE2 finds the pattern anywhere in the text."""
    import pyarrow as pa  # loaded only where a rule has a pattern
    import pyarrow.compute as pc

    found: bool = pc.match_substring_regex(pa.scalar(text), pattern).as_py()
    return found
