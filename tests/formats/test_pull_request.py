"""A pull request on a scratch repository, as the action and the job for GitLab judge it; no network is asked."""

import os
import shutil
from pathlib import Path

import pytest

from segrules.workspace.diffs.markdown import MARKER
from tests.diffs.shop import git
from tests.formats import fake_web
from tests.formats.action import ROOT, Runner, read
from tests.formats.pull_request import head_of, make_upstream, quoted_head, request_on, shown_comment
from tests.formats.runner import commands

pytestmark = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("bash") or not shutil.which("git"), reason="the steps are lines of bash"
)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the shop with its pull requests."""
    return make_upstream(tmp_path_factory.mktemp("upstream"))


def test_a_pull_request_has_one_comment_that_is_kept_up_to_date(
    upstream: Path, tmp_path: Path, installed: dict[str, str]
) -> None:
    quoted = {"id": 1, "user": {"login": "somebody"}, "body": f"What is this?\n{MARKER}\n<!-- in rules -->"}
    others = {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"{MARKER}\n<!-- in rules/other -->"}
    request = request_on(upstream, tmp_path, installed, [quoted, others])
    said: list[str] = []
    for branch in ("other", "offers", "broken"):
        request.check_out(branch)
        done = request.runner.step("Comment", path="rules")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert request.bodies[:2] == [quoted["body"], others["body"]]
        said += request.bodies[2:]
    # The first one touches no rule, and gets no comment.
    told, replaced = said
    assert len(request.bodies) == 3
    assert "austrians" not in told
    assert told == shown_comment()
    assert head_of(told) == quoted_head()
    assert "the rules of `HEAD` have errors" in replaced


def test_what_a_pull_request_changes_stands_beside_its_lines_and_can_fail_it(
    upstream: Path, tmp_path: Path, installed: dict[str, str]
) -> None:
    request = request_on(upstream, tmp_path, installed, [])
    request.check_out("offers")
    done = request.runner.step("Compare", path="rules", diff_fail_on="policy,sensitive")
    assert done.returncode == 1
    assert done.stderr == "error: changed in a way that `--fail-on` names: `grown_ups`\n"
    assert [(level, about["file"], about["line"]) for level, about, _ in commands(done.stdout)] == [
        ("warning", "rules/mail.seg", "10"),
        ("warning", "rules/mail.seg", "42"),
        ("notice", "rules/mail.seg", "7"),
    ]
    assert "| `loyal` | ⬆️ wider |" in request.runner.summary("Compare").read_text(encoding="utf-8")


def test_without_the_permission_to_write_the_summary_is_pointed_to(
    upstream: Path, tmp_path: Path, installed: dict[str, str]
) -> None:
    request = request_on(upstream, tmp_path, installed | {fake_web.REFUSES: "1"}, [])
    request.check_out("offers")
    done = request.runner.step("Comment", path="rules")
    assert (done.returncode, request.bodies) == (0, [])
    ((level, _, message),) = commands(done.stdout)
    assert level == "warning"
    assert message.startswith("The comment could not be written; the summary of this run says the same.")


def test_a_shallow_clone_gets_no_comment_and_says_what_to_do(
    upstream: Path, tmp_path: Path, installed: dict[str, str]
) -> None:
    request = request_on(upstream, tmp_path, installed, [], "--depth", "1", "--branch", "offers")
    assert request.runner.step("Comment", path="rules").returncode == 0
    assert request.bodies == []
    done = request.runner.step("Compare", path="rules")
    assert done.returncode == 2
    ((level, _, message),) = commands(done.stdout)
    assert level == "error"
    assert message.startswith("the commit of `origin/main` is not in this shallow clone")
    assert "`fetch-depth: 0`" in message


@pytest.mark.parametrize(
    ("context", "inputs", "also"),
    [
        ({"github.base_ref": "main"}, {}, ["Comment", "Compare"]),
        ({"github.base_ref": "main"}, {"comment": "false"}, []),
        ({"github.base_ref": "main"}, {"comment": "false", "diff_fail_on": "wider"}, ["Compare"]),
        ({}, {}, []),
        ({}, {"base": "v1"}, ["Compare"]),
    ],
)
def test_only_pull_requests_are_compared_where_nothing_else_is_asked_for(
    tmp_path: Path, context: dict[str, str], inputs: dict[str, str], also: list[str]
) -> None:
    assert Runner(tmp_path, {}, context).wanted(**inputs) == ["Check", "Run the tests", *also]


@pytest.mark.parametrize("case", ["first", "again", "refused"])
def test_a_merge_request_has_one_note(upstream: Path, tmp_path: Path, installed: dict[str, str], case: str) -> None:
    refusing = {fake_web.REFUSES: "1"} if case == "refused" else {}
    notes = [{"id": 5, "body": "Hm."}, {"id": 6, "body": f"old\n{MARKER}\n"}]
    request = request_on(upstream, tmp_path, installed | refusing, notes if case == "again" else notes[:1])
    request.check_out("offers")
    job = read(ROOT / "templates/gitlab-diff.yml")["segrules-diff"]
    variables = {key: str(value) for key, value in job["variables"].items()} | {
        "SEGRULES_PROJECT": "rules",
        "SEGRULES_TOKEN": "secret",
        "CI_API_V4_URL": "https://gitlab.example/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(upstream, "merge-base", "main", "offers").strip(),
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": git(upstream, "rev-parse", "main").strip(),
    }
    done = request.runner.run("\n".join(job["script"]), **variables)
    assert done.returncode == 1
    assert done.stderr.endswith("error: changed in a way that `--fail-on` names: `grown_ups`\n")
    (path,) = job["artifacts"]["paths"]
    comment = (request.runner.repository / path).read_text(encoding="utf-8")
    assert "| `loyal` | ⬆️ wider |" in comment
    assert request.bodies == (["Hm."] if case == "refused" else ["Hm.", comment])
    assert ("The note could not be written" in done.stdout) is (case == "refused")
