"""Rule text into tokens and how the grammar groups them: every word of the file, and no meaning.

The groups are those of the grammar, in the order of the text, keywords and signs included. Comments and white space
stand between tokens and belong to none.
"""

from dataclasses import dataclass
from functools import cache

from segrules.syntax.table import END, Rule, table
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
    """A file: kind, text, start and end of each token, and the steps in which the parser took them.

    A step is -1 where a token was taken, else the number of the rule that ended there: the syntax tree in a row.
    Invariant: files of equal `kinds`, `words` and `steps` have equal syntax trees, but for places.
    """

    kinds: list[str]
    words: list[str]
    starts: list[int]
    ends: list[int]
    steps: list[int]

    def same_as(self, other: "Concrete") -> bool:
        """Whether two files differ in nothing but layout and comments."""
        return self.kinds == other.kinds and self.words == other.words and self.steps == other.steps

    def root(self) -> Group:
        """The group of the whole file."""
        rules = table().rules
        stack: list[Part] = []
        token = 0
        for step in self.steps:
            if step < 0:
                stack.append(token)
                token += 1
                continue
            rule = rules[step]
            if not (rule.alone and rule.size == 1):
                parts = stack[-rule.size :] if rule.size else []
                del stack[len(stack) - rule.size :]
                stack.append(_group(rule, parts, token))
        (root,) = stack
        assert isinstance(root, Group)
        return root


def read_concrete(text: str) -> Concrete | None:
    r"""The tokens and steps of a file; None where the text is not well formed.

    >>> read_concrete("define a as b\n").words
    ['define', 'a', 'as', 'b']
    >>> read_concrete("define a as as\n") is None
    True
    """
    made = table()
    actions, gotos, next_token = made.actions, made.gotos, _terminals().next
    rules = [(rule.size, rule.origin) for rule in made.rules]
    states = [made.start]
    read = Concrete([], [], [], [], [])
    kinds, words, starts, ends, steps = read.kinds, read.words, read.starts, read.ends, read.steps
    at, length = 0, len(text)
    while True:
        skipped = SKIP.match(text, at)
        at = skipped.end() if skipped else at
        if at < length:
            found = next_token(text, at, actions[states[-1]])
            if found is None:
                return None
            kind, word = found
        else:
            kind = word = END
        action = actions[states[-1]].get(kind)
        while action is not None and action < 0:
            size, origin = rules[-1 - action]
            steps.append(-1 - action)
            if size:
                del states[-size:]
            states.append(gotos[states[-1]][origin])
            if kind == END and states[-1] == made.end:
                return read
            action = actions[states[-1]].get(kind)
        if action is None:
            return None
        states.append(action)
        steps.append(-1)
        kinds.append(kind)
        words.append(" ".join(word.split()) if kind == "TEXT_TEST" else word)
        starts.append(at)
        at += len(word)
        ends.append(at)


def _group(rule: Rule, parts: list[Part], end: int) -> Group:
    """The group that a rule makes of parts; a group without a name lasts only until the group around it is made."""
    first = parts[0] if parts else None
    if isinstance(first, Group) and not first.name:
        taken = first.parts  # nobody else has it: a list of thousands grows in place
        parts = parts[1:]
    else:
        taken = []
    for part in parts:
        if isinstance(part, Group) and not part.name:
            taken += part.parts
        else:
            taken.append(part)
    start = end if not taken else taken[0] if isinstance(taken[0], int) else taken[0].start
    return Group(rule.name, taken, start, end)


@cache
def _terminals() -> Terminals:
    return Terminals(table().terminals)
