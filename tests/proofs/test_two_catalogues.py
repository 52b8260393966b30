"""Formulas of one rule set say nothing of another: ranges and lists are those of its own catalogue."""

import pytest

from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from tests.conformance.cases import bind_text
from tests.proofs import asking, tiny

_LIKE_THESE = {
    "range": ("{type: integer, range: [0, 2]}", "integer", "visits > 0 and visits != 1", "visits = 2"),
    "list": ("{type: text, values: [web, trade]}", "text", 'tier is known and tier != "web"', 'tier = "trade"'),
    "steps": ("{type: integer, range: [0, 2]}", "decimal", "visits > 0 and visits < 2", "visits = 1"),
}


@pytest.mark.parametrize("kind", sorted(_LIKE_THESE))
def test_provers_live_side_by_side(kind: str) -> None:
    narrow, wide, one, other = _LIKE_THESE[kind]
    text = f"segment one\n  where {one}\n\nsegment other\n  where {other}\n"
    first = Prover(tiny.bound(text))
    assert asking.inside(first, "one", "other").answer is Answer.PROVED
    catalogue, findings = read_catalogue(Source("catalog.yaml", tiny.CATALOGUE.replace(narrow, wide, 1)))
    assert catalogue is not None, findings
    rules, _ = bind_text(text, catalogue, {})
    second = Prover(rules)
    assert asking.inside(second, "one", "other").answer is Answer.REFUTED
    assert asking.inside(first, "one", "other").answer is Answer.PROVED


def test_list_files_may_change() -> None:
    text = 'segment one\n  where tier in list "tiers.csv"\n\nsegment other\n  where tier = "web"\n'
    catalogue = tiny.catalogue()
    for entries, answer in ((["web"], Answer.PROVED), (["web", "trade"], Answer.REFUTED), (["web"], Answer.PROVED)):
        rules, _ = bind_text(text, catalogue, {"tiers.csv": entries})
        assert asking.inside(Prover(rules), "one", "other").answer is answer
