"""The tiny world itself: it is complete, tests can be written of its customers, and it tells verdicts apart."""

from segrules.ir import testcases
from segrules.ir.nodes import InSegment
from segrules.ir.testcases import Expectation, Expected
from segrules.testing.run import Bench
from tests.proofs import tiny


def test_everybody_is_there_once() -> None:
    assert len(tiny.people()) == len(set(tiny.people())) == len(tiny.everybody()) == 55 * 3 * 3 * 4 * 3


def test_what_is_not_read_changes_nothing() -> None:
    rules = tiny.bound(tiny.segments(1, 6))
    names = sorted(rules.segments)
    flags = tiny.evaluated(rules, names, tiny.everybody()[::7])
    found = tiny.find(rules)
    for name in names:
        for of, bits in zip(flags[name], (found[name].members, found[name].surely, found[name].perhaps), strict=True):
            assert of == tuple(bool(bits >> number & 1) for number in range(0, len(tiny.everybody()), 7))


def test_customers_are_those_of_tests() -> None:
    rules = tiny.bound(tiny.segments(2, 8))
    found = tiny.find(rules)
    customers = tiny.everybody()[5::997]
    expectations = tuple(
        Expectation(
            Expected.IN
            if found[name].members >> (5 + 997 * place) & 1
            else Expected.UNKNOWN_IN
            if _in_doubt(rules.segments[name].consents != (), found[name], 5 + 997 * place)
            else Expected.NOT_IN,
            InSegment(name),
            place,
        )
        for name in sorted(rules.segments)
        for place in range(len(customers))
    )
    test = testcases.Test("some of them", tiny.AS_OF, customers, {}, expectations)
    (judged,) = Bench(rules, lambda what, done, total: None).judge([test])
    assert not judged.findings
    assert [one for one in judged.verdicts if not one.holds] == []
    assert {one.found for one in judged.verdicts} == set(Expected)


def _in_doubt(asks_consent: bool, found: tiny.Found, number: int) -> bool:
    granted = bool(tiny.everybody()[number].consents) and tiny.everybody()[number].consents[0].state == "granted"
    return bool((found.perhaps & ~found.surely) >> number & 1) and (granted or not asks_consent)


def test_pairs_are_told_apart() -> None:
    found = tiny.find(
        tiny.bound(
            """
            segment bought where did buy
            segment often where did buy at least 2 times
            segment never where did not buy
            segment written where did buy
              consent email
            segment unknown_tier where tier is unknown
            segment nobody where did buy more than 2 times
            """
        )
    )
    assert not found["bought"].members & found["never"].members
    assert found["often"].members & ~found["bought"].members == 0
    assert found["bought"].members & ~found["often"].members
    assert found["written"].surely == found["bought"].surely
    assert found["written"].members & ~found["bought"].members == 0
    assert found["nobody"].members == 0
    assert tiny.somebody(found["often"].members & found["written"].members).consents[0].state == "granted"
    assert "tier" not in tiny.somebody(found["unknown_tier"].members).attributes
    assert all(one.surely & ~one.perhaps == 0 and one.members & ~one.surely == 0 for one in found.values())


def test_segments_are_the_same_for_the_same_seed() -> None:
    assert tiny.segments(3, 20) == tiny.segments(3, 20) != tiny.segments(4, 20)
