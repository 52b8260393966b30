"""Expressions of the catalogue: derived columns, filters, and how rows combine into one event."""

import pytest

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import AggregateKind, Arithmetic, ArithmeticOp, Property, YearsSince
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from segrules.types.types import (
    BooleanType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
)
from tests.schema.cases import shown

RETAIL = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      age: {derive: years since birth_date}
      customer_id: integer
      birth_date: date
  lines:
    path: lines.parquet
    columns:
      vat: {derive: amount * 0.2, description: A fifth}
      amount: {derive: quantity * unit_price, type: money, currency: GBP, scale: 3, labels: {category: spend}}
      is_return: {derive: quantity < 0}
      half: {derive: quantity, type: float, unit: pieces}
      line_no: integer
      invoice_no: text
      quantity: {type: integer, unit: pieces}
      invoice_ts: {type: timestamp, zone: Europe/London}
      unit_price: {type: money, currency: GBP, scale: 3}
      customer_id: integer
      country: {type: text, values: [GB, NO], ordered: true, nullable: false, labels: {category: place}}
customers:
  table: people
events:
  purchase:
    table: lines
    customer: customer_id
    time: invoice_ts
    id: line_no
    where: quantity > 0 and unit_price > 0 GBP
    group:
      by: invoice_no
      time: first
      properties:
        amount: total of amount
        spent: total of quantity * unit_price
        lines: number of lines
        mean: average of quantity
        dearest: largest of unit_price
        begun: smallest of invoice_ts
        top: largest of country
        where_to: only country
        usual: most frequent country
        opener: first invoice_no
        closer: last is_return
        countries: distinct country
  line: {table: lines, customer: customer_id, time: invoice_ts, order_by: line_no, where: not is_return}
"""


@pytest.fixture(scope="module")
def retail() -> Catalogue:
    catalogue, findings = read_catalogue(Source("catalog.yaml", RETAIL))
    assert shown(findings) == ""
    assert catalogue is not None
    return catalogue


def test_the_type_of_a_derived_column_is_that_of_its_expression(retail: Catalogue) -> None:
    columns = retail.tables["lines"].columns
    assert isinstance(retail.tables["people"].columns["age"].type, IntegerType)
    assert columns["amount"].type == columns["vat"].type == MoneyType("GBP")
    assert columns["is_return"].type == BooleanType()
    assert columns["half"].type == FloatType("pieces")


def test_expressions_are_bound_over_the_columns_of_the_row(retail: Catalogue) -> None:
    derived = retail.tables["lines"].columns["amount"].derive
    assert derived == Arithmetic(
        ArithmeticOp.MULTIPLY,
        Property("quantity", IntegerType("pieces")),
        Property("unit_price", MoneyType("GBP")),
        MoneyType("GBP"),
    )
    assert isinstance(retail.tables["people"].columns["age"].derive, YearsSince)


def test_a_derived_column_stands_behind_those_that_it_reads(retail: Catalogue) -> None:
    names = list(retail.tables["lines"].columns)
    assert names[:7] == ["line_no", "invoice_no", "quantity", "invoice_ts", "unit_price", "customer_id", "country"]
    assert names.index("amount") < names.index("vat")


def test_what_is_said_of_a_derived_column_is_kept(retail: Catalogue) -> None:
    columns = retail.tables["lines"].columns
    assert columns["vat"].description == "A fifth"
    assert columns["amount"].labels.category == ("spend",)
    assert columns["amount"].scale == 3


def test_types_of_combined_properties(retail: Catalogue) -> None:
    properties = retail.events["purchase"].properties
    assert {name: column.type for name, column in properties.items()} == {
        "amount": MoneyType("GBP"),
        "spent": MoneyType("GBP"),
        "lines": IntegerType(),
        "mean": DecimalType("pieces"),
        "dearest": MoneyType("GBP"),
        "begun": TimestampType(),
        "top": TextType(("GB", "NO"), ordered=True),
        "where_to": TextType(("GB", "NO"), ordered=True),
        "usual": TextType(("GB", "NO"), ordered=True),
        "opener": TextType(),
        "closer": BooleanType(),
        "countries": IntegerType(),
    }
    assert all(column.derive is None for column in properties.values())
    assert properties["where_to"].labels.category == ("place",)
    assert not properties["where_to"].nullable
    assert properties["amount"].nullable


def test_how_rows_combine(retail: Catalogue) -> None:
    grouping = retail.events["purchase"].grouping
    assert grouping is not None
    assert {name: combined.kind for name, combined in grouping.properties.items()} == {
        "amount": AggregateKind.TOTAL,
        "spent": AggregateKind.TOTAL,
        "lines": AggregateKind.NUMBER,
        "mean": AggregateKind.AVERAGE,
        "dearest": AggregateKind.LARGEST,
        "begun": AggregateKind.SMALLEST,
        "top": AggregateKind.LARGEST,
        "where_to": AggregateKind.ONLY,
        "usual": AggregateKind.MOST_FREQUENT,
        "opener": AggregateKind.FIRST,
        "closer": AggregateKind.LAST,
        "countries": AggregateKind.DISTINCT,
    }
    assert retail.events["purchase"].order_by == ("line_no",)


def test_filters_are_conditions(retail: Catalogue) -> None:
    assert retail.events["purchase"].where is not None
    assert retail.events["line"].where is not None


def test_derived_columns_are_properties_of_an_event(retail: Catalogue) -> None:
    assert set(retail.events["line"].properties) == set(retail.tables["lines"].columns) - {"customer_id", "invoice_ts"}


def test_a_long_chain_of_derived_columns_is_no_trouble() -> None:
    chain = "".join(f"      c{i}: {{derive: c{i + 1} + 1}}\n" for i in range(1200))
    text = RETAIL.replace("      line_no: integer\n", f"{chain}      c1200: integer\n      line_no: integer\n")
    catalogue, findings = read_catalogue(Source("catalog.yaml", text))
    assert shown(findings) == ""
    assert catalogue is not None
    assert catalogue.tables["lines"].columns["c0"].type == IntegerType()
