"""Rules into the stored columns that they rest on, through whatever names them."""

import shutil
from pathlib import Path

import pytest

import segrules
from segrules.explain.lineage import Lineage, Use, lineage

F, J, G, S, K = Use.FILTER, Use.JOIN, Use.GROUP_BY, Use.SORT, Use.IDENTITY

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: integer
      birth_date: {type: date, column: dob}
      age: {derive: years since birth_date}
      senior: {derive: age >= 65}
      country: text
      account_id: integer
      staff: boolean
      email_ok: boolean
      email_at: date
  extra:
    path: extra.csv
    key: person
    columns: {person: integer, city: text}
  accounts:
    path: accounts.csv
    key: account_id
    columns: {account_id: integer, plan: text, seats: integer}
  orders:
    path: orders.csv
    columns:
      line_id: {type: integer, nullable: false}
      invoice: text
      who: integer
      at: timestamp
      amount: {type: money, currency: GBP, scale: 2}
      quantity: integer
      kind: text
      is_sale: {derive: quantity > 0}
  consents:
    path: consents.csv
    columns: {who: integer, channel: text, status: text, at: timestamp, purpose: text}
  stopped:
    path: stopped.csv
    columns: {who: {type: integer, nullable: false}}
customers: {table: people, join: extra}
relations:
  account: {table: accounts, column: account_id, back: users}
events:
  purchase: {table: orders, customer: who, time: at, id: line_id, where: is_sale}
  basket:
    table: orders
    customer: who
    time: at
    id: line_id
    group: {by: invoice, time: first, properties: {total: total of amount, kind: first kind}}
suppressions:
  stop_list: {table: stopped, customer: who}
"""
COLUMNS = """\
consents:
  columns:
    email: {state: email_ok, time: email_at}
"""
RECORDS = """\
consents:
  channels: [email, sms]
  table: {table: consents, customer: who, channel: channel, purpose: purpose, status: status, time: at}
"""

BEFORE = """\
define old as senior
define spent as total of purchase.amount
score rfm
  among old
  rank r by spent into 5 bands, high is best
partition life
  stage best where rfm.r = 5
  otherwise rest
segment base
  where    country = "GB"
  eligible age >= 18
  consent  email
"""

KEY = {("people", "customer_id"): (K,), ("stopped", "who"): (F,)}
BIRTH = {("people", "birth_date"): (F,)}
ROW = {
    ("orders", "who"): (J,),
    ("orders", "at"): (F,),
    ("orders", "line_id"): (S,),
    ("orders", "quantity"): (F,),
}
AMOUNT = {("orders", "amount"): (F,)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lineage")
    (made / "segrules.toml").write_text("language = 1\n", encoding="utf-8")
    (made / "catalog.yaml").write_text(CATALOGUE + COLUMNS, encoding="utf-8")
    (made / "some.csv").write_text("GB\nIE\n", encoding="utf-8")
    return made


def of(folder: Path, clauses: str) -> Lineage:
    (folder / "rules.seg").write_text(f"{BEFORE}segment s\n{clauses}\n", encoding="utf-8")
    rules = segrules.load(folder)
    assert rules.sound, rules.findings
    assert rules.typed is not None
    return lineage(rules.typed, "s")


@pytest.mark.parametrize(
    ("clauses", "expected", "through"),
    [
        ('where country = "GB"', {("people", "country"): (F,)}, ()),
        ("where senior", BIRTH, ()),
        ("where old", BIRTH, ("define old",)),
        ("where country is known\n  except staff", {("people", "country"): (F,), ("people", "staff"): (F,)}, ()),
        ("where country is known\n  except old", {("people", "country"): (F,), **BIRTH}, ("define old",)),
        ('where city = "Rome"', {("extra", "city"): (F,), ("extra", "person"): (J,)}, ()),
        ("where did purchase", ROW, ()),
        ("where spent > 5 GBP", ROW | AMOUNT, ("define spent",)),
        (
            "where total of basket.total > 5 GBP",
            {**ROW, ("orders", "quantity"): None, ("orders", "invoice"): (G,), **AMOUNT},
            (),
        ),
        ("where did purchase then purchase with same kind", ROW | {("orders", "kind"): (F,)}, ()),
        ("where rfm.r = 5", ROW | AMOUNT | BIRTH, ("define old", "define spent", "score rfm.r")),
        (
            "where in segment life.best",
            ROW | AMOUNT | BIRTH,
            ("define old", "define spent", "partition life", "score rfm.r"),
        ),
        ("where in segment base", {("people", "country"): (F,), **BIRTH}, ("segment base",)),
        ("where not in segment base", {("people", "country"): (F,), **BIRTH}, ("segment base",)),
        (
            "where account.seats > 3",
            {("people", "account_id"): (F,), ("accounts", "account_id"): (J,), ("accounts", "seats"): (F,)},
            (),
        ),
        ("where any of account.users (staff)", {("people", "account_id"): (F,), ("people", "staff"): (F,)}, ()),
        ("where staff\n  consent email", {("people", n): (F,) for n in ("staff", "email_ok", "email_at")}, ()),
        ('where country in list "some.csv"', {("people", "country"): (F,)}, ()),
        ("where staff\n  eligible age >= 18", {("people", "staff"): (F,), **BIRTH}, ()),
        ('where in sample 10% salt "x"', {("people", "customer_id"): (K, F)}, ()),
        ('where staff\n  holdout 10% salt "x"', {("people", "staff"): (F,)}, ()),
        ("where top 10% by spent among (old)", ROW | AMOUNT | BIRTH, ("define old", "define spent")),
    ],
)
def test_a_rule_rests_on_stored_columns(
    clauses: str,
    expected: dict[tuple[str, str], tuple[Use, ...] | None],
    through: tuple[str, ...],
    folder: Path,
) -> None:
    found = of(folder, f"  {clauses}")
    wanted = {key: uses for key, uses in (KEY | expected).items() if uses is not None}
    assert {(item.table, item.column): item.uses for item in found.sources} == wanted
    assert found.through == through
    assert found.suppressions == ("stop_list",)


def test_records_of_consent_are_read_in_their_table(folder: Path, tmp_path: Path) -> None:
    made = Path(shutil.copytree(folder, tmp_path / "records"))
    (made / "catalog.yaml").write_text(CATALOGUE + RECORDS, encoding="utf-8")
    found = {(item.table, item.column): item.uses for item in of(made, "  where staff\n  consent sms").sources}
    records = {("consents", name): (F,) for name in ("channel", "status", "at", "purpose")}
    assert found == KEY | {("people", "staff"): (F,), ("consents", "who"): (J,)} | records


def test_names_in_the_data_events_and_lists_are_told(folder: Path) -> None:
    found = of(folder, '  where age > 3 and country in list "some.csv" and did purchase')
    assert [item.physical for item in found.sources if item.column == "birth_date"] == ["dob"]
    assert (found.events, found.lists, found.tables) == (("purchase",), ("some.csv",), ("orders", "people", "stopped"))


def test_customers_out_of_events_rest_on_the_rows_that_make_them() -> None:
    rules = segrules.load(Path(__file__).parents[2] / "rulesets" / "online_retail").typed
    assert rules is not None
    found = {(item.table, item.column): item.uses for item in lineage(rules, "uk_regulars").sources}
    assert found["lines", "customer_id"] == (K, J)
    assert found["lines", "country"] == (F,)
    assert found["lines", "invoice_ts"] == (F, S)
    assert found["profile", "customer_id"] == (J,)
