"""What list files hold, and which are refused."""

import sys
from pathlib import Path

import pytest

from segrules.diagnostics.finding import Finding
from segrules.workspace.lists import ListReader


@pytest.mark.parametrize(
    ("name", "data", "values"),
    [
        ("a.csv", b"1\n2\n\n2\n", {"1", "2"}),
        ("a.csv", b"\xef\xbb\xbf1\r\n2\r\n", {"1", "2"}),
        ("a.csv", b'1,x\n"2,3",y\n"a ""b""",z\n', {"1", "2,3", 'a "b"'}),
        ("a.csv", b" 1 \n \nX\nx", {" 1 ", "X", "x"}),
        ("a.txt", b'1,x\n"2"\n', {"1,x", '"2"'}),
        ("a.csv", b"", set()),
        ("a.csv", "Zoë\n日本".encode(), {"Zoë", "日本"}),
    ],
)
def test_a_list_holds_one_value_per_line(tmp_path: Path, name: str, data: bytes, values: set[str]) -> None:
    (tmp_path / name).write_bytes(data)
    reader = ListReader(tmp_path)
    assert reader(name) == frozenset(values)
    assert list(reader.hashes) == [name]


@pytest.mark.parametrize("path", ["../a.csv", "/etc/hosts", "sub/../../a.csv", "C:/a.csv", "c:a.csv", "sub\\a.csv"])
def test_paths_outside_the_project_are_refused(tmp_path: Path, path: str) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (tmp_path / "a.csv").write_text("1\n")
    item = ListReader(project)(path)
    assert isinstance(item, Finding)
    assert item.code.number == "SEG006"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_out_of_the_project_are_refused(tmp_path: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (tmp_path / "a.csv").write_text("1\n")
    (project / "a.csv").symlink_to(tmp_path / "a.csv")
    item = ListReader(project)("a.csv")
    assert isinstance(item, Finding)
    assert "outside the project" in item.message


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"caf\xe9\n")
    (tmp_path / "b.csv").write_bytes(b'ok\n"open\n')
    reader = ListReader(tmp_path)
    found = {name: reader(name) for name in ("a.csv", "b.csv", "gone.csv")}
    codes = {name: item.code.number for name, item in found.items() if isinstance(item, Finding)}
    assert codes == {"a.csv": "SEG002", "b.csv": "SEG006", "gone.csv": "SEG001"}
