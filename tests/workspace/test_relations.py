"""Rules about accounts, from files and from tables in memory: members, findings about related tables, what is shown."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

import segrules
from tests.cli import project

AS_OF = "2026-11-01"
CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: id
    columns: {id: integer, role: text, vip: boolean, account_id: text}
  accounts:
    path: accounts.csv
    key: account_id
    columns:
      account_id: text
      plan: {type: text, values: [free, business], description: What they pay for}
      seats: integer
      contract_end: date
customers: {table: people}
relations:
  account: {table: accounts, column: account_id, back: users}
"""
RULES = """\
segment planned where role = "admin" and account.plan = "business" and account.contract_end is in the next 90 days
segment shared where number of account.users (vip) >= 1
segment plain where vip
"""
PEOPLE = "id,role,vip,account_id\n1,admin,true,a\n2,user,false,a\n3,admin,,b\n4,admin,true,\n5,admin,false,gone\n"
ACCOUNTS = "account_id,plan,seats,contract_end\na,business,3,2026-12-01\nb,business,1,2027-12-01\n"


def _project(folder: Path, *, rules: str = RULES, accounts: str = ACCOUNTS) -> Path:
    made = project.write_project(folder, rules=rules, catalog_yaml=CATALOGUE, people_csv=PEOPLE, accounts_csv=accounts)
    (made / "orders.csv").unlink()
    return made


@pytest.mark.parametrize("engine", ["arrow", "reference"])
def test_both_engines_read_related_tables(tmp_path: Path, engine: str) -> None:
    result = segrules.load(_project(tmp_path / "p")).run(AS_OF, tmp_path / "out", engine=engine)
    assert {name: sorted(result.members(name).to_pylist()) for name in result} == {
        "planned": [1],
        "shared": [1, 2],
        "plain": [1, 4],
    }
    (note,) = result.findings
    assert (note.code.number, note.examples) == ("SEG513", ("4",))
    assert note.message == "1 customer without `account_id` stands in no `account.users`"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ignored_events"] == [{"event": "account.users", "reason": "no key", "count": 1, "examples": ["4"]}]


def test_a_related_table_is_given_like_any_other(tmp_path: Path) -> None:
    rules = segrules.load(_project(tmp_path / "p"))
    accounts = {"account_id": ["b"], "plan": ["business"], "seats": [None], "contract_end": [None]}
    table = pa.table(accounts).cast(
        pa.schema(
            [("account_id", pa.string()), ("plan", pa.string()), ("seats", pa.int64()), ("contract_end", pa.date32())]
        )
    )
    result = rules.evaluate({"accounts": table}, as_of=AS_OF, segments=["planned"], three_valued=True)
    assert result.members("planned").to_pylist() == []
    assert result.qualifying("planned").to_pylist() == [False, False, None, None, False]


def test_held_tables_answer_as_the_tables_do(tmp_path: Path) -> None:
    folder = _project(tmp_path / "p")
    rules = segrules.load(folder)
    data = {"people": folder / "people.csv", "accounts": folder / "accounts.csv"}
    part = pa.table({"account_id": ["gone"], "plan": ["business"], "seats": [1], "contract_end": [date(2026, 11, 2)]})
    held = rules.hold(data)
    for given, again in ((held, data), (held, data), ({**held, "accounts": part}, {**data, "accounts": part})):
        assert rules.evaluate(given, as_of=AS_OF).table().equals(rules.evaluate(again, as_of=AS_OF).table())
    assert rules.evaluate({**held, "accounts": part}, as_of=AS_OF).members("planned").to_pylist() == [5]


def test_the_command_line_takes_a_file_for_a_related_table(tmp_path: Path) -> None:
    _project(tmp_path / "p")
    (tmp_path / "other.csv").write_text("account_id,plan,seats,contract_end\ngone,business,1,2026-11-02\n")
    said = project.segrules(
        "run",
        "p",
        "--as-of",
        AS_OF,
        "--data",
        "accounts=other.csv",
        "--segments",
        "planned",
        "--out",
        "o",
        cwd=tmp_path,
    )
    assert (said.returncode, said.stderr) == (0, "")
    summary = json.loads((tmp_path / "o" / "summary.json").read_text(encoding="utf-8"))
    assert summary["segments"]["planned"]["members"] == 1


