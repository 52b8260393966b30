from datetime import UTC, date, datetime
from fractions import Fraction
from math import inf
from pathlib import Path

import pytest

from segrules.diagnostics import codes
from segrules.ir.catalogue import CsvOptions, Format
from segrules.types.cells import Cell
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
    Type,
)
from tests.sources.build import cells_of, column, load, only, read_csv, table

GBP = MoneyType("GBP")


def test_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    text = b'\xef\xbb\xbfx,name\r\n1,"Smith, ""J"""\r\n2,\xc3\xa4\r\n'
    loaded = read_csv(tmp_path, text, column("x", IntegerType()), column("name", TextType()))
    assert cells_of(loaded) == [1, 2]
    assert cells_of(loaded, "name") == ['Smith, "J"', "ä"]


def test_columns_in_any_order_and_extra_ones(tmp_path: Path) -> None:
    loaded = read_csv(tmp_path, "more,x\na,1\n", column("x", IntegerType()))
    assert loaded.tables == {"t": {"x": [1]}}


def test_delimiter_and_decimal_mark(tmp_path: Path) -> None:
    options = CsvOptions(delimiter=";", decimal_mark=",")
    assert cells_of(read_csv(tmp_path, "x;y\n1,50;a\n", column("x", GBP), csv=options)) == [Fraction(3, 2)]


def test_decimal_mark_is_the_only_one(tmp_path: Path) -> None:
    options = CsvOptions(delimiter=";", decimal_mark=",")
    found = only(read_csv(tmp_path, "x\n1.50\n1.000,50\n", column("x", GBP), csv=options))
    assert found.examples == ("`1.50` in line 2", "`1.000,50` in line 3")
    assert found.help == 'write digits only, without signs for thousands, or set `decimal_mark: "."`'


def test_encoding(tmp_path: Path) -> None:
    text = "x\nMünchen €\n"
    for encoding in ("cp1252", "utf-16", "utf-8"):
        options = CsvOptions(encoding=encoding)
        assert cells_of(read_csv(tmp_path, text.encode(encoding), column("x", TextType()), csv=options)) == [
            "München €"
        ]


def test_other_encoding(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x\na\nMünchen\n".encode("cp1252"), column("x", TextType())))
    assert found.code is codes.UNREADABLE_DATA
    assert found.message == "table `t`: the CSV file `t.csv` is not written in `utf-8` (line 3)"


@pytest.mark.parametrize("encoding", ["klingon", "hex", "rot13", ""])
def test_unknown_encoding(tmp_path: Path, encoding: str) -> None:
    found = only(read_csv(tmp_path, "x\n", column("x", TextType()), csv=CsvOptions(encoding=encoding)))
    assert found.message == f"table `t`: the encoding `{encoding}` is not known"


@pytest.mark.parametrize("delimiter", ["", ";;"])
def test_bad_delimiter(tmp_path: Path, delimiter: str) -> None:
    found = only(read_csv(tmp_path, "x\n", column("x", TextType()), csv=CsvOptions(delimiter=delimiter)))
    assert "is not one character" in found.message


def test_empty_text_is_null_by_default_quoted_or_not(tmp_path: Path) -> None:
    loaded = read_csv(tmp_path, 'x,y\n,1\n"",2\nNA,3\n', column("x", TextType()))
    assert cells_of(loaded) == [None, None, "NA"]


def test_spellings_of_null(tmp_path: Path) -> None:
    options = CsvOptions(nulls=("NA", "-"))
    loaded = read_csv(tmp_path, "x,y\n,NA\n-,3\n", column("x", TextType()), column("y", IntegerType()), csv=options)
    assert cells_of(loaded) == ["", None]
    assert cells_of(loaded, "y") == [None, 3]


def test_without_spellings_of_null_nothing_is_null(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x,y\n,1\n", column("x", IntegerType()), csv=CsvOptions(nulls=())))
    assert found.examples == ("`` in line 2",)


@pytest.mark.parametrize(
    ("of", "text", "cell"),
    [
        (IntegerType(), "-007", -7),
        (IntegerType(), "+12", 12),
        (IntegerType(), "99999999999999999999", 99999999999999999999),
        (DecimalType(), "0.1", Fraction(1, 10)),
        (DecimalType(), "-.5", Fraction(-1, 2)),
        (DecimalType(), "5.", 5),
        (GBP, "12345678901234567890.123456789012345678901", Fraction("12345678901234567890.123456789012345678901")),
        (FloatType(), "0.1", Fraction(0.1)),
        (FloatType(), "-1e3", -1000),
        (FloatType(), "NaN", None),
        (FloatType(), "-inf", -inf),
        (FloatType(), "1e999", inf),
        (BooleanType(), "TRUE", True),
        (BooleanType(), "0", False),
        (DateType(), "2026-02-28", date(2026, 2, 28)),
        (TimestampType(), "2026-01-31 12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (TimestampType(), "2026-07-31T12:00", datetime(2026, 7, 31, 11, tzinfo=UTC)),
        (TimestampType(), "2026-07-31T12:00:00.1234567Z", datetime(2026, 7, 31, 12, 0, 0, 123456, tzinfo=UTC)),
        (TimestampType(), "2026-07-31 12:00:00+0530", datetime(2026, 7, 31, 6, 30, tzinfo=UTC)),
        (TextType(), " a ", " a "),
    ],
)
def test_values(tmp_path: Path, of: Type, text: str, cell: Cell) -> None:
    (got,) = cells_of(read_csv(tmp_path, f"x,y\n{text},1\n", column("x", of)))
    assert got == cell
    assert type(got) is type(cell) or isinstance(got, Fraction)


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (IntegerType(), "1.0"),
        (IntegerType(), " 1"),
        (IntegerType(), "1_000"),
        (IntegerType(), "\N{ARABIC-INDIC DIGIT ONE}"),
        (IntegerType(), "9" * 39),
        (DecimalType(), "1e5"),
        (DecimalType(), "."),
        (DecimalType(), "£5"),
        (DecimalType(), "inf"),
        (DecimalType(), f"1.{'1' * 39}"),
        (FloatType(), "1_0"),
        (FloatType(), "0x1"),
        (BooleanType(), "yes"),
        (BooleanType(), "\N{LATIN SMALL LETTER LONG S}"),
        (DateType(), "2026-02-30"),
        (DateType(), "2026-2-3"),
        (DateType(), "20260203"),
        (DateType(), "2026-02-03 00:00"),
        (TimestampType(), "2026-02-03"),
        (TimestampType(), "2026-02-03 24:00"),
        (TimestampType(), "2026-02-03 12:00:60"),
        (TimestampType(), "2026-13-03 12:00"),
        (TimestampType(), "9999-12-31 23:59:59-12:00"),
        (TimestampType(), "0001-01-01 00:00:00+12:00"),
    ],
)
def test_values_that_cannot_be_read(tmp_path: Path, of: Type, text: str) -> None:
    found = only(read_csv(tmp_path, f"x,y\n{text},1\n", column("x", of)))
    assert found.code is codes.OTHER_TYPE
    assert found.message.endswith("in 1 row")


def test_formats_of_dates_and_times(tmp_path: Path) -> None:
    options = CsvOptions(date_format="%d.%m.%Y", timestamp_format="%d.%m.%Y %H:%M")
    columns = (column("x", DateType()), column("y", TimestampType()))
    loaded = read_csv(tmp_path, "x,y\n31.12.2025,01.07.2026 12:30\n", *columns, csv=options)
    assert cells_of(loaded) == [date(2025, 12, 31)]
    assert cells_of(loaded, "y") == [datetime(2026, 7, 1, 11, 30, tzinfo=UTC)]
    found = only(read_csv(tmp_path, "x,y\n2025-12-31,01.07.2026 12:30\n", *columns, csv=options))
    assert found.message.endswith("cannot be read as dates with the format `%d.%m.%Y`, in 1 row")


def test_format_with_an_offset_is_exact(tmp_path: Path) -> None:
    options = CsvOptions(timestamp_format="%Y-%m-%d %H:%M %z")
    loaded = read_csv(tmp_path, "x\n2026-10-25 01:30 +0000\n", column("x", TimestampType()), csv=options)
    assert cells_of(loaded) == [datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]


def test_bad_values_are_counted_with_lines(tmp_path: Path) -> None:
    text = 'x,y\n1,"two\nlines"\nbad,\n\n2,\n' + "bad,\n" * 10
    found = only(read_csv(tmp_path, text, column("x", IntegerType())))
    assert found.message == "column `x` of table `t` holds values that cannot be read as whole numbers, in 11 rows"
    assert found.examples == tuple(f"`bad` in line {line}" for line in (4, 7, 8, 9, 10))


def test_files_of_a_folder_are_named(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/a.csv").write_text("x\n1\n")
    (tmp_path / "lines/b.csv").write_text("x\n2\nbad\n")
    found = only(load(tmp_path, table("lines", column("x", IntegerType()), kind=Format.CSV)))
    assert found.examples == ("`bad` in line 3 of `lines/b.csv`",)


def test_decimals_of_many_scales_in_many_files(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/a.csv").write_text("x\n" + "9" * 38 + "\n")
    (tmp_path / "lines/b.csv").write_text("x\n0." + "1" * 38 + "\n")
    (tmp_path / "lines/c.csv").write_text("x,y\n,1\n")
    loaded = load(tmp_path, table("lines", column("x", DecimalType()), kind=Format.CSV))
    assert cells_of(loaded) == [Fraction("9" * 38), Fraction("0." + "1" * 38), None]


def test_header_alone(tmp_path: Path) -> None:
    for text in ("x,y\n", "x,y"):
        assert cells_of(read_csv(tmp_path, text, column("x", IntegerType()), key="x")) == []


def test_header_is_not_trimmed(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "y, x\n1,2\n", column("x", IntegerType())))
    assert found.code is codes.MISSING_COLUMN
    assert found.help == "did you mean ` x`?"


def test_column_twice(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x,x\n1,2\n", column("x", IntegerType())))
    assert "more than one column `x`" in found.message


def test_lines_of_other_lengths(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x,y\n1,2\n1\n1,2,3\n", column("x", IntegerType())))
    assert found.message == "table `t`: 2 lines of the CSV file `t.csv` do not have 2 values"
    assert found.examples == ("line 3: 1 value", "line 4: 3 values")


def test_one_line_of_another_length(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x,y\n1,2\n1,2,3\n", column("x", IntegerType())))
    assert found.message == "table `t`: 1 line of the CSV file `t.csv` does not have 2 values"
    assert found.examples == ("line 3: 3 values",)


def test_value_that_is_too_long(tmp_path: Path) -> None:
    text = 'x,y\n1,"a\n' + "2,b\n" * 50_000
    found = only(read_csv(tmp_path, text, column("x", IntegerType())))
    assert "field larger than field limit" in found.message
    assert found.help == "the value is too long; perhaps a quote before it is never closed"


@pytest.mark.parametrize("text", ['x,y\n1,"2\n3,4\n', 'x,y\n"1"a,2\n'])
def test_quotes_that_do_not_match(tmp_path: Path, text: str) -> None:
    found = only(read_csv(tmp_path, text, column("x", IntegerType())))
    assert "is malformed in line" in found.message


def test_lists_have_no_spelling(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x\na\n", column("x", ListType())))
    assert found.code is codes.OTHER_TYPE
    assert found.help is not None
    assert "CSV has no way" in found.help


def test_control_characters_do_not_reach_a_terminal(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x,y\n\x1b[31m`,1\n" + "z" * 100 + ",1\n", column("x", IntegerType())))
    assert found.examples == ("`\\x1b[31m'` in line 2", f"`{'z' * 60}…` in line 3")
