"""What stands in the project's files: nothing that only makes sense on one machine."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = ("segrules", "grammar", "rulesets", "tests", "docs", "benchmarks", "templates", "editors", ".ci", ".github")
BINARY = {".parquet", ".arrow", ".feather", ".ipc", ".png", ".gz", ".pyc", ".so"}

# Written in pieces, so that this file does not hold what it looks for.
TOPS = "|".join(("work", "farm", "ho" + "me", "Us" + "ers", "ro" + "ot"))
MACHINE_PATH = re.compile(rf"(?<![\w.:/])/(?:{TOPS})/\w")
REGISTRY = re.compile(r"(index[-_]url|find[-_]links|extra[-_]index)|\b(pypi\.[a-z]+/simple|files\.python" + r"hosted)")
CR = b"\r"


def project_files() -> Iterator[Path]:
    """Files that belong to the project, whether or not they are committed yet."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout
        found = [ROOT / name for name in listed.split("\0") if name]
    else:
        found = [path for path in ROOT.iterdir() if path.is_file()]
        found += [path for top in TOP for path in (ROOT / top).rglob("*")]
    yield from sorted(path for path in found if path.is_file() and path.suffix not in BINARY)


def text_files() -> Iterator[tuple[str, str]]:
    """Relative name and text of every file of text."""
    for path in project_files():
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def hits(pattern: re.Pattern[str]) -> list[str]:
    """Places where the pattern stands."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_place_on_one_machine() -> None:
    assert hits(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert hits(REGISTRY) == []


def test_text_files_have_plain_line_ends() -> None:
    # git would turn them into plain ones, so a test that needs others has to write its file itself.
    with_returns = [path.relative_to(ROOT).as_posix() for path in project_files() if CR in path.read_bytes()]
    assert with_returns == []


@pytest.mark.parametrize("line", ["see /wo" + "rk/x", "(/ho" + "me/ann/x)", "'/Us" + "ers/ann'"])
def test_the_search_for_machine_paths_finds_them(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["https://example.org/home/page", "docs/work/page.md", "/tmp/x"])
def test_the_search_for_machine_paths_leaves_other_paths_alone(line: str) -> None:
    assert not MACHINE_PATH.search(line)
