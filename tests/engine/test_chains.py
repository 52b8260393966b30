"""Chains of names longer than Python's stack, and names that double, end with the members of the reference."""

from pathlib import Path

import pytest

import segrules

LONG = 1200

CATALOGUE = """\
format: 1
time_zone: UTC
tables:
  people: {path: people.csv, key: id, columns: {id: {type: integer, nullable: false}, n: integer}}
  orders:
    path: orders.csv
    columns: {order_no: {type: integer, nullable: false}, id: integer, at: timestamp, k: integer}
customers: {table: people}
events:
  order: {table: orders, customer: id, time: at, id: order_no}
"""

CHAINS = {
    "values, in a segment and in a score": "define d0 as n\n"
    + "".join(f"define d{i} as d{i - 1} + 1\n" for i in range(1, LONG))
    + f"segment s where d{LONG - 1} > {LONG}\n"
    + f"score r rank x by d{LONG - 1} into 3 bands, high is best\nsegment t where r.x = 3\n",
    "values that double": "define d0 as n\n"
    + "".join(f"define d{i} as d{i - 1} + d{i - 1}\n" for i in range(1, 40))
    + "segment s where d39 > 3\n",
    "conditions, in a score": "define d0 as n > 1\n"
    + "".join(f"define d{i} as d{i - 1} or n = {i}\n" for i in range(1, LONG))
    + f"score r among d{LONG - 1} rank x by n into 3 bands, high is best\nsegment t where r.x = 3\n",
    "segments, in the filter of an event": "segment s0 where n > 1\n"
    + "".join(f"segment s{i} where in segment s{i - 1} and n < 4\n" for i in range(1, LONG))
    + f"define big as in segment s{LONG - 1}\nsegment w where did order where (customer.big and k > 0)\n",
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_chain_of_names_has_the_members_of_the_reference(chain: str, tmp_path: Path) -> None:
    (tmp_path / "segrules.toml").write_text("language = 1\n")
    (tmp_path / "catalog.yaml").write_text(CATALOGUE)
    (tmp_path / "rules.seg").write_text(CHAINS[chain])
    (tmp_path / "people.csv").write_text("id,n\n" + "".join(f"{i},{i % 5}\n" for i in range(20)))
    orders = "".join(f"{i},{i % 7},2026-01-01 00:00:00,{i % 3}\n" for i in range(60))
    (tmp_path / "orders.csv").write_text("order_no,id,at,k\n" + orders)
    rules = segrules.load(tmp_path)
    last = [rules.segments[-1]]
    found = rules.evaluate(as_of="2026-11-01", segments=last)
    expected = rules.run("2026-11-01", segments=last, engine="reference")
    assert 0 < found.summary()["segments"][last[0]]["members"] < 20
    assert found.summary() == expected.summary()
    assert found.members(last[0]).to_pylist() == expected.members(last[0]).to_pylist()
