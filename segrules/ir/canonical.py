"""What a condition or a segment means as a short text that is the same for ways of writing that mean the same.

Names are followed, `and` and `or` lose their order and their doubles, negations go down to what cannot be negated, and
comparisons get one form out of several. All of this holds in three-valued logic. Two texts that differ prove nothing:
`age > 17 and age > 18` and `age > 18` mean the same, and their texts differ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Any

from segrules.ir import nodes as ir
from segrules.ir.fingerprint import short
from segrules.ir.membership import channels_of, qualifying
from segrules.ir.rules import Rules, Segment
from segrules.ir.walk import FIELDS, descendants, named_by
from segrules.types.types import IntegerType

_CLOSED = {ir.CompareOp.GT: (ir.CompareOp.GE, 1), ir.CompareOp.LT: (ir.CompareOp.LE, -1)}
"""Of whole numbers, comparisons that leave out the bound: those that do not, and how far the bound moves."""
_OF_NONE = {ir.CompareOp.EQ: (ir.CompareOp.LE, 0), ir.CompareOp.NE: (ir.CompareOp.GE, 1)} | _CLOSED
"""The same of a number of rows and zero."""
_COUNTS = (ir.AggregateKind.NUMBER, ir.AggregateKind.DISTINCT)
_LEFT_OUT = ("span", "entries")
_TRUE = "true"
_FALSE = "false"

_Named = tuple[str, str]
"""What a name stands for: `define` or `segment`, and the name."""


class Canonical:
    """The texts of one sound rule set; what names stand for is worked out once.

    Without a rule set, the texts of expressions that name nothing of one.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules
        self._known: dict[tuple[_Named, bool], str] = {}
        self._parts: dict[str, tuple[str, frozenset[str]]] = {}

    def condition(self, condition: ir.Condition) -> str:
        """The text of a condition."""
        self._follow(condition)
        return self._condition(condition, holds=True)

    def value(self, value: ir.Value) -> str:
        """The text of a value."""
        self._follow(value)
        return self._value(value)

    def expression(self, expression: ir.Expression) -> str:
        """The text of a condition or a value."""
        return self.value(expression) if isinstance(expression, ir.Value) else self.condition(expression)

    def members(self, segment: Segment) -> str:
        """The text of all that says who is a member: who qualifies, consent, caps, channels and purposes.

        Suppression lists and the catalogue's caps go by the channels. Status, owner, size, holdout and review date say
        nothing about who is a member.
        """
        caps = sorted(self.condition(cap.condition) for cap in segment.caps)
        consents = {
            _text(sorted({_text(sorted({_text((item.channel, item.given)) for item in way})) for way in clause.any_of}))
            for clause in segment.consents
        }
        header = (sorted(channels_of(segment)), sorted(segment.header.channels), sorted(segment.header.purposes))
        return short(_text(("members", self.condition(qualifying(segment)), sorted(consents), caps, header)))

    # --- names

    def _follow(self, root: ir.Expression) -> None:
        """Work out what names below `root` stand for, the innermost first, however long the chain of names is."""
        waiting: list[tuple[_Named, bool]] = [(name, False) for name in _names(root)]
        while waiting:
            name, ready = waiting.pop()
            if (name, True) in self._known:
                continue
            body = self._body(name)
            if not ready:
                waiting.append((name, True))
                waiting += [(other, False) for other in _names(body)]
            elif isinstance(body, ir.Condition):
                self._known[name, True] = self._condition(body, holds=True)
                self._known[name, False] = self._condition(body, holds=False)
            else:
                self._known[name, True] = self._value(body)

    def _body(self, name: _Named) -> ir.Expression:
        kind, written = name
        # Invariant: without rules nothing is named.
        assert self._rules is not None
        return self._rules.definitions[written].body if kind == "define" else qualifying(self._rules.segments[written])

    # --- conditions

    def _condition(self, node: ir.Condition, *, holds: bool) -> str:
        match node:
            case ir.Fixed(value):
                return _TRUE if value is holds else _FALSE
            case ir.Not(item):
                return self._condition(item, holds=not holds)
            case ir.And(items):
                return self._joined("and" if holds else "or", items, holds=holds)
            case ir.Or(items):
                return self._joined("or" if holds else "and", items, holds=holds)
            case ir.Defined(name):
                return self._known[("define", name), holds]
            case ir.InSegment(name):
                return self._known[("segment", name), holds]
            case ir.Between(value, ir.Literal() as low, ir.Literal() as high):
                ends = ir.Compare(ir.CompareOp.GE, value, low), ir.Compare(ir.CompareOp.LE, value, high)
                return self._condition(ir.And(ends), holds=holds)
            case ir.OneOf(value, choices, negated, ignoring_case):
                op = ir.CompareOp.NE if negated else ir.CompareOp.EQ
                each = tuple(ir.Compare(op, value, choice, ignoring_case) for choice in choices)
                return self._condition(ir.And(each) if negated else ir.Or(each), holds=holds)
            case ir.Did(events, op, times):
                number = ir.Aggregate(ir.AggregateKind.NUMBER, events, None, IntegerType())
                return self._compare(ir.Compare(op, number, ir.Literal(times, IntegerType())), holds=holds)
            case ir.Compare():
                return self._compare(node, holds=holds)
            case _:
                return self._signed(self._plain(node), holds=holds)

    def _joined(self, word: str, items: Iterable[ir.Condition], *, holds: bool) -> str:
        """The parts of an `and` or `or`: those within it that are of its kind belong to it; each once, in one order."""
        neutral, decisive = (_TRUE, _FALSE) if word == "and" else (_FALSE, _TRUE)
        parts: set[str] = set()
        for item in items:
            text = self._condition(item, holds=holds)
            of, within = self._parts.get(text, ("", frozenset()))
            parts |= within if of == word else {text}
        parts.discard(neutral)
        if decisive in parts:
            return decisive
        if len(parts) < 2:
            return next(iter(parts), neutral)
        joined = short(_text((word, sorted(parts))))
        self._parts[joined] = word, frozenset(parts)
        return joined

    def _compare(self, node: ir.Compare, *, holds: bool) -> str:
        node, holds = _in_one_form(node, holds=holds)
        op, sides = node.op, [self._value(node.left), self._value(node.right)]
        if op in (ir.CompareOp.GT, ir.CompareOp.GE):
            op, sides = op.mirrored, sides[::-1]
        elif op in (ir.CompareOp.EQ, ir.CompareOp.NE):
            sides.sort()
        return self._signed(short(_text((op, sides, node.ignoring_case))), holds=holds)

    @staticmethod
    def _signed(text: str, *, holds: bool) -> str:
        return text if holds else f"not({text})"

    # --- everything else

    def _value(self, node: ir.Value) -> str:
        match node:
            case ir.DefinedValue(name):
                return self._known[("define", name), True]
            case ir.Attribute(name):
                return f"attribute {name}"
            case ir.Property(name):
                return f"property {name}"
            case ir.Literal(value):
                # What type a constant has follows from what it is compared with.
                return repr(value)
            case _:
                return self._plain(node)

    def _plain(self, node: ir.Node) -> str:
        """A node by its kind and its fields; what a list file holds follows from its path."""
        parts = [(name, self._field(getattr(node, name))) for name in FIELDS[type(node)] if name not in _LEFT_OUT]
        return short(_text((type(node).__name__, parts)))

    def _field(self, part: Any) -> Any:
        match part:
            case tuple():
                return tuple(self._field(item) for item in part)
            case _ if isinstance(part, ir.Condition):
                return self._condition(part, holds=True)
            case _ if isinstance(part, ir.Value):
                return self._value(part)
            case ir.Events() | ir.Link():
                return self._plain(part)
            case _:
                return part


