"""The text before a place, perhaps half typed, into what the parser has in hand there and what it can take next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from segrules.syntax.table import END, table
from segrules.syntax.terminals import BLOCK_HEAD, CLAUSE_WORD, NAME, SKIP, Terminals

_MOST_BLANKED = 20
_OPEN_WINDOW = re.compile(r"\b(?:in|between)\b[\s\w]*\Z")
_FOLLOWING = (
    " the last 1",
    " last 1",
    " 1 and 2 days ago",
    " and 2 days ago",
    " 2 days ago",
    " days ago",
    " ago",
)
"""What may follow a window that is begun: the lexer tells `in` and `between` of a window by it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block that is not part of anything larger yet: its name in the grammar, and its first token."""

    symbol: str
    first: int


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a place: the tokens of its block, the pieces they make, and which kinds of token may follow.

    `starts` are the places of the tokens in the whole text.
    """

    kinds: tuple[str, ...]
    words: tuple[str, ...]
    starts: tuple[int, ...]
    pieces: tuple[Piece, ...]
    accepts: frozenset[str]

    def words_of(self, number: int) -> tuple[str, ...]:
        """The words of piece `number`, which may be counted from the end."""
        number %= len(self.pieces)
        end = self.pieces[number + 1].first if number + 1 < len(self.pieces) else len(self.words)
        return self.words[self.pieces[number].first : end]


def before(text: str, at: int) -> Before:
    """What stands before the place `at`, from the head of its block on; clauses that cannot be read are passed over.

    >>> sorted(before("segment a where did", 19).accepts)
    ['NAME', 'NOT', 'QUANTIFIER', 'QUOTED_NAME']
    >>> keywords_of(before("segment a where x is in the", 27).accepts)
    ['last', 'next']
    """
    heads = list(BLOCK_HEAD.finditer(text, 0, at))
    head = heads[-1] if heads else None
    following = ("", *_FOLLOWING) if _OPEN_WINDOW.search(text[max(at - 100, 0) : at]) else ("",)
    read = [_recovered(text, head, at, words) for words in following]
    fewest = min(blanked for blanked, _ in read)
    best, *others = [found for blanked, found in read if blanked == fewest]
    return replace(best, accepts=best.accepts.union(*(other.accepts for other in others)))


def keywords_of(kinds: Sequence[str] | frozenset[str]) -> list[str]:
    """The words of the kinds of token that are words, sorted: `did`, `at`, `starts with`.

    >>> keywords_of(["BOOLEAN", "NAME", "COMMA"])
    ['false', 'true']
    """
    patterns = {terminal.name: terminal.pattern for terminal in table().terminals}
    return sorted({word for kind in kinds if kind in patterns for word in _words(patterns[kind])})


def all_keywords() -> list[str]:
    """Every word that the grammar knows, sorted."""
    return keywords_of([terminal.name for terminal in table().terminals])


@cache
def _words(pattern: str) -> tuple[str, ...]:
    """The words that a terminal's pattern matches; none where it matches anything else than a choice of words.

    >>> _words("minutes?|hours?"), _words("in(?=x)"), _words("[0-9]+")
    (('minute', 'minutes', 'hour', 'hours'), ('in',), ())
    """
    pattern = re.sub(r"\(\?=.*", "", pattern).replace("\\ ", " ")
    if not re.fullmatch(r"(?:\(\?:)?[a-z |?]+\)?", pattern):
        return ()
    found: list[str] = []
    for choice in re.sub(r"\(\?:|\)", "", pattern).split("|"):
        found += [choice[:-2], choice[:-1]] if choice.endswith("?") else [choice]
    return tuple(found)


def _recovered(text: str, head: re.Match[str] | None, at: int, following: str) -> tuple[int, Before]:
    """How many clauses had to be blanked out, and what stands before `at` then; `following` is thought to follow."""
    begin = head.start() if head is not None else 0
    for blanked in range(_MOST_BLANKED):
        stopped, found = _read(text, begin, at, following)
        if stopped is None:
            return blanked, found
        text = _without_clause(text, head, stopped, at)
    return _MOST_BLANKED, _read(text, at, at, following)[1]


