"""Places of a report start at one folder."""

from dataclasses import replace

import pytest

from segrules.diagnostics.finding import Related
from segrules.text.span import Span
from tests.formats.made import NOTED, TWICE, UNKNOWN, report


def test_paths_start_where_the_project_starts() -> None:
    made = report(UNKNOWN, project="a/shop")
    assert made.findings[0].span == Span("a/shop/rules.seg", 2, 9, 2, 15)
    assert list(made.sources) == ["a/shop/rules.seg"]
    assert made.home == "a/shop/segrules.toml"
    assert report(UNKNOWN, project="").findings == (UNKNOWN,)


def test_a_file_beside_the_project_is_found() -> None:
    beside = replace(UNKNOWN, span=Span("../common/x.seg", 1, 1, 1, 2))
    span = report(beside, project="shop").findings[0].span
    assert span is not None
    assert span.path == "common/x.seg"


@pytest.mark.parametrize("path", ["../../x.seg", "/tmp/x.seg", "D:/x.seg"])
def test_a_place_outside_is_told_in_the_message(path: str) -> None:
    outside = replace(TWICE, span=Span(path, 3, 4, 3, 5), related=(Related(Span(path, 1, 1, 1, 2), "there"),))
    made = report(outside).findings[0]
    assert made.span is None
    assert made.related == ()
    assert made.message.startswith("`big` is defined twice (at `")
    assert made.message.endswith("x.seg:3:4`)")
    anywhere = report(outside, anywhere=True).findings[0]
    assert anywhere.span is not None
    assert len(anywhere.related) == 1


def test_a_whole_file_has_a_place() -> None:
    made = report(NOTED)
    assert made.findings[0].span == Span("shop/segrules.lock", 1, 1, 1, 2)


def test_an_empty_place_is_one_character_wide() -> None:
    made = report(replace(UNKNOWN, span=Span("rules.seg", 2, 9, 2, 9)))
    assert made.findings[0].span == Span("shop/rules.seg", 2, 9, 2, 10)
