"""The registry of codes, and how it is searched."""

import re

import pytest

from segrules.diagnostics.codes import UNKNOWN_NAME, all_codes, by_text
from segrules.diagnostics.nearest import did_you_mean, nearest


def test_numbers_and_names_have_their_shape_and_are_unique() -> None:
    codes = all_codes()
    assert len({code.number for code in codes}) == len({code.name for code in codes}) == len(codes)
    for code in codes:
        assert re.fullmatch(r"SEG\d{3}", code.number)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code.name)


@pytest.mark.parametrize("text", ["SEG201", "seg201", " 201 ", "unknown-name", "Unknown-Name"])
def test_a_code_is_found_by_number_or_name(text: str) -> None:
    assert by_text(text) is UNKNOWN_NAME


def test_unknown_codes_are_none() -> None:
    assert by_text("SEG999") is None
    assert by_text("") is None


def test_the_nearest_name_ignores_case_and_far_names() -> None:
    assert nearest("Contry", ["country", "county_code"]) == "country"
    assert nearest("zzz", ["country"]) is None
    assert did_you_mean("contry", ["country"]) == "did you mean `country`?"
    assert did_you_mean("zzz", []) is None
