"""Text into lark's tokens, one at a time, asking the parser what can stand here.

lark's own contextual lexer takes keywords as prefixes of longer words; this one reads words whole, as
`segrules/syntax/terminals.py` says.
"""

from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedCharacters
from lark.lexer import Lexer, LexerState

from segrules.syntax.terminals import SKIP, Terminal, Terminals


class SegLexer(Lexer):
    """The lexer that `Lark(lexer=SegLexer)` uses; the terminals come from the grammar file."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: LexerConf) -> None:
        self._terminals = Terminals(
            Terminal(terminal.name, terminal.pattern.to_regexp(), terminal.priority)
            for terminal in lexer_conf.terminals
        )

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        """Yield tokens; what the parser accepts is looked at before each one."""
        text = lexer_state.text.text
        counter = lexer_state.line_ctr
        end = lexer_state.text.end
        states = parser_state.parse_conf.parse_table.states
        while True:
            skipped = SKIP.match(text, counter.char_pos, end)
            if skipped:
                counter.feed(skipped.group())
            if counter.char_pos >= end:
                return
            found = self._terminals.next(text, counter.char_pos, states[parser_state.position])
            if found is None:
                raise UnexpectedCharacters(  # type: ignore[no-untyped-call]  # lark's own
                    text, counter.char_pos, counter.line, counter.column, allowed=set(), terminals_by_name={}
                )
            kind, value = found
            token = Token(kind, value, counter.char_pos, counter.line, counter.column)
            if "\n" in value:
                counter.feed(value)
            else:
                counter.char_pos += len(value)
                counter.column += len(value)
            token.end_line, token.end_column, token.end_pos = counter.line, counter.column, counter.char_pos
            lexer_state.last_token = token
            yield token
