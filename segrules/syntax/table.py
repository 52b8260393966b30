"""The parse table of the grammar, as plain numbers that are read in a moment.

lark takes longer to make the table than to read a large file with it. What needs no more than tokens and their
grouping, such as a formatter that runs at every save, reads the table that was made beforehand and never loads lark;
for all else `parser.py` gives lark the same table.
The table stands beside the grammar, in `grammar/table.json`, and says which grammar it was made from.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from segrules.resources import grammar_file
from segrules.syntax.terminals import Terminal

TABLE = "table.json"
GRAMMAR = "segrules.lark"
START = "file"
STARTS = (START, "expr")
END = "$END"
UNSEEN = "-"
"""Stands before the parts of a rule that the tree leaves out."""
_SHIFT = "Shift"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alternative of a rule: what it makes is called `name`, `origin` is the rule that it belongs to.

    `name` is empty where the parts go into the rule around it; `alone` says that a single part stands for itself.
    """

    name: str
    origin: str
    size: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Table:
    """States by number: an action is the next state, or below 0 the rule -1 - n that ends here."""

    terminals: tuple[Terminal, ...]
    rules: tuple[Rule, ...]
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    start: int
    end: int


@cache
def table() -> Table:
    """The table that was made beforehand, or made now where the grammar is another one."""
    return _read(stored_content() or content_of_table())


def stored_content() -> dict[str, Any] | None:
    """What `grammar/table.json` holds, where it was made from this grammar."""
    content: dict[str, Any] = json.loads(grammar_file(TABLE))
    return content if content["grammar"] == _digest() else None


def content_of_table() -> dict[str, Any]:
    """What `grammar/table.json` has to hold, made from the grammar by lark; always the same for the same grammar."""
    from segrules.syntax.parser import made_anew

    made = made_anew()
    parse_table = made.parser.parser._parse_table  # lark keeps it to itself
    rules = sorted(made.rules, key=lambda rule: (rule.origin.name, [symbol.name for symbol in rule.expansion]))
    numbers = {rule: number for number, rule in enumerate(rules)}
    order = _states_in_order(parse_table.states, [parse_table.start_states[start] for start in STARTS])
    places = {state: number for number, state in enumerate(order)}
    kinds = {terminal.name for terminal in made.terminals} | {END}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        row = {
            symbol: places[to] if str(action) == _SHIFT else -1 - numbers[to]
            for symbol, (action, to) in sorted(parse_table.states[state].items())
        }
        actions.append({symbol: number for symbol, number in row.items() if symbol in kinds})
        gotos.append({symbol: number for symbol, number in row.items() if symbol not in kinds})
    return {
        "grammar": _digest(),
        "starts": {start: places[parse_table.start_states[start]] for start in STARTS},
        "ends": {start: places[parse_table.end_states[start]] for start in STARTS},
        "terminals": [
            [t.name, _ordered(t.pattern.to_regexp()), t.priority, t.pattern.value if t.pattern.type == "str" else None]
            for t in made.terminals
        ],
        "rules": [
            [
                rule.alias or ("" if rule.origin.name.startswith("_") else str(rule.origin.name)),
                str(rule.origin.name),
                len(rule.expansion),
                bool(rule.options.expand1 and not rule.alias),
                [UNSEEN * getattr(symbol, "filter_out", False) + str(symbol.name) for symbol in rule.expansion],
                [int(empty) for empty in rule.options.empty_indices],
            ]
            for rule in rules
        ],
        "actions": actions,
        "gotos": gotos,
    }


def _states_in_order(states: Mapping[int, Mapping[str, Any]], starts: Iterable[int]) -> list[int]:
    """The states that are reached from these, in an order that does not depend on how lark numbers them."""
    found = [*starts]
    seen = {*found}
    for state in found:
        for _, (action, to) in sorted(states[state].items(), key=lambda item: item[0]):
            if str(action) == _SHIFT and to not in seen:
                seen.add(to)
                found.append(to)
    return found


def _ordered(pattern: str) -> str:
    """A pattern that is a choice of words, with the words in order: lark leaves those of one length in any."""
    words = re.fullmatch(r"\(\?:((?:[a-z ]|\\ |\|)+)\)", pattern)
    return f"(?:{'|'.join(sorted(words[1].split('|'), key=lambda word: (-len(word), word)))})" if words else pattern


def text_of_table() -> str:
    """The text of `grammar/table.json`: one state a line, so that a change of the grammar can be looked at."""
    content = content_of_table()
    parts = []
    for key, value in content.items():
        shown = json.dumps(value)
        if isinstance(value, list):
            shown = "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"
        parts.append(f"{json.dumps(key)}: {shown}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _digest() -> str:
    return hashlib.sha256(grammar_file(GRAMMAR).encode("utf-8")).hexdigest()


def _read(content: dict[str, Any]) -> Table:
    return Table(
        tuple(Terminal(name, pattern, priority) for name, pattern, priority, _ in content["terminals"]),
        tuple(Rule(*item[:4]) for item in content["rules"]),
        tuple(content["actions"]),
        tuple(content["gotos"]),
        content["starts"][START],
        content["ends"][START],
    )
