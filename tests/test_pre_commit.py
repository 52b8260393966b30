"""The hooks for pre-commit: their commands exist, and do what a hook has to do."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from segrules.cli.main import COMMANDS, run_command
from tests.cli.project import RULES, write_project

ROOT = Path(__file__).parents[1]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
PAGE = (ROOT / "docs" / "how-to" / "format.md").read_text(encoding="utf-8")


def run_hook(name: str, *files: str) -> int:
    """Run a hook as pre-commit does, in the current folder, with the files that were changed."""
    hook = HOOKS[name]
    chosen = [file for file in files if re.search(hook["files"], file)]
    passed = chosen if hook.get("pass_filenames", True) else []
    return run_command([*hook["entry"].split()[1:], *hook.get("args", ()), *passed]) if chosen else 0


@pytest.mark.parametrize("name", ["segrules-fmt", "segrules-check"])
def test_the_command_of_a_hook_exists(name: str) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    script, command = HOOKS[name]["entry"].split()
    assert script in scripts
    assert command in COMMANDS
    assert {"name", "description", "files"} <= HOOKS[name].keys()
    assert HOOKS[name]["language"] == "python"
    assert f"id: {name}" in PAGE


def test_there_are_no_other_hooks() -> None:
    assert sorted(HOOKS) == ["segrules-check", "segrules-fmt"]


def test_the_formatter_lays_out_the_files_of_a_commit_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.seg", "b.seg", "c.txt"):
        (tmp_path / name).write_text("segment a where vip\n", encoding="utf-8")
    assert run_hook("segrules-fmt", "a.seg", "c.txt") == 0
    changed = {path.name for path in tmp_path.iterdir() if path.read_text(encoding="utf-8").count("\n") == 2}
    assert changed == {"a.seg"}


@pytest.mark.parametrize("changed", ["rules.seg", "catalog.yaml", "segrules.toml", "lists/some.csv"])
def test_the_check_looks_at_the_whole_project(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path / "p", other_seg="segment a where contry = 1\n", rules=RULES)
    monkeypatch.chdir(project)
    assert run_hook("segrules-check", changed) == 1
    assert "other.seg:1:17: error SEG201" in capsys.readouterr().out
    assert run_hook("segrules-check", "README.md") == 0
