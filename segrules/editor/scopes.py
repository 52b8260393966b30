"""What stands before a caret into what bare names mean there, and which column a value would be compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from segrules.editor.names import Target
from segrules.ir.catalogue import Catalogue
from segrules.syntax.before import Before

_SKIPPED = ("alias",)
_ROWS = ("event_names", "ref", "name", "members")


@dataclass(frozen=True, slots=True)
class Scope:
    """The events of the row that bare names are properties of, None outside a row; and earlier steps by name."""

    events: tuple[str, ...] | None = None
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def scope_of(found: Before, events: Mapping[str, object]) -> Scope:
    """What bare names mean behind the last token; `events` are those of the catalogue."""
    pieces = found.pieces
    for number in range(len(pieces) - 1, 0, -1):
        if pieces[number].symbol != "LPAR":
            continue
        opener = pieces[number - 1].symbol
        if opener == "WHERE":
            rows = number - 2
            while rows > 0 and pieces[rows].symbol in _SKIPPED:
                rows -= 1
            if pieces[rows].symbol in _ROWS:
                named = tuple(word for word in found.words_of(rows) if word in events)
                return Scope(named, _steps(found, rows, events))
        elif opener in ("WAS", "NOT") and number > 1:
            value = number - 2 if opener == "WAS" else number - 3
            return Scope(tuple(word for word in found.words_of(value) if word in events)[:1])
        elif opener in ("AMONG", "ref"):
            return Scope()
    return Scope()


def _steps(found: Before, rows: int, events: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The steps of a chain before the piece `rows`, by alias or event."""
    dids = [number for number, piece in enumerate(found.pieces[:rows]) if piece.symbol == "DID"]
    if not dids:
        return {}
    words = found.words[found.pieces[dids[-1]].first : found.pieces[rows].first]
    steps: dict[str, tuple[str, ...]] = {}
    depth, last = 0, ""
    for number, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth:
            continue
        if word in events and words[number - 1] in ("did", "not", "then", "without", "of", ","):
            steps[word], last = (word,), word
        elif words[number - 1] == "as" and last in steps:
            steps[word] = steps.pop(last)
    return steps


def left_side(found: Before) -> tuple[str, ...]:
    """The words of what a value behind the last token is compared with; empty where it is compared with nothing."""
    pieces = found.pieces
    number = len(pieces) - 1
    while (number >= 0 and pieces[number].symbol in ("COMMA", "MINUS")) or _is_list(found, number):
        number -= 1
    if number < 1:
        return ()
    symbol = pieces[number].symbol
    if symbol == "COMPARE":
        return found.words_of(number - 1)
    if symbol != "LSQB":
        return ()
    number -= 1
    while number > 0 and pieces[number].symbol in ("IN", "NOT", "OF", "QUANTIFIER", "HAS", "COMPARE"):
        number -= 1
    return found.words_of(number)


def _is_list(found: Before, number: int) -> bool:
    """Whether a piece is the part of a list that is typed already."""
    symbol = found.pieces[number].symbol if number >= 0 else ""
    return symbol in ("literal", "_signed_literal", "signed_literal") or symbol.startswith("__items")


def compared(words: Sequence[str], scope: Scope, catalogue: Catalogue) -> Target | None:
    """The column, rank or consent that words such as `country`, `purchase.kind` or `rfm.recency` stand for."""
    parts = _reference(words)
    if not parts:
        return None
    if parts[0] == "customer" and len(parts) > 1:
        parts, scope = parts[1:], Scope()
    first, rest = parts[0], parts[1:]
    if scope.events is not None:
        events = scope.steps.get(first, ()) if rest else scope.events
        return Target("property", rest[0] if rest else first, events[0]) if events else None
    if not rest:
        return Target("attribute", first)
    if first == "consent":
        return Target("channel", rest[0])
    if first in catalogue.events:
        return Target("property", rest[0], first)
    if first in catalogue.relations:
        return Target("related", rest[0], first)
    return Target("rank", rest[0], first)


def _reference(words: Sequence[str]) -> list[str]:
    """The first name with dots among words, without those of the language before it."""
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else ""
        if following == "." and number + 2 < len(words):
            parts = [word]
            while number + 2 < len(words) and words[number + 1] == ".":
                parts.append(words[number + 2])
                number += 2
            return [part.strip("`") for part in parts]
    return [words[-1].strip("`")] if words and words[-1][:1] not in ")]" else []
