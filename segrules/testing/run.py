"""Tests into verdicts: evaluated by the reference interpreter and by the Arrow engine, which must agree.

Tests of one instant that ask nothing about other customers go to the Arrow engine as one table; the interpreter gets
those together that ask the same. What depends on who else there is, such as a band, is evaluated test by test.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from segrules.backends.arrow.evaluate import evaluate as evaluate_with_arrow
from segrules.diagnostics.errors import BadRules
from segrules.diagnostics.finding import Finding, has_errors
from segrules.evaluation.needed import cut_down
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expectation, Expected, GivenCustomer, GivenRow, Test
from segrules.lowering.lower import Lowered, lower
from segrules.reference.evaluate import evaluate as evaluate_with_reference
from segrules.reference.problems import BadPattern
from segrules.sources.given import given_source
from segrules.testing.catalogue import Outright, computed
from segrules.testing.left_out import left_out
from segrules.testing.tables import Writer, arrow_tables
from segrules.testing.variant import Asked, Lists, Variant
from segrules.types.cells import Key, Tables
from segrules.types.types import IntegerType, TextType

Progress = Callable[[str, int, int], None]

Flags = tuple[bool | None, ...]
"""What an engine says of an expectation: who qualifies, and for a segment who is a member and who may be contacted."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What tests must share to stand in one table."""

    as_of: datetime
    lists: Lists
    scores: frozenset[str]
    outright: Outright


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engines found for one expectation; `arrow` differs from `found` where one of them is wrong."""

    expectation: Expectation
    found: Expected
    arrow: Expected
    agreed: bool

    @property
    def holds(self) -> bool:
        """Whether what was expected was found, by both."""
        return self.agreed and self.found is self.expectation.expected


@dataclass(frozen=True, slots=True)
class Judged:
    """A test with its verdicts, or with the findings for which it was not run."""

    test: Test
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]


class Bench:
    """Evaluates tests of one rule set, and remembers what does not depend on them."""

    def __init__(self, rules: Rules, progress: Progress) -> None:
        self._rules = rules
        self._computed = computed(rules.catalogue)
        self._variants: dict[tuple[Lists, frozenset[str]], Variant] = {}
        self._lowered: dict[object, tuple[Rules, Lowered]] = {}
        self._tell = progress

    def judge(self, tests: Sequence[Test]) -> list[Judged]:
        """Every test, in order.

        Raises:
            BadRules: a pattern of the rules cannot be run.
        """
        judged: dict[int, Judged] = {}
        together: dict[Setting, list[int]] = {}
        alone: list[int] = []
        for number, test in enumerate(tests):
            variant = self.variant(test)
            asked = [variant.ask(item.target) for item in test.expectations]
            findings = left_out(test, variant)
            if findings:
                judged[number] = Judged(test, (), findings)
            elif test.rows or any(one.apart for one in asked):
                alone.append(number)
            else:
                together.setdefault(self.setting(test), []).append(number)
        groups = [(setting, numbers, False) for setting, numbers in together.items()]
        groups += [(self.setting(tests[number]), [number], True) for number in alone]
        done = 0
        for setting, numbers, apart in groups:
            self._tell("testing", done, len(tests))
            for number, verdicts in zip(numbers, self._group(setting, [tests[n] for n in numbers], apart), strict=True):
                judged[number] = Judged(tests[number], verdicts, ())
            done += len(numbers)
        self._tell("testing", len(tests), len(tests))
        return [judged[number] for number in range(len(tests))]

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
        keys = real_keys(test.customers, text=isinstance(self._rules.catalogue.customers.key.type, TextType))
        rules, writer = self._prepared(self.variant(test), self.setting(test), test.rows, apart=True)
        return rules, writer.tables(list(zip(keys, test.customers, strict=True))), keys

    def _outright(self, test: Test) -> Outright:
        if not self._computed:
            return frozenset()
        given = {("", name) for customer in test.customers for name in customer.attributes}
        given |= {
            (event.event, name) for customer in test.customers for event in customer.events for name in event.properties
        }
        return self._computed & given

    def _prepared(
        self, variant: Variant, setting: Setting, related: Sequence[GivenRow], *, apart: bool
    ) -> tuple[Rules, Writer]:
        key = self._rules.catalogue.customers.key.type if apart else IntegerType()
        rules = variant.with_catalogue(key, setting.outright)
        return rules, Writer(self._rules.catalogue, rules.catalogue, setting.as_of, setting.outright, related)

    # --- groups

    def _group(self, setting: Setting, tests: Sequence[Test], apart: bool) -> Iterator[tuple[Verdict, ...]]:
        variant = self.variant(tests[0])
        # Invariant: a test with rows of related tables is alone.
        rules, writer = self._prepared(variant, setting, tests[0].rows, apart=apart)
        text = isinstance(self._rules.catalogue.customers.key.type, TextType)
        numbered: list[list[tuple[Key, GivenCustomer]]] = []
        count = 0
        for test in tests:
            keys = real_keys(test.customers, text=text) if apart else range(count, count + len(test.customers))
            count += len(test.customers)
            numbered.append(list(zip(keys, test.customers, strict=True)))
        asked = [tuple(variant.ask(item.target) for item in test.expectations) for test in tests]
        everything = tuple(dict.fromkeys(one.qualifies for of_test in asked for one in of_test))
        by_name = {one.qualifies: one for of_test in asked for one in of_test}
        try:
            arrow = self._by_arrow(rules, writer, setting, numbered, [by_name[name] for name in everything])
            reference = self._by_reference(rules, writer, setting, numbered, asked)
        except BadPattern as problem:
            raise BadRules("no test was run: a pattern cannot be run", problem.findings) from None
        for test, customers, of_test in zip(tests, numbered, asked, strict=True):
            yield tuple(
                _verdict(item, reference[one.qualifies][key], arrow[one.qualifies][key])
                for item, one in zip(test.expectations, of_test, strict=True)
                for key in [customers[item.customer][0]]
            )

    def _by_arrow(
        self,
        rules: Rules,
        writer: Writer,
        setting: Setting,
        numbered: Sequence[Sequence[tuple[Key, GivenCustomer]]],
        asked: Sequence[Asked],
    ) -> dict[str, dict[Key, Flags]]:
        """All of the tests as one table."""
        tables = arrow_tables(rules.catalogue, writer.tables([item for customers in numbered for item in customers]))
        names = tuple(sorted({name for one in asked for name in one.segments}))
        known = (setting.lists, setting.scores, setting.outright, rules.catalogue.customers.key.type, names)
        if known not in self._lowered:
            needed = cut_down(rules, {root for one in asked for root in one.reached})
            self._lowered[known] = needed, lower(needed, names, three_valued=True)
        needed, lowered = self._lowered[known]
        catalogue = needed.catalogue
        sources = {
            name: given_source(catalogue, catalogue.tables[name], table, setting.as_of)
            for name, table in tables.items()
        }
        found = evaluate_with_arrow(needed, sources, setting.as_of, names, three_valued=True, lowered=lowered)
        problems = [item for source in sources.values() for item in source.findings() if has_errors([item])]
        assert not problems, problems
        keys = found.keys.to_pylist()
        qualifying = {name: found.qualifying[name].to_pylist() for name in names}
        members = {name: found.members[name].to_pylist() for name in names}
        return {one.qualifies: _flags(one, keys, qualifying, members) for one in asked}

    def _by_reference(
        self,
        rules: Rules,
        writer: Writer,
        setting: Setting,
        numbered: Sequence[Sequence[tuple[Key, GivenCustomer]]],
        asked: Sequence[tuple[Asked, ...]],
    ) -> dict[str, dict[Key, Flags]]:
        """Only what is asked of a test is evaluated for it: those that ask the same go together."""
        alike: dict[frozenset[str], list[int]] = {}
        for number, of_test in enumerate(asked):
            alike.setdefault(frozenset(one.qualifies for one in of_test), []).append(number)
        found: dict[str, dict[Key, Flags]] = {}
        for numbers in alike.values():
            of_group = {one.qualifies: one for one in asked[numbers[0]]}.values()
            names = tuple(name for one in of_group for name in one.segments)
            needed = cut_down(rules, {root for one in of_group for root in one.reached})
            tables = writer.tables([item for number in numbers for item in numbered[number]])
            outcome = evaluate_with_reference(needed, tables, setting.as_of, names)
            for one in of_group:
                found.setdefault(one.qualifies, {}).update(
                    _flags(one, outcome.keys, outcome.qualifying, outcome.members)
                )
        return found


def real_keys(customers: Sequence[GivenCustomer], *, text: bool) -> tuple[Key, ...]:
    """The keys of a test's customers; who has none gets an empty text, or 0."""
    nobody: Key = "" if text else 0
    return tuple(nobody if customer.key is None else customer.key for customer in customers)


def _flags(
    one: Asked,
    keys: Iterable[Key],
    qualifying: Mapping[str, Sequence[bool | None]],
    members: Mapping[str, Sequence[bool]],
) -> dict[Key, Flags]:
    if one.contact is None:
        return {key: (flag,) for key, flag in zip(keys, qualifying[one.qualifies], strict=True)}
    rows = zip(keys, qualifying[one.qualifies], members[one.qualifies], members[one.contact], strict=True)
    return {key: (qualifies, member, contact) for key, qualifies, member, contact in rows}


def _verdict(expectation: Expectation, reference: Flags, arrow: Flags) -> Verdict:
    return Verdict(expectation, _word(reference), _word(arrow), reference == arrow)


def _word(flags: Flags) -> Expected:
    """What flags come to: who may not be contacted is no member, whatever is in doubt."""
    qualifies, *contact = flags
    if contact and not contact[-1]:
        return Expected.NOT_IN
    return {True: Expected.IN, False: Expected.NOT_IN, None: Expected.UNKNOWN_IN}[qualifies]