def _names(root: ir.Expression) -> Iterator[_Named]:
    names = (named_by(node) for node in descendants(root))
    yield from (name for name in names if name is not None and name[0] in ("define", "segment"))


def _in_one_form(node: ir.Compare, *, holds: bool) -> tuple[ir.Compare, bool]:
    """Constants stand on the right; of whole numbers `> 4` is `>= 5`; a number of rows not `>= 1` is `<= 0`."""
    if isinstance(node.left, ir.Literal) and not isinstance(node.right, ir.Literal):
        node = replace(node, op=node.op.mirrored, left=node.right, right=node.left)
    counted = isinstance(node.left, ir.Aggregate) and node.left.kind in _COUNTS
    if counted and not holds:
        # A number of rows is never none, so that the opposite of a comparison is the negated one.
        node, holds = replace(node, op=node.op.opposite), True
    bound = node.right
    if isinstance(node.left.type, IntegerType) and isinstance(bound, ir.Literal) and isinstance(bound.value, int):
        op, step = _CLOSED.get(node.op, (node.op, 0))
        if counted and bound.value == 0:
            op, step = _OF_NONE.get(node.op, (op, step))
        node = replace(node, op=op, right=replace(bound, value=bound.value + step))
    return node, holds


def _text(part: Any) -> str:
    match part:
        case Enum():
            return str(part.value)
        case tuple() | list():
            return f"({','.join(_text(item) for item in part)})"
        case _:
            return repr(part)
