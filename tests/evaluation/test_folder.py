"""The output folder appears whole or not at all, and what stood there before survives."""

import errno
import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from segrules.diagnostics.errors import OutputProblem
from segrules.evaluation.folder import MADE_BY, MANIFEST, new_folder


def output(folder: Path, content: str = "old", *, more: tuple[str, ...] = ()) -> Path:
    """An earlier output with the table `t`."""
    folder.mkdir(parents=True)
    (folder / "t").write_text(content)
    (folder / MANIFEST).write_text(json.dumps({"made_by": MADE_BY, "files": {"t": {}}}))
    for name in more:
        (folder / name).write_text("mine")
    return folder


def fill(out: Path, *, overwrite: bool = False, keep: tuple[Path, ...] = ()) -> None:
    with new_folder(out, overwrite=overwrite, keep=keep) as folder:
        (folder / "t").write_text("new")
        assert not (out / "t").exists() or (out / "t").read_text() == "old"


def fill_half(out: Path, problem: BaseException) -> None:
    with new_folder(out, overwrite=True) as folder:
        (folder / "t").write_text("half")
        raise problem


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_appears_with_its_parents(tmp_path: Path) -> None:
    fill(tmp_path / "a b" / "ü" / "out")
    assert (tmp_path / "a b" / "ü" / "out" / "t").read_text() == "new"
    assert entries(tmp_path / "a b" / "ü") == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out")
    assert entries(tmp_path / "out") == ["t"]


def test_an_earlier_output_needs_overwrite(tmp_path: Path) -> None:
    out = output(tmp_path / "out", more=(".DS_Store",))
    with pytest.raises(OutputProblem, match="exists already") as caught:
        fill(out)
    assert caught.value.help == "add `--overwrite`, or choose another folder"
    assert (out / "t").read_text() == "old"
    fill(out, overwrite=True)
    assert entries(tmp_path) == ["out"]
    assert (out / "t").read_text() == "new"
    assert not (out / MANIFEST).exists()


@pytest.mark.parametrize("manifest", [None, "", "{}", "[]", '{"made_by": "dbt", "files": {}}', '{"made_by": 1}'])
def test_what_no_run_wrote_is_never_replaced(tmp_path: Path, manifest: str | None) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    if manifest is not None:
        (out / MANIFEST).write_text(manifest)
    with pytest.raises(OutputProblem, match=r"holds what no run wrote"):
        fill(out, overwrite=True)
    assert (out / "thesis.txt").read_text() == "mine"


def test_a_stranger_among_our_files_is_not_lost(tmp_path: Path) -> None:
    out = output(tmp_path / "out", more=("notes.txt",))
    with pytest.raises(OutputProblem, match=r"`notes\.txt`"):
        fill(out, overwrite=True)
    assert entries(out) == [MANIFEST, "notes.txt", "t"]


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputProblem, match="is a file"):
        fill(tmp_path / "out", overwrite=True)
    with pytest.raises(OutputProblem, match="cannot be written"):
        fill(tmp_path / "out" / "below")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_project_and_folders_above_it_are_kept(tmp_path: Path) -> None:
    project = output(tmp_path / "above" / "project")
    for out in (project, tmp_path / "above", tmp_path / "above" / "project" / ".." / "project"):
        with pytest.raises(OutputProblem, match="holds the project"):
            fill(out, overwrite=True, keep=(project,))
    fill(project / "out", keep=(project,))


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), ValueError("x"), OSError(errno.ENOSPC, "No space left")])
@pytest.mark.parametrize("earlier", [True, False])
def test_a_failure_in_filling_leaves_everything_as_it_was(
    tmp_path: Path, problem: BaseException, earlier: bool
) -> None:
    out = tmp_path / "sub" / "out"
    if earlier:
        output(out)
    expected = OutputProblem if isinstance(problem, OSError) else type(problem)
    with pytest.raises(expected):
        fill_half(out, problem)
    if earlier:
        assert entries(tmp_path / "sub") == ["out"]
        assert (out / "t").read_text() == "old"
    else:
        assert entries(tmp_path) == []


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputProblem, match="no space left on device"), new_folder(tmp_path / "o", overwrite=False):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("problem", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
def test_a_failure_in_the_exchange_puts_the_earlier_output_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, problem: BaseException
) -> None:
    out = output(tmp_path / "out")
    replace = Path.replace
    steps = iter(range(1, 10))

    def fail(self: Path, target: Path) -> Path:
        if next(steps) == step:
            raise problem
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((OutputProblem, KeyboardInterrupt)):
        fill(out, overwrite=True)
    assert entries(tmp_path) == ["out"]
    assert (out / "t").read_text() == "old"


def test_an_interruption_after_the_exchange_leaves_the_new_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = output(tmp_path / "out")
    replace = Path.replace
    steps = iter(range(1, 10))

    def interrupted(self: Path, target: Path) -> Path:
        result = replace(self, target)
        if next(steps) == 2:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill(out, overwrite=True)
    assert entries(tmp_path) == ["out"]
    assert (out / "t").read_text() == "new"


def test_an_earlier_output_that_cannot_be_removed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = output(tmp_path / "out")
    monkeypatch.setattr(shutil, "rmtree", lambda path, ignore_errors: None)
    fill(out, overwrite=True)
    assert (out / "t").read_text() == "new"


def test_what_comes_to_stand_there_during_the_run_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(OutputProblem, match="exists already"), new_folder(out, overwrite=False):
        output(out)
    assert (out / "t").read_text() == "old"
    assert entries(tmp_path) == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = output(tmp_path / "real")
    (tmp_path / "out").symlink_to(real, target_is_directory=True)
    fill(tmp_path / "out", overwrite=True)
    assert (tmp_path / "out").is_symlink()
    assert (real / "t").read_text() == "new"


def test_what_a_killed_run_left_long_ago_is_removed(tmp_path: Path) -> None:
    old = time.time() - 2 * 24 * 60 * 60
    stale = ".out.0123456789ab.tmp"
    kept = [".out.ba9876543210.tmp", ".out.0123456789ab.old", ".other.0123456789ab.tmp", ".out.notes.tmp"]
    for name in (stale, *kept):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t").write_text("half")
        # The second one is still being written.
        when = time.time() if name == kept[0] else old
        os.utime(tmp_path / name / "t", (when, when))
        os.utime(tmp_path / name, (old, old))
    fill(tmp_path / "out")
    assert entries(tmp_path) == sorted([*kept, "out"])
