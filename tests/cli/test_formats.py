"""`--output-format` and `--output-file`, whichever command prints."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segrules.cli.formats.registry import FORMATS
from segrules.cli.main import run_command
from tests.cli.project import PROJECT, RULES, write_project

WRONG = RULES.replace('country = "GB"', 'contry = "GB"')
EMPTY = RULES + '\nsegment nobody\n  where country = "IE" and age > 90\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository in which the command runs."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return folder


@pytest.mark.parametrize("name", ["text", "json", *FORMATS])
def test_the_exit_code_is_that_of_the_findings(repository: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    write_project(repository / "good")
    write_project(repository / "bad", rules=WRONG)
    assert run_command(["check", "good", "--output-format", name]) == 0
    capsys.readouterr()
    assert run_command(["check", "bad", "--output-format", name]) == 1
    printed = capsys.readouterr()
    assert "SEG201" in printed.out
    assert printed.err == ""
    assert run_command(["check", "missing", "--output-format", name]) == 2


@pytest.mark.parametrize("name", ["text", "json", *FORMATS])
@pytest.mark.parametrize("command", ["check", "test"])
def test_a_file_holds_what_would_have_been_printed(
    repository: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    write_project(repository / "bad", rules=WRONG)
    code = run_command([command, "bad", "--output-format", name])
    printed = capsys.readouterr()
    (repository / "report").write_text("an older one", encoding="utf-8")
    assert run_command([command, "bad", "--output-format", name, "--output-file", "report"]) == code == 1
    silent = capsys.readouterr()
    assert (repository / "report").read_bytes() == printed.out.encode()
    assert (silent.out, silent.err) == ("", printed.err)
    assert sorted(path.name for path in repository.iterdir()) == [".git", "bad", "report"]


def test_places_start_at_the_repository_and_in_lines_at_the_working_folder(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(repository / "rules" / "shop", rules=WRONG)
    monkeypatch.chdir(repository / "rules")
    assert run_command(["check", "shop", "--output-format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=rules/shop/rules.seg,line=5,")
    assert run_command(["check", "shop", "--output-format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("shop/rules.seg:5:9: SEG201 error ")
    monkeypatch.chdir(repository / "rules" / "shop")
    assert run_command(["check", ".", "--output-format", "gitlab"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["location"]["path"] == "rules/shop/rules.seg"
    assert run_command(["check", ".", "--output-format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("rules.seg:5:9: ")


def test_without_a_repository_places_start_at_the_working_folder(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / ".git").rmdir()
    write_project(repository / "shop", rules=WRONG)
    if any((folder / ".git").exists() for folder in repository.parents):
        pytest.skip("the scratch folder stands in a repository")
    assert run_command(["check", "shop", "--output-format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=shop/rules.seg,")
    (repository / "elsewhere").mkdir()
    monkeypatch.chdir(repository / "elsewhere")
    assert run_command(["check", "../shop", "--output-format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=rules.seg,")


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_prints_its_findings_alone(repository: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    write_project(repository / "shop", rules=EMPTY)
    arguments = ["run", "shop", "--as-of", "2026-11-01", "--out", "out", "--overwrite"]
    assert run_command([*arguments, "--output-format", name, "--fail-on", "warning"]) == 1
    text = capsys.readouterr().out
    assert "nobody" in text
    assert "written to" not in text
    assert (repository / "out" / "summary.json").is_file()


def test_a_fit_prints_its_findings_alone(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    score = "\nscore recent\n  bands frozen\n  rank age by age into 2 bands, low is best\n"
    write_project(repository / "shop", rules=RULES + score)
    assert run_command(["fit", "shop", "--as-of", "2026-11-01", "--output-format", "sarif"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["automationDetails"]["id"] == "segrules/fit/shop/"
    assert (repository / "shop" / "segrules.lock").is_file()


def test_a_project_that_cannot_be_read_is_said_in_every_format(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(repository / "shop", segrules_toml="language = \n")
    said = {}
    for name in FORMATS:
        assert run_command(["check", "shop", "--output-format", name]) == 2
        printed = capsys.readouterr()
        said[name] = printed.out
        assert printed.err.startswith("error: `shop` is not a project that can be read")
    assert said["concise"].startswith("shop/segrules.toml:1:12: SEG003 error not TOML")
    assert said["github"].startswith("::error title=segrules::`shop` is not a project that can be read\n::error file=")
    assert not json.loads(said["sarif"])["runs"][0]["invocations"][0]["executionSuccessful"]
    assert [entry["severity"] for entry in json.loads(said["gitlab"])] == ["critical", "blocker"]
    assert len(ElementTree.fromstring(said["junit"]).findall(".//error")) == 1
    assert said["markdown"].startswith("### segrules check in `shop`: could not be done\n")


def test_the_summary_of_a_step_has_everything(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "".join(f"segment s{number} where contry = {number}\n" for number in range(12))
    write_project(repository / "shop", rules=wrong)
    summary = repository / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run_command(["check", "shop", "--output-format", "github"]) == 1
    assert capsys.readouterr().out.count("::error ") == 10
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n### segrules check in `shop`: 12 errors\n")
    assert text.count("\n- **error** ") == 12
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(repository))
    assert run_command(["check", "shop", "--output-format", "github"]) == 1
    assert "the summary of the step cannot be written" in capsys.readouterr().err


def test_a_plan_is_printed_to_a_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(repository / "shop")
    assert run_command(["plan", "shop", "--output-format", "json", "--output-file", "plan.json"]) == 0
    assert "plan" in json.loads((repository / "plan.json").read_text(encoding="utf-8"))
    assert capsys.readouterr().out == ""
    assert run_command(["plan", "shop", "--output-format", "sarif"]) == 2


def test_a_file_that_cannot_be_written_is_said_before_anything_is_done(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(repository / "shop")
    arguments = ["run", "shop", "--as-of", "2026-11-01", "--out", "out"]
    assert run_command([*arguments, "--output-file", "missing/report"]) == 2
    assert "error: `missing/report` cannot be written: no such file or directory\n" in capsys.readouterr().err
    assert run_command([*arguments, "--output-file", "shop"]) == 2
    assert "error: `shop` is a folder\n" in capsys.readouterr().err
    assert not (repository / "out").exists()


def test_an_earlier_file_stays_where_a_command_fails(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(repository / "shop")
    (repository / "report").write_text("an older one", encoding="utf-8")

    def fail(_folder: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("segrules.workspace.load.load", fail)
    assert run_command(["check", "shop", "--output-file", "report"]) == 3
    assert (repository / "report").read_text(encoding="utf-8") == "an older one"
    assert sorted(path.name for path in repository.iterdir()) == [".git", "report", "shop"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_stays_a_link(repository: Path) -> None:
    write_project(repository / "shop")
    (repository / "real").write_text("", encoding="utf-8")
    (repository / "link").symlink_to("real")
    assert run_command(["check", "shop", "--no-prove", "--output-file", "link"]) == 0
    assert (repository / "link").is_symlink()
    assert (repository / "real").read_text(encoding="utf-8") == "no findings\n"
    assert run_command(["check", "shop", "--output-file", os.devnull]) == 0
    assert not Path(os.devnull).is_file()


def test_levels_of_the_project_reach_every_format(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(repository / "shop", segrules_toml=PROJECT + '[checks]\nno-rules = "note"\n')
    (repository / "shop" / "rules.seg").unlink()
    assert run_command(["check", "shop", "--output-format", "github"]) == 0
    assert capsys.readouterr().out.startswith("::notice file=shop/segrules.toml,line=1,")
    assert run_command(["check", "shop", "--output-format", "sarif"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"][0]["level"] == "note"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_device_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(repository / "shop")
    assert run_command(["check", "shop", "--no-prove", "--output-file", "/dev/full"]) == 2
    assert "`/dev/full` cannot be written: no space left on device\n" in capsys.readouterr().err
