"""How findings look as text and as JSON."""

import json

import pytest

from segrules.diagnostics.codes import EMPTY_SEGMENT, IGNORED_EVENTS, NO_RULES, UNKNOWN_NAME
from segrules.diagnostics.finding import Finding, Related, Severity, finding
from segrules.diagnostics.render import render_json, render_pieces, render_text, summary_line
from segrules.text.source import Source
from segrules.text.span import NOWHERE, Span


def source(*lines: str) -> Source:
    return Source("a.seg", "\n".join(lines))


def at(text: str, word: str, line: int = 1) -> Span:
    column = text.index(word) + 1
    return Span("a.seg", line, column, line, column + len(word))


def unknown(span: Span | None, **more: str) -> Finding:
    return finding(UNKNOWN_NAME, "nothing is called `contry`", span, help=more.get("help"))


def shown(line: str, word: str) -> tuple[str, str]:
    """The line and the carets that a finding about `word` shows."""
    text = render_text([unknown(at(line, word))], {"a.seg": source(line)})
    _, excerpt, carets, *_ = text.split("\n")
    return excerpt, carets


def test_a_finding_shows_place_code_line_caret_and_help() -> None:
    line = '  where contry = "DE"'
    text = render_text([unknown(at(line, "contry"), help="did you mean `country`?")], {"a.seg": source(line)})
    assert text == (
        "a.seg:1:9: error SEG201 unknown-name: nothing is called `contry`\n"
        '    1 |   where contry = "DE"\n'
        "      |         ^^^^^^\n"
        "  help: did you mean `country`?\n"
        "\n"
        "1 error\n"
    )


def test_related_places_have_lines_of_their_own() -> None:
    first, second = "define x as true", "define x as false"
    item = finding(
        UNKNOWN_NAME, "`x` is defined twice", at(second, "x", 2), related=[Related(at(first, "x"), "first here")]
    )
    text = render_text([item], {"a.seg": source(first, second)})
    assert "  a.seg:1:8: first here\n    1 | define x as true\n      |        ^\n" in text


def test_a_finding_without_place_or_text_shows_its_message_and_examples() -> None:
    item = finding(IGNORED_EVENTS, "2 rows took no part", examples=["`17850`", "`13047`"])
    assert render_text([item], {}) == (
        "note SEG513 ignored-events: 2 rows took no part\n  for example: `17850`, `13047`\n\n1 note\n"
    )
    assert render_text([unknown(NOWHERE)], {}).startswith("error SEG201")
    assert render_text([unknown(Span("gone.seg", 3, 1, 3, 2))], {}).startswith("gone.seg:3:1: error")
    assert render_text([unknown(Span("all.seg", 0, 0, 0, 0))], {}).startswith("all.seg: error")


@pytest.mark.parametrize(
    ("line", "cells_before"),
    [
        pytest.param('x = "abc" contry', 10, id="plain"),
        pytest.param('x = "日本" contry', 11, id="wide"),
        pytest.param('x = "🙂" contry', 9, id="emoji"),
        pytest.param('x = "👩‍👩‍👧" contry', 9, id="joined emoji"),
        pytest.param('x = "👍🏽" contry', 9, id="skin tone"),
        pytest.param('x = "❤️" contry', 9, id="emoji by selector"),
        pytest.param('x = "e\u0301" contry', 8, id="combining mark"),
        pytest.param("\tcontry", 4, id="tab"),
        pytest.param("ab\tcontry", 4, id="tab in the middle"),
        pytest.param("\t\tcontry", 8, id="two tabs"),
    ],
)
def test_carets_stand_below_the_marked_word(line: str, cells_before: int) -> None:
    excerpt, carets = shown(line, "contry")
    assert "\t" not in excerpt
    assert carets == "      | " + " " * cells_before + "^^^^^^"


def test_wide_characters_get_a_caret_for_each_cell() -> None:
    assert shown("日本 = 1", "日本")[1] == "      | ^^^^"


