"""Workflow commands, read back as the runner of GitHub Actions reads them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from segrules.cli.formats.github import render
from segrules.cli.formats.report import Refusal
from segrules.diagnostics.finding import Severity
from segrules.text.span import Span
from tests.formats.made import ALL, EVIL, HOSTILE, SHOWN, TWICE, UNKNOWN, many, report
from tests.formats.runner import commands


def test_a_finding_annotates_its_line() -> None:
    assert render(report(UNKNOWN)) == (
        "::error file=shop/rules.seg,line=2,endLine=2,col=9,endColumn=14,title=SEG201 unknown-name::"
        "`contry` is not the name of an attribute%0Ahelp: did you mean `country`?\n1 error\n"
    )


def test_levels_come_by_weight_and_then_by_place() -> None:
    found = commands(render(report(*reversed(ALL))))
    assert [(name, about.get("file"), about.get("line")) for name, about, _ in found] == [
        ("error", "shop/rules.seg", "2"),
        ("error", "shop/rules.seg", "4"),
        ("warning", "shop/rules.seg", "5"),
        ("warning", None, None),
        ("notice", "shop/segrules.lock", "1"),
    ]
    assert found[3][2] == "`big` has no members\nfor example: a, b"


def test_several_lines_have_no_columns() -> None:
    # The runner refuses columns where `line` and `endLine` differ.
    ((_, about, _),) = commands(render(report(replace(UNKNOWN, span=Span("rules.seg", 5, 3, 6, 18)))))
    assert about == {"file": "shop/rules.seg", "line": "5", "endLine": "6", "title": "SEG201 unknown-name"}
    ((_, about, _),) = commands(render(report(replace(UNKNOWN, span=Span("rules.seg", 5, 3, 7, 1)))))
    assert about["endLine"] == "6"


def test_ten_of_each_level_are_annotated_and_the_others_stand_in_the_log() -> None:
    found = [*many(12), *many(11, Severity.WARNING), *many(3, Severity.NOTE)]
    text = render(report(*found))
    names = [name for name, _, _ in commands(text)]
    assert names == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 3 + ["group", "endgroup"]
    assert text.split("\n")[23:] == [
        "::group::3 more not annotated: 2 errors, 1 warning",
        "- shop/rules.seg:11:1: SEG201 error finding 11",
        "- shop/rules.seg:12:1: SEG201 error finding 12",
        "- shop/rules.seg:11:1: SEG201 warning finding 11",
        "::endgroup::",
        "12 errors, 11 warnings, 3 notes",
        "",
    ]


def test_nothing_found_is_said() -> None:
    assert render(report()) == "no findings\n"


def test_a_customer_who_shows_it_is_in_the_message() -> None:
    text = render(report(SHOWN, told="proofs: all decided"))
    ((_, _, message),) = commands(text)
    assert message.split("\n") == [
        "`big` is not exclusive",
        "this customer shows it; as a test it can be pasted into the rules:",
        '  test "x ``` y"',
        "    as of 2026-11-01",
    ]
    assert text.endswith("\n1 error\nproofs: all decided\n")


def test_a_refusal_is_an_error_without_a_place() -> None:
    text = render(report(*many(10), refusal=Refusal("there is no `x`", "look again")))
    assert commands(text)[0] == ("error", {"title": "segrules"}, "there is no `x`\nhelp: look again")
    assert [name for name, _, _ in commands(text)].count("error") == 10


def test_names_cannot_become_commands() -> None:
    text = render(report(HOSTILE, anywhere=True))
    ((name, about, data),) = commands(text)
    assert name == "error"
    assert set(about) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert about["file"].startswith("shop/a,b:c=%d\ufffd::stop-commands::x ")
    assert "%0A" in data
    assert "\x1b" not in text
    # Among those that are not annotated, too.
    others = [replace(HOSTILE, message=f"{HOSTILE.message} {number}") for number in range(12)]
    assert [name for name, _, _ in commands(render(report(*others, anywhere=True)))] == [
        *["error"] * 10, "group", "endgroup",
    ]  # fmt: skip


@given(st.text(), st.text(min_size=1))
def test_any_text_comes_back_or_is_made_harmless(message: str, path: str) -> None:
    item = replace(UNKNOWN, message=message, help=None, span=Span(path, 1, 1, 1, 2))
    found = commands(render(report(item, project="", anywhere=True)))
    assert len(found) == 1
    assert len(found[0][2]) == len(message)
    assert set(found[0][1]) == {"file", "line", "endLine", "col", "endColumn", "title"}


def test_a_related_place_needs_no_command() -> None:
    assert len(commands(render(report(TWICE)))) == 1
    assert EVIL not in render(report(HOSTILE, anywhere=True))
