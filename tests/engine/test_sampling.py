"""Samples: the hash by its published vectors, the engine as the reference, and what widening and renaming do."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrules.backends.arrow import sampling
from segrules.backends.arrow.vectors import Kind, Vector
from segrules.reference.outcome import Outcome
from segrules.reference.sampling import BUCKETS, bucket, chosen, murmur3
from tests.conformance.cases import bind_text, errors
from tests.engine.case import Case
from tests.engine.harness import engine_outcome
from tests.engine.reduce import check
from tests.engine.small import AS_OF, CATALOGUE

# https://stackoverflow.com/a/31929528 and the README of https://github.com/aappleby/smhasher list them.
PUBLISHED: Sequence[tuple[bytes, int, int]] = (
    (b"", 0, 0),
    (b"", 1, 0x514E28B7),
    (b"", 0xFFFFFFFF, 0x81F16F39),
    (b"\xff\xff\xff\xff", 0, 0x76293B50),
    (b"\x21\x43\x65\x87", 0, 0xF55B516B),
    (b"\x21\x43\x65\x87", 0x5082EDEE, 0x2362F9DE),
    (b"\x21\x43\x65", 0, 0x7E4A8634),
    (b"\x21\x43", 0, 0xA0F7B07A),
    (b"\x21", 0, 0x72661CF4),
    (b"\0\0\0\0", 0, 0x2362F9DE),
    (b"\0\0\0", 0, 0x85F0B427),
    (b"\0\0", 0, 0x30F4C306),
    (b"\0", 0, 0x514E28B7),
    (b"aaaa", 0x9747B28C, 0x5A97808A),
    (b"aaa", 0x9747B28C, 0x283E0130),
    (b"aa", 0x9747B28C, 0x5D211726),
    (b"a", 0x9747B28C, 0x7FA09EA6),
    (b"abcd", 0x9747B28C, 0xF0478627),
    (b"abc", 0x9747B28C, 0xC84A62DD),
    (b"ab", 0x9747B28C, 0x74875592),
    (b"Hello, world!", 0x9747B28C, 0x24884CBA),
    ("ππππππππ".encode(), 0x9747B28C, 0xD58063C1),
    (b"a" * 256, 0x9747B28C, 0x37405BDC),
    (b"abc", 0, 0xB3DD93FA),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 0, 0xEE925B90),
    (b"The quick brown fox jumps over the lazy dog", 0x9747B28C, 0x2FA826CD),
)


@pytest.mark.parametrize(("data", "seed", "published"), PUBLISHED)
def test_the_reference_hashes_as_published(data: bytes, seed: int, published: int) -> None:
    assert murmur3(data, seed) == published


@pytest.mark.parametrize(("data", "seed", "published"), PUBLISHED)
def test_the_engine_hashes_as_published_wherever_the_common_part_ends(data: bytes, seed: int, published: int) -> None:
    for cut in range(len(data) + 1):
        assert sampling.murmur3(data[:cut], pa.array([data[cut:]], pa.binary()), seed).tolist() == [published]


@given(st.lists(st.text(max_size=20)), st.text(max_size=12), st.integers(0, 3))
def test_texts_are_hashed_as_by_the_reference(keys: list[str], salt: str, skipped: int) -> None:
    hashed = sampling.murmur3(f"{salt}:".encode(), pa.array(keys, pa.string()).slice(skipped))
    assert hashed.tolist() == [murmur3(f"{salt}:{key}".encode()) for key in keys[skipped:]]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.integers(1, BUCKETS))
def test_whole_numbers_are_hashed_in_decimal_digits(keys: list[int], parts: int) -> None:
    share = Fraction(parts, BUCKETS)
    flags = sampling.chosen(Vector(Kind.NUMBER, np.array(keys, np.int64)), share, "x")
    assert flags is not None
    assert flags.tolist() == [chosen(share, "x", key) for key in keys] == [chosen(share, "x", str(key)) for key in keys]


@given(st.text(), st.text() | st.integers(), st.integers(1, BUCKETS), st.integers(1, BUCKETS))
def test_a_larger_share_holds_all_of_a_smaller_one(salt: str, key: str | int, one: int, other: int) -> None:
    smaller, larger = sorted((Fraction(one, BUCKETS), Fraction(other, BUCKETS)))
    assert chosen(larger, salt, key) or not chosen(smaller, salt, key)


def test_a_long_key_among_short_ones() -> None:
    keys = ["a", "b" * 100_001, "", "c"]
    assert (sampling.murmur3(b"x:", pa.array(keys)) % BUCKETS).tolist() == [bucket("x", key) for key in keys]


def test_shares_are_about_right() -> None:
    buckets = sampling.murmur3(b"autumn:", pa.array(np.arange(200_000)).cast(pa.string())) % BUCKETS
    for percent in (1, 10, 50, 90):
        assert abs(float((buckets < percent * 100).mean()) - percent / 100) < 0.005


# --- rules ----------------------------------------------------------------------------------------

KEYS = [f"k{number}" for number in range(400)]


def _people(key: str = "text", keys: Sequence[Any] = KEYS) -> Case:
    catalogue: dict[str, Any] = {**CATALOGUE, "tables": {**CATALOGUE["tables"]}}
    people = dict(catalogue["tables"]["people"])
    columns = {**people["columns"], "id": {"type": key, "column": "customer id"}}
    catalogue["tables"]["people"] = {**people, "columns": columns}
    for name, owner in (("lines", "who"), ("stays", "person")):
        table = catalogue["tables"][name]
        catalogue["tables"][name] = {**table, "columns": {**table["columns"], owner: key}}
    tables: dict[str, dict[str, list[Any]]] = {
        name: {column: [] for column in table["columns"]} for name, table in catalogue["tables"].items()
    }
    tables["people"] = {column: [None] * len(keys) for column in columns} | {"id": list(keys)}
    return Case(catalogue, AS_OF, "", tables)


def _outcome(text: str) -> Outcome:
    case = _people()
    rules, findings = bind_text(text, case.typed_catalogue, {})
    assert errors(findings) == []
    return engine_outcome(rules, Case(case.catalogue, AS_OF, text, case.tables).data(), AS_OF, list(rules.segments))


def _held(outcome: Outcome, name: str) -> set[Any]:
    return {key for key, flag in zip(outcome.keys, outcome.held_out[name], strict=True) if flag}


def _members(outcome: Outcome, name: str) -> set[Any]:
    return {key for key, flag in zip(outcome.keys, outcome.members[name], strict=True) if flag}


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("text", KEYS),
        ("integer", [*range(-200, 200)]),
        ("integer", [2**63 + number for number in range(200)]),
        ("integer", [10**60 + number for number in range(50)]),
    ],
)
def test_keys_of_every_kind(key: str, keys: Sequence[Any]) -> None:
    text = """
