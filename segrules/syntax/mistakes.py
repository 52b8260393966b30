"""A parser's error into the message that it deserves, by the table of `grammar/mistakes.toml`.

Every example of the table is parsed once; the state in which the parser stops, and the token it stops at, are the key
under which the message is found again.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from segrules.resources import grammar_file

_MANY = 6
_SHOWN = {
    "$END": "the end of the file",
    "NAME": "a name",
    "QUOTED_NAME": "",
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "PERCENT": "a percentage",
    "DATE": "a date",
    "TIMESTAMP": "",
    "COMPARE": "a comparison",
    "PERIOD_UNIT": "a unit of time",
    "_IN_WINDOW": "a window of time",
    "_BETWEEN_AGO": "",
    "TEXT_TEST": "a test on text",
    "BOOLEAN": "",
    "AGGREGATE": "",
    "QUANTIFIER": "`any`, `all` or `none`",
    "EXTREME": "`least` or `most`",
    "DIRECTION": "`low` or `high`",
    "IS_KNOWN": "`known` or `unknown`",
}


@dataclass
class _Table:
    exact: dict[tuple[Any, str, str], dict[str, Any]] = field(default_factory=dict)
    by_type: dict[tuple[Any, str], dict[str, Any]] = field(default_factory=dict)
    by_state: dict[Any, dict[str, Any]] = field(default_factory=dict)
    by_token: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_character: dict[str, dict[str, Any]] = field(default_factory=dict)


def entries() -> dict[str, list[dict[str, Any]]]:
    """The table as written: lists `mistake` and `character`."""
    return tomllib.loads(grammar_file("mistakes.toml"))


@cache
def _table(parser: Lark) -> _Table:
    table = _Table()
    read = entries()
    for entry in read["mistake"]:
        error = stop(parser, entry["example"], entry.get("start", "file"))
        if not isinstance(error, UnexpectedToken):
            raise AssertionError(f"not a mistake: {entry['example']}")
        token = error.token
        state = _closely(error) if entry.get("close") else _state(error)
        if entry.get("anywhere"):
            table.by_token.setdefault(str(token), entry)
        elif entry.get("any"):
            table.by_state.setdefault(state, entry)
            table.exact.setdefault((state, token.type, str(token)), entry)
        else:
            table.exact.setdefault((state, token.type, str(token)), entry)
            table.by_type.setdefault((state, token.type), entry)
    for entry in read["character"]:
        for character in entry["characters"] or [""]:
            table.by_character[character] = entry
    return table


def stop(parser: Lark, text: str, start: str) -> UnexpectedInput | None:
    """The error at which the parser stops, or None where the text is well formed."""
    try:
        parser.parse(text, start=start)
    except UnexpectedInput as error:
        return error
    return None


def explain(parser: Lark, error: UnexpectedInput, start: str, shown: str) -> tuple[str, str | None]:
    """Message and help for an error; `shown` is what stands at the mistake, as messages show it."""
    table = _table(parser)
    if isinstance(error, UnexpectedCharacters):
        first = shown[1:2]  # behind the backtick that every shown text begins with
        entry = table.by_character.get(first) or table.by_character[""]
        return entry["message"].replace("{found}", f"`{first}`"), entry["help"]
    assert isinstance(error, UnexpectedToken)
    token = error.token
    state, close = _state(error), _closely(error)
    found = (
        table.exact.get((close, token.type, str(token)))
        or table.exact.get((state, token.type, str(token)))
        or table.by_token.get(str(token))
        or table.by_type.get((close, token.type))
        or table.by_type.get((state, token.type))
        or table.by_state.get(close)
        or table.by_state.get(state)
    )
    if found:
        return found["message"].replace("{found}", shown), found["help"]
    return f"{shown} found where {_expected(parser, error)} was expected", None


def _state(error: UnexpectedToken) -> Any:
    """The parser's state as a plain value that can be looked up."""
    return error.state.position


def _closely(error: UnexpectedToken) -> Any:
    """The state and the one before it: many places share the state behind a name."""
    return tuple(error.state.state_stack[-2:])


def _expected(parser: Lark, error: UnexpectedToken) -> str:
    patterns = {terminal.name: terminal.pattern.value for terminal in parser.terminals}
    words = []
    for name in sorted(error.accepts or error.expected or ()):
        word = _SHOWN.get(name, f"`{patterns.get(name, name.lower())}`")
        if word and "|" not in word:
            words.append(word)
    words.sort(key=lambda word: (word.startswith("`"), word))
    if len(words) > _MANY:
        return ", ".join(words[:_MANY]) + " or another word of the language"
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words or ["something else"])
