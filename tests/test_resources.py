"""Shipped files are found from a checkout; from a wheel they are in `test_packaging.py`."""

from pathlib import Path

import pytest

from segrules.resources import finding_page, grammar_file, ruleset_names, ruleset_path

ROOT = Path(__file__).parents[1]


def test_the_grammar_is_the_file_that_people_edit() -> None:
    edited = (ROOT / "grammar" / "segrules.lark").read_text(encoding="utf-8")
    assert grammar_file("segrules.lark") == edited


def test_every_folder_of_rulesets_is_an_example_with_its_settings() -> None:
    folders = sorted(path.name for path in (ROOT / "rulesets").iterdir() if path.is_dir() and path.name[0] not in "._")
    assert list(ruleset_names()) == folders
    assert "online_retail" in ruleset_names()


def test_an_example_is_found_by_name() -> None:
    assert ruleset_path("online_retail") == ROOT / "rulesets" / "online_retail"


@pytest.mark.parametrize("name", ["no_such_shop", "", "..", "../grammar"])
def test_an_unknown_example_is_refused(name: str) -> None:
    with pytest.raises(LookupError):
        ruleset_path(name)


def test_a_page_about_a_finding_is_found_by_its_number() -> None:
    assert "SEG201" in finding_page("SEG201")


@pytest.mark.parametrize("code", ["SEG999", "", "../glossary", "unknown-name"])
def test_an_unknown_finding_has_no_page(code: str) -> None:
    with pytest.raises(LookupError):
        finding_page(code)
