"""Revisions of git into versions of a project: what is read, and what is said where something cannot be."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

import segrules
from segrules.cli.diff import command
from segrules.diagnostics.errors import BadInput
from segrules.workspace.revisions import parts_of_range
from tests.diffs.shop import commit, git, write

LOOSER = {"mail.seg": ("3 times in the last 90", "2 times in the last 90")}
STRICTER = {"mail.seg": (">= 500 EUR", ">= 600 EUR")}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits on `main`, and a work tree that says something else again; the project lies in a folder."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q", "-b", "main", ".")
    project = write(root / "the rules")
    commit(root, "first")
    git(root, "tag", "v1")
    write(project, LOOSER)
    commit(root, "second *is* looser")
    write(project, STRICTER)
    return root


def _kinds(found: segrules.Diff) -> dict[str, str]:
    return {item.name: item.kind.value for item in found.segments if item.told}


@pytest.mark.parametrize(
    ("named", "kinds"),
    [
        (("v1",), {"lapsed": "narrower"}),
        (("main",), {"lapsed": "narrower", "loyal": "narrower"}),
        (("v1..",), {"loyal": "wider"}),
        (("v1..main",), {"loyal": "wider"}),
        (("v1...main",), {"loyal": "wider"}),
        (("main..v1",), {"loyal": "narrower"}),
        (("main...v1",), {}),
        (("HEAD~1", "HEAD"), {"loyal": "wider"}),
        (("v1:the rules", "main"), {"loyal": "wider"}),
    ],
)
def test_versions_are_named_as_in_git(repository: Path, named: tuple[str, ...], kinds: dict[str, str]) -> None:
    assert _kinds(segrules.diff(*named, project=repository / "the rules")) == kinds


def test_a_folder_is_a_version(repository: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", LOOSER)
    assert _kinds(segrules.diff("v1", folder, project=repository / "the rules")) == {"loyal": "wider"}


def test_a_project_at_the_root_of_its_repository_can_move(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    write(tmp_path)
    commit(tmp_path, "at the root")
    (tmp_path / "inner").mkdir()
    for name in ("segrules.toml", "catalog.yaml", "mail.seg", "partners.txt"):
        git(tmp_path, "mv", name, f"inner/{name}")
    assert not segrules.diff("main:.", project=tmp_path / "inner")


@pytest.mark.parametrize(
    ("named", "message", "advice"),
    [
        (("mian",), "there is no revision `mian`", "did you mean `main`"),
        (("main~5",), "there is no revision `main~5`", "name a branch"),
        (("-x",), "`-x` cannot be a revision", "name a branch"),
        (("v1\n",), "cannot be a revision", "name a branch"),
        (("",), "cannot be a revision", "name a branch"),
        (("v1..main", "main"), "names two versions, and a third one was given", "name a range"),
        (("v1:elsewhere", "main"), "there is no project in `elsewhere` at `v1`", "name its folder"),
        (("v1:../up", "main"), "is no folder of a commit", "from the root"),
        ((":/first",), "there is no revision `:/first`", "name a branch"),
    ],
)
def test_what_is_no_version_is_told(repository: Path, named: tuple[str, ...], message: str, advice: str) -> None:
    with pytest.raises(BadInput) as caught:
        segrules.diff(*named, project=repository / "the rules")
    assert message in caught.value.message
    assert advice in str(caught.value.help)


def test_a_folder_alone_has_nothing_to_be_compared_with(repository: Path) -> None:
    with pytest.raises(BadInput, match="nothing was given to compare it with"):
        segrules.diff(str(repository / "the rules"))


def test_where_there_is_no_repository_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is in no git repository"):
        segrules.diff("main", project=tmp_path)
    with pytest.raises(BadInput, match="is not a folder"):
        segrules.diff("main", project=tmp_path / "gone")


def test_where_there_is_no_git_that_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(BadInput, match="`git` is not installed"):
        segrules.diff("main", project=repository / "the rules")


def test_a_shallow_clone_says_how_to_get_the_rest(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "clone")
    with pytest.raises(BadInput, match="is not in this shallow clone") as caught:
        segrules.diff("HEAD~1", project=tmp_path / "clone" / "the rules")
    assert "fetch-depth: 0" in str(caught.value.help)


def test_files_outside_of_the_project_and_links_are_followed_within_the_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    project = write(tmp_path / "deep" / "shop")
    (tmp_path / "shared").mkdir()
    (project / "catalog.yaml").rename(tmp_path / "shared" / "catalog.yaml")
    (project / "catalog.yaml").symlink_to("../../shared/catalog.yaml")
    (tmp_path / "shared" / "more.seg").write_text("segment everyone_else where staff\n", encoding="utf-8")
    (project / "segrules.toml").write_text('language = 1\nrules = [".", "../../shared"]\n', encoding="utf-8")
    (project / "stray").symlink_to("/etc")
    commit(tmp_path, "linked")
    (project / "stray").unlink()
    (tmp_path / "shared" / "more.seg").write_text("segment everyone_else where not staff\n", encoding="utf-8")
    assert _kinds(segrules.diff("main", project=project)) == {"everyone_else": "disjoint"}


def test_a_link_cannot_lead_out_of_the_repository(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret\n", encoding="utf-8")
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q", "-b", "main", ".")
    write(root)
    (root / "partners.txt").unlink()
    (root / "partners.txt").symlink_to("../outside.txt")
    commit(root, "a link")
    with pytest.raises(segrules.BadRules, match="the rules of `main` have errors"):
        segrules.diff("main", project=root)


def test_rules_behind_a_link_out_of_the_repository_are_not_passed_over(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    project = write(tmp_path / "shop")
    (project / "more.seg").symlink_to("../../elsewhere.seg")
    commit(tmp_path, "a link")
    with pytest.raises(BadInput, match=r"`shop/more.seg` is a link out of the repository"):
        segrules.diff("main", project=project)


@pytest.mark.parametrize("settings", ['rules = ["../.."]', 'catalogue = "../../catalog.yaml"'])
def test_a_project_that_rests_on_files_outside_of_the_repository_is_refused(tmp_path: Path, settings: str) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    project = write(tmp_path / "shop")
    (project / "segrules.toml").write_text(f"language = 1\n{settings}\n", encoding="utf-8")
    commit(tmp_path, "out")
    with pytest.raises(BadInput, match="leads out of the repository"):
        segrules.diff("main", project=project)


def test_a_hook_of_git_does_not_lead_elsewhere(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert _kinds(segrules.diff("v1..main", project="the rules")) == {"loyal": "wider"}


@pytest.mark.skipif(os.name != "posix", reason="runs a script in place of git")
def test_a_repository_of_somebody_else_says_how_to_trust_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "fatal: detected dubious ownership in repository at '/shared/the rules'"
    (tmp_path / "git").write_text(f'#!/bin/sh\necho "{said}" >&2\nexit 128\n', encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(BadInput, match="detected dubious ownership") as caught:
        segrules.diff("main", project=tmp_path)
    assert str(caught.value.help).endswith("`git config --global --add safe.directory '/shared/the rules'`")


def test_what_is_kept_by_lfs_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    write(tmp_path)
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"
    (tmp_path / "partners.txt").write_text(pointer, encoding="utf-8")
    commit(tmp_path, "a pointer")
    with pytest.raises(BadInput, match=r"`partners.txt` is kept by Git LFS"):
        segrules.diff("main", project=tmp_path)


def test_a_submodule_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    write(tmp_path, {"mail.seg": ('"partners.txt"', '"shared/partners.txt"')})
    git(tmp_path, "add", "-A", ".")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},shared")
    git(tmp_path, "commit", "-q", "-m", "a submodule")
    with pytest.raises(BadInput, match="`shared` is a submodule"):
        segrules.diff("main", project=tmp_path)
    with pytest.raises(BadInput, match="`shared` is a submodule"):
        segrules.diff("main:shared/rules", project=tmp_path)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("main..", ("main", "..", "")),
        ("..main", ("", "..", "main")),
        ("a...b", ("a", "...", "b")),
        ("..", None),
        ("../before", None),
        ("rules/../other", None),
        ("main", None),
    ],
)
def test_ranges_are_told_from_folders(text: str, parts: tuple[str, str, str] | None) -> None:
    assert parts_of_range(text) == parts


# --- the commands


def test_the_command_prints_json_and_fails_on_what_is_named(repository: Path) -> None:
    options = ["--project", str(repository / "the rules"), "--output-format", "json", "--fail-on", "wider,policy"]
    result = CliRunner().invoke(command, ["v1..main", *options], standalone_mode=False)
    assert result.return_value == 1
    printed = json.loads(result.stdout)
    assert printed["failing"] == ["loyal"]
    assert (printed["before"], printed["after"], printed["policies"], printed["catalog"]) == ("v1", "main", [], [])
    loyal = next(item for item in printed["segments"] if item["name"] == "loyal")
    assert loyal["change"] == "wider"
    assert loyal["lost"] is None
    assert "expect in loyal" in loyal["gained"]["test"]
    assert [loyal[key] for key in ("before", "after", "entered", "left")] == [None] * 4
    assert [(line["path"], line["line"], line["change"]) for line in loyal["lines"]] == [
        ("mail.seg", 10, "removed"),
        ("mail.seg", 10, "added"),
    ]


def test_annotations_stand_on_the_lines_that_changed(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    options = ["--project", "the rules", "--output-format", "github"]
    result = CliRunner().invoke(command, ["v1..main", *options], standalone_mode=False)
    assert result.return_value == 0
    assert result.stdout.startswith("::warning file=the rules/mail.seg,line=10,title=loyal%3A wider::wider: ")
    assert result.stdout.endswith("1 of 4 segments changed (1 wider)\n")
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "| `loyal` | ⬆️ wider | `mail.seg:10` |" in summary


def test_annotations_lead_to_the_later_of_two_folders(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "later", LOOSER)
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(command, [str(repository / "the rules"), "later", "--output-format", "github"])
    assert "::warning file=later/mail.seg,line=" in told.output


@pytest.mark.parametrize(
    ("output_format", "start"),
    [
        (
            "markdown",
            (
                "<!-- segrules diff -->\n<!-- only in place of an earlier comment -->\n"
                "### segrules diff in `shop`: could not be done\n"
            ),
        ),
        ("github", "::error title=segrules::the rules of `shop` have errors"),
    ],
)
def test_a_version_with_errors_is_told_in_the_format(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output_format: str, start: str
) -> None:
    write(tmp_path / "shop", {"mail.seg": ("3 times in the last 90", "thrice in the last 90")})
    monkeypatch.chdir(tmp_path)
    arguments = [str(repository / "the rules"), "shop", "--output-format", output_format]
    told = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert told.stdout.startswith(start)
    assert "SEG101" in told.stdout


def test_an_unknown_kind_of_change_is_told(repository: Path) -> None:
    result = CliRunner().invoke(command, ["v1..main", "--fail-on", "wyder"])
    assert result.exit_code == 2
    assert "did you mean `wider`?" in result.stderr


def test_a_comment_keeps_to_what_it_may_have(repository: Path) -> None:
    found = segrules.diff("main", project=repository / "the rules")
    whole = found.markdown()
    short = found.markdown(900)
    assert len(short) <= 900 < len(whole)
    assert "did not fit into this comment" in short


def test_the_changelog_has_an_entry_for_each_commit_that_changed_something(repository: Path) -> None:
    found = segrules.changelog("v1..", project=repository / "the rules")
    assert [(entry.day, entry.subject) for entry in found.entries] == [("2026-11-01", "second *is* looser")]
    commit_name = found.entries[0].commit
    assert str(found) == (
        "# What changed in what the rules mean\n\nFrom `v1` to `HEAD`.\n\n"
        f"## 2026-11-01: second \\*is\\* looser (`{commit_name}`)\n\n"
        "- `loyal`: wider: somebody can be new, nobody leaves\n"
    )
    assert (
        "Nothing that a rule means changed."
        in segrules.changelog("main..", project=repository / "the rules").markdown()
    )


def test_a_commit_with_errors_is_told_and_passed_over(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    write(tmp_path)
    commit(tmp_path, "first")
    write(tmp_path, {"mail.seg": ("segment loyal", "segment")})
    commit(tmp_path, "broken")
    write(tmp_path, LOOSER)
    commit(tmp_path, "mended, and looser")
    found = segrules.changelog("HEAD~2..", project=tmp_path)
    mended, broken = found.entries
    assert broken.problem == "the rules have errors after this commit"
    assert mended.diff is not None
    assert _kinds(mended.diff) == {"loyal": "wider"}
    with pytest.raises(BadInput, match="is no range of commits"):
        segrules.changelog("main", project=tmp_path)
