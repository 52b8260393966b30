"""`segrules run`: what it writes, prints and refuses."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from segrules.cli.main import run_command
from segrules.diagnostics.errors import BadData
from segrules.workspace.load import load
from tests.cli.project import CATALOGUE, ORDERS, PEOPLE, PROJECT, RULES, segrules_apart, write_project

AS_OF = "2026-11-01"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "my project ü")


def run(project: Path, *more: str | Path, out: Path | None = None, as_of: str = AS_OF) -> int:
    target = out or project / "out"
    return run_command(["run", str(project), "--as-of", as_of, "--out", str(target), *map(str, more)])


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def rows(path: Path) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pyarrow.parquet.read_table(path).to_pylist()]


def test_members_partitions_summary_and_manifest_are_written(project: Path) -> None:
    assert run(project) == 0
    out = project / "out"
    assert names(out) == ["manifest.json", "membership.parquet", "partitions.parquet", "summary.json"]
    assert rows(out / "membership.parquet") == [
        ("big", 10, "treated"),
        ("british", 2, "treated"),
        ("british", 10, "treated"),
    ]
    assert rows(out / "partitions.parquet") == [
        ("reach", 2, "never"),
        ("reach", 3, "once"),
        ("reach", 4, "never"),
        ("reach", 10, "lately"),
    ]
    assert read(out, "summary.json") == {
        "format": 1,
        "as_of": "2026-11-01T00:00:00+00:00",
        "customers": 4,
        "segments": {
            "big": {"qualifying": 1, "members": 1, "share": 0.25},
            "british": {"qualifying": 2, "members": 2, "share": 0.5},
        },
        "partitions": {"reach": {"lately": 1, "once": 1, "never": 2}},
    }
    manifest = read(out, "manifest.json")
    assert manifest["as_of"]["resolved"] == "2026-11-01T00:00:00+00:00"
    assert list(manifest["rules"]) == ["rules.seg"]
    assert list(manifest["data"]) == ["orders", "people"]
    assert {(item["reason"], item["count"]) for item in manifest["ignored_events"]} == {
        ("no customer", 1),
        ("unknown customer", 1),
    }
    assert set(manifest["files"]) == set(names(out)) - {"manifest.json"}


def test_the_text_names_segments_files_and_what_to_try(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(project)
    text = capsys.readouterr().out
    assert "  big            1  25.0%           1\n" in text
    assert "partition reach\n" in text
    assert "written to " in text
    assert "membership.parquet" in text
    assert f'segrules show "{project}" big' in text
    assert "note SEG513 ignored-events" in text
    assert "\x1b" not in text


def test_json_stands_alone_on_standard_output(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "--output-format", "json") == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    said = json.loads(printed.out)
    assert said["format"] == 1
    assert said["summary"] == read(project / "out", "summary.json")
    assert {item["code"] for item in said["findings"]} == {"SEG513"}
    assert said["files"][-1] == "manifest.json"


def test_two_runs_write_the_same_bytes(project: Path) -> None:
    run(project, "--wide", out=project / "one")
    run(project, "--wide", out=project / "two")
    for name in names(project / "one"):
        assert (project / "one" / name).read_bytes() == (project / "two" / name).read_bytes(), name


def test_both_engines_write_the_same_bytes(project: Path) -> None:
    arguments = ("--wide", "--include", "draft")
    for engine in ("arrow", "reference"):
        assert run(project, *arguments, "--engine", engine, out=project / engine) == 0
        assert read(project / engine, "manifest.json")["options"]["engine"] == engine
    assert run(project, *arguments, out=project / "default") == 0
    for name in {*names(project / "arrow"), *names(project / "reference")} - {"manifest.json"}:
        assert (project / "arrow" / name).read_bytes() == (project / "reference" / name).read_bytes(), name
    for name in names(project / "default"):
        assert (project / "arrow" / name).read_bytes() == (project / "default" / name).read_bytes(), name


@pytest.mark.parametrize("ending", ["csv", "arrow"])
def test_other_formats(project: Path, ending: str) -> None:
    assert run(project, "--format", ending, "--wide") == 0
    tables = {f"membership.{ending}", f"partitions.{ending}", f"wide.{ending}"}
    assert set(names(project / "out")) == {*tables, "summary.json", "manifest.json"}


def test_wide_has_a_row_for_every_customer(project: Path) -> None:
    run(project, "--wide")
    assert rows(project / "out" / "wide.parquet") == [
        (2, False, True),
        (3, False, False),
        (4, False, False),
        (10, True, True),
    ]


def test_drafts_are_run_where_asked(project: Path) -> None:
    assert run(project, "--include", "draft") == 0
    assert list(read(project / "out", "summary.json")["segments"]) == ["big", "british", "trial"]


def test_chosen_segments_and_all_partitions(project: Path) -> None:
    assert run(project, "--segments", "british") == 0
    summary = read(project / "out", "summary.json")
    assert list(summary["segments"]) == ["british"]
    assert list(summary["partitions"]) == ["reach"]


def test_other_data_from_the_command_line_and_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "new.csv").write_text(PEOPLE + "5,GB,1\n", encoding="utf-8")
    monkeypatch.chdir(project)
    assert run(project, "--data", "people=new.csv") == 0
    assert read(project / "out", "summary.json")["customers"] == 5
    assert read(project / "out", "manifest.json")["options"]["replaced_data"] == ["people"]
    (project / "segrules.toml").write_text(PROJECT + '[data]\npeople = "new.csv"\n', encoding="utf-8")
    monkeypatch.chdir(project.parent)
    assert run(project, "--overwrite") == 0
    assert read(project / "out", "summary.json")["customers"] == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--segments", "britsh"], "did you mean `british`?"),
        (["--segments", "trial"], "add `--include draft`"),
        (["--segments", "reach"], "`reach` is a partition"),
        (["--segments", ""], "there is no segment ``"),
        (["--data", "peple=x.csv"], "did you mean `people`?"),
        (["--data", "people"], "`people` is not NAME=PATH"),
        (["--data", "people=a", "--data", "people=b"], "given twice"),
        (["--format", "xlsx"], "'xlsx' is not one of"),
        (["--engine", "duckdb"], "'duckdb' is not one of"),
        (["--overwite"], "--overwrite"),
    ],
)
def test_wrong_usage_ends_with_two_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(project, *arguments) == 2
    assert said in capsys.readouterr().err
    assert not (project / "out").exists()


@pytest.mark.parametrize("as_of", ["2026-13-01", "soon", ""])
def test_a_wrong_instant_ends_with_two(project: Path, as_of: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, as_of=as_of) == 2
    assert f"`{as_of}`" in capsys.readouterr().err


def test_an_earlier_output_needs_overwrite(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project) == 0
    before = (project / "out" / "manifest.json").read_bytes()
    assert run(project, "--wide") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (project / "out" / "manifest.json").read_bytes() == before
    assert run(project, "--wide", "--overwrite") == 0
    assert (project / "out" / "wide.parquet").exists()


def test_a_file_in_the_way_is_kept(project: Path) -> None:
    (project / "out").write_text("mine")
    assert run(project, "--overwrite") == 2
    assert (project / "out").read_text() == "mine"


def test_the_project_itself_is_never_replaced(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = names(project)
    for out in (project, project.parent):
        assert run(project, "--overwrite", out=out) == 2
    (project / "empty").mkdir()
    monkeypatch.chdir(project / "empty")
    assert run(project, out=Path()) == 2
    assert names(project) == sorted([*before, "empty"])


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("earlier", [True, False])
def test_a_failure_in_writing_leaves_everything_as_it_was(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    problem: BaseException,
    earlier: bool,
) -> None:
    from segrules.evaluation import tables

    if earlier:
        run(project)
    before = names(project)
    write = tables.write_table

    def fail(table: Any, folder: Path, name: str, file_format: str) -> Any:
        if name == "partitions":
            raise problem
        return write(table, folder, name, file_format)

    monkeypatch.setattr(tables, "write_table", fail)
    expected = {OSError: 2, KeyboardInterrupt: 130, MemoryError: 3}[type(problem)]
    assert run(project, "--overwrite") == expected
    assert names(project) == before
    if isinstance(problem, OSError):
        assert "cannot be written: no space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize(
    ("engine", "where"),
    [
        ("arrow", "segrules.backends.arrow.evaluate.populate"),
        ("arrow", "segrules.backends.arrow.gather.Gathering.add"),
        ("arrow", "segrules.backends.arrow.interpret.Interpreter.run"),
        ("reference", "segrules.reference.evaluate.prepare"),
        ("reference", "segrules.reference.interpreter.Interpreter.truth"),
    ],
)
def test_an_interruption_while_evaluating_leaves_everything_as_it_was(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: str,
    where: str,
    earlier: bool,
) -> None:
    if earlier:
        run(project)
    capsys.readouterr()
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupt)
    assert run(project, "--engine", engine, "--overwrite") == 130
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    assert (project / "out").exists() is earlier
    printed = capsys.readouterr()
    assert "interrupted" in printed.err
    assert "Traceback" not in printed.out + printed.err


def test_sizes_outside_and_empty_segments_are_written_and_end_with_one(tmp_path: Path) -> None:
    rules = RULES.replace("at most 50%", "at most 20%") + '\nsegment nobody\n  where country = "NO" and age < 18\n'
    project = write_project(tmp_path / "p", rules=rules)
    assert run(project) == 1
    assert read(project / "out", "summary.json")["segments"]["nobody"]["members"] == 0


def test_a_strict_run_writes_nothing_where_a_finding_weighs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = RULES.replace("at least 1,", "at least 2,") + '\nsegment nobody\n  where country = "NO" and age < 18\n'
    project = write_project(tmp_path / "p", rules=rules)
    assert run(project, "--strict") == 1
    printed = capsys.readouterr()
    assert "SEG601" in printed.out
    assert "SEG602" in printed.out
    assert "segments\n" in printed.out
    assert "nothing was written" in printed.err
    assert not (project / "out").exists()
    assert run(project, "--strict", "--output-format", "json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["summary"]["segments"]["big"]["members"] == 1
    assert said["error"]["message"] == "nothing was written, since the run is strict"


def test_a_strict_run_without_such_findings_writes(project: Path) -> None:
    assert run(project, "--strict") == 0
    assert (project / "out" / "manifest.json").exists()


def test_levels_of_the_project_decide_what_fails(tmp_path: Path) -> None:
    rules = RULES + '\nsegment nobody\n  where country = "NO" and age < 18\n'
    files = {"segrules_toml": PROJECT + '[checks]\nempty-segment = "warning"\n'}
    project = write_project(tmp_path / "p", rules=rules, **files)
    assert run(project, "--strict") == 0
    assert run(project, "--overwrite", "--fail-on", "warning") == 1
    assert run(project, "--overwrite", "--fail-on", "warning", "--strict") == 1
    raised = write_project(tmp_path / "q", segrules_toml=PROJECT + '[checks]\nignored-events = "error"\n')
    assert run(raised) == 1
    assert (raised / "out").exists()


def test_rules_with_errors_stop_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", rules=RULES.replace("country", "contry"))
    assert run(project) == 1
    printed = capsys.readouterr()
    assert "did you mean `country`?" in printed.out
    assert "the rules have errors" in printed.err
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"people_csv": ""}, "SEG501"),
        ({"people_csv": PEOPLE + "4,NO,1\n"}, "SEG507"),
        ({"people_csv": PEOPLE + "5,DE,1\n"}, "SEG504"),
        ({"people_csv": PEOPLE + "five,GB,1\n"}, "SEG503"),
        ({"people_csv": PEOPLE.replace("country", "land")}, "SEG502"),
        ({"orders_csv": ORDERS + "f,10,,1.00\n"}, "SEG509"),
    ],
)
def test_data_that_do_not_fit_stop_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], code: str
) -> None:
    project = write_project(tmp_path / "p", **files)
    assert run(project) == 1
    printed = capsys.readouterr()
    assert code in printed.out
    assert "nothing was run" in printed.err
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("people", "orders", "codes"),
    [
        (PEOPLE + "4,NO,1\n", ORDERS, ["SEG507"]),
        (PEOPLE + "4,NO,1\n10,GB,3\n10,GB,3\n", ORDERS, ["SEG507"]),
        (PEOPLE + "4,DE,1\n", ORDERS, ["SEG507", "SEG504"]),
        (PEOPLE + "5,DE,1\n,NO,3\n", ORDERS, ["SEG508", "SEG504"]),
        (PEOPLE + "5,DE,1\n", ORDERS + "f,10,yesterday,1.00\n", ["SEG504", "SEG503"]),
        (PEOPLE, ORDERS + "f,10,yesterday,1.001\nf,10,,x\n", None),
    ],
    ids=["a key twice", "keys often", "a key twice and a value", "no key and a value", "two tables", "one table"],
)
def test_all_that_is_wrong_with_data_that_rules_read_is_said_at_once_by_both_engines(
    tmp_path: Path, people: str, orders: str, codes: list[str] | None
) -> None:
    project = write_project(tmp_path / "p", people_csv=people, orders_csv=orders)
    said = []
    for engine in ("arrow", "reference"):
        with pytest.raises(BadData) as caught:
            load(project).run(AS_OF, engine=engine)
        said.append(caught.value.findings)
    assert said[0] == said[1]
    assert codes is None or [item.code.number for item in said[0]] == codes


def test_an_interruption_reads_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from segrules.sources.stream import TableSource

    def stop(what: str, done: int, total: int) -> None:
        if what == "reading `orders`":
            raise KeyboardInterrupt

    read = []
    batches = TableSource.batches

    def recorded(self: TableSource, columns: Any, **more: Any) -> Any:
        read.append(self.table.name)
        return batches(self, columns, **more)

    monkeypatch.setattr(TableSource, "batches", recorded)
    project = write_project(tmp_path / "p", people_csv=PEOPLE + "5,DE,1\n")
    with pytest.raises(KeyboardInterrupt):
        load(project).run(AS_OF, progress=stop)
    assert read == ["people"]


@pytest.mark.parametrize(("within", "code"), [("3 weeks", 0), ("2 weeks", 1)])
def test_old_data_stop_a_run_that_reads_their_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], within: str, code: int
) -> None:
    fresh = f"path: orders.csv\n    fresh_within: {{column: at, within: {within}}}"
    catalogue = CATALOGUE.replace("path: orders.csv", fresh).replace(
        "      order_id:", "      at: date\n      order_id:"
    )
    # No rule reads the column that says how old the orders are.
    orders = "".join(
        f"{'at' if number == 0 else '2026-10-15'},{line}\n" for number, line in enumerate(ORDERS.splitlines())
    )
    project = write_project(tmp_path / "p", catalog_yaml=catalogue, orders_csv=orders)
    assert run(project) == code
    assert ("SEG510" in capsys.readouterr().out) is (code == 1)
    assert (project / "out").exists() is (code == 0)


def test_columns_and_tables_that_no_rule_reads_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = 'segment british "From Great Britain"\n  where country = "GB"\n'
    project = write_project(
        tmp_path / "p", rules=rules, people_csv=PEOPLE + "5,GB,old\n", orders_csv=ORDERS + "f,ten,yesterday,x\n"
    )
    assert run(project) == 0
    assert read(project / "out", "summary.json")["segments"]["british"]["members"] == 3
    assert list(read(project / "out", "manifest.json")["data"]) == ["people"]
    assert "SEG5" not in capsys.readouterr().out
    # The reference interpreter reads everything.
    assert run(project, "--engine", "reference", out=project / "other") == 1
    printed = capsys.readouterr().out
    assert "column `age` of table `people`" in printed
    assert "table `orders`" in printed


def test_data_cut_short_stop_the_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = project / "people.parquet"
    table = pyarrow.csv.read_csv(project / "people.csv")
    pyarrow.parquet.write_table(table, whole)
    whole.write_bytes(whole.read_bytes()[:-100])
    assert run(project, "--data", f"people={whole}") == 1
    assert "SEG501" in capsys.readouterr().out


def test_customer_ids_keep_the_type_of_the_data(project: Path) -> None:
    import pyarrow as pa

    table = pyarrow.csv.read_csv(project / "people.csv")
    table = table.set_column(0, "customer_id", table["customer_id"].cast(pa.int32()))
    pyarrow.parquet.write_table(table, project / "people.parquet")
    assert run(project, "--data", f"people={project / 'people.parquet'}", "--wide") == 0
    for name in ("membership", "partitions", "wide"):
        written = pyarrow.parquet.read_schema(project / "out" / f"{name}.parquet")
        assert written.field("customer_id").type == pa.int32()


def test_a_note_says_how_an_instant_at_a_clock_change_is_read(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, as_of="2026-10-25T01:30") == 0
    assert "comes twice" in capsys.readouterr().out
    assert read(project / "out", "manifest.json")["as_of"]["notes"]


def test_list_files_are_read_and_hashed(tmp_path: Path) -> None:
    rules = 'segment listed\n  where country in list "lists.csv"\n'
    project = write_project(tmp_path / "p", rules=rules, lists_csv="GB\nIE\n")
    assert run(project) == 0
    assert read(project / "out", "summary.json")["segments"]["listed"]["members"] == 3
    assert list(read(project / "out", "manifest.json")["lists"]) == ["lists.csv"]


@pytest.mark.parametrize("name", ["CRLF", "BOM"])
def test_files_from_windows_are_read(tmp_path: Path, name: str) -> None:
    project = write_project(tmp_path / "p")
    for path in project.iterdir():
        data = path.read_bytes()
        path.write_bytes(data.replace(b"\n", b"\r\n") if name == "CRLF" else b"\xef\xbb\xbf" + data)
    assert run(project) == 0
    assert read(project / "out", "summary.json")["segments"]["big"]["members"] == 1


def test_a_console_without_unicode_survives(tmp_path: Path) -> None:
    rules = '# 🙂\nsegment vip "日本"\n  where country = "🙂日本"\n'
    project = write_project(tmp_path / "日本 🙂", rules=rules)
    for encoding in ("cp1252", "ascii", "utf-8"):
        done = segrules_apart("check", project, PYTHONIOENCODING=encoding)
        assert done.returncode == 1
        assert done.stderr == ""
        assert "SEG306" in done.stdout
        assert "^" in done.stdout
        done = segrules_apart("check", project, "--output-format", "json", PYTHONIOENCODING=encoding)
        assert any("🙂日本" in item["message"] for item in json.loads(done.stdout)["findings"])


def test_no_colour_is_printed_where_nobody_looks(project: Path) -> None:
    done = segrules_apart("run", project, "--as-of", AS_OF, "--out", project / "out", FORCE_COLOR="1", NO_COLOR="1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
