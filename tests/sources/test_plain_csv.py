from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segrules.ir.catalogue import CsvOptions, Format
from segrules.sources import plain_csv
from segrules.types.types import DateType, DecimalType, FloatType, IntegerType, TextType, TimestampType, Type
from tests.sources.build import column, table
from tests.sources.streams import same_as_whole

PARTS = ["1", "2", "a", "", " ", ",", ",", "\n", "\n", "\n", '"', "\r\n", "\r", "ä", "\ufeff", "\0", "\ud800", "NA"]
TABLE = table(
    "t.csv",
    column("x", IntegerType()),
    column("y", TextType(), nullable=False),
    kind=Format.CSV,
    csv=CsvOptions(nulls=("NA", "")),
)


@pytest.fixture(params=[3, 40, 2**24])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_csv, "_BLOCK", request.param)


@pytest.mark.usefixtures("block")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PARTS), max_size=40), st.sampled_from(["x,y\n", "y,x\r\n", '"x",y\n', "x,y,y z\n", ""]))
def test_any_text_is_read_as_the_whole_file_is(tmp_path: Path, parts: list[str], head: str) -> None:
    (tmp_path / "t.csv").write_bytes((head + "".join(parts)).encode("utf-8", "surrogatepass"))
    same_as_whole(tmp_path, TABLE)


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("odd", ["", '"quoted, ""text""\n"', "line\n,", "\n", ",", "\r", "\xff", '"', "\0"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_odd_in_the_middle(tmp_path: Path, odd: str, end: str) -> None:
    lines = ["x,y", *[f"{number},v{number}" for number in range(20)], f"20,{odd}", *[f"{n},bad" for n in range(30)]]
    lines += ["bad,y"] * 3
    (tmp_path / "t.csv").write_bytes(end.join(lines).encode("latin-1"))
    same_as_whole(tmp_path, TABLE)


SPELLINGS: list[tuple[Type, list[str]]] = [
    (IntegerType(), ["1", "-007", "+12", "0x1F", " 1", "9223372036854775808", "", "1.0"]),
    (DecimalType(), ["1", "-.5", "5.", "+1.25", "1e5", "1" * 38, "0." + "1" * 38, ".", "inf", ""]),
    (FloatType(), ["1", "-.5", "5.", "+1e5", "nan", "nan(1)", "-inf", "1e999", "0x1p3", "1_0", ""]),
    (DateType(), ["2026-02-28", "2026-02-30", "0001-01-01", "0000-01-01", "20260203", "9999-12-31", ""]),
    (
        TimestampType(),
        [
            "2026-02-03 12:00",
            "2026-02-03",
            "2026-02-03 12",
            "2026-10-25T01:30:00.5",
            "2026-02-03 12:00Z",
            "2026-02-03 12:00:00+00:00",
            "2026-02-03 12+00:00",
            "2026-02-03 12:00+00",
            "2026-02-03 12:00:00.1234567",
            "2026-02-03 12:00+05:30",
            "0000-01-01 12:00",
            "0001-01-01 00:00",
            "9999-12-31 23:59:59.999999",
            "9999-12-31 23:59:59.999999Z",
            "",
        ],
    ),
]


@pytest.mark.parametrize(("of", "texts"), SPELLINGS)
def test_spellings_mean_the_same_alone_and_among_others(tmp_path: Path, of: Type, texts: list[str]) -> None:
    """One odd text makes every text of its block be read by itself, which must change nothing for the others.

    Of three rows a batch holds one or all: larger batches than that are all the same.
    """
    of_x = table("t.csv", column("x", of, zone="America/New_York"), kind=Format.CSV)
    for first in texts:
        for second in texts:
            (tmp_path / "t.csv").write_text(f"x,y\n{first},1\n{second},1\n{first},1\n")
            same_as_whole(tmp_path, of_x, sizes=(1, 3))
