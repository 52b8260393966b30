"""A customer as a test gives it into what the reference interpreter says: the last word on every witness.

`confirm` asks it on the way that `segrules test` takes. `Replayer` asks it for many customers, each one alone, and
works out only what is asked; the two always agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from segrules.diagnostics.errors import BadRules
from segrules.ir import nodes as ir
from segrules.ir.rules import ConsentClause, Rules
from segrules.ir.testcases import Expectation, Expected, GivenCustomer, GivenRow, Test
from segrules.ir.walk import entries_of_lists
from segrules.proofs.witnesses.allowed import allowed
from segrules.reference import consent
from segrules.reference.evaluate import Evaluation
from segrules.reference.on_demand import OnDemand, on_demand
from segrules.reference.parts import Parts
from segrules.reference.prepare import prepare
from segrules.reference.problems import BadPattern, DataProblem
from segrules.reference.values import Result, Truth
from segrules.reference.windows import Clock
from segrules.reference.world import Customer
from segrules.testing.by_reference import by_reference, found_word
from segrules.testing.left_out import left_out
from segrules.testing.rows import Writer
from segrules.testing.settings import Setting, Settings
from segrules.testing.variant import Variant


def confirm(rules: Rules, test: Test) -> bool:
    """Whether the reference interpreter finds all that a test expects.

    A test that leaves out what it must give, or gives what the catalogue does not allow, is not confirmed.

    Raises:
        BadRules: a pattern of the rules cannot be run.
    """
    settings = Settings(rules)
    variant = settings.variant(test)
    if left_out(test, variant) or not all(allowed(customer, rules.catalogue) for customer in test.customers):
        return False
    asked = tuple(variant.ask(item.target) for item in test.expectations)
    made, writer = settings.prepared(variant, settings.setting(test), test.rows, apart=True)
    customers = list(zip(settings.keys(test.customers), test.customers, strict=True))
    try:
        found = by_reference(made, writer, test.as_of, [customers], [asked])
    except BadPattern as problem:
        raise BadRules("a pattern cannot be run", problem.findings) from None
    except DataProblem:
        return False
    return all(
        found_word(found[one.qualifies][customers[item.customer][0]]) is item.expected
        for item, one in zip(test.expectations, asked, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One customer alone in the world, prepared; answers are remembered in `known`."""

    given: GivenCustomer
    customer: Customer
    evaluation: Evaluation
    known: OnDemand
    world: "_World"


@dataclass(slots=True)
class _World:
    """What customers share who give bands of the same scores and the same computed columns."""

    variant: Variant
    rules: Rules
    writer: Writer
    parts: Parts
    targets: dict[ir.Condition, ir.Condition] = field(default_factory=dict)


