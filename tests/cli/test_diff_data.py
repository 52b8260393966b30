"""`segrules diff --as-of`: who enters and leaves in the data, in every format, over the rules of a real shop."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import segrules
from segrules.cli.main import run_command
from tests.cli.project import ROOT

SHOP = ROOT / "rulesets" / "online_retail"
AS_OF = "2011-12-10"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The shop, and the shop with a reminder that goes out a month earlier."""
    folder = tmp_path_factory.mktemp("shop")
    before, after = folder / "before", folder / "after"
    for place in (before, after):
        shutil.copytree(SHOP, place, ignore=shutil.ignore_patterns("*.py", "tests.seg"))
    rules = after / "lifecycle.seg"
    text = rules.read_text()
    assert "last purchase was more than 90 days ago" in text
    rules.write_text(text.replace("last purchase was more than 90 days ago", "last purchase was more than 60 days ago"))
    return before, after


@pytest.fixture(scope="module")
def found(versions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `--output-format json` prints."""
    out = tmp_path_factory.mktemp("out") / "diff.json"
    before, after = map(str, versions)
    arguments = ["diff", before, after, "--as-of", AS_OF, "--output-format", "json", "--output-file", str(out)]
    assert run_command(arguments) == 0
    told: dict[str, Any] = json.loads(out.read_text())
    return told


def test_counts_are_those_of_two_runs(versions: tuple[Path, Path], found: dict[str, Any]) -> None:
    was, now = (
        set(segrules.load(folder).evaluate(as_of=AS_OF, segments="one_and_done").members("one_and_done").to_pylist())
        for folder in versions
    )
    told = {item["name"]: item for item in found["segments"]}
    assert {label: told["one_and_done"][label] for label in ("before", "after", "entered", "left")} == {
        "before": len(was),
        "after": len(now),
        "entered": len(now - was),
        "left": len(was - now),
    }
    assert (told["champions"]["entered"], told["champions"]["left"]) == (0, 0)


def test_reasons_are_told_with_their_lines(found: dict[str, Any]) -> None:
    moves = found["moves"]
    (segment,) = (item for item in moves["segments"] if item["name_after"] == "one_and_done")
    assert segment["left_because"] == []
    assert sum(cause["customers"] for cause in segment["entered_because"]) == segment["entered"]
    (clause,) = segment["entered_because"][0]["clauses"]
    assert (clause["path"], clause["text"], clause["truth"], clause["turn"]) == (
        "lifecycle.seg",
        "last purchase was more than 90 days ago",
        "false",
        "changed",
    )
    assert clause["other"]["text"] == "last purchase was more than 60 days ago"


def test_small_counts_are_null_and_named(versions: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    before, after = map(str, versions)
    arguments = ["diff", before, after, "--as-of", AS_OF, "--min-cell", "150", "--output-format"]
    assert run_command([*arguments, "json"]) == 0
    moves = json.loads(capsys.readouterr().out)["moves"]
    (segment,) = (item for item in moves["segments"] if item["name_after"] == "one_and_done")
    assert (segment["after"], segment["entered"], segment["left"]) == (None, None, 0)
    assert segment["suppressed"] == ["after", "entered"]
    assert segment["entered_because"] == []
    assert run_command([*arguments, "markdown"]) == 0
    comment = capsys.readouterr().out
    assert re.search(r"\| `one_and_done` \| .* \| [\d,]+ → hidden \| hidden \| 0 \|", comment)
    assert "would tell of 1 to 149 customers" in comment


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "lines=x.csv"], "error: data are counted at an instant"),
        (["--as-of", "someday"], "error: `someday` is neither a date nor a timestamp"),
        (["--as-of", AS_OF, "--data", "line=x.csv"], "error: neither version has a table `line`"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    versions: tuple[Path, Path], capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    before, _ = map(str, versions)
    assert run_command(["diff", before, before, *options]) == 2
    assert message in capsys.readouterr().err


def test_data_that_do_not_fit_leave_the_comparison(
    versions: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "profile.csv").write_text("customer_id\n1\n")
    before, _ = map(str, versions)
    data = ["--as-of", AS_OF, "--data", f"profile={tmp_path / 'profile.csv'}"]
    assert run_command(["diff", before, before, *data]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{before} -> {before}: no segment changed its members")
    assert "nobody was counted: the version before cannot be run on these data" in shown.out
    assert shown.err.startswith("warning: nobody was counted: the version before")
