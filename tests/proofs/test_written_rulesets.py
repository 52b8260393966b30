"""The tests of the example rule sets, written as blocks, are read back as the same tests and are confirmed."""

from pathlib import Path

import pytest

import segrules
from segrules.diagnostics.codes import BAD_LIST_FILE
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.walk import entries_of_lists
from segrules.proofs.pairs.all_pairs import together
from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer
from segrules.proofs.witnesses.replay import Replayer, confirm
from segrules.proofs.witnesses.testblock import block
from segrules.semantics.bind import bind
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from tests.proofs.meaning import plain

RULESETS = Path(__file__).parents[2] / "rulesets"


@pytest.mark.parametrize("name", ["twelve", "online_retail", "rfm_grids"])
def test_tests_of_rule_sets_are_written_and_read_back(name: str) -> None:
    loaded = segrules.load(RULESETS / name)
    rules = loaded.typed
    assert rules is not None
    assert rules.tests
    blocks = "\n\n".join(block(test, rules.catalogue) for test in rules.tests)
    lists = entries_of_lists(rules)
    sources = [item for path, item in loaded.sources.items() if path.endswith(".seg") and path != "tests.seg"]
    files = [parse_file(source)[0] for source in (*sources, Source("tests.seg", f"{blocks}\n"))]

    def entries(path: str) -> frozenset[str] | Finding:
        return lists[path] if path in lists else finding(BAD_LIST_FILE, f"there is no list `{path}`")

    again, findings = bind(files, rules.catalogue, entries)
    assert [item.message for item in findings if item.span is not None and item.span.path == "tests.seg"] == []
    assert [plain(test) for test in again.tests] == [plain(test) for test in rules.tests]


@pytest.mark.parametrize("name", ["twelve", "online_retail", "rfm_grids"])
def test_tests_of_rule_sets_are_confirmed(name: str) -> None:
    rules = segrules.load(RULESETS / name).typed
    assert rules is not None
    for test in rules.tests:
        assert confirm(rules, test), test.title
        if len(test.customers) == 1:
            replayer = Replayer(rules, test.as_of, test.lists, test.rows)
            assert replayer.holds(test.customers[0], test.expectations), test.title


@pytest.mark.parametrize("other", ["engaged_90", "at_risk_high_value", "power_users"])
def test_an_order_of_events_is_found_beside_other_rules(other: str) -> None:
    rules = segrules.load(RULESETS / "twelve").typed
    assert rules is not None
    prover = Prover(rules)
    verdict = prover.refute(together(prover, "odd_buyers_returned", other, small=False))
    assert verdict.answer is Answer.REFUTED
