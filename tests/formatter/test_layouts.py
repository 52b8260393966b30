"""The layout, case by case, and what cannot be laid out."""

import pytest

import segrules
from segrules.formatter import format as formatter
from segrules.formatter.format import LayoutChangedMore, format_source
from segrules.syntax.concrete import read_concrete
from segrules.syntax.depth import MAX_DEPTH
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from tests.formatter.layouts import PAGE, cases
from tests.formatter.texts import formatted


@pytest.mark.parametrize(("title", "before", "after"), cases(), ids=[title for title, _, _ in cases()])
def test_rules_are_laid_out_as_the_page_shows(title: str, before: str, after: str) -> None:
    assert formatted(before) == after, f"{title}: `python -m tests.formatter.layouts` writes the page anew"


def test_every_case_of_the_page_is_read() -> None:
    assert len(cases()) == PAGE.read_text(encoding="utf-8").count("\n## ") > 10


@pytest.mark.parametrize(
    ("text", "after"), [("", ""), ("\n\n", ""), ("# a", "# a\n"), ("\n  # a\n\n\n\n#b ", "# a\n\n\n#b\n")]
)
def test_a_file_without_rules_keeps_its_comments(text: str, after: str) -> None:
    assert formatted(text) == after


def test_line_ends_and_the_byte_order_mark_are_those_of_every_file() -> None:
    assert (
        segrules.format_text("\ufeffsegment a\r\n  where vip\r\n\r\nsegment b")
        == "segment a\n  where vip\n\nsegment b\n"
    )


def test_text_that_cannot_be_read_gives_the_findings_of_check() -> None:
    text = "segment a\n  where age == 1\n\nsegment b\n  size 100\n"
    with pytest.raises(segrules.BadRules) as caught:
        segrules.format_text(text, path="a.seg")
    assert caught.value.findings == tuple(parse_file(Source("a.seg", text))[1])
    assert len(caught.value.findings) == 2
    assert caught.value.message == "`a.seg` cannot be read"
    assert caught.value.sources["a.seg"].text == text


def test_a_day_that_does_not_exist_is_no_matter_of_layout() -> None:
    assert formatted("segment a where signup=2026-02-30") == "segment a\n  where signup = 2026-02-30\n"


def test_text_that_is_no_text_is_a_finding() -> None:
    with pytest.raises(segrules.BadRules) as caught:
        segrules.format_text("segment a\udc80")
    assert [item.code.number for item in caught.value.findings] == ["SEG002"]


def test_rules_may_nest_as_deep_as_they_may() -> None:
    text = f"segment a where {'(' * (MAX_DEPTH - 2)}vip or vip{')' * (MAX_DEPTH - 2)}"
    assert read_concrete(formatted(text)) is not None


def test_what_nests_too_deeply_gives_the_finding_of_check() -> None:
    text = f"segment a\n  where {'(' * 5000}vip{')' * 5000}"
    made, findings = format_source(Source("a.seg", text))
    assert made is None
    assert findings == parse_file(Source("a.seg", text))[1] != []


def test_a_long_condition_and_a_long_list_are_laid_out() -> None:
    text = "segment a\n  where " + " or ".join(f"x = {n}" for n in range(5_000))
    assert formatted(text).count("\n") == 5_001
    items = ", ".join(str(n) for n in range(5_000))
    assert max(len(line) for line in formatted(f"segment a where x in [{items}]").split("\n")) <= 120


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("segment a\n  where vip and x\n", "the rules would be others"),
        ("segment a\n  where vip where\n", "the rules would be others"),
        ("segment a\n  where `vip`  # why\n", "the rules would be others"),
        ("segment a\n  where vip\n", "the comments would be others"),
        ("segment a\n  where vip  # what\n", "the comments would be others"),
        ("# why\n# why\nsegment a\n  where vip\n", "the comments would be others"),
    ],
)
def test_what_would_change_more_than_layout_is_refused(made: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "_laid_out", lambda text, read, gaps: made)
    with pytest.raises(LayoutChangedMore, match=why):
        segrules.format_text("segment a where vip # why")


SILENCER = '# segrules: ignore[missing-consent] "why" until 2027-03-31'


@pytest.mark.parametrize(
    "text",
    [
        f"segment a {SILENCER}\n  where vip\n",
        f"{SILENCER}\nsegment a\n  where vip and b\n",
        f"segment a\n  {SILENCER}\n  {SILENCER}\n  where vip  {SILENCER}\n    and b\n",
        f"segment a where vip {SILENCER}\n",
        f"segment a\n  where did purchase in the last 30 days and did not mail in the last 60 days {SILENCER}\n",
    ],
)
def test_a_silencer_speaks_of_what_it_spoke_of_or_of_less(text: str) -> None:
    assert formatted(text).count(SILENCER) == text.count(SILENCER)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"segment a where vip segment b where vip {SILENCER}\n", 1),
        (f"define c as vip\n\n{SILENCER}\nsegment a where vip segment b where vip\n", 3),
    ],
)
def test_a_silencer_of_two_blocks_is_not_left_with_one(text: str, line: int) -> None:
    with pytest.raises(segrules.BadRules) as caught:
        segrules.format_text(text)
    (found,) = caught.value.findings
    assert (found.code.number, found.span and found.span.line) == ("SEG011", line)
    assert "only one of the blocks" in found.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"segment a\n  where vip\n    and b  {SILENCER}\n", 3),
        (f"segment a\n\n  except b,\n    {SILENCER}\n    c,\n    d\n", 4),
    ],
)
def test_a_silencer_that_would_speak_of_more_is_a_finding(text: str, line: int) -> None:
    with pytest.raises(segrules.BadRules) as caught:
        segrules.format_text(text)
    (found,) = caught.value.findings
    assert (found.code.number, found.span and found.span.line) == ("SEG011", line)