segment drawn where in sample 30% salt "x"
segment others where not in sample 30% salt "x" holdout 12.34% salt "y"
"""
    case = _people(key, keys)
    check(Case(case.catalogue, AS_OF, text, case.tables))


def test_widening_moves_nobody_out() -> None:
    shares = ("0.01", "0.02", "1", "9.99", "10", "33.3", "50", "99.99")
    segments = "\n".join(
        f'segment s{number} where in sample {share}% salt "x"\nsegment h{number} holdout {share}% salt "x"'
        for number, share in enumerate(shares)
    )
    outcome = _outcome(segments)
    for number in range(1, len(shares)):
        assert _members(outcome, f"s{number - 1}") <= _members(outcome, f"s{number}")
        assert _held(outcome, f"h{number - 1}") <= _held(outcome, f"h{number}")
    assert all(_held(outcome, f"h{number}") == _members(outcome, f"s{number}") for number in range(len(shares)))


def test_renaming_moves_nobody() -> None:
    one = _outcome('segment before where in sample 40% salt "x" holdout 20% salt "y"')
    other = _outcome('segment behind "New title" where in sample 40% salt "x" holdout 20% salt "y"')
    assert _members(one, "before") == _members(other, "behind") != set()
    assert _held(one, "before") == _held(other, "behind") != set()


def test_other_salts_draw_others() -> None:
    outcome = _outcome('segment a holdout 50% salt "x"\nsegment b holdout 50% salt "z"')
    both = _held(outcome, "a") & _held(outcome, "b")
    assert 0.15 < len(both) / len(KEYS) < 0.35


def test_who_is_held_out_is_a_member() -> None:
    outcome = _outcome('segment a where in sample 50% salt "x" holdout 50% salt "z"\nsegment b where in segment a')
    assert _held(outcome, "a") < _members(outcome, "a") == _members(outcome, "b")


def test_salt_and_key_are_joined_by_a_colon() -> None:
    # `a:b` and key `c` hash the same text as `a` and key `b:c`; that is so by definition.
    assert bucket("a:b", "c") == bucket("a", "b:c")