def test_control_characters_cannot_command_the_terminal() -> None:
    excerpt, carets = shown("\x1b[31m\u202econtry\x07", "contry")
    assert excerpt == "    1 | \ufffd[31m\ufffdcontry\ufffd"
    assert carets == "      |       ^^^^^^"
    item = finding(UNKNOWN_NAME, "`\x1b[2J\n`", examples=["\x9b1m"], help="\r")
    assert not set(render_text([item], {})) & set("\x1b\x9b\r")


def test_very_long_lines_are_cut_around_the_mark() -> None:
    line = "y " * 5000 + "contry" + " z" * 5000
    excerpt, carets = shown(line, "contry")
    assert len(excerpt) < 200
    assert "... " in excerpt
    assert excerpt[carets.index("^") : carets.rindex("^") + 1] == "contry"
    whole, _ = shown("contry" * 1000, "contry" * 1000)
    assert len(whole) < 200


def test_spans_over_lines_and_beyond_the_end_do_not_fail() -> None:
    lines = source("where (a", "  or b)", "")
    for span in (Span("a.seg", 1, 7, 2, 8), Span("a.seg", 1, 99, 1, 120), Span("a.seg", 3, 1, 3, 1)):
        assert "^" in render_text([unknown(span)], {"a.seg": lines})
    assert "^" not in render_text([unknown(Span("a.seg", 9, 1, 9, 2))], {"a.seg": lines})


def test_the_cap_says_how_much_it_hides_and_keeps_errors() -> None:
    notes = [finding(IGNORED_EVENTS, f"note {i}", Span("a.seg", i, 1, i, 2)) for i in range(1, 100)]
    text = render_text([*notes, unknown(Span("a.seg", 500, 1, 500, 2))], {}, shown=10)
    assert text.count("note SEG513") == 9
    assert "error SEG201" in text
    assert text.endswith("90 more not shown\n1 error, 99 notes\n")


def test_summary_line_counts_by_severity() -> None:
    errors = [finding(EMPTY_SEGMENT, "a"), finding(EMPTY_SEGMENT, "b")]
    assert summary_line([*errors, finding(NO_RULES, "c")]) == "2 errors, 1 warning"
    assert summary_line([]) == "no findings"


def test_equal_findings_are_shown_once() -> None:
    assert render_text([unknown(None), unknown(None)], {}).endswith("1 error\n")


def test_styles_change_no_text() -> None:
    items = [unknown(at("contry", "contry"))]
    pieces = list(render_pieces(items, {"a.seg": source("contry")}))
    assert "".join(piece.text for piece in pieces) == render_text(items, {"a.seg": source("contry")})
    assert any(piece.style for piece in pieces)


def test_json_has_every_field_of_a_finding() -> None:
    item = finding(
        UNKNOWN_NAME,
        "message",
        Span("a.seg", 1, 2, 3, 4),
        help="help",
        related=[Related(Span("b.seg", 5, 6, 7, 8), "there")],
        severity=Severity.WARNING,
        examples=["1"],
    )
    assert json.loads(json.dumps(render_json([item]))) == {
        "format": 1,
        "findings": [
            {
                "code": "SEG201",
                "name": "unknown-name",
                "severity": "warning",
                "message": "message",
                "path": "a.seg",
                "line": 1,
                "column": 2,
                "end_line": 3,
                "end_column": 4,
                "help": "help",
                "related": [
                    {"message": "there", "path": "b.seg", "line": 5, "column": 6, "end_line": 7, "end_column": 8}
                ],
                "examples": ["1"],
            }
        ],
    }


def test_json_has_nulls_where_there_is_no_place() -> None:
    for span in (None, NOWHERE):
        made = render_json([unknown(span)])["findings"][0]
        assert [made[key] for key in ("path", "line", "column", "end_line", "end_column")] == [None] * 5
