"""Names against a pattern, and names that come back."""

from pathlib import Path

import pytest

from segrules.governance.naming import BadPattern, parts_of
from tests.governance.kept import said

SETTINGS = """\
[checks.unusual-name]
name = "{name_pattern}"
words = {{phase = ["new", "new_again", "old"]}}
"""


def names(folder: Path, pattern: str, segment: str, *, title: str = "") -> list[str]:
    settings = SETTINGS.format(name_pattern=pattern) + (f'title = "{title}"\n' if title else "")
    rules = f"{segment}\npartition life stage fresh where staff otherwise rest\n"
    return [message for _, message in said(folder, "SEG355", rules, settings)]


@pytest.mark.parametrize(
    ("pattern", "segment", "fits"),
    [
        ("{channel}_{name}", "segment email_offers channel email where staff consent email", True),
        ("{channel}_{name}", "segment sms_offers channel email where staff consent email", False),
        ("{channel}_{name}", "segment email_ channel email where staff consent email", False),
        ("{channel}_{name}", "segment offers where staff", False),
        ("{channel}_{name}", "segment EMAIL_offers channel email where staff consent email", False),
        ("{purpose}_{number}", "segment ads_12 purpose ads where staff", True),
        ("{purpose}_{number}", "segment ads_x purpose ads where staff", False),
        ("{tag}_{word}", "segment vip_x tags gold, vip where staff", True),
        ("{tag}_{word}", "segment vip_x_y tags gold, vip where staff", False),
        ("{file}_{name}", "segment rules_x where staff", True),
        ("{stage}_{name}", "segment fresh_x where staff", True),
        ("{stage}_{name}", "segment rest_x where staff", True),
        ("{stage}_{name}", "segment stale_x where staff", False),
        ("{phase}_{word}", "segment new_again_x where staff", True),
        ("{phase}_{word}", "segment never_x where staff", False),
        ("seg.{name}", "segment segxa where staff", False),
        ("{phase}_{name}", "segment x status retired where staff", True),
    ],
)
def test_a_name_fits_a_pattern_or_not(tmp_path: Path, pattern: str, segment: str, fits: bool) -> None:
    name = segment.split()[1]
    assert names(tmp_path, pattern, segment) == ([] if fits else [f"the name `{name}` is not like `{pattern}`"])


@pytest.mark.parametrize(
    ("title", "fits"), [('"New: x y"', True), ('"new: x"', True), ('"Next: x"', False), ('"New: "', False)]
)
def test_titles_are_compared_in_either_case(tmp_path: Path, title: str, fits: bool) -> None:
    found = names(tmp_path, "{name}", f"segment a {title} where staff", title="{phase}: {name}")
    assert found == ([] if fits else [f"the title `{title[1:-1]}` is not like `{{phase}}: {{name}}`"])


def test_a_title_that_is_missing_is_said(tmp_path: Path) -> None:
    expected = ["segment `a` has no title, which should be like `{name}!`"]
    assert names(tmp_path, "{name}", "segment a where staff", title="{name}!") == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{chanel}_{name}", "`{chanel}` is not a placeholder of a pattern"),
        ("{name", "a `{` stands alone in the pattern `{name`"),
        ("name}", "a `}` stands alone in the pattern `name}`"),
        ("{channel}{name}", "two placeholders touch in the pattern `{channel}{name}`"),
        ("seg", "the pattern `seg` has no placeholder"),
        ("", "the pattern `` has no placeholder"),
        ("{}", "`{}` is not a placeholder of a pattern"),
    ],
)
def test_patterns_that_cannot_be_used_are_refused(pattern: str, message: str) -> None:
    with pytest.raises(BadPattern) as refused:
        parts_of(pattern, {})
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("segment old where staff\n", [(1, "the segment `old` has the name of an earlier one")]),
        ("segment OLD where staff\n", [(1, "the segment `OLD` has the name of an earlier one")]),
        ("segment old status retired where staff\n", []),
        (
            "partition old stage a where staff otherwise b\n",
            [(1, "the partition `old` has the name of an earlier one")],
        ),
        ("define old as staff\nsegment x where old\n", []),
    ],
)
def test_names_do_not_come_back(tmp_path: Path, rules: str, found: list[tuple[int, str]]) -> None:
    assert said(tmp_path, "SEG354", rules, 'retired = ["old", "older"]\n') == found
    assert said(tmp_path, "SEG354", rules) == []
