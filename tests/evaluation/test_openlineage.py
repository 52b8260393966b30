"""The lineage of a run, read by the classes that OpenLineage publishes for Python."""

import errno
import json
import os
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import attr
import pytest
from openlineage.client import event_v2
from openlineage.client.generated import (
    base,
    column_lineage_dataset,
    documentation_dataset,
    documentation_job,
    job_type_job,
    nominal_time_run,
    ownership_job,
    parent_run,
    processing_engine_run,
    schema_dataset,
    tags_dataset,
)

import segrules
from tests.assessment.shop import DATA, change, write
from tests.cli.project import segrules as command

AS_OF = "2026-11-20"
FACETS: dict[str, type[Any]] = {
    "nominalTime": nominal_time_run.NominalTimeRunFacet,
    "processing_engine": processing_engine_run.ProcessingEngineRunFacet,
    "parent": parent_run.ParentRunFacet,
    "jobType": job_type_job.JobTypeJobFacet,
    "documentation of a job": documentation_job.DocumentationJobFacet,
    "documentation of a dataset": documentation_dataset.DocumentationDatasetFacet,
    "ownership": ownership_job.OwnershipJobFacet,
    "schema": schema_dataset.SchemaDatasetFacet,
    "tags": tags_dataset.TagsDatasetFacet,
    "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("lineage") / "shop")
    change(folder, "rules.seg", "  size      at least 100\n", '  size      at least 1\n  holdout   10% salt "x"\n')
    change(
        folder,
        "rules.seg",
        "segment shoes",
        "partition who\n  stage buyer where did purchase\n  otherwise rest\n\nsegment shoes",
    )
    for name, text in DATA.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def events(shop: Path) -> list[Json]:
    return run(shop, shop.parent / "first")


def run(shop: Path, out: Path, **arguments: Any) -> list[Json]:
    segrules.load(shop).run(AS_OF, out, lineage=f"{out}.jsonl", **arguments)
    return [json.loads(line) for line in Path(f"{out}.jsonl").read_text(encoding="utf-8").splitlines()]


def complete(events: list[Json], job: str) -> Json:
    (found,) = (item for item in events if item["eventType"] == "COMPLETE" and item["job"]["name"] == job)
    return found


# --- read by the published classes ----------------------------------------------------------------


def read(of: Any, content: Any) -> Any:
    """Values as an instance of a published class: every key has to be one of its own, with a value of its type."""
    if get_origin(of) is list:
        return [read(get_args(of)[0], item) for item in content]
    if get_origin(of) is dict:
        return {key: read(get_args(of)[1], item) for key, item in content.items()}
    options = [item for item in get_args(of) if item is not type(None)]
    if options:
        return None if content is None else read(options[0], content)
    if not attr.has(of):
        assert isinstance(content, of), (of, content)
        return content
    hints = get_type_hints(of)
    fields = {
        field.name.removeprefix("_") if field.name.startswith("_producer") else field.name: field
        for field in attr.fields(of)
    }
    given = {key.removeprefix("_") if key == "_producer" else key: value for key, value in content.items()}
    schema = given.pop("_schemaURL", None)
    assert given.keys() <= fields.keys(), (of, given.keys() - fields.keys())
    made: Any = of(**{key: read(hints[fields[key].name], value) for key, value in given.items()})
    assert schema is None or schema == made._get_schema()
    return made


def facets(content: Json, kind: str) -> Json:
    named = {name: f"{name} of a {kind}" if name == "documentation" else name for name in content}
    for name, facet in content.items():
        assert facet.keys() >= {"_producer", "_schemaURL"}
        read(FACETS[named[name]], facet)
    return {}


def test_every_event_is_one_of_the_published_client(events: list[Json]) -> None:
    for event in events:
        run_, job = event["run"], event["job"]
        datasets = {"inputs": base.InputDataset, "outputs": base.OutputDataset}
        made = {
            key: [of(item["namespace"], item["name"], facets=facets(item["facets"], "dataset")) for item in event[key]]
            for key, of in datasets.items()
        }
        read_back = event_v2.RunEvent(
            eventType=event_v2.RunState[event["eventType"]],
            eventTime=event["eventTime"],
            run=event_v2.Run(run_["runId"], facets=facets(run_["facets"], "run")),
            job=event_v2.Job(job["namespace"], job["name"], facets=facets(job["facets"], "job")),
            producer=event["producer"],
            **made,
        )
        assert read_back.schemaURL == event["schemaURL"]
        assert event.keys() == {item.name for item in attr.fields(event_v2.RunEvent)}


@pytest.mark.parametrize(
    "content",
    [
        {"fields": {"a": {"inputFields": [{"namespace": "n", "name": "x"}]}}},
        {"fields": {"a": {"inputFields": [{"namespace": "n", "name": "x", "field": 3}]}}},
        {"fields": {}, "filters": []},
        {},
    ],
)
def test_the_reader_would_notice_a_facet_that_is_wrong(content: Json) -> None:
    with pytest.raises((AssertionError, TypeError)):
        read(column_lineage_dataset.ColumnLineageDatasetFacet, content)


# --- what they say --------------------------------------------------------------------------------


def test_each_job_starts_and_completes_within_the_run(events: list[Json]) -> None:
    told = [(item["eventType"], item["job"]["name"]) for item in events]
    within = [(kind, f"shop.{name}") for name in ("who", "regulars", "shoes") for kind in ("START", "COMPLETE")]
    assert told == [("START", "shop"), *within, ("COMPLETE", "shop")]
    first, last = events[0], events[-1]
    assert first["run"]["runId"] == last["run"]["runId"]
    assert first["eventTime"] <= last["eventTime"]
    for event in events[1:-1]:
        assert event["run"]["facets"]["parent"]["run"] == {"runId": first["run"]["runId"]}
        assert event["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-11-20T00:00:00+00:00"
    assert len({event["run"]["runId"] for event in events}) == 4


def columns(event: Json) -> dict[tuple[str, str], list[str]]:
    """What the output rests on as a whole: by table and column, how."""
    (output,) = event["outputs"]
    return {
        (Path(item["name"]).name, item["field"]): [f"{how['type']}/{how['subtype']}" for how in item["transformations"]]
        for item in output["facets"]["columnLineage"]["dataset"]
    }


def test_what_a_rule_reads_filters_the_members_and_only_the_key_is_among_them(events: list[Json]) -> None:
    event = complete(events, "shop.shoes")
    assert columns(event) == {
        ("orders.csv", "customer_id"): ["INDIRECT/JOIN"],
        ("orders.csv", "department"): ["INDIRECT/FILTER"],
        ("orders.csv", "order_id"): ["INDIRECT/SORT"],
        ("orders.csv", "ordered_at"): ["INDIRECT/FILTER"],
        ("people.csv", "email_ok"): ["INDIRECT/FILTER"],
        ("people.csv", "staff"): ["INDIRECT/FILTER"],
        ("robinson.csv", "customer_id"): ["INDIRECT/FILTER"],
    }
    (output,) = event["outputs"]
    fields = output["facets"]["columnLineage"]["fields"]
    assert list(fields) == ["customer_id"]
    (key,) = fields["customer_id"]["inputFields"]
    assert (Path(key["name"]).name, key["field"], key["transformations"][0]["type"]) == (
        "people.csv",
        "customer_id",
        "DIRECT",
    )
    assert (output["namespace"], output["name"]) == ("segrules://shop", "shoes")


def test_lists_defines_and_computed_columns_are_followed(events: list[Json]) -> None:
    event = complete(events, "shop.regulars")
    found = columns(event)
    assert found["near.csv", "value"] == ["INDIRECT/FILTER"]
    assert found["people.csv", "birth_date"] == ["INDIRECT/FILTER"]
    assert found["orders.csv", "department"] == ["INDIRECT/FILTER"]
    assert ("people.csv", "age") not in found
    assert {Path(item["name"]).name for item in event["inputs"]} == {
        "near.csv",
        "orders.csv",
        "people.csv",
        "robinson.csv",
    }
    (output,) = event["outputs"]
    (drawn,) = output["facets"]["columnLineage"]["fields"]["arm"]["inputFields"]
    assert drawn["transformations"][0]["subtype"] == "CONDITIONAL"


def test_labels_are_tags_of_the_columns_that_are_read(events: list[Json]) -> None:
    tags = {
        (Path(item["name"]).name, tag["field"], tag["key"], tag["value"])
        for item in complete(events, "shop.regulars")["inputs"]
        for tag in item["facets"].get("tags", {"tags": []})["tags"]
    }
    assert tags == {
        ("orders.csv", "department", "category where pharmacy", "health"),
        ("people.csv", "birth_date", "category", "age"),
        ("people.csv", "customer_id", "identifiability", "identifier"),
        ("people.csv", "postcode", "category", "postal_code"),
        ("people.csv", "postcode", "proxy_for", "race_ethnicity"),
    }


def test_a_partition_keeps_everybody_and_columns_decide_on_the_entry(events: list[Json]) -> None:
    (output,) = complete(events, "shop.who")["outputs"]
    facet = output["facets"]["columnLineage"]
    assert facet["dataset"] == []
    how = {item["field"]: item["transformations"][0]["subtype"] for item in facet["fields"]["entry"]["inputFields"]}
    assert how == {"customer_id": "JOIN", "order_id": "SORT", "ordered_at": "CONDITIONAL"}


def test_the_run_takes_segments_into_files_and_tells_no_number_of_members(shop: Path, events: list[Json]) -> None:
    event = events[-1]
    assert [item["name"] for item in event["inputs"]] == ["regulars", "shoes", "who"]
    outputs = {Path(item["name"]).name: item for item in event["outputs"]}
    assert sorted(outputs) == ["membership.parquet", "partitions.parquet", "summary.json"]
    fields = outputs["membership.parquet"]["facets"]["columnLineage"]["fields"]
    assert [item["name"] for item in fields["customer_id"]["inputFields"]] == ["regulars", "shoes"]
    assert outputs["membership.parquet"]["name"] == (shop.parent / "first" / "membership.parquet").as_posix()
    assert "outputStatistics" not in json.dumps(events)


def test_the_same_run_has_the_same_ids_and_another_one_others(shop: Path, tmp_path: Path, events: list[Json]) -> None:
    def ids(of: list[Json]) -> list[str]:
        return [item["run"]["runId"] for item in of]

    again = run(shop, tmp_path / "again")
    assert ids(again) == ids(events)
    assert set(ids(run(shop, tmp_path / "other", segments="shoes"))).isdisjoint(ids(events))


def test_paths_that_replace_those_of_the_catalogue_are_told(shop: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.csv"
    moved.write_bytes((shop / "orders.csv").read_bytes())
    found = run(shop, tmp_path / "out", data={"orders": moved}, segments="shoes")
    assert moved.as_posix() in {item["name"] for item in complete(found, "shop.shoes")["inputs"]}


# --- where it cannot be written -------------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_refused_before_the_run(shop: Path, tmp_path: Path) -> None:
    rules, out = segrules.load(shop), tmp_path / "out"
    for lineage, said in (
        (out / "lineage.jsonl", "lies in the output folder"),
        (out, "lies in the output folder"),
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "x.jsonl", "does not exist"),
    ):
        with pytest.raises(segrules.OutputProblem, match=said):
            rules.run(AS_OF, out, lineage=lineage)
    with pytest.raises(segrules.OutputProblem, match="has no lineage"):
        rules.run(AS_OF, lineage=tmp_path / "x.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_lineage_is_not_replaced(shop: Path, tmp_path: Path) -> None:
    settings = shop / "segrules.toml"
    before = settings.read_bytes()
    with pytest.raises(segrules.OutputProblem, match="holds something else than lineage"):
        segrules.load(shop).run(as_of="2026-11-01", out=tmp_path / "out", lineage=settings)
    assert settings.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_an_earlier_file_as_it_was(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = '{"eventType": "earlier"}'
    (tmp_path / "x.jsonl").write_text(earlier, encoding="utf-8")

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("segrules.evaluation.openlineage.os.fsync", full)
    with pytest.raises(segrules.OutputProblem, match="no space left"):
        segrules.load(shop).run(AS_OF, tmp_path / "out", lineage=tmp_path / "x.jsonl")
    assert (tmp_path / "x.jsonl").read_text(encoding="utf-8") == earlier
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "x.jsonl"]


def test_the_command_takes_a_file(shop: Path, tmp_path: Path) -> None:
    told = command("run", shop, "--as-of", AS_OF, "--out", "out", "--lineage", "l.jsonl", cwd=tmp_path)
    assert told.returncode == 1, "a policy is broken, as `check` says, and the run is written all the same"
    assert "lineage written to l.jsonl\n" in told.stdout
    assert len((tmp_path / "l.jsonl").read_text(encoding="utf-8").splitlines()) == 8
