"""Levels and options of checks in `segrules.toml`."""

import pytest

from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Finding, Severity
from segrules.governance.hygiene import CHECKS
from segrules.governance.settings import OPTIONS
from segrules.workspace.checks import settings_of
from segrules.workspace.project import Project
from tests.workspace.test_project import build, place, wrong


def sound(text: str) -> Project:
    project, findings = build(f"language = 1\n{text}")
    assert findings == []
    assert project is not None
    return project


def test_what_is_wanted_where_nothing_is_said() -> None:
    wanted = settings_of(sound("")).wanted
    assert wanted == {code.name for code in all_codes() if not code.optional}
    assert all(code.optional for code in CHECKS if any(option.needed for option in OPTIONS.get(code.name, {}).values()))


def test_a_table_holds_level_and_options() -> None:
    project = sound(
        '[checks]\ntoo-small = {level = "error", least = 5}\nmissing-consent = {unless_purpose = ["a", "b"]}\n'
    )
    assert project.levels == {"too-small": Severity.ERROR}
    settings = settings_of(project)
    assert settings.number("too-small", "least") == 5
    assert settings.names("missing-consent", "unless_purpose") == ("a", "b")
    assert "too-small" in settings.wanted


def test_options_alone_switch_on_what_is_off_and_change_no_other_level() -> None:
    project = sound("[checks.too-small]\nleast = 5\n[checks.missing-consent]\nunless_purpose = ['x']\n")
    assert project.levels == {"too-small": Severity.WARNING}


def test_off_is_off_with_options_too() -> None:
    settings = settings_of(sound('[checks]\ntoo-small = {level = "off"}\nmissing-size = "note"\n'))
    assert "too-small" not in settings.wanted
    assert "missing-size" in settings.wanted


def test_retired_names_are_kept_with_their_place() -> None:
    settings = settings_of(sound('retired = ["a", "b"]\n'))
    assert settings.retired == ("a", "b")
    assert str(settings.place("retired")) == "segrules.toml:2:1"


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("too-small = 5", '`checks.too-small` must be a level such as `"warning"`, or a table', (3, 1)),
        ('too-small = "warning"', "`too-small` needs the option `least`", (3, 1)),
        ("too-small = {}", "`too-small` needs the option `least`", (3, 1)),
        ("too-small = {least = 0}", "the option `least` of `too-small` must be a whole number from 1", (3, 1)),
        ("too-small = {least = true}", "the option `least` of `too-small` must be a whole number from 1", (3, 1)),
        ("too-small.least = 'x'", "the option `least` of `too-small` must be a whole number from 1", (3, 1)),
        ("too-small = {least = 1, most = 5}", "`too-small` has no option `most`", (3, 1)),
        ("too-small = {least = 1, level = 'loud'}", "unknown level `loud`", (3, 1)),
        ("too-small = {least = 1, level = 5}", "unknown level `5`", (3, 1)),
        ("unknown-name = {level = 'off'}", "`unknown-name` must stay an error", (3, 1)),
        ("unknown-name = {most = 5}", "`unknown-name` has no option `most`", (3, 1)),
        ("nothing = {most = 5}", "unknown check `nothing`", (3, 1)),
        (
            "missing-consent = {unless_purpose = 'x'}",
            'the option `unless_purpose` of `missing-consent` must be a list of names such as `["service"]`',
            (3, 1),
        ),
        (
            "missing-consent = {unless_purpose = []}",
            'the option `unless_purpose` of `missing-consent` must be a list of names such as `["service"]`',
            (3, 1),
        ),
        ("unusual-name = 'warning'", "`unusual-name` needs the option `name`", (3, 1)),
        ("unusual-name = {name = 'x'}", "the pattern `x` has no placeholder", (3, 1)),
        ("unusual-name = {name = '{x}'}", "`{x}` is not a placeholder of a pattern", (3, 1)),
        (
            "unusual-name = {name = '{x}', words = {x = 'y'}}",
            'the option `words` of `unusual-name` must be a table of lists such as `{phase = ["welcome", "lapsed"]}`',
            (3, 1),
        ),
        (
            "unusual-name = {name = '{name}', words = {channel = ['y']}}",
            "`{channel}` is a placeholder already, and `words` gives it another meaning",
            (3, 1),
        ),
        ("[checks.too-small]\nleast = -1", "the option `least` of `too-small` must be a whole number from 1", (4, 1)),
    ],
)
def test_every_mistake_is_said_in_its_place(text: str, message: str, where: tuple[int, int]) -> None:
    item: Finding = wrong(f"language = 1\n[checks]\n{text}\n")
    assert (item.code.number, item.message, place(item)) == ("SEG003", message, where)


def test_mistakes_come_with_advice() -> None:
    assert wrong("language = 1\n[checks]\ntoo-small = {leats = 5, least = 5}\n").help == "did you mean `least`?"
    assert wrong("language = 1\n[checks]\nempty-segment = {most = 5}\n").help == "there is `level`"
    help_ = wrong("language = 1\n[checks]\ntoo-many-segments = 'note'\n").help
    assert help_ == 'write `too-many-segments = {level = "warning", most = 100}` below `[checks]`'
    assert wrong("language = 1\nretired = 'x'\n").message == '`retired` must be a list of names such as `["old_name"]`'


def test_a_check_is_named_by_its_name_and_not_by_its_number() -> None:
    item = wrong('language = 1\n[checks]\nSEG345 = "off"\n')
    assert (item.message, item.help) == ("unknown check `SEG345`", "its name is `missing-consent`")
