"""The GitHub Action and the templates: valid for their platforms, and run as plain shell on a scratch repository."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

from segrules.resources import ruleset_names, ruleset_path
from tests.cli.project import RULES, write_project
from tests.docs.blocks import blocks
from tests.formats.runner import commands

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "out", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "docs", "tests"
)
TESTS = """
test "somebody from Norway"
  as of 2026-11-01
  given customer with country = "NO"
  expect in british
"""

needs_a_shell = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("bash") or not shutil.which("git"), reason="the steps are lines of bash"
)


def read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "templates/github-workflow.yml"),
        ("vendor.gitlab-ci", "templates/gitlab-ci.yml"),
    ],
)
def test_the_platform_takes_the_file(schema: str, file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, ROOT / file],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["github-workflow.yml", "gitlab-ci.yml", "CODEOWNERS"])
def test_the_documentation_shows_the_file(name: str) -> None:
    page = "docs/how-to/ci.md"
    shown = [block.text for block in blocks(page, (ROOT / page).read_text(encoding="utf-8"))]
    assert (TEMPLATES / name).read_text(encoding="utf-8") in shown


def test_the_workflow_gives_the_action_inputs_that_it_has() -> None:
    (step,) = (
        item for item in read(TEMPLATES / "github-workflow.yml")["jobs"]["check"]["steps"] if "OWNER" in item["uses"]
    )
    assert set(step["with"]) <= set(read(ROOT / "action.yml")["inputs"])


def test_no_input_is_pasted_into_a_line_of_shell() -> None:
    # A branch or a folder may be called `$(...)`; in the environment it is a name and no more.
    lines = [step["run"] for step in read(ROOT / "action.yml")["runs"]["steps"] if "run" in step]
    assert len(lines) == 4
    assert not [line for line in lines if "${{" in line]


def test_every_file_of_a_project_has_an_owner() -> None:
    lines = [
        line.split() for line in (TEMPLATES / "CODEOWNERS").read_text(encoding="utf-8").splitlines() if line.strip("# ")
    ]
    owners = {pattern: named for pattern, *named in lines if pattern != "#"}
    assert all(named and all(name.startswith("@") for name in named) for named in owners.values())
    kinds = {".seg", ".toml", ".yaml", ".lock"}
    names = {path.name for name in ruleset_names() for path in ruleset_path(name).rglob("*") if path.suffix in kinds}
    assert {"catalog.yaml", "segrules.toml"} <= names
    assert not [name for name in names if not any(fnmatch(name, pattern) for pattern in owners)]


# --- the steps, run


@dataclass(frozen=True)
class Runner:
    """A scratch repository, and an environment in which the action's first step installed segrules."""

    repository: Path
    environment: dict[str, str]

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The script as both platforms run it: bash ends at the first line that fails."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=self.repository,
            env=self.environment | variables,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def step(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """A step of the action by its name, with inputs as the caller of the action gives them."""
        action = read(ROOT / "action.yml")
        given = {key: value["default"] for key, value in action["inputs"].items()} | inputs
        (step,) = (item for item in action["runs"]["steps"] if item["name"] == name)
        variables = {
            key: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: given[found[1]], value)
            for key, value in step.get("env", {}).items()
        }
        return self.run(step["run"], GITHUB_STEP_SUMMARY=str(self.summary(name)), **variables)

    def summary(self, name: str) -> Path:
        return self.repository.parent / f"summary of {name}.md"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment after the action's own step installed segrules from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("action")
    checkout = shutil.copytree(ROOT, folder / "checkout", ignore=LEFT_OUT)
    shutil.copytree(ROOT / "docs/reference/findings", checkout / "docs/reference/findings")
    target = folder / "installed"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {
        "PATH": os.pathsep.join([str(target / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(target),
        "GITHUB_ACTION_PATH": str(checkout),
        # What somebody set for their own commits has no say here.
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        # Nothing is fetched: the libraries are those that the tests run with. (Of this option pip reads 0 as yes.)
        "PIP_TARGET": str(target),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
    }
    done = Runner(folder, environment).step("Install segrules")
    assert done.returncode == 0, done.stdout + done.stderr
    place = Runner(folder, environment).run("python -c 'import segrules; print(segrules.__file__)'")
    assert Path(place.stdout.strip()).is_relative_to(target)
    # An action's environment has no pandas, which pyarrow takes a second to load in every process that finds it.
    (target / "pandas.py").write_text("raise ImportError\n", encoding="utf-8")
    return environment


def scratch(folder: Path, rules: str, environment: dict[str, str]) -> Runner:
    """A repository with one commit, whose project stands in the folder `shop`."""
    repository = folder / "repository"
    write_project(repository / "shop", rules=rules)
    runner = Runner(repository, environment)
    named = "-c user.name=someone -c user.email=someone@example.org"
    done = runner.run(f"git init --quiet && git add . && git {named} commit --quiet --message rules")
    assert done.returncode == 0, done.stderr
    return runner


@needs_a_shell
def test_the_action_passes_rules_that_hold(tmp_path: Path, installed: dict[str, str]) -> None:
    runner = scratch(tmp_path, RULES + TESTS.replace("expect in", "expect not in"), installed)
    for name in ("Write findings as SARIF", "Check", "Run the tests"):
        done = runner.step(name, path="shop")
        assert done.returncode == 0, done.stdout + done.stderr
        assert commands(done.stdout) == []
    assert json.loads((runner.repository / "segrules.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []
    assert runner.summary("Check").read_text(encoding="utf-8").startswith("### segrules check in `shop`: no findings\n")


@needs_a_shell
def test_the_action_shows_what_is_wrong_beside_the_lines(tmp_path: Path, installed: dict[str, str]) -> None:
    runner = scratch(tmp_path, RULES.replace('country = "GB"', 'contry = "GB"'), installed)
    written = runner.step("Write findings as SARIF", path="shop")
    assert (written.returncode, written.stdout) == (0, "")
    (result,) = json.loads((runner.repository / "segrules.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "shop/rules.seg"
    checked = runner.step("Check", path="shop")
    assert checked.returncode == 1
    ((level, about, message),) = commands(checked.stdout)
    assert (level, about["file"], about["line"], about["col"]) == ("error", "shop/rules.seg", "5", "9")
    assert "did you mean `country`?" in message
    assert "`shop/rules.seg:5`" in runner.summary("Check").read_text(encoding="utf-8")


@needs_a_shell
def test_the_action_shows_tests_that_do_not_pass(tmp_path: Path, installed: dict[str, str]) -> None:
    runner = scratch(tmp_path, RULES + TESTS, installed)
    assert runner.step("Check", path="shop").returncode == 0
    done = runner.step("Run the tests", path="shop")
    assert done.returncode == 1
    ((level, about, message),) = commands(done.stdout)
    assert (level, about["file"], about["line"]) == ("error", "shop/rules.seg", "23")
    assert message == ("the test `somebody from Norway` does not pass: expected in british, found not in it")


@needs_a_shell
def test_the_action_says_that_there_is_no_project(tmp_path: Path, installed: dict[str, str]) -> None:
    runner = scratch(tmp_path, RULES, installed)
    assert runner.step("Write findings as SARIF", path="$(touch here); shop").returncode == 0
    done = runner.step("Check", path="$(touch here); shop")
    assert done.returncode == 2
    assert commands(done.stdout)[0][0] == "error"
    assert not (runner.repository / "here").exists()


@needs_a_shell
@pytest.mark.parametrize(("wrong", "code"), [(False, 0), (True, 1)])
def test_the_script_for_gitlab_leaves_its_reports(
    tmp_path: Path, installed: dict[str, str], wrong: bool, code: int
) -> None:
    runner = scratch(tmp_path, RULES + (TESTS if wrong else TESTS.replace("expect in", "expect not in")), installed)
    job = read(TEMPLATES / "gitlab-ci.yml")["segrules"]
    variables = job["variables"] | {"SEGRULES_PROJECT": "shop"}
    done = runner.run("\n".join(job["script"]), **variables)
    assert done.returncode == code, done.stdout + done.stderr
    reports = job["artifacts"]["reports"]
    quality = json.loads((runner.repository / reports["codequality"]).read_text(encoding="utf-8"))
    tests = ElementTree.parse(runner.repository / reports["junit"]).getroot()
    assert quality == []
    assert len(tests.findall(".//testcase")) == 1
    assert len(tests.findall(".//failure")) == int(wrong)
