"""lark's parser: read from the table that was made beforehand, which takes a tenth of the time of making it.

`grammar/table.json` holds all that lark works out of the grammar. It is put into the form in which lark saves a parser;
where the grammar is another one, or lark one whose form is not known, lark makes the parser from the grammar.
"""

from functools import cache
from typing import Any

import lark
from lark import Lark

from segrules.resources import grammar_file
from segrules.syntax.lexer import SegLexer
from segrules.syntax.positions import with_fast_positions
from segrules.syntax.table import GRAMMAR, STARTS, UNSEEN, stored_content

KNOWN = ("1.3.",)
"""Versions of lark that save a parser in this form."""

_OPTIONS = {"parser": "lalr", "lexer": SegLexer, "propagate_positions": True, "maybe_placeholders": True}


@cache
def parser() -> Lark:
    """The parser of rule files and of single expressions."""
    content = stored_content() if lark.__version__.startswith(KNOWN) else None
    return with_fast_positions(Lark.load(_saved(content)) if content else _from_grammar())


def made_anew() -> Lark:
    """The parser as lark makes it of the grammar, whatever was made beforehand."""
    return with_fast_positions(_from_grammar())


def _from_grammar() -> Lark:
    return Lark(grammar_file(GRAMMAR), start=[*STARTS], **_OPTIONS)


def _saved(content: dict[str, Any]) -> dict[str, Any]:
    """The table as lark saves a parser: rules and terminals by number, and numbers wherever they are used."""
    kinds = {name for name, *_ in content["terminals"]}
    memo = [_terminal(*item) for item in content["terminals"]] + [_rule(item, kinds) for item in content["rules"]]
    first = len(content["terminals"])
    terminals: list[Any] = [{"@": number} for number in range(first)]
    rules: list[Any] = [{"@": number} for number in range(first, len(memo))]
    states = {
        state: {symbol: (0, to) if to >= 0 else (1, rules[-1 - to]) for symbol, to in (actions | gotos).items()}
        for state, (actions, gotos) in enumerate(zip(content["actions"], content["gotos"], strict=True))
    }
    symbols = {symbol for row in states.values() for symbol in row}
    data = {
        "options": {**_OPTIONS, "start": [*STARTS]},
        "rules": rules,
        "parser": {
            "lexer_conf": {"terminals": terminals, "ignore": [], "g_regex_flags": 0, "use_bytes": False}
            | {"lexer_type": SegLexer, "__type__": "LexerConf"},
            "parser_conf": {"rules": rules, "start": [*STARTS], "parser_type": "lalr", "__type__": "ParserConf"},
            "parser": {
                "tokens": {symbol: symbol for symbol in symbols},
                "states": states,
                "start_states": content["starts"],
                "end_states": content["ends"],
            },
            "__type__": "ParsingFrontend",
        },
        "__type__": "Lark",
    }
    return {"data": data, "memo": dict(enumerate(memo))}


def _terminal(name: str, pattern: str, priority: int, literal: str | None) -> dict[str, Any]:
    kind = "PatternRE" if literal is None else "PatternStr"
    value: dict[str, Any] = {
        "value": pattern if literal is None else literal,
        "flags": [],
        "raw": None,
        "__type__": kind,
    }
    if literal is None:
        value["_width"] = None
    return {"name": name, "pattern": value, "priority": priority, "__type__": "TerminalDef"}


def _rule(item: list[Any], kinds: set[str]) -> dict[str, Any]:
    name, origin, _, alone, symbols, empty = item
    options = {"keep_all_tokens": False, "expand1": alone, "priority": None, "template_source": None}
    return {
        "origin": {"name": origin, "__type__": "NonTerminal"},
        "expansion": [_symbol(symbol, kinds) for symbol in symbols],
        "order": 0,
        "alias": None if name in ("", origin) else name,
        "options": options | {"empty_indices": [bool(here) for here in empty], "__type__": "RuleOptions"},
        "__type__": "Rule",
    }


def _symbol(symbol: str, kinds: set[str]) -> dict[str, Any]:
    name = symbol.removeprefix(UNSEEN)
    if name not in kinds:
        return {"name": name, "__type__": "NonTerminal"}
    return {"name": name, "filter_out": symbol != name, "__type__": "Terminal"}
