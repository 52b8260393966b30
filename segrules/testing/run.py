"""Tests into verdicts: evaluated by the reference interpreter and by the Arrow engine, which must agree.

Tests of one instant that ask nothing about other customers go to the Arrow engine as one table; the interpreter gets
those together that ask the same. What depends on who else there is, such as a band, is evaluated test by test.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from segrules.backends.arrow.evaluate import evaluate as evaluate_with_arrow
from segrules.diagnostics.errors import BadRules
from segrules.diagnostics.finding import Finding, has_errors
from segrules.evaluation.needed import cut_down
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expectation, Expected, GivenCustomer, Test
from segrules.lowering.lower import Lowered, lower
from segrules.reference.problems import BadPattern
from segrules.sources.given import given_source
from segrules.testing.by_reference import Flags, by_reference, flags_by_key, found_word
from segrules.testing.left_out import left_out
from segrules.testing.rows import Writer
from segrules.testing.settings import Setting, Settings
from segrules.testing.tables import arrow_tables
from segrules.testing.variant import Asked
from segrules.types.cells import Key

Progress = Callable[[str, int, int], None]


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
        self.settings = Settings(rules)
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
            variant = self.settings.variant(test)
            asked = [variant.ask(item.target) for item in test.expectations]
            findings = left_out(test, variant)
            if findings:
                judged[number] = Judged(test, (), findings)
            elif test.rows or any(one.apart for one in asked):
                alone.append(number)
            else:
                together.setdefault(self.settings.setting(test), []).append(number)
        groups = [(setting, numbers, False) for setting, numbers in together.items()]
        groups += [(self.settings.setting(tests[number]), [number], True) for number in alone]
        done = 0
        for setting, numbers, apart in groups:
            self._tell("testing", done, len(tests))
            for number, verdicts in zip(numbers, self._group(setting, [tests[n] for n in numbers], apart), strict=True):
                judged[number] = Judged(tests[number], verdicts, ())
            done += len(numbers)
        self._tell("testing", len(tests), len(tests))
        return [judged[number] for number in range(len(tests))]

    # --- groups

    def _group(self, setting: Setting, tests: Sequence[Test], apart: bool) -> Iterator[tuple[Verdict, ...]]:
        variant = self.settings.variant(tests[0])
        # Invariant: a test with rows of related tables is alone.
        rules, writer = self.settings.prepared(variant, setting, tests[0].rows, apart=apart)
        numbered: list[list[tuple[Key, GivenCustomer]]] = []
        count = 0
        for test in tests:
            keys = self.settings.keys(test.customers) if apart else range(count, count + len(test.customers))
            count += len(test.customers)
            numbered.append(list(zip(keys, test.customers, strict=True)))
        asked = [tuple(variant.ask(item.target) for item in test.expectations) for test in tests]
        everything = tuple(dict.fromkeys(one.qualifies for of_test in asked for one in of_test))
        by_name = {one.qualifies: one for of_test in asked for one in of_test}
        try:
            arrow = self._by_arrow(rules, writer, setting, numbered, [by_name[name] for name in everything])
            reference = by_reference(rules, writer, setting.as_of, numbered, asked)
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
        return {one.qualifies: flags_by_key(one, keys, qualifying, members) for one in asked}


def _verdict(expectation: Expectation, reference: Flags, arrow: Flags) -> Verdict:
    return Verdict(expectation, found_word(reference), found_word(arrow), reference == arrow)
