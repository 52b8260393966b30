"""Odd projects and odd terminals end in a clear message, never in a failure of ours."""

import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from segrules.cli.console import progress_bar
from segrules.cli.exit import Exit
from segrules.cli.main import main, run_command

CATALOGUE = """
format: 1
time_zone: UTC
tables:
  people: {path: people.csv, key: id, columns: {id: integer, n: integer}}
customers: {table: people}
"""
RULES = 'segment a "A"\n  where n > 1\n\npartition p\n  stage x where n > 1\n  otherwise y\n'


def project(folder: Path, *, rows: str = "1,5\n", settings: str = "language = 1\n") -> Path:
    (folder / "segrules.toml").write_text(settings, encoding="utf-8")
    (folder / "catalog.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "rules.seg").write_text(RULES, encoding="utf-8")
    (folder / "people.csv").write_text("id,n\n" + rows, encoding="utf-8")
    return folder


def test_nobody_at_all_is_a_partition_of_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = project(tmp_path, rows="")
    assert run_command(["run", str(shop), "--as-of", "2026-11-01", "--out", str(tmp_path / "out")]) == Exit.FINDINGS
    assert "0 customers" in capsys.readouterr().out


@pytest.mark.parametrize(
    "settings",
    [
        f"language = {'9' * 5000}\n",
        'language = 1\ncatalogue = "a\\u0000b"\n',
        f'language = 1\nrules = ["{"a" * 300}"]\n',
    ],
)
def test_odd_settings_are_findings(tmp_path: Path, settings: str) -> None:
    assert run_command(["check", str(project(tmp_path, settings=settings))]) in (Exit.FINDINGS, Exit.INPUT)


@pytest.mark.skipif(os.name == "nt", reason="closing a stream and a full device are spelled in a POSIX shell")
@pytest.mark.parametrize(("redirect", "code"), [(">&-", 0), ("> /dev/null", 0), ("> /dev/full", 2), ("| head -c 1", 0)])
def test_output_that_cannot_be_written(tmp_path: Path, redirect: str, code: int) -> None:
    if "full" in redirect and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    shop = project(tmp_path)
    call = f"{sys.executable} -c 'from segrules.cli.main import main; main()' check {shop} {redirect}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {call}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


SLOW = """
import time
from segrules.evaluation import engines, tables
from segrules.cli.main import main

def wait(*_arguments):
    print("waiting", flush=True)
    time.sleep(60)

def half(table, folder, name, file_format):
    (folder / name).write_text("half")
    wait()

WHEN
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a process could catch")
@pytest.mark.parametrize(
    "when", ["tables.write_table = half", "engines.evaluate_with_arrow.__globals__['populate'] = wait"]
)
def test_a_run_that_is_terminated_leaves_nothing(tmp_path: Path, when: str) -> None:
    shop = project(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    asked = ["run", str(shop), "--as-of", "2026-11-01", "--out", str(tmp_path / "new" / "out")]
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW.replace("WHEN", when), *asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "waiting\n"
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 143
    assert errors == "terminated; nothing was left half written\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_in_a_thread_of_somebody_else_signals_are_left_alone(tmp_path: Path) -> None:
    shop = project(tmp_path)
    codes: list[object] = []

    def check() -> None:
        with pytest.raises(SystemExit) as left:
            main(["check", str(shop)])
        codes.append(left.value.code)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=check)
    thread.start()
    thread.join()
    check()
    assert codes == [0, 0]
    assert signal.getsignal(signal.SIGTERM) == before


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_of_unknown_length_neither_fails_nor_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    steps = [("reading `a[b]`", 0, 0), ("reading `a[b]`", 7, 0), ("evaluating", 0, 4), ("evaluating", 4, 4)]
    with progress_bar(wanted=True) as tell:
        assert tell is not None
        for step in [*steps, ("reading `a[b]`", 9, 0), ("evaluating", 4, 4)]:
            tell(*step)
    shown = terminal.getvalue()
    assert "a[b]" in shown
    assert shown.rstrip().endswith("\x1b[2K")
