"""Text that no person would write: every one gives a tree and findings, none an exception."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segrules.diagnostics.codes import BAD_CHARACTER, TOO_LARGE
from segrules.syntax import nodes
from segrules.syntax.build import unquote
from segrules.syntax.parse import MAX_MISTAKES, parse_expression
from segrules.text.source import NotText, decode
from segrules.text.span import NOWHERE
from tests.syntax.read import expression, file_of, findings_of

SOURCE = (Path(__file__).parents[1] / "language" / "everything.seg").read_text(encoding="utf-8")


def test_thousands_of_parentheses_are_too_deep() -> None:
    (item,) = findings_of(f"segment a\n  where {'(' * 5000}vip{')' * 5000}")
    assert item.code is TOO_LARGE


@pytest.mark.parametrize("text", ["(" * 5000, ")" * 5000, "not " * 5000, "[" * 5000, "- " * 5000, "did " * 5000])
def test_thousands_of_openings_are_findings(text: str) -> None:
    assert findings_of(f"segment a\n  where {text}")


def test_a_long_chain_of_choices_is_read() -> None:
    tree, findings = file_of("segment a\n  where " + "\n     or ".join(f"x = {n}" for n in range(20_000)))
    assert not findings
    assert len(tree.blocks) == 1


def test_a_long_chain_of_sums_is_too_deep() -> None:
    (item,) = findings_of("segment a\n  where " + " + ".join(f"x{n}" for n in range(5_000)) + " > 0")
    assert item.code is TOO_LARGE


def test_a_long_list_is_read() -> None:
    assert not findings_of("segment a\n  where x in [" + ", ".join(str(n) for n in range(20_000)) + "]")


GARBAGE = ["%&/()=?", "where x = = 1\n", "\x00\x01\x02", "a ", '"', "`", "#", "é", "segment \n"]


@pytest.mark.parametrize(("line", "size"), [(line, 100_000 if "segment" in line else 1_000_000) for line in GARBAGE])
def test_a_megabyte_of_garbage_is_read_to_an_end(line: str, size: int) -> None:
    findings = findings_of(line * (size // len(line)))
    assert len(findings) <= MAX_MISTAKES
    assert findings or line == "#"


@pytest.mark.parametrize(
    "text", ['"', '"abc', "`", "`abc", '"abc\\"', '"a\n"', "`a\n`", '"\\', "a\x00b", "\x00", "\ufeff"]
)
def test_what_is_not_closed_or_no_text_is_a_bad_character(text: str) -> None:
    findings = findings_of(f"segment a\n  where x = {text}")
    assert findings
    assert BAD_CHARACTER in {item.code for item in findings}


@pytest.mark.parametrize("number", ["9" * 30, "1." + "0" * 4000 + "1", "9" * 5000])
def test_enormous_numbers_are_read_or_refused(number: str) -> None:
    for text in (
        f"x = {number}",
        f"did e at least {number} times",
        f"x is in the last {number} days",
        f"x = {number}%",
    ):
        file_of(f"segment a\n  where {text}")
    file_of(f"segment a\n  priority {number}\n  where vip\n  size at least {number}, at most {number}%\n")


PREFIXES = range(1, len(SOURCE), max(len(SOURCE) // 150, 1))


@pytest.mark.parametrize("part", range(5))
def test_every_prefix_of_a_file_is_read(part: int) -> None:
    for end in PREFIXES[part::5]:
        tree, findings = file_of(SOURCE[:end])
        assert tree.blocks or findings or SOURCE[:end].startswith("#")


def test_a_file_read_from_the_middle_is_read() -> None:
    for start in PREFIXES[::6]:
        file_of(SOURCE[start : start + 2000])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbfsegment a where vip")
@example(b"segment a\xff")
def test_bytes_are_text_or_not(data: bytes) -> None:
    try:
        source = decode("rules.seg", data)
    except NotText:
        return
    file_of(source.text)
    parse_expression(source.text, NOWHERE)


WORDS = sorted({*SOURCE.split(), '"', "`", "(", ")", "[", "]", ",", "#", "\n", "é", "2026-1-1", "=="})


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_words_of_the_language_in_any_order_are_read(words: list[str]) -> None:
    text = " ".join(words)
    _, findings = file_of(text)
    lines = text.split("\n")
    for item in findings:
        assert item.span is not None
        assert 1 <= item.span.line <= len(lines)
        assert 1 <= item.span.column <= len(lines[item.span.line - 1]) + 1
        assert item.message
    parse_expression(text, NOWHERE)


def test_two_thousand_lines_are_read() -> None:
    where = 'where country = "DE" and did purchase in the last 30 days'
    blocks = "".join(f"segment s{number}\n  channel email\n  {where}\n  consent email\n\n" for number in range(400))
    tree, findings = file_of(blocks)
    assert not findings
    assert len(tree.blocks) == 400


@pytest.mark.parametrize("number", [0, 1, 9, 0x1B, 0x7F, 0x85, 0x2028])
def test_control_characters_stand_for_themselves_in_text(number: int) -> None:
    held = f"a{chr(number)}b"
    found = expression(f'x = "{held}"')
    assert isinstance(found, nodes.CompareExpr)
    assert isinstance(found.right, nodes.Text)
    assert found.right.value == held


BACKSLASHES = [
    (r"a\\b", r"a\b"),
    (r"a\"b", 'a"b'),
    (r"a\nb", r"a\nb"),
    (r"a\\nb", r"a\nb"),
    (r"a\\\"b", r"a\"b"),
    ("a\\\\\0\\\\", "a\\\0\\"),
]


@pytest.mark.parametrize(("written", "text"), BACKSLASHES)
def test_backslashes_stand_for_themselves_but_before_quotes_and_backslashes(written: str, text: str) -> None:
    assert unquote(f'"{written}"') == text


def test_byte_order_mark_and_line_ends_do_not_matter() -> None:
    plain = file_of(SOURCE)[0]
    for data in (SOURCE.replace("\n", "\r\n"), SOURCE.replace("\n", "\r"), "\ufeff" + SOURCE):
        tree, findings = file_of(decode("rules.seg", data.encode("utf-8")).text)
        assert not findings
        assert tree.blocks == plain.blocks
        assert tree.comments == plain.comments
