"""A project that was assessed once, for tests that copy it and change it."""

import shutil
from pathlib import Path

import pytest

import segrules
from tests.assessment.shop import DAY, write


@pytest.fixture(scope="session")
def assessed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("assessed") / "shop")
    segrules.load(folder).assess(on=DAY)
    return folder


@pytest.fixture
def shop(assessed_once: Path, tmp_path: Path) -> Path:
    """The project with its assessments, to be changed."""
    return Path(shutil.copytree(assessed_once, tmp_path / "shop"))
