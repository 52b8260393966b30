"""A folder that appears whole or not at all: built beside its final name, then renamed."""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from segrules.diagnostics.errors import OutputProblem

MANIFEST = "manifest.json"
MADE_BY = "segrules run"
"""What the manifest of an output folder says under `made_by`; a folder without it is never replaced."""

_STALE = 24 * 60 * 60
"""Seconds without a change after which a folder that was being built is taken for one that a killed run left."""

_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def check_target(out: Path, *, overwrite: bool, keep: tuple[Path, ...] = ()) -> None:
    """Refuse early what `new_folder` would refuse late.

    Args:
        out: the folder to be.
        overwrite: whether an earlier output may be replaced; anything else is never replaced.
        keep: folders and files that must not be lost, such as the project itself.

    Raises:
        OutputProblem: something else stands at `out`, or `out` could not be made.
    """
    real = _real(out)
    for path in keep:
        if os.path.realpath(path) == str(real) or real in Path(os.path.realpath(path)).parents:
            raise OutputProblem(
                f"`{out}` holds the project, or the folder in which the command runs", help="choose another folder"
            )
    if not os.path.lexists(real):
        return
    if not real.is_dir():
        raise OutputProblem(f"`{out}` is a file", help="choose another name for the output folder")
    try:
        names = {entry.name for entry in os.scandir(real)} - _LEFT_BY_SYSTEMS
    except OSError as error:
        raise OutputProblem(f"`{out}` cannot be read: {_why(error)}") from None
    if not names:
        return
    if not overwrite:
        raise OutputProblem(f"`{out}` exists already", help="add `--overwrite`, or choose another folder")
    strange = names - _made_by_us(real)
    if strange:
        listed = ", ".join(f"`{name}`" for name in sorted(strange)[:5])
        raise OutputProblem(
            f"`{out}` holds what no run wrote ({listed}), so it is not replaced",
            help="choose another folder, or remove this one by hand",
        )


@contextmanager
def new_folder(out: Path, *, overwrite: bool, keep: tuple[Path, ...] = ()) -> Iterator[Path]:
    """An empty folder to fill; it is renamed to `out` at the end, or removed with all it holds if anything fails.

    An earlier output at `out` stays in place until the new one is whole, and comes back if the exchange fails.

    Raises:
        OutputProblem: `out` is refused (see `check_target`), or the system failed in writing (disk full, no right).
    """
    check_target(out, overwrite=overwrite, keep=keep)
    real = _real(out)
    made = _make_parents(real, out)
    _clear_stale(real)
    building = real.parent / f".{real.name}.{secrets.token_hex(6)}.tmp"
    try:
        building.mkdir()
        yield building
        # Again, for what may have come while the run was working.
        check_target(out, overwrite=overwrite, keep=keep)
        _exchange(building, real)
    except BaseException as error:
        shutil.rmtree(building, ignore_errors=True)
        for folder in reversed(made):
            _remove_if_empty(folder)
        if isinstance(error, OSError):
            raise OutputProblem(f"`{out}` cannot be written: {_why(error)}") from error
        raise


def _exchange(building: Path, real: Path) -> None:
    if not os.path.lexists(real):
        building.replace(real)
        return
    aside = real.parent / f".{real.name}.{secrets.token_hex(6)}.old"
    try:
        real.replace(aside)
        building.replace(real)
    except BaseException:
        # Where the interruption came after the second step, the new output stands and the old one may go.
        if aside.exists() and not os.path.lexists(real):
            aside.replace(real)
        shutil.rmtree(aside, ignore_errors=True)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _clear_stale(real: Path) -> None:
    """Remove what runs that were killed were building for the same `real`, if it has not changed for a day.

    An earlier output that was set aside (`.old`) stays: it may be the only copy.
    """
    ours = re.compile(rf"\.{re.escape(real.name)}\.[0-9a-f]{{12}}\.tmp")
    with suppress(OSError):
        for entry in list(os.scandir(real.parent)):
            if ours.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False) and _is_stale(Path(entry.path)):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_stale(building: Path) -> bool:
    changed = [building.lstat().st_mtime, *(path.lstat().st_mtime for path in building.iterdir())]
    return max(changed) < time.time() - _STALE


def _make_parents(real: Path, out: Path) -> list[Path]:
    missing = []
    folder = real.parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    made: list[Path] = []
    try:
        for parent in reversed(missing):
            parent.mkdir()
            made.append(parent)
    except OSError as error:
        for parent in reversed(made):
            _remove_if_empty(parent)
        raise OutputProblem(f"`{out}` cannot be written: {_why(error)}") from error
    return made


def _made_by_us(folder: Path) -> set[str]:
    """The names of the files that the manifest in `folder` lists, with its own; empty if there is none of ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["made_by"] != MADE_BY:
            return set()
        return {MANIFEST, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _real(out: Path) -> Path:
    return Path(os.path.realpath(out))


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _why(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
