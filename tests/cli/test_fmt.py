"""`segrules fmt`: what it writes, what it says, and with which exit code it ends."""

import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from segrules.cli.main import run_command
from segrules.formatter import format as formatter
from tests.cli.project import ROOT

UGLY = "segment a   # one\n where vip and\n  age>=18\n"
NICE = "segment a  # one\n  where vip and age >= 18\n"
WRONG = "segment a\n  where age == 18\n\nsegment b\n  size 100\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.seg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def text_of(path: Path) -> str:
    return path.read_bytes().decode()


def test_files_are_laid_out_and_counted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, a=UGLY, b=NICE, more__c=UGLY)
    (here / "notes.txt").write_text(UGLY, encoding="utf-8")
    assert run_command(["fmt", "."]) == 0
    assert capsys.readouterr() == ("", "2 files changed, 1 unchanged\n")
    assert {text_of(path) for path in here.rglob("*.seg")} == {NICE}
    assert text_of(here / "notes.txt") == UGLY
    assert run_command(["fmt", "a.seg", "more", "."]) == 0
    assert capsys.readouterr() == ("", "3 files unchanged\n")
    assert sorted(path.name for path in here.rglob("*")) == ["a.seg", "b.seg", "c.seg", "more", "notes.txt"]


def test_check_names_what_would_change_and_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, a=UGLY, b=NICE, more__c=UGLY)
    assert run_command(["fmt", "--check", "."]) == 1
    said = "a.seg would change\nmore/c.seg would change\n"
    assert capsys.readouterr() == (said, "2 files would change, 1 would stay as it is\n")
    assert text_of(here / "a.seg") == UGLY
    assert run_command(["fmt", "--check", "b.seg"]) == 0
    assert capsys.readouterr() == ("", "1 file would stay as it is\n")


def test_diff_shows_what_would_change_and_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, a=UGLY, b=NICE)
    assert run_command(["fmt", "--diff", "."]) == 1
    out, err = capsys.readouterr()
    shown = "--- a.seg\n+++ a.seg\n@@ -1,3 +1,2 @@\n"
    assert (
        out
        == shown + "-segment a   # one\n- where vip and\n-  age>=18\n+segment a  # one\n+  where vip and age >= 18\n"
    )
    assert err == "1 file would change, 1 would stay as it is\n"
    assert text_of(here / "a.seg") == UGLY
    assert run_command(["fmt", "--diff", "b.seg"]) == 0
    assert capsys.readouterr().out == ""


def test_a_diff_tells_of_line_ends_and_of_a_last_line_without_one(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "a.seg").write_bytes(b"\xef\xbb\xbfsegment a\r\n  where vip")
    assert run_command(["fmt", "--diff", "a.seg"]) == 1
    assert capsys.readouterr().out == (
        "--- a.seg\n+++ a.seg\n@@ -1,2 +1,2 @@\n"
        "-\ufeffsegment a\r\n-  where vip\n\\ No newline at end of file\n+segment a\n+  where vip\n"
    )
    assert run_command(["fmt", "a.seg"]) == 0
    assert (here / "a.seg").read_bytes() == b"segment a\n  where vip\n"


