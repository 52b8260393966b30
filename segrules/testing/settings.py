"""Tests into what they are evaluated with: the rules as a test sees them, over a catalogue and tables of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from segrules.ir.rules import Rules
from segrules.ir.testcases import GivenCustomer, GivenRow, Test
from segrules.testing.catalogue import Outright, computed
from segrules.testing.rows import Writer
from segrules.testing.variant import Lists, Variant
from segrules.types.cells import Key, Tables
from segrules.types.types import IntegerType, TextType


@dataclass(frozen=True, slots=True)
class Setting:
    """What tests must share to stand in one table."""

    as_of: datetime
    lists: Lists
    scores: frozenset[str]
    outright: Outright


class Settings:
    """Rules and tables for the tests of one rule set; remembers what does not depend on a single test."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._computed = computed(rules.catalogue)
        self._variants: dict[tuple[Lists, frozenset[str]], Variant] = {}

    def variant(self, test: Test) -> Variant:
        """The rules as a test sees them."""
        given = (frozenset(test.lists.items()), test.scores)
        if given not in self._variants:
            self._variants[given] = Variant(self._rules, *given)
        return self._variants[given]

    def setting(self, test: Test) -> Setting:
        """What a test must share with others to stand in one table with them."""
        return Setting(test.as_of, frozenset(test.lists.items()), test.scores, self._outright(test))

    def world(self, test: Test) -> tuple[Rules, Tables, tuple[Key, ...]]:
        """A test by itself: rules over the catalogue of tests, its tables, and the keys of its customers there."""
        keys = self.keys(test.customers)
        rules, writer = self.prepared(self.variant(test), self.setting(test), test.rows, apart=True)
        return rules, writer.tables(list(zip(keys, test.customers, strict=True))), keys

    def keys(self, customers: Sequence[GivenCustomer]) -> tuple[Key, ...]:
        """The keys of a test's customers; who has none gets an empty text, or 0."""
        nobody: Key = "" if isinstance(self._rules.catalogue.customers.key.type, TextType) else 0
        return tuple(nobody if customer.key is None else customer.key for customer in customers)

    def prepared(
        self, variant: Variant, setting: Setting, related: Sequence[GivenRow], *, apart: bool
    ) -> tuple[Rules, Writer]:
        """The rules over the catalogue of tests, and what writes customers into its tables.

        A test that stands `apart` keeps the keys of its customers; others have numbers for keys.
        """
        key = self._rules.catalogue.customers.key.type if apart else IntegerType()
        rules = variant.with_catalogue(key, setting.outright)
        return rules, Writer(self._rules.catalogue, rules.catalogue, setting.as_of, setting.outright, related)

    def _outright(self, test: Test) -> Outright:
        if not self._computed:
            return frozenset()
        given = {("", name) for customer in test.customers for name in customer.attributes}
        given |= {
            (event.event, name) for customer in test.customers for event in customer.events for name in event.properties
        }
        return self._computed & given
