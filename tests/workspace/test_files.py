"""Which rule files are found, and what is said about those that cannot be read."""

import os
import sys
from pathlib import Path

import pytest

from segrules.diagnostics.finding import Finding
from segrules.workspace.files import TextFile, read_text, rule_files, shown_path

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
needs_rights = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read everything"
)


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("# rules\n", encoding="utf-8")


def found(root: Path, *places: str) -> tuple[list[str], list[Finding]]:
    paths, findings = rule_files(root, places or (".",))
    return [shown_path(path, root) for path in paths], findings


def test_all_rule_files_below_are_found_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.seg", "a/z.seg", "a/ü x/y.SEG", "notes.txt", ".hidden/x.seg", "a/._junk.seg")
    assert found(tmp_path) == (["a/z.seg", "a/ü x/y.SEG", "b.seg"], [])


def test_files_and_folders_may_be_named_and_none_is_read_twice(tmp_path: Path) -> None:
    write(tmp_path, "a/x.seg", "a/y.seg", "b.rules")
    assert found(tmp_path, "a/y.seg", "a", ".", "b.rules") == (["a/x.seg", "a/y.seg", "b.rules"], [])


def test_a_place_that_does_not_exist_is_said(tmp_path: Path) -> None:
    paths, findings = found(tmp_path, "nowhere")
    assert paths == []
    assert findings[0].code.number == "SEG001"
    assert findings[0].message == "`nowhere` under `rules` does not exist"


@needs_links
def test_links_that_lead_back_do_not_loop(tmp_path: Path) -> None:
    write(tmp_path, "a/x.seg")
    (tmp_path / "a/back").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    paths, findings = found(tmp_path)
    assert paths == ["a/x.seg"]
    assert all(item.code.number == "SEG001" for item in findings)


@needs_links
def test_a_dangling_link_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "x.seg").symlink_to(tmp_path / "gone.seg")
    (path,), _ = rule_files(tmp_path, (".",))
    item = read_text(path, "x.seg")
    assert isinstance(item, Finding)
    assert item.code.number == "SEG001"
    assert "no such file" in item.message


@needs_rights
def test_a_folder_without_permission_is_said(tmp_path: Path) -> None:
    write(tmp_path, "a/x.seg")
    (tmp_path / "a").chmod(0)
    try:
        _, findings = found(tmp_path)
    finally:
        (tmp_path / "a").chmod(0o700)
    assert [item.message for item in findings] == ["`a` cannot be read: permission denied"]


def test_a_folder_that_cannot_be_listed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    _, findings = found(tmp_path)
    assert [item.code.number for item in findings] == ["SEG001"]
    assert findings[0].message.endswith("permission denied")


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a/Mail.seg", "a/mail.seg")
    if len(list((tmp_path / "a").iterdir())) == 1:
        pytest.skip("this file system does not tell case apart")
    _, (item,) = found(tmp_path)
    assert item.code.number == "SEG203"
    assert item.message == "the file names `a/Mail.seg` and `a/mail.seg` differ only in case"
    assert str(item.related[0].span) == "a/Mail.seg:1:1"


@pytest.mark.parametrize("data", [b"a\r\nb", b"\xef\xbb\xbfa\nb", b"a\rb"])
def test_byte_order_mark_and_line_ends_do_not_matter(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.seg").write_bytes(data)
    file = read_text(tmp_path / "x.seg", "x.seg")
    assert isinstance(file, TextFile)
    assert file.source.lines == ("a", "b")
    assert file.hash.startswith("sha256:")


def test_other_encodings_too_large_files_and_folders_are_findings(tmp_path: Path) -> None:
    (tmp_path / "x.seg").write_bytes("a\nb \xfc".encode("cp1252"))
    (tmp_path / "dir.seg").mkdir()

    def code(name: str, limit: int = 100) -> tuple[str, str]:
        item = read_text(tmp_path / name, name, limit=limit)
        assert isinstance(item, Finding)
        return item.code.number, str(item.span)

    assert code("x.seg") == ("SEG002", "x.seg:2:3")
    assert code("x.seg", 3)[0] == "SEG007"
    assert code("dir.seg")[0] == "SEG001"
    assert code("gone.seg")[0] == "SEG001"


@needs_links
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.seg")
    item = read_text(tmp_path / "x.seg", "x.seg")
    assert isinstance(item, Finding)
    assert item.message == "`x.seg` is not a regular file"
