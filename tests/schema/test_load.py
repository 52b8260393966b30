"""YAML 1.2 text into a document: values, places, limits and hostile files."""

from decimal import Decimal

import pytest

from segrules.schema.document import Document, plain
from segrules.schema.load import load
from segrules.text.source import Source


def read(text: str) -> Document:
    document, findings = load(Source("catalog.yaml", text))
    assert document is not None
    assert findings == []
    return document


def refusal(text: str) -> tuple[str, str]:
    document, findings = load(Source("catalog.yaml", text))
    assert document is None
    assert len(findings) == 1
    assert findings[0].span is not None
    return f"{findings[0].code.number} {findings[0].span.line}:{findings[0].span.column}", findings[0].message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-0", 0),
        ("007", 7),
        ("0x1F", 31),
        ("0.10", Decimal("0.10")),
        ("1e3", Decimal(1000)),
        (".inf", ".inf"),
        ("'12'", "12"),
        ('"a\\tb"', "a\tb"),
        ("!!str 12", "12"),
        ("[a, [b], {c: d}]", ["a", ["b"], {"c": "d"}]),
    ],
)
def test_values_are_those_of_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    found = plain(read(f"key: {text}").root)
    assert found == {"key": value}
    assert isinstance(found, dict)
    assert type(found["key"]) is type(value)


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert plain(read("NO: 1\n2: 3\nnull: 4\ntrue: 5").root) == {"NO": 1, "2": 3, "null": 4, "true": 5}


def test_an_alias_repeats_a_block() -> None:
    assert plain(read("a: &x {b: 1}\nc: *x").root) == {"a": {"b": 1}, "c": {"b": 1}}


def test_an_anchor_may_be_given_again() -> None:
    assert plain(read("a: &x 1\nb: &x 2\nc: *x").root) == {"a": 1, "b": 2, "c": 2}


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "---\n"])
def test_a_file_without_content_is_a_document_without_content(text: str) -> None:
    assert plain(read(text).root) in ({}, None)


def test_places_count_characters_from_one() -> None:
    document = read("größe:\n  - 'é x'   # a comment\n  - 𝄞: [1, 22]\n")
    assert str(document.value_span(("größe", 0))) == "catalog.yaml:2:5"
    assert document.value_span(("größe", 0)).end_column == 10
    assert document.text_span(("größe", 0)).column == 6
    assert str(document.key_span(("größe", 1, "𝄞"))) == "catalog.yaml:3:5"
    assert str(document.value_span(("größe", 1, "𝄞", 1))) == "catalog.yaml:3:12"
    assert str(document.value_span(("größe", 1, "𝄞"))) == "catalog.yaml:3:8"


def test_the_place_of_what_is_not_there_is_that_of_its_parent() -> None:
    document = read("a:\n  b: 1\n")
    assert str(document.key_span(("a", "c", "d"))) == "catalog.yaml:1:1"
    assert document.key_span(("x",)).line == 1
    assert document.find(("a", "c")) is None


def test_every_key_that_stands_twice_is_reported_with_the_first() -> None:
    document, findings = load(Source("catalog.yaml", "a: 1\nb: {c: 1, c: 2}\na: 3\n'a': 4\n"))
    assert document is not None
    assert plain(document.root) == {"a": 1, "b": {"c": 1}}
    assert [(f.code.number, f.span and (f.span.line, f.span.column)) for f in findings] == [
        ("SEG402", (2, 11)),
        ("SEG402", (3, 1)),
        ("SEG402", (4, 1)),
    ]
    assert [str(related.span) for related in findings[1].related] == ["catalog.yaml:1:1"]


REFUSALS = [
    ("a: b: c", "SEG401 1:5", "a second `: ` in one line"),
    ("a: [1, 2\nb: 3\n", "SEG401 2:2", "a list in brackets goes wrong here"),
    ("a: {b: 1\n", "SEG401 2:1", "a block in braces goes wrong here"),
    ("a: 'x", "SEG401 1:6", "a quote is opened and never closed"),
    ("a:\n\tb: 1", "SEG401 2:1", "a tab where YAML takes spaces only"),
    ("a: `b`", "SEG401 1:4", "a value cannot begin with a backtick"),
    ("a: @b", "SEG401 1:4", "a value cannot begin with `@`"),
    ("a:\n  b: 1\n c: 2", "SEG401 3:2", "a line that does not fit the lines above it"),
    ('a: "\\q"', "SEG401 1:6", "an unknown escape in a text in double quotes"),
    ("a: \x01", "SEG401 1:4", "a character that YAML does not allow"),
    ('a: "\\uD800"', "SEG401 1:4", "half of a pair of surrogates is not a character"),
    ("a: 1\n---\nb: 2", "SEG401 2:1", "a second document begins here"),
    ("%YAML 1.1\n---\na: NO", "SEG401 1:1", "the file asks for YAML 1.1, and catalogues are read as YAML 1.2"),
    ("a: !python/object x", "SEG401 1:4", "the tag `!python/object` has no meaning here"),
    ("? [a, b]\n: 1", "SEG401 1:3", "a key has to be a text"),
    ("a: &x {b: 1}\nc: {<<: *x}", "SEG401 2:5", "the merge key `<<` is not part of YAML 1.2"),
    ("a: *x", "SEG401 1:4", "no anchor `&x` stands above"),
    ("a: &x [*x]", "SEG401 1:8", "the alias `*x` stands inside what it repeats"),
    ("[" * 50, "SEG401 1:32", "more than 30 levels are nested in each other here"),
    ("x: " + "{a: " * 5000, "SEG401 1:124", "more than 30 levels are nested in each other here"),
    ("a: &a x\nb: [" + "*a, " * 101 + "]", "SEG401 2:405", "there are more than 100 aliases"),
]


@pytest.mark.parametrize(("text", "place", "message"), REFUSALS, ids=[message for _, _, message in REFUSALS])
def test_what_cannot_be_read_is_one_finding(text: str, place: str, message: str) -> None:
    assert refusal(text) == (place, message)


def test_aliases_cannot_make_a_file_explode() -> None:
    laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    laughs += "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    assert refusal(laughs)[1] == "with its aliases the file holds more than 200000 values"


def test_aliases_cannot_nest_deeper_than_the_limit() -> None:
    ladder = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 60))
    assert refusal(ladder)[1] == "more than 30 levels are nested in each other here"


def test_a_huge_number_is_a_finding() -> None:
    _, findings = load(Source("catalog.yaml", "a: " + "9" * 100_000))
    assert [finding.message[:12] for finding in findings] == ["the number `"]
    assert len(findings[0].message) < 120


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    document, findings = load(Source("catalog.yaml", "a" * 2_000_001))
    assert document is None
    assert [finding.code.number for finding in findings] == ["SEG007"]


@pytest.mark.parametrize(
    "text",
    [
        'a: "\\UFFFFFFFF"',
        "%FOO",
        "%",
        "a: !<> x",
        "a: |9999999\n x",
        "? ? ?",
        ": : :",
        "&a",
        "*",
        "!",
        "- - - -",
        "\ufeff",
    ],
)
def test_odd_texts_raise_nothing(text: str) -> None:
    load(Source("catalog.yaml", text))
