"""Example projects of the package into folders of people's own."""

import shutil
from pathlib import Path

from segrules.diagnostics.errors import BadInput, OutputProblem
from segrules.diagnostics.nearest import did_you_mean
from segrules.resources import ruleset_names, ruleset_path

DEFAULT = "online_retail"

AS_OF = {"online_retail": "2011-12-10", "rfm_grids": "2006-12-31", "twelve": "2026-11-01"}
"""The day as of which an example is run."""


def write_example(name: str, folder: Path) -> None:
    """Copy the example project `name`, data and terms included, into `folder`, which must be new or empty.

    Raises:
        BadInput: there is no such example.
        OutputProblem: something stands in `folder`, or it cannot be written; nothing is left in it.
    """
    try:
        example = ruleset_path(name)
    except LookupError:
        names = ruleset_names()
        listed = "there are " + ", ".join(f"`{item}`" for item in names)
        raise BadInput(f"there is no example `{name}`", help=did_you_mean(name, names) or listed) from None
    new = not folder.exists()
    if not new and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputProblem(f"`{folder}` exists already and is not an empty folder", help="choose a new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(example, folder)
    except BaseException as error:
        _clear(folder, new=new)
        if isinstance(error, OSError):
            raise OutputProblem(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from error
        raise


def _copy(example: Path, folder: Path) -> None:
    for path in sorted(example.iterdir()):
        if path.name.startswith(".") or path.name in ("__pycache__", "out"):
            continue
        target = folder / path.name
        if path.is_dir():
            target.mkdir()
            _copy(path, target)
        else:
            # The content alone: an installed file may be read-only, the copy is there to be changed.
            shutil.copyfile(path, target)


def _clear(folder: Path, *, new: bool) -> None:
    if new:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in list(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
