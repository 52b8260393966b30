"""What `segrules.toml` may say, and what is said about it."""

from pathlib import Path

import pytest

from segrules.diagnostics.codes import EMPTY_SEGMENT, IGNORED_EVENTS
from segrules.diagnostics.finding import Finding, Severity, finding
from segrules.text.source import Source
from segrules.workspace.project import Project, build_project, read_project, with_levels


def build(text: str) -> tuple[Project | None, list[Finding]]:
    return build_project(Path("p"), Source("segrules.toml", text))


def wrong(text: str) -> Finding:
    """The one finding about a file that is wrong."""
    project, findings = build(text)
    assert project is None
    assert len(findings) == 1
    return findings[0]


def place(item: Finding) -> tuple[int, int]:
    assert item.span is not None
    return item.span.line, item.span.column


def test_the_smallest_project_takes_what_is_usual() -> None:
    project, findings = build("language = 1\n")
    assert findings == []
    assert project is not None
    assert (project.catalogue, project.rules, project.data, project.levels) == ("catalog.yaml", (".",), {}, {})


def test_every_setting_is_read() -> None:
    project, findings = build(
        'language = 1\ncatalogue = "c/cat.yaml"\nrules = ["mail", "ads/x.seg"]\n'
        '[data]\norders = "new.csv"\n[checks]\nempty-segment = "warning"\n"ignored-events" = "off"\n'
    )
    assert findings == []
    assert project is not None
    assert project.catalogue == "c/cat.yaml"
    assert project.rules == ("mail", "ads/x.seg")
    assert project.data == {"orders": "new.csv"}
    assert project.levels == {"empty-segment": Severity.WARNING, "ignored-events": None}
    assert str(project.places["data.orders"]) == "segrules.toml:5:1"


def test_a_missing_file_shows_the_smallest_one(tmp_path: Path) -> None:
    project, findings, _ = read_project(tmp_path)
    assert project is None
    assert findings[0].code.number == "SEG003"
    assert findings[0].help is not None
    assert "`language = 1`" in findings[0].help


def test_a_missing_folder_and_a_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    assert "does not exist" in read_project(tmp_path / "nowhere")[1][0].message
    assert "is not a folder" in read_project(tmp_path / "f")[1][0].message


@pytest.mark.parametrize("encoded", [b"\xef\xbb\xbflanguage = 1\r\n", b"language = 1\r\n"])
def test_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path, encoded: bytes) -> None:
    (tmp_path / "segrules.toml").write_bytes(encoded)
    project, findings, _ = read_project(tmp_path)
    assert project is not None
    assert findings == []


def test_a_newer_language_is_refused_before_anything_else_is_looked_at() -> None:
    item = wrong("new_key = true\nlanguage = 2\ncatalogue = 7\n")
    assert item.code.number == "SEG004"
    assert place(item) == (2, 1)
    assert item.help == "install a newer segrules"


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("language = 1\ncatalog = 'x'\n", "unknown key `catalog`", 2, 1),
        ("language = 1\n[chekcs]\n", "unknown key `chekcs`", 2, 2),
        ("catalogue = 'x'\n", "`language` is missing", 1, 1),
        ("language = '1'\n", "`language` must be a whole number", 1, 1),
        ("language = true\n", "`language` must be a whole number", 1, 1),
        ("language = 0\n", "there is no language version 0", 1, 1),
        ("language = 1\ncatalogue = 5\n", "`catalogue` must be a path in quotes", 2, 1),
        ("language = 1\ncatalogue = ''\n", "`catalogue` is empty", 2, 1),
        ("language = 1\nrules = '.'\n", '`rules` must be a list of paths such as `["."]`', 2, 1),
        ("language = 1\nrules = [1]\n", '`rules` must be a list of paths such as `["."]`', 2, 1),
        ("language = 1\n[data]\norders = 1\n", "`data.orders` must be text in quotes", 3, 1),
        ("language = 1\n[data]\n# empty\n[checks]\n'emtpy-segment' = 'off'\n", "unknown check `emtpy-segment`", 5, 1),
        ("language = 1\nchecks.empty-segment = 'loud'\n", "unknown level `loud`", 2, 1),
        ("language = 1\n[checks]\nsyntax-error = 'off'\n", "`syntax-error` must stay an error", 3, 1),
        ("language = 1\nlanguage = 1\n", "not TOML: cannot overwrite a value", 2, 13),
        ("language = 1\n\nx = = 3\n", "not TOML: invalid value", 3, 5),
        ("language = 1\nx = [", "not TOML: invalid value", 2, 6),
        ("language = 1\nx = " + "[" * 5000, "lists or tables are nested too deeply", 1, 1),
    ],
)
def test_every_mistake_has_its_message_and_place(text: str, message: str, line: int, column: int) -> None:
    item = wrong(text)
    assert item.code.number == "SEG003"
    assert item.message == message
    assert place(item) == (line, column)


def test_mistyped_keys_suggest_the_nearest() -> None:
    assert wrong("language = 1\ncatalouge = 'x'\n").help == "did you mean `catalogue`?"
    assert wrong("language = 1\n[checks]\nemty-segment = 'off'\n").help == "did you mean `empty-segment`?"


def test_all_mistakes_are_told_at_once() -> None:
    _, findings = build("language = 1\ncatalog = 'x'\nrules = 1\n")
    assert len(findings) == 2


def test_not_utf8_is_said_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "segrules.toml").write_bytes("language = 1\n# caf\xe9\n".encode("latin-1"))
    _, findings, _ = read_project(tmp_path)
    assert findings[0].code.number == "SEG002"
    assert place(findings[0]) == (2, 6)


def test_levels_change_weights_and_switch_off() -> None:
    items = [finding(EMPTY_SEGMENT, "a"), finding(IGNORED_EVENTS, "b")]
    changed = with_levels(items, {"empty-segment": Severity.WARNING, "ignored-events": None})
    assert [(item.message, item.severity) for item in changed] == [("a", Severity.WARNING)]
    assert with_levels(items, {}) == items
