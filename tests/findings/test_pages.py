"""Every code has its page, every page its code, and what the pages show holds."""

from pathlib import Path

import pytest

from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Severity
from tests.findings.pages import MENDED, PAGES, RECIPES, findings_of, printed, read_page

CODES = {code.number: code for code in all_codes()}
NUMBERS = sorted(path.stem for path in PAGES.glob("*.md"))


def test_codes_and_pages_are_the_same() -> None:
    assert sorted(CODES) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_page_is_built_as_all_are(number: str) -> None:
    text = (PAGES / f"{number}.md").read_text(encoding="utf-8")
    page, code = read_page(PAGES / f"{number}.md"), CODES[number]
    assert (page.number, page.name) == (code.number, code.name)
    assert page.prose.endswith(".")
    assert page.prose[0].isalnum() or page.prose[0] == "`"
    assert f"\nSeverity: {code.severity.value}.\n" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Example", MENDED]
    assert page.recipe is None or page.recipe in RECIPES


@pytest.mark.parametrize("number", NUMBERS)
def test_the_example_gives_the_finding_and_no_other_error(number: str, tmp_path: Path) -> None:
    found, _ = findings_of(read_page(PAGES / f"{number}.md"), tmp_path, mended=False)
    assert number in {item.code.number for item in found}
    others = [item for item in found if item.code.number != number and item.severity is Severity.ERROR]
    assert not others


@pytest.mark.parametrize("number", NUMBERS)
def test_the_page_shows_what_is_printed(number: str, tmp_path: Path) -> None:
    page = read_page(PAGES / f"{number}.md")
    assert page.printed == printed(page, tmp_path), "`python -m tests.findings.pages` writes it anew"


@pytest.mark.parametrize("number", NUMBERS)
def test_the_mended_example_is_without_it(number: str, tmp_path: Path) -> None:
    page = read_page(PAGES / f"{number}.md")
    assert page.recipe or page.mended != page.wrong
    found, _ = findings_of(page, tmp_path, mended=True)
    assert not [item for item in found if item.code.number == number or item.severity is Severity.ERROR]
