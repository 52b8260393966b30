"""The wheel holds all that segrules needs and nothing from earlier builds; it works where no checkout is."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OUTPUTS = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "node_modules", "out", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)
# One worker does all of this file, so that the wheel is built once.


def run(command: Sequence[str | Path], cwd: Path, **environment: str) -> str:
    """Standard output of a command that has to succeed."""
    settings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=settings | environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(checkout: Path, target: Path, *what: str) -> None:
    """Build with the setuptools that is here, where it is new enough; else in an environment of its own."""
    newest = int(importlib.metadata.version("setuptools").partition(".")[0])
    isolation = ["--no-isolation"] if newest >= 77 else []
    run([sys.executable, "-m", "build", *isolation, *what, "--outdir", target, checkout], checkout)


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, so that building leaves nothing behind in the real one."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("packaging") / "checkout", ignore=OUTPUTS)


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the source distribution was unpacked."""
    target = tmp_path_factory.mktemp("sdist")
    build(checkout, target, "--sdist")
    (archive,) = target.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="data")
    (unpacked,) = (path for path in target.iterdir() if path.is_dir())
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from the source distribution alone."""
    target = tmp_path_factory.mktemp("wheel")
    build(sdist, target, "--wheel")
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an empty environment with the wheel in it; it borrows the libraries that segrules needs."""
    folder = tmp_path_factory.mktemp("environment")
    run([sys.executable, "-m", "venv", "--without-pip", folder], folder)
    scheme = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", packages, wheel], folder)
    borrowed = sysconfig.get_path("purelib")
    # Appended to the path, so the wheel comes before an editable install in the borrowed folder.
    (packages / "borrowed.pth").write_text(f"import sys; sys.path.append({borrowed!r})\n", encoding="utf-8")
    return Path(sysconfig.get_path("scripts", "venv", scheme)) / ("python.exe" if os.name == "nt" else "python")


def ask(python: Path, code: str, cwd: Path) -> str:
    return run([python, "-c", code], cwd, PYTHONUTF8="1").strip()


def test_the_wheel_brings_grammar_examples_and_pages(wheel: Path) -> None:
    names = names_in(wheel)
    for shipped, folder in (("grammar", "grammar"), ("rulesets", "rulesets"), ("findings", "docs/reference/findings")):
        top = ROOT / folder
        expected = {
            f"segrules/{shipped}/{path.relative_to(top).as_posix()}"
            for path in top.rglob("*")
            if path.is_file() and not {"__pycache__", "out", ".segrules_cache"} & set(path.relative_to(top).parts)
        }
        assert expected
        assert expected <= names
    assert "segrules/py.typed" in names
    packs = {path.relative_to(ROOT).as_posix() for path in (ROOT / "segrules" / "governance" / "packs").glob("*.toml")}
    assert packs
    assert packs <= names


def test_the_wheel_holds_every_module_and_nothing_outside_the_package(wheel: Path) -> None:
    names = names_in(wheel)
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "segrules").rglob("*.py")}
    shipped_scripts = {name for name in names if name.startswith("segrules/rulesets/")}
    assert {name for name in names if name.endswith(".py")} - shipped_scripts == modules
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"segrules"}


def test_the_wheel_states_its_licence_with_the_texts(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
        names = {name.rpartition("/")[2] for name in archive.namelist() if "/licenses/" in name}
    assert "\nLicense-Expression: Apache-2.0\n" in text
    assert names == {"LICENSE", "NOTICE"}


def test_a_second_build_leaves_out_what_was_deleted(checkout: Path, tmp_path: Path) -> None:
    stale = [checkout / "build/lib/segrules/gone.py", checkout / "build/lib/segrules/rulesets/gone/segrules.toml"]
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    build(checkout, tmp_path, "--wheel")
    (made,) = tmp_path.glob("*.whl")
    assert not [name for name in names_in(made) if "gone" in name]


def test_the_installed_wheel_is_what_gets_imported(python: Path, tmp_path: Path) -> None:
    place = Path(ask(python, "import segrules; print(segrules.__file__)", tmp_path))
    assert place.is_relative_to(python.parents[1])


def test_the_installed_wheel_finds_its_examples_and_pages(python: Path, tmp_path: Path) -> None:
    code = """
import json
from segrules.resources import finding_page, ruleset_names, ruleset_path
print(json.dumps([ruleset_names(), [ruleset_path(n).is_dir() for n in ruleset_names()], finding_page("SEG201")[:1]]))
"""
    names, are_there, page = json.loads(ask(python, code, tmp_path))
    assert "online_retail" in names
    assert all(are_there)
    assert page == "#"


def test_a_rule_is_parsed_from_the_installed_wheel(python: Path, tmp_path: Path) -> None:
    code = """
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
tree, findings = parse_file(Source("a.seg", "segment adults\\n  where age >= 18\\n"))
print(len(tree.blocks), len(findings))
"""
    assert ask(python, code, tmp_path) == "1 0"


def test_the_installed_command_says_its_version(python: Path, tmp_path: Path) -> None:
    version = importlib.import_module("segrules").__version__
    assert version in ask(python, "from segrules.cli.main import main; main(['--version'])", tmp_path)
