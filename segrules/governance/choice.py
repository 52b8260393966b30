"""A test on a text into the values that it looks for, so that `category = "shoes"` reads nothing about other values.

What a test looks for depends on whether it is to hold: `not category = "shoes"` lets every other value in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from segrules.ir.nodes import (
    Between,
    Compare,
    CompareOp,
    InListFile,
    ListOp,
    ListTest,
    Literal,
    OneOf,
    TextOp,
    TextTest,
    Value,
)
from segrules.types.types import TextType

Holds = bool | None
"""Whether a condition is to hold, is not to hold, or either."""

ValueTest = Compare | Between | OneOf | InListFile | TextTest | ListTest
"""Tests that may look for some values only."""

_UPPER_TO_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Choice:
    """Values that a test looks for: these texts, or with `op` the values that contain, start or end with one."""

    texts: frozenset[str]
    op: TextOp | None = None
    ignoring_case: bool = False

    def admits(self, value: str) -> bool:
        """Whether a value is looked for.

        >>> Choice(frozenset({"pharm"}), TextOp.CONTAINS).admits("pharmacy")
        True
        """
        value = self._folded(value)
        texts = {self._folded(text) for text in self.texts}
        match self.op:
            case None:
                return value in texts
            case TextOp.CONTAINS:
                return any(text in value for text in texts)
            case TextOp.STARTS:
                return any(value.startswith(text) for text in texts)
            case TextOp.ENDS:
                return any(value.endswith(text) for text in texts)
            case TextOp.MATCHES:
                return True
            case _:
                assert_never(self.op)

    def _folded(self, text: str) -> str:
        return text.translate(_UPPER_TO_LOWER) if self.ignoring_case else text


def opposite(holds: Holds) -> Holds:
    """Whether what stands below a `not` is to hold."""
    return None if holds is None else not holds


def choice(test: ValueTest, holds: Holds) -> Choice | None:
    """The values that a test looks for where it is to hold or not to hold; None where that may be any value."""
    if holds is None:
        return None
    match test:
        case Compare():
            return _compared(test, holds)
        case Between(value, Literal(value=low), Literal(value=high)) if holds:
            return _listed(value, [CompareOp.GE, CompareOp.LE], [low, high])
        case Between():
            return None
        case OneOf(choices=choices, negated=negated, ignoring_case=ignoring_case):
            texts = (item.value for item in choices if isinstance(item.value, str))
            return _these(texts, ignoring_case) if holds is not negated else None
        case InListFile(entries=entries, negated=negated, ignoring_case=ignoring_case):
            return _these(entries, ignoring_case) if holds is not negated else None
        case TextTest(op=op, pattern=pattern, ignoring_case=ignoring_case):
            # Invariant: a pattern of RE2 is not run here, so that `matches` may look for anything.
            return Choice(frozenset([pattern]), op, ignoring_case) if holds and op is not TextOp.MATCHES else None
        case ListTest(op=op, choices=texts, ignoring_case=ignoring_case):
            return _these(texts, ignoring_case) if holds is not (op is ListOp.NONE) else None
        case _:
            assert_never(test)


def truth_asked(test: Compare, holds: Holds) -> Holds:
    """For a comparison with `true` or `false`, whether the other side is to hold; else either.

    A comparison of numbers or texts asks for no truth, and what stands in its operands is to hold as it does itself.
    """
    for literal in (test.left, test.right):
        if isinstance(literal, Literal) and isinstance(literal.value, bool):
            plain = (test.op is CompareOp.EQ) == literal.value
            return holds if plain else opposite(holds)
    return None


def is_some(op: CompareOp, number: int | Decimal, holds: Holds) -> bool:
    """Whether a count that compares so with a number, or that does not, is one or more for sure.

    >>> is_some(CompareOp.GE, 1, True), is_some(CompareOp.GE, 1, False), is_some(CompareOp.LT, 3, False)
    (True, False, True)
    """
    if holds is None:
        return False
    match op if holds else op.opposite:
        case CompareOp.GT:
            return number >= 0
        case CompareOp.GE | CompareOp.EQ:
            return number > 0
        case CompareOp.NE:
            return number == 0
        case _:
            return False


def asks_for_some(test: Compare, holds: Holds) -> bool:
    """Whether a comparison of a count with a number lets in only whom the count is one or more for."""
    op, number = test.op, test.right
    if isinstance(test.left, Literal):
        op, number = op.mirrored, test.left
    if not isinstance(number, Literal) or isinstance(number.value, bool):
        return False
    return isinstance(number.value, int | Decimal) and is_some(op, number.value, holds)


def ranked(holds: Holds) -> Holds:
    """How a condition on who is ranked is read, given how it is asked whether somebody is high up.

    Who is not high up may be ranked all the same, or not be ranked at all.
    """
    return True if holds is True else None


def _these(texts: Iterable[str], ignoring_case: bool) -> Choice:
    return Choice(frozenset(texts), None, ignoring_case)


def _compared(test: Compare, holds: bool) -> Choice | None:
    op, value, literal = test.op, test.left, test.right
    if isinstance(value, Literal):
        op, value, literal = op.mirrored, literal, value
    if not isinstance(literal, Literal) or not isinstance(literal.value, str):
        return None
    op = op if holds else op.opposite
    match op:
        case CompareOp.EQ:
            return _these([literal.value], test.ignoring_case)
        case CompareOp.NE:
            return None
        case _:
            return _listed(value, [op], [literal.value])


def _listed(value: Value, ops: list[CompareOp], bounds: list[object]) -> Choice | None:
    """The values of a closed list, in its order, that lie on the right side of every bound."""
    values = value.type.values if isinstance(value.type, TextType) else None
    if values is None or not all(bound in values for bound in bounds):
        return None
    admitted = set(values)
    for op, bound in zip(ops, bounds, strict=True):
        place = values.index(str(bound))
        kept = {
            CompareOp.LT: values[:place],
            CompareOp.LE: values[: place + 1],
            CompareOp.GT: values[place + 1 :],
            CompareOp.GE: values[place:],
        }
        admitted.intersection_update(kept[op])
    return _these(admitted, ignoring_case=False)
