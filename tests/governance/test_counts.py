"""How many segments there are, and how large they say that they are."""

from pathlib import Path

import pytest

from tests.governance.kept import check, said

THREE = "segment a where staff\nsegment b where age > 20\nsegment c status draft where age > 30\n"


def test_active_segments_are_counted(tmp_path: Path) -> None:
    settings = "[checks]\ntoo-many-segments = {{most = {}}}\n"
    assert said(tmp_path, "SEG349", THREE, settings.format(2)) == []
    assert said(tmp_path, "SEG349", THREE, settings.format(1)) == [(3, "there are 2 active segments, more than 1")]


def test_the_place_is_that_of_the_setting(tmp_path: Path) -> None:
    (item,) = check(tmp_path, THREE, "[checks.too-many-segments]\nmost = 1\n").findings
    assert str(item.span) == "segrules.toml:2:2"


def test_a_size_may_be_asked_for(tmp_path: Path) -> None:
    rules = "segment a where staff\nsegment b where age > 20 size at most 5\n"
    rules += "segment c status retired where age > 30\nsegment d purpose service where age > 40\n"
    settings = '[checks]\nmissing-size = {unless_purpose = ["service"]}\n'
    assert said(tmp_path, "SEG350", rules) == []
    assert said(tmp_path, "SEG350", rules, settings) == [(1, "segment `a` does not say how large it should be")]


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("at least 50", None),
        ("at least 50, at most 100", None),
        ("at least 5%", None),
        ("at least 49", "segment `a` may be smaller than 50 customers: it allows 49 customers and up"),
        ("at least 1, at most 30%", "segment `a` may be smaller than 50 customers: it allows 1 customer and up"),
        ("at most 30%", "segment `a` may be smaller than 50 customers: it allows any size from the smallest"),
        ("at most 49", "segment `a` may have 49 customers at most, fewer than 50"),
        ("at least 5%, at most 40", "segment `a` may have 40 customers at most, fewer than 50"),
    ],
)
def test_sizes_below_the_least_are_found(tmp_path: Path, size: str, message: str | None) -> None:
    rules = f"segment a where staff\n  size {size}\n"
    expected = [] if message is None else [(2, message)]
    assert said(tmp_path, "SEG351", rules, "[checks]\ntoo-small = {least = 50}\n") == expected
    assert said(tmp_path, "SEG351", rules) == []


@pytest.mark.parametrize(
    ("size", "number"),
    [
        ("at least 1", 0),
        ("at least 0", 1),
        ("at least 0%", 1),
        ("at most 100%", 1),
        ("at least 0, at most 100%", 2),
        ("at least 100%", 0),
        ("at most 0", 1),
        ("at most 0%", 1),
        ("at most 99%", 0),
    ],
)
def test_bounds_that_say_nothing_are_found(tmp_path: Path, size: str, number: int) -> None:
    assert len(said(tmp_path, "SEG357", f"segment a where staff\n  size {size}\n")) == number
