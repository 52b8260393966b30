"""Text into the next token: what a word or a sign is at a place, given what the parser can take there.

A word is the keyword where the parser accepts that keyword at this point, else a name. So only words that can begin an
operand are reserved, and `size` or `channel` may be a column.
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

SKIP = re.compile(r"(?:[ \t\n\f]|#[^\n]*)+")
"""What stands between tokens: white space and comments."""

NAME = "NAME"
_WORD = re.compile(r"[^\W\d]\w*")
_TWO_WORDS = re.compile(r"(starts|ends)[ \t\n]+with\b")
_CAPITALS = frozenset({"AND", "OR", "NOT"})
"""Taken for mistyped keywords; a column of such a name stands in backticks."""

BLOCK_HEAD = re.compile(
    r"^[ \t]*(?P<kind>ruleset|define|score|segment|partition|group|policy|fixture|test)\b[ \t]+"
    r'(?P<name>`[^`\n]*`|[^\W\d]\w*|")',
    re.MULTILINE,
)
"""The head of a block: at the start of a line, where no expression can have two names side by side."""

_CLAUSES = (
    r"^[ \t]*(?:describe|owner|purpose|channel|tags|status|priority|where|except|eligible|consent|cap|size|holdout"
    r"|justified|review|stage|otherwise|rank|among|applies|require|forbid|exclusive|covers|subset|given|expect)\b"
)

CLAUSE_WORD = re.compile(_CLAUSES, re.MULTILINE)
"""The word of a clause at the start of a line, whatever follows; it may be a name in an expression, too."""

CLAUSE_HEAD = re.compile(
    _CLAUSES + r"[ \t]+"
    r'(?!(?:and|or|in|is|was|not|between|has|contains|starts|ends|matches|into|then|without|ignoring)\b)["`\w]',
    re.MULTILINE,
)
"""The head of a clause, at the start of a line and followed by another word, as no name in an expression is."""

JOINING = frozenset({"and", "or", "where", "is", "was", "between", "as", "by", "of"})
"""Words that only join; taking one for a name would hide a missing operand."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A kind of token: its name in the grammar, its pattern, and how it is preferred over others."""

    name: str
    pattern: str
    priority: int


class Terminals:
    """The kinds of tokens of the grammar, and how to tell which one stands at a place."""

    def __init__(self, terminals: Iterable[Terminal]) -> None:
        ordered = sorted(terminals, key=lambda terminal: -terminal.priority)
        compiled = [(terminal.name, re.compile(terminal.pattern)) for terminal in ordered]
        self._keywords: dict[str, tuple[str, ...]] = {}
        self._words = [(name, regexp) for name, regexp in compiled if name != NAME]
        self._lookaheads = [(name, regexp) for name, regexp in compiled if "(?=" in regexp.pattern]
        self._others = [
            (name, regexp)
            for name, regexp in compiled
            if name != NAME and "(?=" not in regexp.pattern and not _is_word(regexp.pattern)
        ]
        # Invariant: no other kind of token begins with a sign that is a token by itself.
        self._signs = {t.pattern[-1]: t.name for t in ordered if re.fullmatch(r"\\?[^\w\s]", t.pattern)}

    def next(self, text: str, at: int, accepts: Container[str]) -> tuple[str, str] | None:
        """Kind and text of the token at a place, where `accepts` are the kinds that can stand there; None if none."""
        sign = text[at]
        if sign in self._signs:
            return self._signs[sign], sign
        word = _WORD.match(text, at)
        if word:
            return self._word(text, at, word.group(), accepts)
        for name, regexp in self._others:
            if name in accepts and (match := regexp.match(text, at)):
                return name, match.group()
        for name, regexp in self._others:
            if match := regexp.match(text, at):
                return name, match.group()
        return None

    def _word(self, text: str, at: int, word: str, accepts: Container[str]) -> tuple[str, str]:
        kinds = self._keywords.get(word)
        if kinds is None:
            kinds = self._keywords[word] = self._kinds(word)
        if not kinds and word not in _CAPITALS and not _TWO_WORDS.match(text, at):
            return NAME, word
        for name, regexp in self._lookaheads:
            if name in accepts and (match := regexp.match(text, at)):
                return name, match.group()
        if "TEXT_TEST" in accepts and (two := _TWO_WORDS.match(text, at)):
            return "TEXT_TEST", two.group()
        if word in _CAPITALS:
            return "CAPITALS", word
        for kind in kinds:
            if kind in accepts:
                return kind, word
        if word in JOINING or (kinds and is_head(text, at)) or (kinds and NAME not in accepts):
            return kinds[0], word
        return NAME, word

    def _kinds(self, word: str) -> tuple[str, ...]:
        return tuple(name for name, regexp in self._words if (match := regexp.match(word)) and match.group() == word)


def _is_word(pattern: str) -> bool:
    """Whether a terminal matches words only: its pattern starts with a letter."""
    return re.match(r"(?:\(\?:)*[a-z]", pattern) is not None


def is_head(text: str, at: int) -> bool:
    """Whether the head of a block or clause stands at this place, at the start of its line."""
    line = text.rfind("\n", 0, at) + 1
    if text[line:at].strip():
        return False
    return BLOCK_HEAD.match(text, line) is not None or CLAUSE_HEAD.match(text, line) is not None
