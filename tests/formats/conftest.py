"""The environment that the action's own first step makes, once for all tests that run its other steps."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.formats.action import ROOT, Runner, clean_environment

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "out", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "docs", "tests"
)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment after the action's own step installed segrules from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("action")
    checkout = shutil.copytree(ROOT, folder / "checkout", ignore=LEFT_OUT)
    shutil.copytree(ROOT / "docs/reference/findings", checkout / "docs/reference/findings")
    target = folder / "installed"
    environment = clean_environment(target / "bin", Path(sys.executable).parent) | {
        "PYTHONPATH": str(target),
        "GITHUB_ACTION_PATH": str(checkout),
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
