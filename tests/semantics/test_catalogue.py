"""A catalogue's text into the typed tree's catalogue, and everything that can be wrong with it."""

import random
import string
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from segrules.diagnostics.finding import has_errors
from segrules.ir.catalogue import (
    Catalogue,
    Choose,
    Chosen,
    Combined,
    ConsentColumns,
    ConsentStatus,
    ConsentTable,
    CsvOptions,
    Format,
    Fresh,
    Grouping,
    Labels,
    LeapDay,
    Relation,
)
from segrules.ir.nodes import AggregateKind, CompareOp, Did
from segrules.ir.windows import Period, Unit
from segrules.semantics.catalogue import read_catalogue
from segrules.semantics.catalogue_names import zone_names
from segrules.text.source import Source
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
)
from tests.schema.cases import Case, cases, shown, whole

PAGE = Path(__file__).parent / "wrong_catalogues.md"
FULL = (Path(__file__).parent / "full_catalogue.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def full() -> Catalogue:
    catalogue, findings = read_catalogue(Source("catalog.yaml", FULL))
    assert shown(findings) == ""
    assert catalogue is not None
    return catalogue


@pytest.mark.parametrize("case", cases(PAGE), ids=lambda case: case.title)
def test_wrong_catalogues(case: Case) -> None:
    assert shown(whole(case.text)) == case.expected


def test_the_top(full: Catalogue) -> None:
    assert (full.path, full.zone, full.leap_day) == ("catalog.yaml", "Europe/London", LeapDay.MARCH_1)


def test_types_of_columns(full: Catalogue) -> None:
    assert {name: column.type for name, column in full.tables["people"].columns.items()} == {
        "customer_id": IntegerType(),
        "signup": DateType(),
        "seen_at": TimestampType(),
        "last_call": TimestampType(),
        "country": TextType(("GB", "NO", "IE")),
        "children": TextType(("none", "1", "2", "3", "4", "5+"), ordered=True),
        "height": DecimalType("cm"),
        "score": FloatType(),
        "tags": ListType(("a", "b")),
        "email_ok": BooleanType(),
        "email_ok_at": TimestampType(),
        "spent": MoneyType("GBP"),
        "account_id": TextType(),
    }


def test_what_is_said_of_columns(full: Catalogue) -> None:
    columns = full.tables["people"].columns
    assert not columns["customer_id"].nullable
    assert columns["signup"].nullable
    assert not columns["country"].nullable
    assert columns["country"].physical == "Land"
    assert columns["country"].description == "Where the parcel goes"
    assert columns["country"].synonyms == ("nation",)
    assert columns["country"].deprecated == "use home"
    assert columns["country"].labels == Labels(("location",), "provided", "indirect", ("ethnicity",))
    assert columns["country"].value_labels == {"NO": Labels(("abroad",))}
    assert columns["seen_at"].zone is None
    assert columns["last_call"].zone == "Europe/Oslo"
    assert columns["spent"].scale == 3
    assert columns["spent"].currency_column == "country"
    assert str(columns["spent"].span).startswith("catalog.yaml:")


def test_ranges_are_exact_and_of_the_column_s_kind(full: Catalogue) -> None:
    columns = full.tables["people"].columns
    assert (columns["height"].minimum, columns["height"].maximum) == (Fraction("30.1"), Fraction(272))
    assert (columns["signup"].minimum, columns["signup"].maximum) == (date(2010, 1, 1), None)
    # Without an offset a bound is local time of the column's zone, else of the catalogue's.
    assert columns["last_call"].minimum == datetime(2025, 6, 30, 22, 0, tzinfo=UTC)
    assert columns["seen_at"].minimum == date(2025, 7, 1), "a day stands for all of it"
    assert columns["seen_at"].maximum == datetime(2026, 1, 1, 11, 30, tzinfo=UTC)


def test_tables(full: Catalogue) -> None:
    people = full.tables["people"]
    assert (people.format, people.path, people.key, people.hive) == (
        Format.CSV,
        "data/people.txt",
        "customer_id",
        False,
    )
    assert people.csv == CsvOptions(";", ",", "cp1252", "%d.%m.%Y", "%d.%m.%Y %H:%M", ("", "NA"))
    assert people.fresh == Fresh("seen_at", Period(2, Unit.DAY))
    assert people.retain == Period(24, Unit.MONTH)
    assert full.tables["visits"].hive
    assert full.tables["visits"].format is Format.PARQUET
    assert full.tables["accounts"].csv.delimiter == "\t"
    assert full.tables["visits"].csv == CsvOptions()


def test_customers_of_a_table(full: Catalogue) -> None:
    customers = full.customers
    assert (customers.table, customers.derivation, customers.joined) == ("people", None, ("loyalty",))
    assert customers.key.name == "customer_id"
    assert customers.since == "signup"
    assert list(customers.attributes) == [*full.tables["people"].columns, "level"]
    assert customers.attributes["level"].nullable, "a customer may have no row in a joined table"
    assert not full.tables["loyalty"].columns["level"].nullable


def test_an_event_that_is_one_row(full: Catalogue) -> None:
    visit = full.events["visit"]
    assert (visit.table, visit.customer, visit.time, visit.order_by) == ("visits", "person", "at", ("session", "page"))
    assert list(visit.properties) == ["visit_id", "session", "page", "seconds"]
    assert visit.where is None
    assert visit.grouping is None
    assert visit.description == "One page seen"
    assert visit.labels == Labels(("behaviour",))
    assert list(full.events["view"].properties) == ["page"]


def test_the_id_of_an_event_is_the_key_of_its_table(full: Catalogue) -> None:
    assert full.events["view"].order_by == ("visit_id",)
    assert full.tables["visits"].key == "visit_id"
    assert not full.tables["visits"].columns["visit_id"].nullable


def test_rows_that_make_one_event(full: Catalogue) -> None:
    session = full.events["session"]
    assert session.grouping == Grouping(("session",), Choose.LAST, {"pages": Combined(AggregateKind.NUMBER, None)})
    assert session.order_by == ("session",), "ties between events are broken by what makes them"
    assert {name: column.type for name, column in session.properties.items()} == {"pages": IntegerType()}
    assert not session.properties["pages"].nullable


def test_consent_in_columns(full: Catalogue) -> None:
    consents = full.consents
    assert consents.channels == ("email",)
    assert consents.columns == {"email": ConsentColumns("email", "email_ok", "email_ok_at", None, ("email_marketing",))}
    assert consents.statuses == {
        "granted": ConsentStatus.GRANTED,
        "withdrawn": ConsentStatus.WITHDRAWN,
        "pending": ConsentStatus.PENDING,
    }


def test_relations_and_suppressions(full: Catalogue) -> None:
    assert full.relations == {"account": Relation("account", "accounts", "account_id", "users")}
    assert full.suppressions["do_not_mail"].channels == ("email",)
    assert full.suppressions["robinson"].channels == ()


def test_caps(full: Catalogue) -> None:
    seldom, of_age = full.caps.values()
    assert (seldom.name, seldom.channels, of_age.channels) == ("seldom", ("email",), ())
    assert isinstance(seldom.condition, Did)
    assert (seldom.condition.op, seldom.condition.times) == (CompareOp.LT, 3)
    assert seldom.span.line == seldom.condition.span.line == seldom.condition.events.span.line


DERIVED = """\
format: 1
time_zone: UTC
tables:
  lines:
    path: lines/
    columns:
      line_no: integer
      buyer: {type: text, column: kunde}
      at: timestamp
      country: {type: text, nullable: false}
  consents:
    path: c.arrow
    columns:
      customer: text
      channel: {type: text, values: [email, sms]}
      purpose: {type: text, values: [ads]}
      status: text
      at: timestamp
      expires: date
customers:
  derive:
    table: lines
    key: buyer
    time: at
    order_by: line_no
    attributes: {country: last by time, home: {column: country, choose: most frequent}}
consents:
  table:
    {table: consents, customer: customer, channel: channel, purpose: purpose, status: status, time: at, expiry: expires}
  statuses: {granted: yes, withdrawn: [no, never]}
"""


def test_customers_derived_from_events() -> None:
    catalogue, findings = read_catalogue(Source("catalog.yaml", DERIVED))
    assert shown(findings) == ""
    assert catalogue is not None
    customers = catalogue.customers
    assert customers.table is None
    assert customers.derivation is not None
    assert customers.derivation.order_by == ("line_no",)
    assert customers.derivation.attributes == {
        "country": Chosen("country", Choose.LAST),
        "home": Chosen("country", Choose.MOST_FREQUENT),
    }
    assert list(customers.attributes) == ["buyer", "country", "home"]
    assert not customers.key.nullable
    assert catalogue.tables["lines"].columns["buyer"].nullable, "lines of nobody are no mistake"
    consents = catalogue.consents
    assert consents.table == ConsentTable("consents", "customer", "channel", "status", "at", "purpose", "expires")
    assert consents.channels == ("email", "sms")
    assert consents.purposes == ("ads",)
    assert {text: str(status) for text, status in consents.statuses.items()} == {
        "yes": "granted",
        "no": "withdrawn",
        "never": "withdrawn",
    }


def test_no_catalogue_where_there_is_an_error_and_never_an_exception() -> None:
    """Catalogues with characters and lines lost, doubled or swapped: findings or a catalogue, nothing else."""
    chance = random.Random(20261122)
    for _ in range(150):
        lines = FULL.splitlines(keepends=True)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(lines))
            match chance.randrange(4):
                case 0:
                    lines[at] = ""
                case 1:
                    lines[at] *= 2
                case 2:
                    cut = chance.randrange(len(lines[at]) + 1)
                    lines[at] = lines[at][:cut] + chance.choice(string.printable) + lines[at][cut:]
                case _:
                    words = lines[at].split(" ")
                    chance.shuffle(words)
                    lines[at] = " ".join(words)
        catalogue, findings = read_catalogue(Source("catalog.yaml", "".join(lines)))
        assert (catalogue is None) == has_errors(findings)
        for item in findings:
            assert item.span is not None
            assert 1 <= item.span.line <= len(lines) + 5
            assert "\n" not in item.message
            assert item.message[-1] != "."


def test_zones_are_the_same_on_every_system() -> None:
    assert {"UTC", "Europe/London", "America/Argentina/Buenos_Aires"} <= zone_names()
    assert not {"localtime", "posixrules", "Factory", "europe/london"} & zone_names()
