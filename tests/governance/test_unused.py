"""Defines and scores that nothing reads."""

from pathlib import Path

import pytest

from tests.governance.kept import check

DEFINES = """\
define one as staff
define two as one and age > 20
define amount as age + 1
score s rank r by days since last purchase into 5 bands, low is best
"""


def unused(folder: Path, rules: str) -> list[str]:
    findings = check(folder, DEFINES + rules).findings
    assert {item.code.number for item in findings} <= {"SEG352"}
    return [item.message for item in findings]


ALL = [
    "only unused definitions read the define `one`",
    "nothing reads the define `two`",
    "nothing reads the define `amount`",
    "nothing reads the score `s`",
]


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ("segment a where height > 3\n", ALL),
        ("segment a where two\n", ALL[2:]),
        ("segment a where height > 3 except one\n", ALL[1:]),
        ("segment a where height > 3 eligible amount > 4\n", [*ALL[:2], ALL[3]]),
        ("segment a status retired where one\n", ALL[1:]),
        ("partition p stage x where s.r = 5 otherwise y\n", ALL[:3]),
        ("segment a where height > 3\ngroup g exclusive a, two\n", ALL[2:]),
        ("segment a where height > 3\npolicy p applies to all segments require amount > 3\n", [*ALL[:2], ALL[3]]),
        ("ruleset r cap email require one\nsegment a channel email where age > 3 consent email\n", ALL[1:]),
        (
            'segment a where height > 3\ntest "t" as of 2026-01-01 given customer with s.r = 5 expect not in a\n',
            ALL[:3],
        ),
        ('test "t" as of 2026-01-01 given customer with age = 3 expect amount = 4\n', [*ALL[:2], ALL[3]]),
        ("segment a where top 5 by amount\n", [*ALL[:2], ALL[3]]),
    ],
)
def test_what_reads_a_definition_keeps_it(tmp_path: Path, rules: str, left: list[str]) -> None:
    assert unused(tmp_path, rules) == left


def test_who_reads_it_is_shown(tmp_path: Path) -> None:
    first = check(tmp_path, DEFINES).findings[0]
    assert [related.message for related in first.related] == ["`two` reads it"]