def test_what_cannot_be_read_gives_the_findings_of_check_and_the_rest_is_laid_out(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here, a=WRONG, b=UGLY)
    assert run_command(["fmt", "."]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "a.seg:2:14: error SEG101 syntax-error: " in err
    assert "    2 |   where age == 18\n" in err
    assert "a.seg:5:8: error SEG101 syntax-error: " in err
    assert err.endswith("2 errors\n1 file changed, 1 cannot be read or written\n")
    assert text_of(here / "a.seg") == WRONG
    assert text_of(here / "b.seg") == NICE
    put(here, b=UGLY)
    assert run_command(["fmt", "--check", "."]) == 2


def test_bytes_that_are_no_text_are_a_finding(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.seg").write_bytes(b'segment a\n  where x = "\xff"\n')
    assert run_command(["fmt", "a.seg"]) == 2
    assert "a.seg:2:14: error SEG002 not-utf8" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["nothing.seg", "", "a\0b"])
def test_a_place_where_nothing_is_ends_the_command(place: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, a=UGLY)
    assert run_command(["fmt", "a.seg", place]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert text_of(here / "a.seg") == UGLY


def test_a_folder_without_rules_is_fine(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["fmt", "."]) == 0
    assert capsys.readouterr() == ("", "no rule files\n")


def test_no_path_at_all_is_wrong_usage(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["fmt"]) == 2
    assert "PATH" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_permissions_stay(here: Path) -> None:
    put(here, a=UGLY)
    (here / "a.seg").chmod(0o640)
    assert run_command(["fmt", "a.seg"]) == 0
    assert stat.S_IMODE((here / "a.seg").stat().st_mode) == 0o640
    assert text_of(here / "a.seg") == NICE


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_stays_one_and_its_file_is_laid_out_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, real__a=UGLY)
    (here / "link.seg").symlink_to(Path("real") / "a.seg")
    (here / "gone.seg").symlink_to("nowhere.seg")
    assert run_command(["fmt", "link.seg", "real"]) == 0
    assert capsys.readouterr().err == "1 file changed\n"
    assert (here / "link.seg").is_symlink()
    assert text_of(here / "real" / "a.seg") == NICE
    assert run_command(["fmt", "gone.seg"]) == 2


def test_a_file_that_cannot_be_written_stays_whole(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(here, a=UGLY, b=UGLY)
    really = os.access

    def access(path: Path, mode: int) -> bool:
        return Path(path).name != "a.seg" and really(path, mode)

    monkeypatch.setattr(os, "access", access)
    assert run_command(["fmt", "."]) == 2
    err = capsys.readouterr().err
    assert "error: `a.seg` cannot be written: it may only be read" in err
    assert err.endswith("1 file changed, 1 cannot be read or written\n")
    assert (text_of(here / "a.seg"), text_of(here / "b.seg")) == (UGLY, NICE)


def test_nothing_is_left_where_writing_fails(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(here, a=UGLY)

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run_command(["fmt", "a.seg"]) == 2
    assert [path.name for path in here.iterdir()] == ["a.seg"]
    assert text_of(here / "a.seg") == UGLY


def test_a_layout_that_would_change_rules_is_not_written(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(here, a=UGLY)
    monkeypatch.setattr(formatter, "_laid_out", lambda text, read, gaps: "segment b\n")
    assert run_command(["fmt", "a.seg"]) == 3
    err = capsys.readouterr().err
    assert "error: `a.seg` stays as it is: laid out, the rules would be others" in err
    assert "mistake in segrules" in err
    assert text_of(here / "a.seg") == UGLY


def test_standard_input_goes_to_standard_output(here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from segrules.cli.main import main; main()", "fmt", "-"],
        input='segment a\r\n where x="é"\r\n'.encode(),
        cwd=here,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, 'segment a\n  where x = "é"\n'.encode(), b"")


class _Stream(io.TextIOWrapper):
    """A standard stream over bytes."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")


def _stdin(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stream(text.encode()))


def test_standard_input_is_checked_and_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _stdin(UGLY, monkeypatch)
    assert run_command(["fmt", "--check", "-"]) == 1
    assert capsys.readouterr() == ("", "")
    _stdin(NICE, monkeypatch)
    assert run_command(["fmt", "--check", "-"]) == 0
    _stdin(UGLY, monkeypatch)
    assert run_command(["fmt", "--diff", "-", "--stdin-filename", "shop/a.seg"]) == 1
    assert capsys.readouterr().out.startswith("--- shop/a.seg\n+++ shop/a.seg\n@@")


def test_findings_in_standard_input_go_to_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _stdin(WRONG, monkeypatch)
    assert run_command(["fmt", "-", "--stdin-filename", "shop/a.seg"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "shop/a.seg:2:14: error SEG101" in err


def test_standard_input_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["fmt", "-", "a.seg"]) == 2
    assert "`-` stands alone" in capsys.readouterr().err
