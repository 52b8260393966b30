"""Tests into what the reference interpreter says of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from segrules.evaluation.needed import cut_down
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expected, GivenCustomer
from segrules.reference.evaluate import evaluate
from segrules.testing.rows import Writer
from segrules.testing.variant import Asked
from segrules.types.cells import Key

Flags = tuple[bool | None, ...]
"""What an engine says of an expectation: who qualifies, and for a segment who is a member and who may be contacted."""

Numbered = Sequence[tuple[Key, GivenCustomer]]
"""The customers of a test with their keys in its tables."""


def by_reference(
    rules: Rules,
    writer: Writer,
    as_of: datetime,
    numbered: Sequence[Numbered],
    asked: Sequence[tuple[Asked, ...]],
) -> dict[str, dict[Key, Flags]]:
    """What the interpreter says of the customers of some tests, by what is asked and by key.

    Only what is asked of a test is evaluated for it: those that ask the same go together.
    """
    alike: dict[frozenset[str], list[int]] = {}
    for number, of_test in enumerate(asked):
        alike.setdefault(frozenset(one.qualifies for one in of_test), []).append(number)
    found: dict[str, dict[Key, Flags]] = {}
    for numbers in alike.values():
        of_group = {one.qualifies: one for one in asked[numbers[0]]}.values()
        names = tuple(name for one in of_group for name in one.segments)
        needed = cut_down(rules, {root for one in of_group for root in one.reached})
        tables = writer.tables([item for number in numbers for item in numbered[number]])
        outcome = evaluate(needed, tables, as_of, names)
        for one in of_group:
            found.setdefault(one.qualifies, {}).update(
                flags_by_key(one, outcome.keys, outcome.qualifying, outcome.members)
            )
    return found


def flags_by_key(
    one: Asked,
    keys: Iterable[Key],
    qualifying: Mapping[str, Sequence[bool | None]],
    members: Mapping[str, Sequence[bool]],
) -> dict[Key, Flags]:
    """What an engine found for all customers, in the order of `keys`, as flags."""
    if one.contact is None:
        return {key: (flag,) for key, flag in zip(keys, qualifying[one.qualifies], strict=True)}
    rows = zip(keys, qualifying[one.qualifies], members[one.qualifies], members[one.contact], strict=True)
    return {key: (qualifies, member, contact) for key, qualifies, member, contact in rows}


def found_word(flags: Flags) -> Expected:
    """What flags come to: who may not be contacted is no member, whatever is in doubt."""
    qualifies, *contact = flags
    if contact and not contact[-1]:
        return Expected.NOT_IN
    return {True: Expected.IN, False: Expected.NOT_IN, None: Expected.UNKNOWN_IN}[qualifies]
