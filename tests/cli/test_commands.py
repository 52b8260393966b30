"""The other commands, and what all have in common."""

import json
import re
import sys
from pathlib import Path

import pytest

from segrules import __version__
from segrules.cli.main import run_command
from segrules.diagnostics.codes import all_codes
from segrules.resources import ruleset_names
from tests.cli.project import PROJECT, RULES, segrules_apart, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p")


def test_check_says_that_all_is_well(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", str(project)]) == 0
    assert re.fullmatch(r"no findings\nproofs: all \d+ questions decided\n", capsys.readouterr().out)
    assert run_command(["check", str(project), "--output-format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    proofs = content.pop("proofs")
    assert content == {"format": 1, "findings": [], "silenced": []}
    assert proofs["counts"]["undecided"] == 0
    assert run_command(["check", str(project), "--no-prove"]) == 0
    assert capsys.readouterr().out == "no findings\n"


def test_check_gives_all_mistakes_of_all_files_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(
        tmp_path / "p",
        rules=RULES.replace('country = "GB"', "contry = 1", 1),
        b_seg='segment two\n  where country = "DE"\n\nsegment big\n  where = =\n',
    )
    assert run_command(["check", str(project)]) == 1
    text = capsys.readouterr().out
    assert "b.seg:2:" in text
    assert "rules.seg:5:9: error SEG201 unknown-name" in text
    assert "SEG306" in text
    assert "b.seg:5:" in text
    assert text.rstrip().splitlines()[-1].endswith("errors")


def test_a_name_defined_in_two_files_names_both_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", b_seg='segment big\n  where country = "GB"\n')
    assert run_command(["check", str(project)]) == 1
    text = capsys.readouterr().out
    assert "SEG202" in text
    assert "b.seg:1:9" in text
    assert "rules.seg:7:9" in text


def test_warnings_fail_where_asked(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", rules="")
    (project / "rules.seg").unlink()
    assert run_command(["check", str(project)]) == 0
    assert run_command(["check", str(project), "--fail-on", "warning"]) == 1
    (project / "segrules.toml").write_text(PROJECT + '[checks]\nno-rules = "error"\n', encoding="utf-8")
    assert run_command(["check", str(project)]) == 1


def test_a_wrong_catalogue_does_not_hide_mistakes_in_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", rules="segment x\n  where = =\n", catalog_yaml="format: 1\ntables: 3\n")
    assert run_command(["check", str(project)]) == 1
    text = capsys.readouterr().out
    assert "catalog.yaml:2:" in text
    assert "rules.seg:2:" in text


def test_a_missing_catalogue_is_a_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "catalog.yaml").unlink()
    assert run_command(["check", str(project)]) == 1
    text = capsys.readouterr().out
    assert "segrules.toml:2:1: error SEG001" in text
    assert "    2 | catalogue = " in text


def test_an_unknown_table_under_data_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", segrules_toml=PROJECT + '[data]\npeple = "x.csv"\n')
    assert run_command(["check", str(project)]) == 1
    text = capsys.readouterr().out
    assert "segrules.toml:4:1: error SEG003" in text
    assert "did you mean `people`?" in text


@pytest.mark.parametrize(
    ("toml", "code"),
    [(None, "SEG003"), ("language = 2\n", "SEG004"), ("language = \n", "SEG003"), ("language = 1\nx = 1\n", "SEG003")],
)
def test_what_is_no_project_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], toml: str | None, code: str
) -> None:
    project = write_project(tmp_path / "p", segrules_toml=toml or "")
    if toml is None:
        (project / "segrules.toml").unlink()
    assert run_command(["check", str(project)]) == 2
    assert code in capsys.readouterr().out
    assert run_command(["check", str(project), "--output-format", "json"]) == 2
    assert [item["code"] for item in json.loads(capsys.readouterr().out)["findings"]] == [code]


@pytest.mark.parametrize("name", ["british", "big", "trial", "reach", "buyer"])
def test_show_says_it_in_english(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run_command(["show", str(project), name]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 1


def test_show_suggests_the_nearest_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["show", str(project), "britsh"]) == 2
    assert "did you mean `british`?" in capsys.readouterr().err


def test_show_refuses_rules_with_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", rules=RULES.replace("country", "contry"))
    assert run_command(["show", str(project), "british"]) == 1
    assert "SEG201" in capsys.readouterr().out


def test_finding_lists_all_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["finding"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(all_codes())
    assert "SEG201  error    unknown-name" in lines


def test_finding_suggests_the_nearest_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["finding", "unknown-nam"]) == 2
    assert "did you mean `unknown-name`?" in capsys.readouterr().err


@pytest.mark.parametrize("asked", ["SEG201", "201", "unknown-name"])
def test_finding_prints_its_page(capsys: pytest.CaptureFixture[str], asked: str) -> None:
    assert run_command(["finding", asked]) == 0
    assert "unknown-name" in capsys.readouterr().out


def test_demo_writes_an_example_and_runs_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["demo", str(tmp_path / "my demo")]) == 0
    text = capsys.readouterr().out
    assert "online_retail" in text
    assert "to try next" in text
    assert (tmp_path / "my demo" / "segrules.toml").exists()
    assert (tmp_path / "my demo" / "out" / "manifest.json").exists()
    assert run_command(["demo", "online_retail", str(tmp_path / "my demo")]) == 2
    assert "not an empty folder" in capsys.readouterr().err


def test_demo_knows_its_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["demo", "online_retial", str(tmp_path / "x")]) == 2
    assert "did you mean `online_retail`?" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert "online_retail" in ruleset_names()


def test_a_demo_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty"):
        assert run_command(["demo", str(tmp_path / name)]) == 2
    assert "no space left on device" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_mistyped_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["chek", "."]) == 2
    assert "did you mean `check`?" in capsys.readouterr().err
    assert run_command(["zzz"]) == 2
    assert "`finding`" in capsys.readouterr().err


def test_version_and_help_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--version"]) == 0
    assert __version__ in capsys.readouterr().out
    for arguments in (["--help"], ["run", "--help"], ["demo", "-h"]):
        assert run_command(arguments) == 0


def test_a_failure_of_ours_is_one_message(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("segrules.workspace.load.load", fail)
    monkeypatch.delenv("SEGRULES_TRACEBACK", raising=False)
    assert run_command(["check", str(project)]) == 3
    said = capsys.readouterr().err
    assert said.startswith("segrules failed: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in said
    monkeypatch.setenv("SEGRULES_TRACEBACK", "1")
    assert run_command(["check", str(project)]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_an_interruption_is_no_failure_of_ours(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("segrules.workspace.load.load", interrupt)
    assert run_command(["check", str(project)]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of a shell")
def test_a_reader_that_leaves_early_is_no_failure() -> None:
    import subprocess

    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -c "from segrules.cli.main import main; main()" finding | true'],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""


def test_commands_work_in_a_process_of_their_own(project: Path) -> None:
    done = segrules_apart("check", ".", "--no-prove", cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["assess", ".", "--out", "assessed"], "british"),
        (["diff", ".", "."], "no segment changed"),
        (["overlap", "."], "british"),
    ],
)
def test_so_do_those_that_prove(project: Path, words: list[str], said: str) -> None:
    done = segrules_apart(*words, cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout
