"""Values on edges: of widths, of the calendar, of doubles, of text; each beside the reference interpreter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from segrules.types.cells import Cell
from tests.engine.case import Case
from tests.engine.small import CATALOGUE, SMALL, assert_equal, with_columns, without_rows

INF = float("inf")
_OPS = ("=", "!=", "<", "<=", ">", ">=")
_EXTREMES = (2**63 - 1, 2**63 - 2, -(2**63), -(2**63) + 1, 0, -1, 1)


def _people(rules: str, **columns: Sequence[Cell]) -> Case:
    """Customers with these attributes and no events."""
    rows = len(next(iter(columns.values())))
    case = with_columns(without_rows(SMALL, "lines", "stays"), "people", rows, id=_names(rows), **columns)
    return replace(case, rules=rules)


def _lines(rules: str, **columns: Sequence[Cell]) -> Case:
    """One customer with these lines, a second apart, and another one without any."""
    rows = len(next(iter(columns.values())))
    at = [datetime(2026, 10, 20, tzinfo=UTC) + timedelta(seconds=row) for row in range(rows)]
    given: dict[str, Sequence[Cell]] = {"line_id": [*range(rows)], "who": ["a"] * rows, "at": at, **columns}
    case = with_columns(without_rows(SMALL, "stays"), "people", 2, id=["a", "b"])
    return replace(with_columns(case, "lines", rows, **given), rules=rules)


def _names(rows: int) -> list[str]:
    return [f"k{row:04}" for row in range(rows)]


def _compared(value: str, constants: Sequence[object]) -> str:
    """Every comparison with every constant, and the values themselves in the cut points of a score."""
    tests = [f"{value} {op} {constant}" for constant in constants for op in _OPS]
    tests += [f"{value} in [{constant}]" for constant in constants]
    segments = "\n".join(f"segment s{number} where {test}" for number, test in enumerate(tests))
    return f"{segments}\n{_seen(value, name='w')}"


def _seen(*values: str, name: str = "v") -> str:
    ranks = "\n".join(f"  rank r{n} by {value} into 1000 bands, high is best" for n, value in enumerate(values))
    uses = "\n".join(f"segment {name}{n} where {name}.r{n} is known" for n in range(len(values)))
    return f"score {name}\n{ranks}\n{uses}"


# --- numbers --------------------------------------------------------------------------------------


def test_thresholds_and_their_neighbours() -> None:
    assert_equal(
        _people(
            _compared("whole", [-1, 0, 1, 127, 128, 255, 256]),
            whole=[*range(-2, 3), *range(126, 130), *range(254, 258)],
        )
    )


@pytest.mark.parametrize("most", [2**7 - 1, 2**15 - 1, 2**24 - 1, 2**53 - 1])
def test_a_constant_above_the_largest_number_of_a_width(most: int) -> None:
    assert_equal(_people(_compared("whole", [most, most + 1, most + 2]), whole=[0, most]))


@pytest.mark.parametrize("constant", [*_EXTREMES, 2**63, -(2**63) - 1, 10**30])
def test_the_ends_of_64_bits(constant: int) -> None:
    assert_equal(_people(_compared("whole", [constant]), whole=[*_EXTREMES, None]))


def test_whole_numbers_beyond_64_bits() -> None:
    numbers = [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**37, 0, None]
    assert_equal(_people(_compared("whole", [2**63, 2**64, 0, 10**37]), whole=numbers))


def test_arithmetic_leaves_64_bits() -> None:
    values = (
        "whole + 1",
        "whole - 1",
        "2 * whole",
        "-whole",
        "whole * 4000000000000",
        "whole / 3",
        "0.1% of whole",
        "whole + whole",
    )
    assert_equal(_people(_seen(*values), whole=[*_EXTREMES, None]))


def test_sums_leave_64_bits() -> None:
    values = (
        "total of line.items",
        "average of line.items",
        "median of line.items",
        "largest of line.items - smallest of line.items",
    )
    assert_equal(_lines(_seen(*values), items=[2**63 - 1] * 3 + [2**62]))
    assert_equal(_lines(_seen(*values), items=[-(2**63)] * 3))


def test_decimals_beyond_64_bits() -> None:
    exact = [
        Fraction(text)
        for text in ("99999999999999999999.999999999", "0.000000001", "-99999999999999999999.999999999", "1")
    ]
    constants = ("99999999999999999999.999999999", "0.000000001", "0.0000000011", "1", "100000000000000000000")
    assert_equal(_people(_compared("exact", constants), exact=[*exact, None]))
    assert_equal(_lines(_seen("total of line.weight", "average of line.weight", "median of line.weight"), weight=exact))
    assert_equal(
        _lines(
            _seen("total of line.amount", "average of line.amount"),
            amount=[Fraction(10**34), Fraction("0.01"), Fraction(1)],
        )
    )


def test_decimals_of_other_scales_are_equal() -> None:
    exact = [Fraction(1), Fraction("1.1"), Fraction("1.01"), Fraction("1.001"), Fraction("0.999999999999")]
    assert_equal(
        _people(
            _compared("exact", ["1", "1.1", "1.01", "1.0010", "0.9999"]) + "\nsegment both where exact = whole",
            exact=exact,
            whole=[1] * 5,
        )
    )


def test_sums_of_doubles_are_exact_and_rounded_once() -> None:
    rules = _compared("total of line.share", ["0.3", "1", "0.9999999999999999", "0"])
    assert_equal(_lines(rules, share=[Fraction(0.1)] * 10))
    assert_equal(_lines(rules, share=[Fraction(number) for number in (1e16, 1.0, -1e16)]))
    assert_equal(_lines(rules, share=[Fraction(number) for number in (1e308, 1e308, -1e308, -1e308, 0.3)]))
    assert_equal(
        _lines(
            _seen("average of line.share", "total of line.share"), share=[Fraction(5e-324)] * 3 + [Fraction(0.1)] * 7
        )
    )
    assert_equal(_lines(_seen("total of line.share"), share=[Fraction(1.7976931348623157e308)] * 2))


def test_infinities() -> None:
    values = (
        "total of line.share",
        "average of line.share",
        "median of line.share",
        "smallest of line.share",
        "2 * last line.share",
    )
    shares: tuple[list[Cell], ...] = (
        [INF, Fraction(1)],
        [INF, -INF],
        [-INF, -INF],
        [Fraction(1e308), INF],
        [INF, None],
    )
    for share in shares:
        assert_equal(_lines(_seen(*values), share=share))
    doubles: list[Cell] = [INF, -INF, Fraction(0), Fraction(1e308), None]
    assert_equal(
        _people(
            _compared("double", ["0", "1"])
            + "\n"
            + _seen("double + whole", "double * -2", "double - double", "-double"),
            double=doubles,
            whole=[10**30, 1, 2, 3, 4],
        )
    )


def test_doubles_beside_exact_numbers() -> None:
    doubles = [Fraction(0.1), Fraction(0.3), Fraction(2.0**53), Fraction(0), Fraction(1)]
    exact = [Fraction("0.1"), Fraction("0.3"), Fraction(2**53 + 1), Fraction(0), Fraction(1)]
    rules = "\n".join(f"segment s{n} where double {op} exact" for n, op in enumerate(_OPS))
    assert_equal(
        _people(
            rules + "\n" + _seen("double + exact", "double - whole"), double=doubles, exact=exact, whole=[2**53 + 1] * 5
        )
    )


def test_exact_numbers_in_a_column_of_doubles() -> None:
    rules = (
        _compared("total of line.share", ["0.3", "0.30000000000000004"])
        + "\nsegment one where smallest of line.share = 0.1"
    )
    assert_equal(_lines(rules, share=[Fraction("0.1"), Fraction("0.2")]))


# --- time -----------------------------------------------------------------------------------------

_WINDOWS = (
    "in the last 1 day", "in the last 1 month", "in this year", "in this day", "in the next 1 day",
    "more than 1 year ago", "in the last 2 whole weeks", "in the last 1 whole month", "in the last 1 whole quarter",
)  # fmt: skip


def _windows(values: Sequence[str], windows: Sequence[str] = _WINDOWS) -> str:
    tests = [f"{value} is {window}" for value in values for window in windows]
    return "\n".join(f"segment s{number} where {test}" for number, test in enumerate(tests))


@pytest.mark.parametrize(
    ("zone", "as_of"),
    [
        ("Europe/London", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        ("America/Sao_Paulo", datetime(2018, 2, 18, 2, 30, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2024, 2, 29, 18, 30, tzinfo=UTC)),
        ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)),
    ],
)
def test_instants_at_a_clock_change(zone: str, as_of: datetime) -> None:
    steps = [timedelta(minutes=30 * step) for step in range(-110, 10)]
    moments = [as_of + step + tick for step in steps for tick in (timedelta(microseconds=-1), timedelta(0))]
    rules = _windows(["moment"], [*_WINDOWS, "in the last 24 hours", "between 1 hour and 2 days ago"])
    rules += "\n" + _seen("days since moment") + '\nsegment sunday where weekday of moment = "sunday"'
    case = _people(rules, moment=moments, day=[moment.date() for moment in moments])
    assert_equal(replace(case, catalogue={**CATALOGUE, "time_zone": zone}, as_of=as_of))
    lines = _lines(
        _seen("distinct days of line", "number of line in the last 1 day", "days since first line"), at=moments
    )
    assert_equal(replace(lines, catalogue={**CATALOGUE, "time_zone": zone}, as_of=as_of))


@pytest.mark.parametrize("leap_day", ["28 february", "1 march"])
@pytest.mark.parametrize(
    "today", [date(year, *day) for year in (2023, 2024) for day in ((2, 27), (2, 28), (3, 1))] + [date(2024, 2, 29)]
)
def test_leap_days(leap_day: str, today: date) -> None:
    days = [date(2000, 2, 29), date(2000, 2, 28), date(2000, 3, 1), date(1904, 2, 29), date(2024, 2, 29), date(1, 1, 1)]
    windows = (
        "in the next 1 day",
        "in the next 2 days",
        "in this month",
        "in the last 1 day",
        "on 2023-02-28",
        "on 2023-03-01",
        "more than 1 year ahead",
    )
    tests = "\n".join(f"segment a{n} where day has anniversary {window}" for n, window in enumerate(windows))
    case = _people(tests + "\n" + _windows(["day"]).replace("segment s", "segment w"), day=days)
    as_of = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    assert_equal(replace(case, catalogue={**CATALOGUE, "leap_day": leap_day}, as_of=as_of))


@pytest.mark.parametrize(
    "as_of", [datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Pacific/Apia"])
def test_the_ends_of_the_calendar(as_of: datetime, zone: str) -> None:
    moments = [
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        as_of,
        None,
    ]
    rules = _windows(
        ["day", "moment"],
        [
            *_WINDOWS,
            "in the last 1000 years",
            "more than 1000 years ahead",
            "since 0001-01-01",
            "before 9999-12-31",
            "after 9999-12-30",
        ],
    )
    rules += "\n" + _seen("days since day", "days since moment", "month of day", "month of moment")
    rules += (
        "\nsegment yearly where day has anniversary in the next 7 days\nsegment old where known for at least 1000 years"
    )
    case = _people(rules, moment=moments, day=[date.min, date.max, date(1970, 1, 1), date(1969, 12, 31), None])
    assert_equal(replace(case, catalogue={**CATALOGUE, "time_zone": zone}, as_of=as_of))


# --- text -----------------------------------------------------------------------------------------


def test_text() -> None:
    words = [
        "",
        " ",
        "a\0b",
        "e\u0301",
        "\u00e9",
        "E\u0301",
        "\U0001f600",
        "\uffee",
        "İ",
        "ß",
        "\u1e9e",
        "K",
        "\u212a",
        "web" * 50_000,
        "Web",
        "a\nb",
        None,
    ]
    constants = ("", " ", "e\u0301", "\u00e9", "k", "ß", "\U0001f600", "web", "i")
    tests = []
    for constant in constants:
        for case in ("", " ignoring case"):
            tests += [f'word {op} "{constant}"{case}' for op in ("=", "!=", "contains", "starts with", "ends with")]
            tests += [f'word in ["{constant}", "x"]{case}', f'word not in ["{constant}"]{case}']
    tests += [
        'word matches "^.$"',
        'word matches "a.b"',
        'word matches "(?s)a.b"',
        'word matches "\u00e9"',
        'word matches "WEB$" ignoring case',
        'word matches ""',
        "word is known",
    ]
    rules = "\n".join(f"segment s{number} where {test}" for number, test in enumerate(tests))
    assert_equal(_people(rules, word=words))
    same = _lines(
        'segment most where most frequent line.kind = "e\u0301"\n' + _seen("distinct line.kind"),
        kind=[*words[:5], "e\u0301", None][:6],
    )
    assert_equal(same)


def test_keys_are_told_apart_and_sorted_by_code_point() -> None:
    names = ["\U0001f600", "\uffee", "b", "B", "", " ", "10", "9", "e\u0301", "\u00e9", "a\0", "a", "x" * 10_000]
    case = with_columns(without_rows(SMALL, "stays"), "people", len(names), id=names, whole=[*range(len(names))])
    at = [datetime(2026, 10, 20, tzinfo=UTC)] * len(names)
    case = with_columns(
        case, "lines", len(names), line_id=[*range(len(names))], who=names[::-1], at=at, items=[*range(len(names))]
    )
    rules = "segment s where total of line.items > whole\nsegment u where t.r = 2"
    rules += "\nscore t rank r by 0 * whole into 3 equal bands, high is best"
    assert_equal(replace(case, rules=rules + "\n" + _seen("total of line.items")))


# --- ties -----------------------------------------------------------------------------------------


def test_rows_of_one_instant_are_told_apart_by_their_order() -> None:
    at = [datetime(2026, 10, 20, tzinfo=UTC)] * 4
    rules = (
        _seen("last line.items", "first line.items", "most frequent line.items")
        + '\nsegment k where last line.kind = "x"'
    )
    assert_equal(_lines(rules, at=at, line_id=[3, 1, 4, 2], items=[1, 2, 2, 1], kind=["x", "y", None, "x"]))


def test_bands_with_ties() -> None:
    rules = "\n".join(
        f"""score s{number}
  rank r by whole into {bands}
segment one{number} where s{number}.r = 1
segment top{number} where s{number}.r >= 2"""
        for number, bands in enumerate(
            f"{kind}, {best} is best{ties}"
            for kind, tied in (
                ("3 bands", False),
                ("3 equal bands", True),
                ("5 equal bands from 0", True),
                ("bands at [1, 2]", False),
            )
            for best in ("high", "low")
            for ties in ((", ties by exact", "") if tied else ("",))
        )
    )
    exact = [Fraction(number % 3) if number % 4 else None for number in range(11)]
    assert_equal(_people(rules, whole=[1, 1, 2, 2, 2, 3, None, 1, 1, 2, 5], exact=exact))
