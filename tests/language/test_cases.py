"""What is said of rules, line by line, and that every construct of the language is understood."""

from pathlib import Path

import pytest

from tests.language.cases import HERE, PAGES, Case, cases, commented, read

CASES = [(page, case) for page in PAGES for case in cases(page)]


def test_there_are_cases() -> None:
    assert len(CASES) >= 60
    assert all(case.files for _, case in CASES)
    assert len({(page, case.title) for page, case in CASES}) == len(CASES)


@pytest.mark.parametrize(("page", "case"), CASES, ids=[f"{page.stem}: {case.title}" for page, case in CASES])
def test_every_line_gets_what_it_deserves(page: Path, case: Case) -> None:
    assert commented(case.files) == case.files, f"`python -m tests.language.cases` writes {page.name} anew"


def test_every_construct_is_bound() -> None:
    rules, findings = read([(HERE / "everything.seg").read_text(encoding="utf-8")])
    assert not findings
    assert len(rules.definitions) == 7
    assert (len(rules.scores), len(rules.segments), len(rules.partitions)) == (2, 3, 1)
    assert (len(rules.groups), len(rules.policies), len(rules.tests)) == (1, 4, 2)
