"""Text into tokens, one at a time, asking the parser what can stand here.

lark's own contextual lexer takes keywords as prefixes of longer words; this one reads words whole. A word is the
keyword where the parser accepts that keyword at this point, else a name. So only words that can begin an operand
are reserved, and `size` or `channel` may be a column.
"""

import re
from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedCharacters
from lark.lexer import Lexer, LexerState, TerminalDef

_SKIP = re.compile(r"(?:[ \t\n\f]|#[^\n]*)+")
_WORD = re.compile(r"[^\W\d]\w*")
_TWO_WORDS = re.compile(r"(starts|ends)[ \t\n]+with\b")
NAME = "NAME"
_CAPITALS = frozenset({"AND", "OR", "NOT"})
"""Taken for mistyped keywords; a column of such a name stands in backticks."""

BLOCK_HEAD = re.compile(
    r"^[ \t]*(?P<kind>ruleset|define|score|segment|partition|group|policy|fixture|test)\b[ \t]+"
    r'(?P<name>`[^`\n]*`|[^\W\d]\w*|")',
    re.MULTILINE,
)
"""The head of a block: at the start of a line, where no expression can have two names side by side."""

CLAUSE_HEAD = re.compile(
    r"^[ \t]*(?:describe|owner|purpose|channel|tags|status|priority|where|except|eligible|consent|cap|size|holdout"
    r"|justified|review|stage|otherwise|rank|among|applies|require|forbid|exclusive|covers|subset|given|expect)\b[ \t]+"
    r'(?!(?:and|or|in|is|was|not|between|has|contains|starts|ends|matches|into|then|without|ignoring)\b)["`\w]',
    re.MULTILINE,
)
"""The head of a clause, at the start of a line and followed by another word, as no name in an expression is."""

JOINING = frozenset({"and", "or", "where", "is", "was", "between", "as", "by", "of"})
"""Words that only join; taking one for a name would hide a missing operand."""


class SegLexer(Lexer):
    """The lexer that `Lark(lexer=SegLexer)` uses; the terminals come from the grammar file."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: LexerConf) -> None:
        self._terminals = {terminal.name: terminal for terminal in lexer_conf.terminals}
        self._keywords: dict[str, tuple[str, ...]] = {}
        ordered = sorted(lexer_conf.terminals, key=lambda terminal: -terminal.priority)
        compiled = [(terminal.name, re.compile(terminal.pattern.to_regexp())) for terminal in ordered]
        self._word_terminals = [(name, regexp) for name, regexp in compiled if name != NAME]
        self._lookaheads = [(name, regexp) for name, regexp in compiled if "(?=" in regexp.pattern]
        self._others = [
            (n, r) for n, r in compiled if n != NAME and "(?=" not in r.pattern and not _is_word(self._terminals[n])
        ]

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        """Yield tokens; what the parser accepts is looked at before each one."""
        text = lexer_state.text.text
        counter = lexer_state.line_ctr
        end = lexer_state.text.end
        states = parser_state.parse_conf.parse_table.states
        while True:
            skipped = _SKIP.match(text, counter.char_pos, end)
            if skipped:
                counter.feed(skipped.group())
            if counter.char_pos >= end:
                return
            accepts = states[parser_state.position]
            kind, value = self._next(text, counter.char_pos, accepts, counter)
            token = Token(kind, value, counter.char_pos, counter.line, counter.column)
            if "\n" in value:
                counter.feed(value)
            else:
                counter.char_pos += len(value)
                counter.column += len(value)
            token.end_line, token.end_column, token.end_pos = counter.line, counter.column, counter.char_pos
            lexer_state.last_token = token
            yield token

    def _next(self, text: str, at: int, accepts: Any, counter: Any) -> tuple[str, str]:
        word = _WORD.match(text, at)
        if word:
            return self._word(text, at, word.group(), accepts)
        for name, regexp in self._others:
            if name in accepts and (match := regexp.match(text, at)):
                return name, match.group()
        for name, regexp in self._others:
            if match := regexp.match(text, at):
                return name, match.group()
        raise UnexpectedCharacters(text, at, counter.line, counter.column, allowed=set(), terminals_by_name={})  # type: ignore[no-untyped-call]  # lark's own

    def _word(self, text: str, at: int, word: str, accepts: Any) -> tuple[str, str]:
        for name, regexp in self._lookaheads:
            if name in accepts and (match := regexp.match(text, at)):
                return name, match.group()
        if "TEXT_TEST" in accepts and (two := _TWO_WORDS.match(text, at)):
            return "TEXT_TEST", two.group()
        if word in _CAPITALS:
            return "CAPITALS", word
        kinds = self._kinds(word)
        for kind in kinds:
            if kind in accepts:
                return kind, word
        if word in JOINING or (kinds and is_head(text, at)) or (kinds and NAME not in accepts):
            return kinds[0], word
        return NAME, word

    def _kinds(self, word: str) -> tuple[str, ...]:
        if word not in self._keywords:
            self._keywords[word] = tuple(
                name for name, regexp in self._word_terminals if (match := regexp.match(word)) and match.group() == word
            )
        return self._keywords[word]


def _is_word(terminal: TerminalDef) -> bool:
    """Whether a terminal matches words only: its pattern starts with a letter."""
    return re.match(r"(?:\(\?:)*[a-z]", terminal.pattern.to_regexp()) is not None


def is_head(text: str, at: int) -> bool:
    """Whether the head of a block or clause stands at this place, at the start of its line."""
    line = text.rfind("\n", 0, at) + 1
    if text[line:at].strip():
        return False
    return BLOCK_HEAD.match(text, line) is not None or CLAUSE_HEAD.match(text, line) is not None