class Replayer:
    """Asks the interpreter about customers, each of whom is alone in the world, at one instant.

    List files have the entries that the rules have read, or those of `lists` alone. `related` are rows of the tables
    to which relations lead. `settings` are those of the same rules, where they are at hand.
    """

    def __init__(
        self,
        rules: Rules,
        as_of: datetime,
        lists: Mapping[str, frozenset[str]] | None = None,
        related: tuple[GivenRow, ...] = (),
        settings: Settings | None = None,
    ) -> None:
        self._lists = entries_of_lists(rules) if lists is None else dict(lists)
        self._rules = rules
        self._as_of = as_of
        self._clock = Clock(as_of, rules.catalogue.zone)
        self._related = related
        self._settings = settings or Settings(rules)
        self._worlds: dict[Setting, _World] = {}

    def add(self, given: GivenCustomer) -> Row:
        """Prepare a customer as tests do.

        Raises:
            DataProblem: no data can hold such a customer, as with a status of consent that the catalogue does not know.
        """
        test = self._test(given)
        world = self._world(test)
        (key,) = self._settings.keys((given,))
        catalogue = world.rules.catalogue
        tables = world.writer.tables([(key, given)])
        events = {event.event for event in given.events}
        found = prepare(catalogue, tables, self._clock, events, tuple(catalogue.relations))
        evaluation, known = on_demand(world.rules, found, world.parts)
        return Row(given, found.customers[0], evaluation, known, world)

    def qualifies(self, row: Row, segment: str) -> Truth:
        """Whether a customer qualifies for a segment, whoever may be contacted."""
        return row.known.qualifies(segment, row.customer)

    def contact(self, row: Row, segment: str) -> bool:
        """Whether consent, suppression lists and caps let a segment contact a customer, who need not qualify."""
        of = row.world.rules.segments[segment]
        if segment not in row.known.caps and row.world.parts.caps(segment) is not None:
            row.evaluation.work_out_step("caps", segment)
        return row.evaluation.contact(of)[0]

    def granted(self, row: Row, clause: ConsentClause, purposes: Sequence[str]) -> bool:
        """Whether a customer consents as a clause asks, for these purposes."""
        return consent.granted(row.customer, clause, purposes, self._clock)

    def member(self, row: Row, segment: str) -> bool:
        """Whether a customer is a member of a segment: who qualifies and may be contacted."""
        return self.qualifies(row, segment) is True and self.contact(row, segment)

    def in_stage(self, row: Row, partition: str, stage: str) -> Truth:
        """Whether a customer is in a stage, or in the `otherwise`, of a partition."""
        return row.known.in_stage(partition, stage, row.customer)

    def stage(self, row: Row, partition: str) -> str:
        """The stage, or the `otherwise`, that has a customer."""
        of = row.world.rules.partitions[partition]
        held = (item.name for item in of.stages if self.in_stage(row, partition, item.name) is True)
        return next(held, of.otherwise)

    def truth(self, row: Row, condition: ir.Condition) -> Truth:
        """Whether a condition of the rules holds for a customer."""
        targets = row.world.targets
        seen = targets.get(condition)
        if seen is None:
            seen = targets[condition] = row.world.variant.given(condition)
        return row.evaluation.interpreter.truth(seen, row.customer)

    def value(self, row: Row, value: ir.Value) -> Result:
        """What a value of the rules is for a customer."""
        return row.evaluation.interpreter.value(row.world.variant.given(value), row.customer)

    def found(self, row: Row, target: ir.Condition) -> Expected:
        """What a test finds for a target: of a segment its members, of all else whether it holds."""
        if isinstance(target, ir.InSegment):
            return found_word((self.qualifies(row, target.name), None, self.contact(row, target.name)))
        return found_word((self.truth(row, target),))

    def lacks(self, given: GivenCustomer, targets: Iterable[ir.Condition]) -> bool:
        """Whether a customer leaves out what these targets read and what cannot be missing."""
        test = self._test(given, targets)
        return bool(left_out(test, self._settings.variant(test)))

    def holds(self, given: GivenCustomer, expectations: Iterable[Expectation]) -> bool:
        """Whether a test of this customer alone is one that passes: what `confirm` says of it."""
        wanted = tuple(expectations)
        if not allowed(given, self._rules.catalogue) or self.lacks(given, [item.target for item in wanted]):
            return False
        try:
            row = self.add(given)
        except DataProblem:
            return False
        return all(self.found(row, item.target) is item.expected for item in wanted)

    def _test(self, given: GivenCustomer, targets: Iterable[ir.Condition] = ()) -> Test:
        expectations = tuple(Expectation(Expected.IN, target, 0) for target in targets)
        return Test("", self._as_of, (given,), self._lists, expectations, rows=self._related)

    def _world(self, test: Test) -> _World:
        setting = self._settings.setting(test)
        found = self._worlds.get(setting)
        if found is None:
            variant = self._settings.variant(test)
            rules, writer = self._settings.prepared(variant, setting, self._related, apart=True)
            found = self._worlds[setting] = _World(variant, rules, writer, Parts(rules))
        return found
