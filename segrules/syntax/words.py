"""The parse table into the words that a rule cannot use as a plain name.

Where an operand may stand, a word that begins one is read as that keyword, and a joining word is never a name.
Every other keyword is a name wherever the grammar expects one.
"""

import re
from functools import cache

from segrules.syntax.parser import parser
from segrules.syntax.terminals import JOINING, NAME

_OPERAND = "PERCENT"
"""A terminal that begins an operand, and that stands beside `NAME` nowhere but where an operand may begin."""


@cache
def reserved() -> frozenset[str]:
    """The words that name a column, a segment or anything else only between backticks.

    >>> "last" in reserved(), "size" in reserved()
    (True, False)
    """
    table = parser().parser.parser._parse_table  # lark keeps it to itself
    operand_states = [state for state in table.states.values() if NAME in state and _OPERAND in state]
    kinds = {kind for state in operand_states for kind in state}
    patterns = {
        terminal.name: terminal.pattern.to_regexp() for terminal in parser().terminals if terminal.name in kinds
    }
    return JOINING | {word for pattern in patterns.values() for word in _words(pattern)}


def _words(pattern: str) -> list[str]:
    """The words of a terminal that is a choice of words, none for any other terminal."""
    if not re.fullmatch(r"[a-z|?:()]+", pattern):
        return []
    found = []
    for choice in re.sub(r"\(\?:|[()]", "", pattern).split("|"):
        found += [choice] if "?" not in choice else [choice[: choice.index("?") - 1], choice.replace("?", "")]
    return found
