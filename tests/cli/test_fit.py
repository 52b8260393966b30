"""`segrules fit` and what `run` says of frozen bands and population figures."""

import json
from pathlib import Path

from tests.cli.project import RULES, segrules, segrules_apart, write_project

SCORE = """
score rfm
  among buyer
  bands frozen
  rank recency by days since last purchase into 2 bands, low is best
  rank monetary by total of purchase.amount into 2 bands, high is best
score plain rank years by age into 2 bands, high is best
segment best where rfm.monetary = 2 and plain.years is known and age < population average of age
"""


def test_fit_says_what_changes_and_writes_it(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", rules=RULES + SCORE)
    tried = segrules_apart("fit", folder, "--as-of", "2026-11-01", "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert "nothing was written" in tried.stdout
    assert not (folder / "segrules.lock").exists()
    first = segrules("fit", folder, "--as-of", "2026-11-01")
    assert first.returncode == 0, first.stderr
    assert "new        rfm.monetary: 500\n" in first.stdout
    second = segrules("fit", folder, "--as-of", "2026-11-02")
    assert "changed    rfm.recency: 13 (was 12)\n" in second.stdout
    assert "unchanged  rfm.monetary: 500\n" in second.stdout
    third = segrules("fit", folder, "--as-of", "2026-11-02", "--method", "type7", "--output-format", "json")
    changes = {item["rank"]: (item["turn"], item["after"]) for item in json.loads(third.stdout)["changes"]}
    assert changes == {"monetary": ("changed", ["302.75"]), "recency": ("changed", ["332"])}


def test_a_run_says_which_cut_points_were_frozen_and_whom_figures_left_out(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", rules=RULES + SCORE)
    refused = segrules("run", folder, "--as-of", "2026-11-01", "--out", tmp_path / "out")
    assert refused.returncode == 1
    assert "SEG009" in refused.stdout
    assert "find them with `segrules fit`" in refused.stderr
    segrules("fit", folder, "--as-of", "2026-11-01")
    ran = segrules("run", folder, "--as-of", "2026-11-01", "--out", tmp_path / "out")
    assert "plain: fresh cut points\nrfm: frozen cut points\n" in ran.stdout
    assert "population average of `age` over all customers: 1 left out without a value, 0 in doubt" in ran.stdout
    told = json.loads(
        segrules("run", folder, "--as-of", "2026-11-01", "--out", tmp_path / "json", "--output-format", "json").stdout
    )
    assert told["scores"] == {"plain": {"years": "fresh"}, "rfm": {"recency": "frozen", "monetary": "frozen"}}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert told["population_figures"] == manifest["population_figures"]
    assert manifest["population_figures"] == [
        {
            "words": "population average of `age` over all customers",
            "value": "97/3",
            "counted": 3,
            "without_value": 1,
            "in_doubt": 0,
        }
    ]


def test_wrong_words_end_in_a_message(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", rules=RULES + SCORE)
    for words, code, said in (
        (["--as-of", "2026-11-01", "--scores", "rmf"], 2, "there is no score `rmf` to fit"),
        (["--as-of", "2026-11-01", "--method", "median"], 2, "median"),
        (["--as-of", "soon"], 2, "soon"),
        (["--as-of", "2026-11-01", "--data", "people=/nowhere.csv"], 1, "cannot be read"),
    ):
        ended = segrules("fit", folder, *words)
        assert ended.returncode == code, ended.stderr
        assert said in ended.stderr + ended.stdout
        assert "Traceback" not in ended.stderr
