"""Consent and suppression, compared with the reference."""

from datetime import date

import pytest

from segrules.backends.arrow.consents import read_consents, suppressed
from segrules.backends.arrow.ignored import IgnoredCounts
from segrules.backends.arrow.population import populate
from segrules.backends.arrow.vectors import results
from segrules.diagnostics.finding import Finding
from segrules.ir import windows as ir
from segrules.ir.rules import ConsentClause, Granted
from segrules.reference import consent
from segrules.reference.world import World
from tests.engine import data, fakes
from tests.engine.catalogues import catalogues
from tests.engine.picking import Pick, by_seed
from tests.fuzz import cases

WINDOWS = (
    None,
    ir.Ever(),
    ir.InLast(ir.Period(1, ir.Unit.DAY)),
    ir.InLast(ir.Period(24, ir.Unit.MONTH)),
    ir.MoreThanAgo(ir.Period(1, ir.Unit.MONTH)),
    ir.Since(date(2020, 1, 1)),
)
PURPOSES = ((), ("newsletter",), ("offers",), ("newsletter", "offers"), ("other",))


def compare(pick: Pick, dirt: int) -> None:
    catalogue = catalogues(pick)
    while not catalogue.consents.channels:
        catalogue = catalogues(pick)
    as_of = data.instants(pick)
    tables = data.tables(pick, catalogue, as_of, 4, 12, dirt)
    expected = fakes.by_reference(catalogue, tables, as_of, ())
    setting, sources = fakes.setting(catalogue, as_of), fakes.sources(pick, catalogue, tables)
    problems: list[Finding] = []
    population = populate(setting, sources, problems)
    if problems:
        assert not isinstance(expected, World)
        return
    ignored = IgnoredCounts()
    records = read_consents(setting, sources, population, ignored, problems)
    if not isinstance(expected, World):
        assert fakes.told(problems) == expected
        return
    assert not problems
    assert ignored.all(catalogue) == expected.ignored
    in_order = population.order()
    for channel in (*catalogue.consents.channels, "fax"):
        states = results(records.state(channel), in_order)
        assert states == [consent.state(customer, channel, setting.clock) for customer in expected.customers]
        for window in WINDOWS:
            clause = ConsentClause(((Granted(channel, window),),), False)
            for purposes in PURPOSES:
                found = records.granted(channel, window, purposes)[in_order].tolist()
                assert found == [consent.granted(item, clause, purposes, setting.clock) for item in expected.customers]
    for name in catalogue.suppressions:
        flags = suppressed(setting, sources, population, name)[in_order].tolist()
        assert flags == [name in customer.suppressions for customer in expected.customers]


@pytest.mark.parametrize("seed", range(cases(80)))
def test_consents_are_those_of_the_reference(seed: int) -> None:
    compare(by_seed(seed), 0)


@pytest.mark.parametrize("seed", range(cases(60)))
def test_problems_are_those_of_the_reference(seed: int) -> None:
    compare(by_seed(1000 + seed), 10)
