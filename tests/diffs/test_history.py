"""A repository that gets ten pull requests, each judged by the comment that it gets."""

from pathlib import Path

import pytest

import segrules
from segrules.workspace.diffs.markdown import MARKER
from segrules.workspace.diffs.result import Diff
from tests.diffs.shop import commit, git, write

FRESH = "  stage fresh where did purchase in the last 30 days"
OFTEN = "  stage often where did purchase at least 3 times in the last 365 days"
REQUESTS = {
    "threshold": {"mail.seg": ("3 times in the last 90", "2 times in the last 90")},
    "define": {"mail.seg": (">= 500 EUR", ">= 800 EUR")},
    "consent": {"mail.seg": ("18 and 25\n  consent email", "18 and 25")},
    "layout": {"mail.seg": ("  where   age between 18 and 25", "  where\n      age <= 25 and age >= 18")},
    "rename": {"mail.seg": ('segment young "', 'segment young_adults "')},
    "list": {"partners.txt": ("b.example\n", "c.example\n")},
    "label": {"catalog.yaml": ("mail_domain: {type: text}", "mail_domain: {type: text, labels: {category: [health]}}")},
    "policy": {"mail.seg": ("require age >= 18", "require age >= 16")},
    "exclusive": {"mail.seg": ("exclusive loyal, lapsed", "exclusive loyal, young")},
    "order": {"mail.seg": (f"{FRESH}\n{OFTEN}", f"{OFTEN}\n{FRESH}")},
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop in a folder of a repository, with a branch for each pull request."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q", "-b", "main", ".")
    write(root / "rules")
    commit(root, "the shop")
    for name, changes in REQUESTS.items():
        git(root, "switch", "-q", "-c", name, "main")
        write(root / "rules", changes)
        commit(root, name)
    git(root, "switch", "-q", "main")
    return root


def _diff(repository: Path, name: str) -> Diff:
    return segrules.diff(f"main...{name}", project=repository / "rules")


EXPECTED = {
    "threshold": (
        "1 of 4 segments changed \\(1 wider\\)",
        "| `loyal` | ⬆️ wider | `mail.seg:10` |",
        "+  where   did purchase at least 2 times in the last 90 days",
        "Somebody who can be new",
        "expect in loyal",
    ),
    "define": (
        "| `lapsed` | ⬇️ narrower | through the define `big_spender` |",
        "is at least 800 EUR",
        "expect not in lapsed",
    ),
    "consent": ("⚠️ consent", "1 segment with a sensitive change", "given customer with age = 18\n  expect in young"),
    "layout": ("no segment changed its members", "Written otherwise, and proved to mean the same: `young`."),
    "rename": ("| `young_adults` (was `young`) | 🏷️ renamed |", "no segment changed its members"),
    "list": (
        "| `partners` | ↔️ shifted | through the list `partners.txt` |",
        "1 entry added, 1 entry removed. Reaches `partners`.",
        'given list "partners.txt" = ["c.example"]',
    ),
    "label": (
        "| `partners` | 🟰 same | ⚠️ newly reads data labelled `health` |",
        "⚠️ column `mail_domain` changed",
        "+      mail_domain: {type: text, labels: {category: [health]}}",
    ),
    "policy": ("⚠️ policy `grown_ups` weaker: what it requires is looser", "+  require age >= 16", "1 promise loosened"),
    "exclusive": ("⚠️ group `season` changed: no longer promised: nobody is in both `lapsed` and `loyal`",),
    "order": (
        "2 stages of partitions changed",
        "| `stage.fresh` | ⬇️ narrower |",
        "| `stage.often` | ⬆️ wider |",
        "expect not in stage.fresh",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_comment_says_what_a_reviewer_has_to_know(repository: Path, name: str) -> None:
    found = _diff(repository, name)
    comment = found.markdown()
    first, second = comment.splitlines()[:2]
    assert first.startswith("**segrules:** ")
    assert second == MARKER
    for text in EXPECTED[name]:
        assert text in comment
    assert bool(found) is (name != "layout")


def test_work_tree_and_index_are_left_alone(repository: Path) -> None:
    before = git(repository, "status", "--porcelain=v2", "--branch")
    stamp = (repository / ".git" / "index").stat().st_mtime_ns
    _diff(repository, "threshold")
    assert (repository / ".git" / "index").stat().st_mtime_ns == stamp
    assert git(repository, "status", "--porcelain=v2", "--branch") == before


@pytest.mark.parametrize("name", ["threshold", "define", "list", "order"])
def test_the_customers_shown_are_tests_that_pass(repository: Path, name: str, tmp_path: Path) -> None:
    found = _diff(repository, name)
    project = write(tmp_path / name, REQUESTS[name])
    shown = [item for part in found.segments for item in (part.gained, part.lost) if item is not None]
    assert shown
    (project / "shown.seg").write_text("\n\n".join(item.test for item in shown) + "\n", encoding="utf-8")
    run = segrules.load(project).test()
    assert [result.status for result in run.results] == [segrules.TestStatus.PASSED] * len(shown)
