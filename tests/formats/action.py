"""`action.yml` as the runner of GitHub Actions takes it: which steps run, with which environment, on a repository."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]

Done = subprocess.CompletedProcess[str]

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_TOKEN = re.compile(r"'[^']*'|[()]|&&|\|\||==|!(?!=)|[A-Za-z_][\w.-]*(?:\(\))?")
_OPERATORS = {"&&": "and", "||": "or", "!": "not", "==": "==", "(": "(", ")": ")"}


def read(path: Path) -> Any:
    """A file of YAML."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    """The steps of the action."""
    found: list[dict[str, Any]] = read(ROOT / "action.yml")["runs"]["steps"]
    return found


def evaluated(expression: str, context: Mapping[str, str]) -> str | bool:
    """An expression of a step; a name that the context does not have is empty, as it is on the platform.

    >>> evaluated("inputs.test == 'true' && !cancelled()", {"inputs.test": "true"})
    True
    """
    assert not _TOKEN.sub("", expression).strip(), expression
    parts = []
    for token in _TOKEN.findall(expression):
        if token in _OPERATORS:
            parts.append(_OPERATORS[token])
        elif token == "cancelled()":
            parts.append("False")
        else:
            parts.append(token if token.startswith("'") else repr(context.get(token, "")))
    value: str | bool = eval(" ".join(parts), {"__builtins__": {}})
    return value


@dataclass(frozen=True)
class Runner:
    """A scratch repository, and an environment in which the action's first step installed segrules."""

    repository: Path
    environment: dict[str, str]
    context: Mapping[str, str] = field(default_factory=dict)

    def run(self, script: str, **variables: str) -> Done:
        """The script as both platforms run it: bash ends at the first line that fails."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=self.repository,
            env=self.environment | variables,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def step(self, name: str, **inputs: str) -> Done:
        """A step of the action by its name, with inputs as the caller of the action gives them."""
        (step,) = (item for item in steps() if item["name"] == name)
        known = self._known(inputs)
        variables = {
            key: _EXPRESSION.sub(lambda found: str(evaluated(found[1], known)), value)
            for key, value in step.get("env", {}).items()
        }
        return self.run(step["run"], GITHUB_STEP_SUMMARY=str(self.summary(name)), **variables)

    def wanted(self, **inputs: str) -> list[str]:
        """The steps that run with these inputs, the first one left out, which installs."""
        known = self._known(inputs) | {"steps.install.outcome": "success"}
        conditions = {item["name"]: item.get("if", "${{ !cancelled() }}") for item in steps()[1:]}
        return [name for name, text in conditions.items() if evaluated(_EXPRESSION.sub(r"\1", text), known)]

    def summary(self, name: str) -> Path:
        """The file to which a step adds its summary."""
        return self.repository.parent / f"summary of {name}.md"

    def _known(self, inputs: Mapping[str, str]) -> dict[str, str]:
        defaults = {key: value["default"] for key, value in read(ROOT / "action.yml")["inputs"].items()}
        given = defaults | {key.replace("_", "-"): value for key, value in inputs.items()}
        return {**self.context, **{f"inputs.{key}": value for key, value in given.items()}}


def clean_environment(*front: Path) -> dict[str, str]:
    """The environment of a test, with folders put before the path and without anybody's settings of git."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    path = os.pathsep.join([*map(str, front), os.environ["PATH"]])
    return environment | {"PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
