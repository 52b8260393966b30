"""Markdown, read back by a parser: what users wrote stays text or code."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from segrules.cli.formats.markdown import render
from segrules.cli.formats.report import Refusal
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.markdown import code, prose
from tests.formats.made import ALL, EVIL, HOSTILE, SHOWN, TWICE, UNKNOWN, many, report

HARMLESS = {"text", "code_inline", "strong_open", "strong_close", "html_inline", "softbreak", "hardbreak"}
BLOCKS = {
    "heading_open", "heading_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
    "paragraph_open", "paragraph_close", "inline", "fence",
}  # fmt: skip


def check(markdown: str) -> list[str]:
    """Kinds of the blocks, after it was seen that no text became markup, a link, an image or HTML."""
    tokens = MarkdownIt("commonmark").enable("strikethrough").enable("table").parse(markdown)
    assert {token.type for token in tokens} <= BLOCKS
    for token in tokens:
        for child in token.children or ():
            assert child.type in HARMLESS
            if child.type == "html_inline":
                assert child.content == "<br>"
    return [token.type for token in tokens]


def test_errors_come_first_with_their_lines() -> None:
    assert render(report(UNKNOWN, TWICE)) == (
        "### segrules check in `shop`: 2 errors\n"
        "\n"
        "- **error** `shop/rules.seg:2` SEG201 unknown-name: `contry` is not the name of an attribute\n"
        "  <br>help: did you mean `country`?\n"
        "\n"
        "  ```text\n"
        '      2 |   where contry = "GB"\n'
        "        |         ^^^^^^\n"
        "  ```\n"
        "\n"
        "- **error** `shop/rules.seg:4` SEG202 duplicate-name: `big` is defined twice\n"
        "  <br>`shop/rules.seg:1`: the first `big`\n"
        "\n"
        "  ```text\n"
        "      4 | segment big\n"
        "        |         ^^^\n"
        "  ```\n"
    )


def test_every_finding_is_an_item() -> None:
    kinds = check(render(report(*ALL)))
    assert kinds.count("list_item_open") == len(ALL)
    assert kinds.count("fence") == 3


def test_a_customer_who_shows_it_can_be_copied() -> None:
    text = render(report(SHOWN, told="proofs: all decided"))
    assert text.startswith("### segrules check in `shop`: 1 error\n\nproofs: all decided\n\n- **error** ")
    assert text.endswith('rules:\n\n  ````seg\n  test "x ``` y"\n    as of 2026-11-01\n  ````\n')
    assert check(text).count("fence") == 2


def test_nothing_found_is_said() -> None:
    assert render(report(project="")) == "### segrules check: no findings\n"


def test_a_refusal_is_said() -> None:
    text = render(report(refusal=Refusal("`x` is not a project", "look again")))
    assert text == "### segrules check in `shop`: could not be done\n\n`x` is not a project  \nlook again  \n"


def test_what_does_not_fit_is_counted() -> None:
    text = render(report(*many(100)), limit=5_000)
    assert len(text.encode()) <= 5_000
    shown = check(text).count("list_item_open")
    assert 10 < shown < 100
    assert text.endswith(f"\n{100 - shown} more are not shown here.\n")


def test_names_cannot_become_markup() -> None:
    kinds = check(render(report(HOSTILE, anywhere=True)))
    assert kinds.count("list_item_open") == 1


def test_a_line_of_backticks_stays_in_its_block() -> None:
    rules = {"rules.seg": Source("rules.seg", "x ```` y\n``` [a](b)\n")}
    for line in (1, 2):
        item = replace(UNKNOWN, span=Span("rules.seg", line, 1, line, 2))
        assert check(render(report(item, sources=rules))).count("fence") == 1


def test_nobody_is_mentioned() -> None:
    assert "@everyone" not in prose(EVIL.replace("`", ""))
    assert prose("see http://x.example") != "see http://x.example"


@given(st.text(), st.text(min_size=1))
def test_any_text_stays_text(message: str, path: str) -> None:
    item = replace(UNKNOWN, message=message, help=message, span=Span(path, 1, 1, 1, 2))
    assert check(render(report(item, anywhere=True))).count("list_item_open") == 1


@given(st.text(alphabet="`ab \\<", min_size=1))
def test_code_shows_what_it_was_given(text: str) -> None:
    (token,) = MarkdownIt("commonmark").parseInline(f"x{code(text)}")
    children = [child for child in token.children or () if child.type == "code_inline"]
    assert len(children) == 1
    assert children[0].content.strip() == text.strip()
