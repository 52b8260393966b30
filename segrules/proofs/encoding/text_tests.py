"""Tests of text and of lists of text into flags, which are tied together where a question is closed."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Column, Customers
from segrules.ir.fingerprint import digest
from segrules.ir.rewrite import rewritten
from segrules.proofs.encoding.meanings import TextTested
from segrules.proofs.encoding.values import (
    Choice,
    Encoded,
    Listed,
    Numeric,
    Textual,
    Truth,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.logic import (
    Flag,
    every,
    flag,
    no,
    some,
)
from segrules.proofs.verdict import Reason
from segrules.reference.interpreter import Interpreter
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.types.types import (
    IntegerType,
    TextType,
)

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_NO_CATALOGUE = Catalogue("", "UTC", {}, Customers(Column("key", IntegerType(), "key"), {}))
_DIGITS = re.compile(r"0|-?[1-9][0-9]*")
_LISTED = 1_000


def text_test(encoder: "Encoder", node: ir.Condition, value: ir.Value) -> Truth:
    """A test of one text, or of a number looked up in a list file."""
    found = encoder.value(value)
    negated = isinstance(node, ir.InListFile) and node.negated
    if not isinstance(found, Choice | Textual):
        return _listed_number(encoder, node, found)
    test = rewritten(rewritten(node, lambda part: _anonymous(value) if part == value else part), _unlisted)
    if negated:
        assert isinstance(test, ir.InListFile)
        test = replace(test, negated=False)
    if isinstance(found, Choice):
        holds = some(when for text, when in found.when.items() if passes(test, text))
    else:
        holds = text_flag(found.source, found.values, test)
    return found.presence.judged(no(holds) if negated else holds)


def _listed_number(encoder: "Encoder", node: ir.Condition, found: Encoded) -> Truth:
    """A whole number looked up in a list file, as its decimal digits."""
    if isinstance(node, ir.InListFile) and isinstance(found, Numeric) and isinstance(node.value.type, IntegerType):
        numbers = [int(entry) for entry in node.entries if _DIGITS.fullmatch(entry)]
        if len(numbers) <= _LISTED and found.sure:
            inside = some(sums.equals(found.low, sums.just(number)) for number in sorted(numbers))
            return found.presence.judged(no(inside) if node.negated else inside)
    return found.presence.judged(encoder.free_flag(node, Reason.TEXT))


def text_flag(source: str, values: tuple[str, ...] | None, test: ir.Condition) -> Flag:
    """The flag that a test holds of a text, which has one of `values` where they are given."""
    return flag(f"{source} {digest(test)}{closed_list(values)}", TextTested(source, values, test))


@lru_cache(maxsize=1_000)
def closed_list(values: tuple[str, ...] | None) -> str:
    """What tells a flag apart from that of another rule set, in which the text has other values."""
    return "" if values is None else f" of {sha256(repr(values).encode()).hexdigest()[:16]}"


def list_test(encoder: "Encoder", op: ir.ListOp, value: ir.Value, choices: Sequence[str], ignoring_case: bool) -> Truth:
    """A test of a list of text."""
    found = encoder.value(value)
    assert isinstance(found, Listed)
    case = " ignoring case" if ignoring_case else ""
    folded = [item.translate(_FOLD) for item in choices]
    asked = folded if ignoring_case else choices
    held = [flag(f"{found.source} has{case} {item}", ("has", found.source, item, ignoring_case)) for item in asked]
    for item, plain in zip(folded, choices, strict=True):
        # What is held as it is written is held in small letters, too.
        anyhow = flag(f"{found.source} has ignoring case {item}", ("has", found.source, item, True))
        encoder.holds(flag(f"{found.source} has {plain}", ("has", found.source, plain, False)), anyhow)
    match op:
        case ir.ListOp.ANY:
            return found.presence.judged(some(held))
        case ir.ListOp.ALL:
            return found.presence.judged(every(held))
        case ir.ListOp.NONE:
            return found.presence.judged(no(some(held)))


def passes(test: ir.Condition, text: str) -> bool:
    """Whether a text passes a test that is written over a property of no name."""
    clock = Clock(_ANY_TIME, "UTC")
    return Interpreter(_NO_CATALOGUE, clock).truth(test, None, Row({"": text})) is True


def _unlisted(part: ir.Node) -> ir.Node:
    """A text without the closed list that it is of: it changes no test of a text, and it may be long."""
    return replace(part, type=TextType()) if isinstance(part, ir.Literal | ir.Property) else part


def _anonymous(value: ir.Value) -> ir.Property:
    return ir.Property("", value.type)