@pytest.mark.parametrize("engine", ["arrow", "reference"])
@pytest.mark.parametrize(
    ("accounts", "number", "examples"),
    [
        ("account_id,plan,contract_end\na,free,2026-12-01\nb,free,\na,free,\nb,free,\n", "SEG507", 2),
        ("account_id,plan,contract_end\na,free,2026-12-01\n,free,\n", "SEG508", 1),
        ("account_id,contract_end\na,2026-12-01\n", "SEG502", 0),
        ("account_id,plan,contract_end\na,gold,2026-12-01\n", "SEG504", 1),
        ("account_id,plan,contract_end\na,free,soon\n", "SEG503", 1),
    ],
)
def test_a_related_table_that_does_not_fit_stops_the_run(
    tmp_path: Path, accounts: str, number: str, examples: int, engine: str
) -> None:
    if engine == "reference":
        accounts = accounts.replace("plan,", "plan,seats,").replace("free,", "free,1,").replace("gold,", "gold,1,")
        accounts = accounts.replace("account_id,contract_end", "account_id,seats,contract_end").replace(
            "a,2026", "a,1,2026"
        )
    rules = segrules.load(_project(tmp_path / "p", accounts=accounts))
    with pytest.raises(segrules.BadData) as caught:
        rules.run(AS_OF, engine=engine)
    assert number in {item.code.number for item in caught.value.findings}
    (found,) = (item for item in caught.value.findings if item.code.number == number)
    assert len(found.examples) == examples


def test_a_related_table_that_no_segment_needs_may_be_missing(tmp_path: Path) -> None:
    folder = _project(tmp_path / "p")
    (folder / "accounts.csv").unlink()
    rules = segrules.load(folder)
    result = rules.evaluate(as_of=AS_OF, segments=["shared", "plain"])
    assert result.members("shared").to_pylist() == [1, 2]
    with pytest.raises(segrules.BadData, match="accounts"):
        rules.evaluate(as_of=AS_OF, segments=["planned"])


def test_what_is_read_is_said(tmp_path: Path) -> None:
    rules = segrules.load(_project(tmp_path / "p"))
    assert "reads relations: account (contract_end, plan)\n  account.plan: What they pay for\n" in rules.show("planned")
    assert "reads columns: account_id, role\n" in rules.show("planned")
    assert rules.show("shared").endswith("reads columns: account_id, vip\nreads relations: account (users)\n")
    assert "table accounts: account_id, contract_end, plan" in str(rules.plan("planned"))
    assert "accounts" not in str(rules.plan("shared"))


@pytest.mark.parametrize(
    ("name", "why"),
    [("planned", "`account.plan`, which stands in another table"), ("shared", "asks other customers")],
)
def test_there_is_no_filter_over_relations(tmp_path: Path, name: str, why: str) -> None:
    rules = segrules.load(_project(tmp_path / "p"))
    with pytest.raises(segrules.BadInput, match=why):
        rules[name].to_arrow_expression(as_of=AS_OF)


def test_quantifiers_nest_as_deep_as_expressions(tmp_path: Path) -> None:
    deep = 45
    opened = "".join(f"{('any', 'all', 'none')[n % 3]} of account.users (" for n in range(deep))
    rules = segrules.load(
        _project(tmp_path / "p", rules=f"segment s where {opened}vip{')' * deep}\nsegment not_s except s\n")
    )
    assert rules.check() == ()
    assert rules.show("s").count("account.users") == deep
    assert "stage 45" in str(rules.plan("s"))
    arrow, reference = (rules.run(AS_OF, engine=engine) for engine in ("arrow", "reference"))
    for name in rules.segments:
        assert sorted(arrow.members(name).to_pylist()) == reference.members(name).to_pylist()
    deeper = opened * 3
    rules = segrules.load(_project(tmp_path / "q", rules=f"segment s where {deeper}vip{')' * deep * 3}\n"))
    assert [item.code.number for item in rules.check()] == ["SEG007"]


def test_an_account_that_asks_for_itself_is_a_cycle(tmp_path: Path) -> None:
    text = """\
segment a where did_not or any of account.users (in segment b)
segment b where vip and number of account.users (in segment a) > 1
define did_not as role = "x"
"""
    rules = segrules.load(_project(tmp_path / "p", rules=text))
    assert [item.code.number for item in rules.check()] == ["SEG205"]
