"""Rules in the documentation and in the example projects look as `segrules fmt` makes them look."""

from pathlib import Path

import pytest

from segrules.workspace.layout import format_text
from tests.docs.laid_out import ROOT, all_pages, laid_out, rule_blocks

RULESETS = sorted((ROOT / "rulesets").glob("*/*.seg"))


@pytest.mark.parametrize("path", RULESETS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_example_projects_are_laid_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_text(text) == text, "`segrules fmt rulesets` lays it out"


def test_rules_in_the_documentation_are_laid_out() -> None:
    shown = [(page, block) for page in all_pages() for block in rule_blocks(page)]
    assert len(shown) > 100
    differ = [str(block) for _, block in shown if laid_out(block.text) != block.text]
    assert not differ, "`python -m tests.docs.laid_out` lays them out"
