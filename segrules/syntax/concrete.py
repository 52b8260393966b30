"""Rule text into tokens and how the grammar groups them: every word of the file, and no meaning.

The groups are those of the grammar, in the order of the text, keywords and signs included. Comments and white space
stand between tokens and belong to none.
"""

from dataclasses import dataclass
from functools import cache

from segrules.syntax.table import END, Table, table
from segrules.syntax.terminals import SKIP, Terminals


@dataclass(slots=True)
class Group:
    """What a rule of the grammar found: its name there, its parts, and its tokens from `start` up to `end`.

    A part is a group or the number of a token.
    """

    name: str
    parts: list["Part"]
    start: int
    end: int


Part = Group | int


@dataclass(frozen=True, slots=True)
class Concrete:
    """A file: kind, text, start and end of each token, the groups, and the steps in which the parser found them.

    Invariant: files of equal `kinds`, `words` and `steps` have equal syntax trees, but for places.
    """

    kinds: list[str]
    words: list[str]
    starts: list[int]
    ends: list[int]
    steps: list[int]
    root: Group

    def same_as(self, other: "Concrete") -> bool:
        """Whether two files differ in nothing but layout and comments."""
        return self.kinds == other.kinds and self.words == other.words and self.steps == other.steps


def read_concrete(text: str) -> Concrete | None:
    r"""The tokens and groups of a file; None where the text is not well formed.

    >>> read_concrete("define a as b\n").words
    ['define', 'a', 'as', 'b']
    >>> read_concrete("define a as as\n") is None
    True
    """
    return _Reading(text).run()


@cache
def _terminals() -> Terminals:
    return Terminals(table().terminals)


class _Reading:
    """The parser's stack while a text is read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.table: Table = table()
        self.kinds: list[str] = []
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.steps: list[int] = []
        self.states = [self.table.start]
        self.parts: list[Part] = []

    def run(self) -> Concrete | None:
        text, at, length = self.text, 0, len(self.text)
        actions, terminals = self.table.actions, _terminals()
        while True:
            skipped = SKIP.match(text, at)
            at = skipped.end() if skipped else at
            if at >= length:
                break
            found = terminals.next(text, at, actions[self.states[-1]])
            if found is None or not self._take(*found, at):
                return None
            at += len(found[1])
        return self._finish()

    def _take(self, kind: str, word: str, at: int) -> bool:
        """Take one token; False where it cannot stand here."""
        actions, states = self.table.actions, self.states
        while (action := actions[states[-1]].get(kind)) is not None:
            if action >= 0:
                states.append(action)
                self.parts.append(len(self.words))
                self.steps.append(-1)
                self.kinds.append(kind)
                self.words.append(" ".join(word.split()) if kind == "TEXT_TEST" else word)
                self.starts.append(at)
                self.ends.append(at + len(word))
                return True
            self._group(-1 - action)
        return False

    def _finish(self) -> Concrete | None:
        while self.states[-1] != self.table.end:
            action = self.table.actions[self.states[-1]].get(END)
            if action is None:
                return None
            if action >= 0:
                self.states.append(action)
                break
            self._group(-1 - action)
        root = self.parts[0]
        assert isinstance(root, Group)
        return Concrete(self.kinds, self.words, self.starts, self.ends, self.steps, root)

    def _group(self, number: int) -> None:
        """Put the parts on top of the stack into a group, as a rule of the grammar says."""
        rule = self.table.rules[number]
        states, stack, size = self.states, self.parts, rule.size
        self.steps.append(number)
        if size == 1 and rule.alone:
            del states[-1]
        else:
            parts: list[Part] = []
            if size:
                for part in stack[-size:]:
                    # Invariant: a group without a name lasts only until the group around it is made.
                    if isinstance(part, Group) and not part.name:
                        parts += part.parts
                    else:
                        parts.append(part)
                del stack[-size:]
                del states[-size:]
            count = len(self.words)
            start = count if not parts else parts[0] if isinstance(parts[0], int) else parts[0].start
            stack.append(Group(rule.name, parts, start, count))
        states.append(self.table.gotos[states[-1]][rule.origin])
