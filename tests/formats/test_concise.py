"""One line for each finding."""

from segrules.cli.formats.concise import render
from tests.formats.made import ALL, HOSTILE, report


def test_every_finding_is_one_line_by_place() -> None:
    assert render(report(*ALL)) == (
        "shop/rules.seg:2:9: SEG201 error `contry` is not the name of an attribute\n"
        "shop/rules.seg:4:9: SEG202 error `big` is defined twice\n"
        "shop/rules.seg:5:3: SEG201 warning two lines\n"
        "shop/segrules.lock:1:1: SEG010 note nobody asks for this line\n"
        "SEG602 warning `big` has no members\n"
    )


def test_nothing_found_is_nothing_said() -> None:
    assert render(report()) == ""


def test_names_cannot_add_lines_or_reach_the_terminal() -> None:
    (line,) = render(report(HOSTILE, anywhere=True)).split("\n")[:-1]
    assert not {"\x1b", "\x00", "\r", "\u202e"} & set(line)
