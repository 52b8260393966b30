"""Formulas over numbers and flags: what rules are turned into before anything is decided.

Formulas are interned: two that are built alike are one object, so that they are compared, hashed and remembered by
identity. Their `key` is canonical and short, and gives an order that is the same on every machine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from hashlib import blake2b
from math import gcd, lcm
from weakref import WeakValueDictionary


@dataclass(frozen=True, slots=True)
class Var:
    """An unknown number; `name` is its identity. `low` and `high`, both ends in, hold for it always.

    `meaning` says what it stands for to those who build it, such as a number of rows.
    """

    name: str
    whole: bool = field(default=True, compare=False)
    low: int | Fraction | None = field(default=None, compare=False)
    high: int | Fraction | None = field(default=None, compare=False)
    meaning: object = field(default=None, compare=False, repr=False)


class Relation(StrEnum):
    """How a sum is compared with its bound."""

    LE = "<="
    LT = "<"
    EQ = "="


class Formula:
    """A formula; made by the functions below, never by its class. Equal formulas are one object."""

    __slots__ = ("__weakref__", "key")
    key: str

    def __repr__(self) -> str:
        return self.key


class Constant(Formula):
    """True or false."""

    __slots__ = ("value",)
    value: bool


class Flag(Formula):
    """An unknown truth; `meaning` says of what."""

    __slots__ = ("meaning", "name")
    name: str
    meaning: object


class Linear(Formula):
    """A sum of whole multiples of variables, compared with a whole bound; variables sorted by name."""

    __slots__ = ("bound", "relation", "terms")
    terms: tuple[tuple[int, Var], ...]
    relation: Relation
    bound: int


class Not(Formula):
    """The opposite of a flag or a comparison; of anything else, negation is pushed inwards when it is built."""

    __slots__ = ("item",)
    item: Formula


class All(Formula):
    """Every one of two or more holds."""

    __slots__ = ("items",)
    items: tuple[Formula, ...]


class Some(Formula):
    """At least one of two or more holds."""

    __slots__ = ("items",)
    items: tuple[Formula, ...]


_INTERNED: "WeakValueDictionary[str, Formula]" = WeakValueDictionary()


def _constant(value: bool) -> Constant:
    made = Constant()
    made.value = value
    made.key = "true" if value else "false"
    return made


TRUE = _constant(True)
FALSE = _constant(False)


def flag(name: str, meaning: object = None) -> Flag:
    """An unknown truth of this name."""
    text = f"|{name}|"
    found = _INTERNED.get(text)
    if found is None:
        found = Flag()
        found.name, found.meaning, found.key = name, meaning, text
        _INTERNED[text] = found
    assert isinstance(found, Flag)
    return found


def constant(value: bool) -> Formula:
    """`TRUE` or `FALSE`."""
    return TRUE if value else FALSE


def every(items: Iterable[Formula]) -> Formula:
    """All of these hold; of none, true."""
    kept: dict[Formula, None] = {}
    for item in items:
        if item is FALSE:
            return FALSE
        if item is not TRUE:
            kept.update(dict.fromkeys(item.items if isinstance(item, All) else (item,)))
    if any(no(item) in kept for item in kept if isinstance(item, Flag)):
        return FALSE
    return _joined(All, "and", kept, TRUE)


def some(items: Iterable[Formula]) -> Formula:
    """At least one of these holds; of none, false."""
    kept: dict[Formula, None] = {}
    for item in items:
        if item is TRUE:
            return TRUE
        if item is not FALSE:
            kept.update(dict.fromkeys(item.items if isinstance(item, Some) else (item,)))
    if any(no(item) in kept for item in kept if isinstance(item, Flag)):
        return TRUE
    return _joined(Some, "or", kept, FALSE)


def _joined(of: type[All] | type[Some], word: str, kept: dict[Formula, None], neutral: Formula) -> Formula:
    if len(kept) < 2:
        return next(iter(kept), neutral)
    items = tuple(sorted(kept, key=lambda item: item.key))
    # A digest, since the same parts may stand in a formula many times over.
    key = f"({word} {blake2b(' '.join(item.key for item in items).encode(), digest_size=16).hexdigest()})"
    found = _INTERNED.get(key)
    if found is None:
        found = of()
        found.items, found.key = items, key
        _INTERNED[key] = found
    return found


def no(item: Formula) -> Formula:
    """The opposite; pushed down to flags and comparisons."""
    if isinstance(item, Constant):
        return constant(not item.value)
    if isinstance(item, Not):
        return item.item
    if isinstance(item, All):
        return some(no(part) for part in item.items)
    if isinstance(item, Some):
        return every(no(part) for part in item.items)
    if isinstance(item, Linear) and item.relation is not Relation.EQ:
        # not (sum <= b) is sum > b: -sum < -b, and over whole numbers -sum <= -b - 1.
        strict = item.relation is Relation.LE
        return linear(((-coefficient, var) for coefficient, var in item.terms), -item.bound, strict=strict)
    key = f"(not {item.key})"
    found = _INTERNED.get(key)
    if found is None:
        found = Not()
        found.item, found.key = item, key
        _INTERNED[key] = found
    return found


def implies(one: Formula, other: Formula) -> Formula:
    """Where `one` holds, `other` does."""
    return some((no(one), other))


def same(one: Formula, other: Formula) -> Formula:
    """Both hold or neither does."""
    return every((implies(one, other), implies(other, one)))


Number = int | Fraction


def linear(terms: Iterable[tuple[Number, Var]], bound: Number, *, strict: bool = False) -> Formula:
    """The sum of multiples of variables is at most `bound`, or less where `strict`."""
    return _compared(terms, Relation.LT if strict else Relation.LE, bound)


def equal(terms: Iterable[tuple[Number, Var]], bound: Number) -> Formula:
    """The sum of multiples of variables is `bound`."""
    return _compared(terms, Relation.EQ, bound)


def at_most(var: Var, bound: Number) -> Formula:
    """`var <= bound`."""
    return linear(((1, var),), bound)


def at_least(var: Var, bound: Number) -> Formula:
    """`var >= bound`."""
    return linear(((-1, var),), -bound)


def is_equal(var: Var, bound: Number) -> Formula:
    """`var = bound`."""
    return equal(((1, var),), bound)


def _compared(terms: Iterable[tuple[Number, Var]], relation: Relation, bound: Number) -> Formula:
    sums: dict[Var, Number] = {}
    for coefficient, var in terms:
        sums[var] = sums.get(var, 0) + coefficient
    kept = sorted(((number, var) for var, number in sums.items() if number), key=lambda term: term[1].name)
    if not kept:
        return constant(
            bound == 0 if relation is Relation.EQ else bound > 0 or (bound == 0 and relation is Relation.LE)
        )
    scale = lcm(*(Fraction(coefficient).denominator for coefficient, _ in kept), Fraction(bound).denominator)
    whole = [(int(coefficient * scale), var) for coefficient, var in kept]
    limit = int(bound * scale)
    if all(var.whole for _, var in whole):
        if relation is Relation.LT:
            relation, limit = Relation.LE, limit - 1
        divisor = gcd(*(coefficient for coefficient, _ in whole))
        if relation is Relation.EQ and limit % divisor:
            return FALSE
        whole = [(coefficient // divisor, var) for coefficient, var in whole]
        limit //= divisor
    if len(whole) == 1 and (known := _by_range(*whole[0], relation, limit)) is not None:
        return known
    if relation is Relation.EQ and whole[0][0] < 0:
        whole, limit = [(-coefficient, var) for coefficient, var in whole], -limit
    return _linear(tuple(whole), relation, limit)


def _by_range(coefficient: int, var: Var, relation: Relation, bound: int) -> Formula | None:
    """What the range of a variable says already about one comparison of it."""
    ends = [None if end is None else coefficient * end for end in (var.low, var.high)]
    low, high = ends if coefficient > 0 else ends[::-1]
    if relation is Relation.EQ:
        outside = (low is not None and bound < low) or (high is not None and bound > high)
        return FALSE if outside else TRUE if low is not None and low == high == bound else None
    strict = relation is Relation.LT
    if high is not None and (high < bound or (high == bound and not strict)):
        return TRUE
    if low is not None and (low > bound or (low == bound and strict)):
        return FALSE
    return None


def _linear(terms: tuple[tuple[int, Var], ...], relation: Relation, bound: int) -> Formula:
    parts = [_times(coefficient, var) for coefficient, var in terms]
    total = parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"
    text = f"({relation} {total} {_number(bound)})"
    found = _INTERNED.get(text)
    if found is None:
        found = Linear()
        found.terms, found.relation, found.bound, found.key = terms, relation, bound, text
        _INTERNED[text] = found
    return found


def _times(coefficient: int, var: Var) -> str:
    # Ranges are told too: a column of the same name may have others in another catalogue.
    ends = "" if var.low is None and var.high is None else f"[{var.low}, {var.high}]"
    name = f"|{var.name}|{ends}{'' if var.whole else '/'}"
    return name if coefficient == 1 else f"(* {_number(coefficient)} {name})"


def _number(number: int) -> str:
    return str(number) if number >= 0 else f"(- {-number})"


def leaves(formula: Formula) -> Iterator[Flag | Linear]:
    """The flags and comparisons of which a formula is made, each once, in order of first appearance."""
    seen: set[Formula] = set()
    stack = [formula]
    while stack:
        item = stack.pop()
        if item in seen:
            continue
        seen.add(item)
        if isinstance(item, Flag | Linear):
            yield item
        elif isinstance(item, Not):
            stack.append(item.item)
        elif isinstance(item, All | Some):
            stack.extend(reversed(item.items))


def variables(formulas: Iterable[Formula]) -> tuple[tuple[Var, ...], tuple[Flag, ...]]:
    """The variables and flags of formulas, each once, sorted by name."""
    numbers: dict[str, Var] = {}
    flags: dict[str, Flag] = {}
    for formula in formulas:
        for leaf in leaves(formula):
            if isinstance(leaf, Flag):
                flags[leaf.name] = leaf
            else:
                numbers.update((var.name, var) for _, var in leaf.terms)
    return tuple(numbers[name] for name in sorted(numbers)), tuple(flags[name] for name in sorted(flags))


def replaced(formula: Formula, of: Flag, value: bool) -> Formula:
    """The formula where a flag holds, or does not."""
    done: dict[Formula, Formula] = {}

    def new(item: Formula) -> Formula:
        found = done.get(item)
        if found is None:
            if item is of:
                found = constant(value)
            elif isinstance(item, Not):
                found = no(new(item.item))
            elif isinstance(item, All):
                found = every(new(part) for part in item.items)
            elif isinstance(item, Some):
                found = some(new(part) for part in item.items)
            else:
                found = item
            done[item] = found
        return found

    return new(formula)


def only_negated(formula: Formula, of: Flag) -> bool:
    """Whether a flag stands nowhere but under a negation: to set it can then satisfy nothing new."""
    seen: set[Formula] = set()
    stack = [formula]
    while stack:
        item = stack.pop()
        if item is of:
            return False
        if isinstance(item, All | Some) and item not in seen:
            seen.add(item)
            stack.extend(item.items)
    return True
