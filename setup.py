"""Puts the folders that live outside the package into the wheel; all else stands in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# Where `segrules/resources.py` looks inside an installed package, and where the folder lives in a checkout.
FOLDERS = {"grammar": "grammar", "rulesets": "rulesets", "findings": "docs/reference/findings"}
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.py[cod]", ".*", "out")


class BuildWithFolders(build_py):
    """The usual build, from an empty folder, with the data folders beside the modules."""

    def run(self) -> None:
        if self.editable_mode:  # the checkout itself is what gets imported
            super().run()
            return
        target = Path(self.build_lib) / "segrules"
        # What an earlier build left here would otherwise reach the wheel, deleted modules included.
        shutil.rmtree(target, ignore_errors=True)
        super().run()
        for name, folder in FOLDERS.items():
            shutil.copytree(ROOT / folder, target / name, ignore=LEFT_OUT)


setup(cmdclass={"build_py": BuildWithFolders})