def _without_clause(text: str, head: re.Match[str] | None, stopped: int, at: int) -> str:
    """The text with the clause around `stopped` blanked out; of the clause in which `at` lies its first word stays."""
    begin = head.start() if head is not None else 0
    line = text.rfind("\n", 0, stopped) + 1
    if _clause_word(text, stopped):
        stopped = max(line - 1, begin)  # the word of a clause is well: what is wrong is the end of the one before
    clauses = [match for match in CLAUSE_WORD.finditer(text, begin, at) if match.start() > begin]
    around = [match for match in clauses if match.start() <= stopped]
    first = around[-1].start() if around else begin
    end = min((match.start() for match in clauses if match.start() > stopped), default=at)
    if around and end == at and around[-1].end() <= stopped:
        first = around[-1].end()
    elif not around and head is not None and head.end() <= stopped:
        first = head.end()
    return text[:first] + re.sub(r"[^\n]", " ", text[first:end]) + text[end:]


def _clause_word(text: str, at: int) -> bool:
    """Whether the word of a clause stands at this place, at the start of its line."""
    line = text.rfind("\n", 0, at) + 1
    return not text[line:at].strip() and CLAUSE_WORD.match(text, line) is not None


def _read(text: str, at: int, end: int, following: str) -> tuple[int | None, Before]:
    """Read tokens up to `end`: where that stopped, None if at the end, and what stands before that place."""
    made = table()
    actions, next_token = made.actions, _terminals().next
    states, pieces = [made.start], list[Piece]()
    kinds, words, starts = list[str](), list[str](), list[int]()
    text = text[:end] + following
    stopped = None
    while True:
        skipped = SKIP.match(text, at)
        at = skipped.end() if skipped else at
        if at >= end:
            break
        found = next_token(text, at, actions[states[-1]])
        # A word at the end begins a clause, even where the one before has no end and could take it for a name.
        last = found is not None and found[0] == NAME and text[at + len(found[1]) : end].isspace()
        taken = (
            None if found is None or (last and _clause_word(text, at)) else _take(states, pieces, found[0], len(words))
        )
        if found is None or taken is None:
            stopped = at
            break
        kinds.append(found[0])
        words.append(found[1])
        starts.append(at)
        at += len(found[1])
    accepts = frozenset(kind for kind in actions[states[-1]] if kind != END and _can_take(states, kind))
    return stopped, Before(tuple(kinds), tuple(words), tuple(starts), tuple(pieces), accepts)


def _take(states: list[int], pieces: list[Piece], kind: str, token: int) -> int | None:
    """Take a token: the new state, or None where it cannot stand here; states and pieces are as they were then."""
    if not _can_take(states, kind):
        return None
    made = table()
    action = made.actions[states[-1]][kind]
    while action < 0:
        rule = made.rules[-1 - action]
        first = pieces[-rule.size].first if rule.size else token
        if rule.size:
            del states[-rule.size :]
            del pieces[-rule.size :]
        states.append(made.gotos[states[-1]][rule.origin])
        pieces.append(Piece(rule.origin, first))
        action = made.actions[states[-1]][kind]
    states.append(action)
    pieces.append(Piece(kind, token))
    return action


def _can_take(states: list[int], kind: str) -> bool:
    """Whether the parser takes a token of this kind, after all that ends before it."""
    made = table()
    stack = list(states)
    action = made.actions[stack[-1]].get(kind)
    while action is not None and action < 0:
        rule = made.rules[-1 - action]
        if rule.size:
            del stack[-rule.size :]
        stack.append(made.gotos[stack[-1]][rule.origin])
        action = made.actions[stack[-1]].get(kind)
    return action is not None


@cache
def _terminals() -> Terminals:
    return Terminals(table().terminals)
