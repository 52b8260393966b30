"""Odd projects and odd terminals end in a clear message, never in a failure of ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segrules.cli.exit import Exit
from segrules.cli.main import run_command

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
