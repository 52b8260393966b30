"""`rulesets/online_retail` gives what pandas gives, customer by customer, and the totals known of its data."""

import json
import runpy
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import segrules
from segrules.reference.prepare import prepare
from segrules.reference.world import EventRow, World
from tests.rulesets import expected as by_hand

FOLDER = Path(__file__).parents[2] / "rulesets" / "online_retail"
DATA = FOLDER / "data"
SEGMENTS = (
    "birthday",
    "champions",
    "christmas_again",
    "export_buyers",
    "one_and_done",
    "returns_often",
    "slipping_away",
    "uk_regulars",
    "vip",
    "welcome",
    "wide_range",
    "win_back",
)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run, drafts included, found and wrote."""

    findings: tuple[segrules.Finding, ...]
    out: Path
    summary: dict[str, Any]
    manifest: dict[str, Any]
    membership: pa.Table
    partitions: pa.Table


@dataclass(frozen=True, slots=True)
class Reference:
    """What the reference interpreter found, wrote, and made of the data: all customers with their events."""

    run: Run
    world: World


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(tmp_path_factory.mktemp("online_retail") / "out")


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    worlds: list[World] = []

    def remember(*args: Any) -> World:
        worlds.append(prepare(*args))
        return worlds[-1]

    out = tmp_path_factory.mktemp("online_retail") / "out"
    with pytest.MonkeyPatch.context() as patch:
        # Half a million lines are made into events; to do it a second time for the totals would double the time.
        patch.setattr("segrules.reference.evaluate.prepare", remember)
        made = _run(out, engine="reference")
    (world,) = worlds
    return Reference(made, world)


@pytest.fixture(scope="session")
def world(reference: Reference) -> World:
    return reference.world


def _run(out: Path, **options: Any) -> Run:
    result = segrules.load(FOLDER).run(as_of="2011-12-10", out=out, include="draft", **options)
    return Run(
        result.findings,
        out,
        json.loads((out / "summary.json").read_text(encoding="utf-8")),
        json.loads((out / "manifest.json").read_text(encoding="utf-8")),
        pq.read_table(out / "membership.parquet"),
        pq.read_table(out / "partitions.parquet"),
    )


@pytest.fixture(scope="session")
def expected() -> by_hand.Expected:
    return by_hand.expected(DATA)


@pytest.fixture(scope="session")
def lines() -> pd.DataFrame:
    return by_hand.read_lines(DATA)


# --- members and stages


def test_the_rules_are_clean() -> None:
    rules = segrules.load(FOLDER)
    assert rules.check() == ()
    assert rules.segments == SEGMENTS


@pytest.mark.parametrize("segment", SEGMENTS)
def test_members_are_those_of_pandas(segment: str, run: Run, expected: by_hand.Expected) -> None:
    rows = run.membership.filter(pc.equal(run.membership["segment"], segment))
    found = rows["customer_id"].to_pylist()
    assert found == sorted(expected.members[segment])
    assert found, "an example that nobody is in shows nothing"


def test_nothing_else_is_written(run: Run, expected: by_hand.Expected) -> None:
    assert run.membership.num_rows == sum(len(members) for members in expected.members.values())
    assert set(run.membership["segment"].to_pylist()) == set(SEGMENTS) == set(expected.members)
    assert set(run.membership["arm"].to_pylist()) == {"treated"}
    assert run.membership.schema.field("customer_id").type == pa.int32()


@pytest.mark.parametrize("partition", ["lifecycle_stage", "market"])
def test_every_customer_has_the_stage_of_pandas(partition: str, run: Run, expected: by_hand.Expected) -> None:
    rows = run.partitions.filter(pc.equal(run.partitions["partition"], partition))
    found = dict(zip(rows["customer_id"].to_pylist(), rows["entry"].to_pylist(), strict=True))
    assert rows.num_rows == len(expected.customers)
    assert found == expected.partitions[partition]


def test_the_summary_counts_them(run: Run, expected: by_hand.Expected) -> None:
    customers = len(expected.customers)
    assert run.summary["customers"] == customers
    assert run.summary["segments"] == {
        name: {
            "qualifying": len(expected.qualifying[name]),
            "members": len(members),
            "share": len(members) / customers,
        }
        for name, members in expected.members.items()
    }
    assert run.summary["partitions"] == {
        name: dict(Counter(entries.values())) for name, entries in expected.partitions.items()
    }


def test_all_sizes_hold_and_nothing_is_wrong(run: Run) -> None:
    assert {item.severity for item in run.findings} == {segrules.Severity.NOTE}


@pytest.mark.parametrize("name", ["membership.parquet", "partitions.parquet", "summary.json"])
def test_both_engines_write_the_same_bytes(name: str, run: Run, reference: Reference) -> None:
    assert (run.out / name).read_bytes() == (reference.run.out / name).read_bytes()


def test_both_engines_were_asked_the_same_and_found_the_same(run: Run, reference: Reference) -> None:
    made = [run.manifest, reference.run.manifest]
    assert [manifest["options"]["engine"] for manifest in made] == ["arrow", "reference"]
    arrow, by_definition = ({**manifest, "options": {**manifest["options"], "engine": ""}} for manifest in made)
    assert arrow == by_definition
    assert run.findings == reference.run.findings


# --- what the catalogue makes of the data


def test_the_data_are_whole(lines: pd.DataFrame) -> None:
    assert len(lines) == 541_909
    assert lines["invoice_no"].nunique() == 25_900
    assert lines["stock_code"].nunique() == 4_070
    assert lines["customer_id"].nunique() == 4_372
    assert lines["country"].nunique() == 38
    assert lines["quantity"].sum() == 5_176_450
    assert lines["amount"].sum() == 9_747_747_934
    assert lines.loc[lines["customer_id"].notna(), "amount"].sum() == 8_300_065_814


def test_purchases_come_to_the_known_totals(world: World) -> None:
    purchases = _events(world, "purchase")
    assert len(purchases) == 18_532
    assert _total(purchases, "lines") == 397_884
    assert _total(purchases, "amount") == Fraction("8911407.904")
    assert sum("purchase" in customer.events for customer in world.customers) == 4_338
    assert len(world.customers) == 4_372


def test_every_customers_purchases_are_those_of_pandas(world: World, lines: pd.DataFrame) -> None:
    found = {
        customer.key: sorted(_total([row], "amount") * by_hand.POUND for row in customer.events["purchase"])
        for customer in world.customers
        if "purchase" in customer.events
    }
    invoices = by_hand.purchases(lines)
    assert found == invoices.groupby("customer_id")["amount"].apply(sorted).to_dict()


def test_cancellations_are_an_event_of_their_own(world: World, lines: pd.DataFrame) -> None:
    cancellations = _events(world, "cancellation")
    paid_back = lines[lines["cancelled"] & lines["customer_id"].notna()]
    assert len(cancellations) == paid_back["invoice_no"].nunique() == 3_654
    assert _total(cancellations, "lines") == len(paid_back) == 8_905
    assert _total(cancellations, "amount") * by_hand.POUND == -paid_back["amount"].sum()


def test_services_and_fees_are_no_items(world: World, lines: pd.DataFrame) -> None:
    goods = lines[lines["sold"] & lines["goods"] & lines["customer_id"].notna()]
    items = _events(world, "item")
    assert len(items) == len(goods) == 396_340
    assert {row.values["stock_code"] for row in items} == set(goods["stock_code"])


def test_two_invoices_in_one_minute_are_two_purchases(world: World) -> None:
    twins = 0
    for customer in world.customers:
        times = Counter(row.time for row in customer.events.get("purchase", []))
        twins += sum(count - 1 for count in times.values())
    assert twins == 122


def test_a_customer_with_two_countries_is_where_the_latest_line_is(world: World, lines: pd.DataFrame) -> None:
    countries = {customer.key: customer.attributes["country"] for customer in world.customers}
    known = lines[lines["customer_id"].notna()]
    moved = known.groupby("customer_id").filter(lambda rows: rows["country"].nunique() > 1)
    assert moved["customer_id"].nunique() == 8
    latest = moved.sort_values(["invoice_ts", "line_no"]).drop_duplicates("customer_id", keep="last")
    for key, country in zip(latest["customer_id"], latest["country"], strict=True):
        assert countries[int(key)] == country


def test_events_of_nobody_are_counted(run: Run) -> None:
    ignored = {item["event"]: item["count"] for item in run.manifest["ignored_events"]}
    assert ignored == {"purchase": 530_103 - 397_884, "item": 527_792 - 396_340, "cancellation": 9_288 - 8_905}


# --- what is made up


def test_the_made_up_profile_is_what_its_script_makes() -> None:
    script = runpy.run_path(str(FOLDER / "make_profile.py"))
    text = script["profile"](script["customer_ids"](DATA / "lines.parquet"))
    assert (DATA / "profile.csv").read_text(encoding="utf-8") == text


def test_the_made_up_profile_has_gaps() -> None:
    profile = pd.read_csv(DATA / "profile.csv", parse_dates=["email_consent_until"])
    assert len(profile) == 4_372 - 140
    for column in ("staff", "birth_date", "email_consent", "email_consent_at", "email_consent_until"):
        assert profile[column].isna().any(), column
    granted = profile[profile["email_consent"] == "granted"]
    assert (granted["email_consent_until"] <= by_hand.TODAY).any()
    assert set(profile["email_consent"].dropna()) == {"granted", "withdrawn", "pending"}


def test_the_readme_counts_right(lines: pd.DataFrame) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    cancelled = lines[lines["cancelled"]]
    phrases = (
        f"{len(cancelled):,} lines on {cancelled['invoice_no'].nunique():,} invoices",
        f"{((lines['quantity'] < 0) & ~lines['cancelled']).sum():,} negative lines",
        f"{(lines['price'] == 0).sum():,} lines with price zero",
        f"{lines['customer_id'].isna().sum():,} lines | nobody's",
        f"occur twice in the source ({lines.drop(columns='line_no').duplicated().sum():,})",
    )
    assert [phrase for phrase in phrases if phrase not in text] == []


def _events(world: World, event: str) -> list[EventRow]:
    return [row for customer in world.customers for row in customer.events.get(event, [])]


def _total(rows: list[EventRow], name: str) -> Fraction:
    total = Fraction(0)
    for row in rows:
        value = row.values[name]
        assert isinstance(value, int | Fraction)
        total += value
    return total
