"""Tests on one text: which of them can hold together, each case with a text that shows it.

Every text whatever falls into one of the classes, so that what no class has is impossible. Texts that rules list are
looked at one by one; all other tests are automata that read the same text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from segrules.ir import nodes as ir
from segrules.proofs.texts.automata import Automaton, Finds, Matches, Product, Signs, Starts, TooMany
from segrules.proofs.texts.patterns import NotRegular, places
from segrules.reference.text import folded, folded_pattern, text_test
from segrules.types.types import TextType

MOST_CLASSES = 4_096
MOST_STATES = 20_000
_SOMETHING_ELSE = "other"


@dataclass(frozen=True)
class Listed:
    """The text is one of some; of one, it is equal to it."""

    texts: tuple[str, ...]
    ignoring_case: bool = False

    @cached_property
    def _compared(self) -> frozenset[str]:
        return frozenset(map(folded, self.texts)) if self.ignoring_case else frozenset(self.texts)

    def holds(self, text: str) -> bool:
        """Whether it holds for a text."""
        return (folded(text) if self.ignoring_case else text) in self._compared


@dataclass(frozen=True)
class Passes:
    """The text starts or ends with another, contains it or matches a pattern."""

    op: ir.TextOp
    pattern: str
    ignoring_case: bool = False

    def holds(self, text: str) -> bool:
        """Whether it holds for a text."""
        return text_test(self.op, text, self.pattern, ignoring_case=self.ignoring_case)

    @cached_property
    def automaton(self) -> Automaton | None:
        """What reads a text for it; None for a pattern that is not followed here."""
        folds = self.ignoring_case
        pattern = folded(self.pattern) if folds else self.pattern
        match self.op:
            case ir.TextOp.STARTS:
                return Starts(pattern, folds)
            case ir.TextOp.ENDS:
                return Finds(pattern, True, folds)
            case ir.TextOp.CONTAINS:
                return Finds(pattern, False, folds)
            case ir.TextOp.MATCHES:
                try:
                    return Matches(places(folded_pattern(self.pattern) if folds else self.pattern), folds)
                except NotRegular:
                    return None


Predicate = Listed | Passes


@dataclass(frozen=True, slots=True)
class TextClass:
    """All texts for which the same predicates hold: `signs` in their order. `another` is None if there is but one."""

    signs: Signs
    example: str
    another: str | None

    @property
    def only(self) -> bool:
        """Whether it has exactly one text."""
        return self.another is None


def asked(condition: ir.Condition) -> tuple[ir.Value, Predicate, bool] | None:
    """The value that a condition tests, how, and whether what it says is that the test holds; None for others.

    The value is anything but a constant, and the test has to do with text alone.
    """
    match condition:
        case ir.Compare(ir.CompareOp.EQ | ir.CompareOp.NE as op, left, right, ignoring_case):
            if isinstance(left, ir.Literal):
                left, right = right, left
            if isinstance(right, ir.Literal) and isinstance(right.value, str) and not isinstance(left, ir.Literal):
                return left, Listed((right.value,), ignoring_case), op is ir.CompareOp.EQ
        case ir.OneOf(value, choices, negated, ignoring_case):
            texts = tuple(choice.value for choice in choices if isinstance(choice.value, str))
            if len(texts) == len(choices) and not isinstance(value, ir.Literal):
                return value, Listed(texts, ignoring_case), not negated
        case ir.InListFile(value, _, entries, negated, ignoring_case):
            # A list may have keys that are numbers, too.
            if isinstance(value.type, TextType) and not isinstance(value, ir.Literal):
                return value, Listed(tuple(sorted(entries)), ignoring_case), not negated
        case ir.TextTest(text_op, value, pattern, ignoring_case):
            if not isinstance(value, ir.Literal):
                return value, Passes(text_op, pattern, ignoring_case), True
        case _:
            pass
    return None


def followed(predicate: Predicate) -> bool:
    """Whether `classes` can say anything of a predicate over texts of any kind."""
    return isinstance(predicate, Listed) or predicate.automaton is not None


def classes(predicates: Sequence[Predicate], values: Sequence[str] | None = None) -> tuple[TextClass, ...] | None:
    """All classes of texts, or of `values` alone; None where there are too many, or a pattern is not `followed`."""
    return _classes(tuple(predicates), None if values is None else tuple(values))


@lru_cache(maxsize=2_000)
def _classes(predicates: tuple[Predicate, ...], values: tuple[str, ...] | None) -> tuple[TextClass, ...] | None:
    if values is None:
        if not all(map(followed, predicates)):
            return None
        try:
            found = dict(_Search(predicates).classes())
        except TooMany:
            return None
    else:
        found = {}
        for text in dict.fromkeys(values):
            known = found.setdefault(tuple([predicate.holds(text) for predicate in predicates]), [])
            if len(known) < 2:
                known.append(text)
    if len(found) > MOST_CLASSES:
        return None
    made = tuple(TextClass(signs, texts[0], next(iter(texts[1:]), None)) for signs, texts in sorted(found.items()))
    for one in made:
        for text in (one.example, one.example if one.another is None else one.another):
            # Automata say which texts there are; that they are, the interpreter says.
            assert one.signs == tuple([predicate.holds(text) for predicate in predicates]), (one, predicates)
    return made


class _Search:
    """Classes over all texts: first those that are listed, then all others.

    A text is in a class by its mask, which has a bit for each list that has it, and by what the automata say.
    """

    def __init__(self, predicates: Sequence[Predicate]) -> None:
        self._predicates = predicates
        self._exact: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        for bit, predicate in enumerate(self._lists):
            masks = self._folded if predicate.ignoring_case else self._exact
            for text in map(folded, predicate.texts) if predicate.ignoring_case else predicate.texts:
                masks[text] = masks.get(text, 0) | 1 << bit
        automata = [one.automaton for one in predicates if isinstance(one, Passes)]
        self._product = Product([one for one in automata if one is not None], MOST_STATES)
        self._found: dict[tuple[int, Signs], list[str]] = {}

    @property
    def _lists(self) -> list[Listed]:
        return [one for one in self._predicates if isinstance(one, Listed)]

    def classes(self) -> Iterator[tuple[Signs, list[str]]]:
        """Signs of the predicates, each with one text or two."""
        for text in self._constants():
            self._add(self._mask(text), self._product.read(text), text)
        self._variants()
        self._others()
        for (mask, signs), texts in self._found.items():
            yield self._signs(mask, signs), texts

    def _constants(self) -> Iterator[str]:
        """Texts of the rules, in their order, and one more: they read best as examples."""
        for predicate in self._predicates:
            if isinstance(predicate, Listed):
                yield from predicate.texts
            elif predicate.op is not ir.TextOp.MATCHES and predicate.pattern:
                yield predicate.pattern
        yield _SOMETHING_ELSE

    def _mask(self, text: str) -> int:
        return self._exact.get(text, 0) | (self._folded.get(folded(text), 0) if self._folded else 0)

    def _add(self, mask: int, signs: Signs, text: str) -> None:
        known = self._found.setdefault((mask, signs), [])
        if len(self._found) > MOST_CLASSES:
            raise TooMany
        if len(known) < 2 and text not in known:
            known.append(text)

    def _signs(self, mask: int, signs: Signs) -> Signs:
        """What the lists and the automata say, in the order of the predicates."""
        of_automata = iter(signs)
        bits = iter(range(len(self._predicates)))
        return tuple(
            [bool(mask >> next(bits) & 1) if isinstance(one, Listed) else next(of_automata) for one in self._predicates]
        )

    def _variants(self) -> None:
        """Texts that are listed but for small and capital letters."""
        exact: dict[str, list[str]] = {}
        for text in self._exact if self._folded else ():
            exact.setdefault(folded(text), []).append(text)
        for text, mask in self._folded.items():
            if self._are_known(text, mask):
                continue
            for signs, variants in self._spelled(text, exact.get(text, [])).items():
                for variant in variants:
                    self._add(mask, signs, variant)

    def _are_known(self, text: str, mask: int) -> bool:
        """Whether whatever its spellings can come to has two texts already."""
        states = {0}
        for letter in text:
            number, capital = self._product.class_of(letter), self._product.class_of(_capital(letter))
            after = {self._product.steps[state][number] for state in states}
            if number != capital:
                after |= {self._product.steps[state][capital] for state in states}
            states = after
        return all(len(self._found.get((mask, self._product.signs[state]), ())) == 2 for state in states)

    def _spelled(self, text: str, but: Sequence[str]) -> dict[Signs, list[str]]:
        """Spellings of a folded text but for some, two for each of what the automata say of them."""
        # While it is read, spellings are alike that are in the same state and equal to the same of the exceptions.
        alike: dict[tuple[int, tuple[str, ...]], list[str]] = {(0, tuple(but)): [""]}
        for at, letter in enumerate(text):
            after: dict[tuple[int, tuple[str, ...]], list[str]] = {}
            for (state, equal), starts in alike.items():
                for spelled in dict.fromkeys((letter, _capital(letter))):
                    to = self._product.steps[state][self._product.class_of(spelled)]
                    still = tuple([one for one in equal if one[at] == spelled])
                    known = after.setdefault((to, still), [])
                    known.extend([start + spelled for start in starts][: 2 - len(known)])
            alike = after
        found: dict[Signs, list[str]] = {}
        for (state, equal), spellings in alike.items():
            if not equal:
                known = found.setdefault(self._product.signs[state], [])
                known.extend(spellings[: 2 - len(known)])
        return found

    def _others(self) -> None:
        """Texts that are not listed."""
        with_listed = {signs for mask, signs in self._found if mask}
        for signs in self._product.ways:
            if signs not in with_listed:
                text, another = self._product.nearest(signs)
                if another is not None and text:
                    self._add_all(signs, (text, another))
                    continue
            unlisted = (text for text in self._product.texts(signs) if not self._mask(text))
            # A text that has letters shows more than the empty one.
            self._add_all(signs, sorted(islice(unlisted, 2), key=lambda text: not text))

    def _add_all(self, signs: Signs, texts: Iterable[str]) -> None:
        for text in texts:
            self._add(0, signs, text)


def _capital(letter: str) -> str:
    return letter.upper() if letter.isascii() else letter
