"""Rules that bind are evaluated, whatever the rows and the instant, and twice with one result."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import cases
from tests.reference.generated import CONDITIONS, KEYS, data, outcome

Rows = dict[str, list[dict[str, Any]]]

_VALUES = st.sampled_from(
    ["age", "ratio", "credit", "joined", "shirt", "last purchase", "number of purchase", "average of purchase.weight"]
)
_BANDS = st.sampled_from(["5 bands", "3 bands from 0", "4 equal bands", "2 equal bands"])
_EXTREMES = st.sampled_from([datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)])
_INSTANTS = _EXTREMES | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@settings(max_examples=cases(150))
@given(data(), CONDITIONS, CONDITIONS, _VALUES, _BANDS, st.sampled_from(["low", "high"]), _INSTANTS)
def test_what_binds_is_evaluated(
    given_rows: Rows, one: str, other: str, value: str, bands: str, best: str, as_of: datetime
) -> None:
    rules = f"""
        score s
          among {one}
          rank r by {value} into {bands}, {best} is best
        partition p
          stage top where s.r >= 2
          stage next where {other}
          otherwise rest
        segment scored where s.r is known
        segment unscored where s.r is unknown
        segment by_stage where in segment p.top or ({other})
        segment left_out where country is unknown or ({one}) except scored
    """
    seen = outcome(rules, given_rows, as_of)
    assert seen.keys == KEYS
    assert seen == outcome(rules, given_rows, as_of)
    assert seen.qualifying["scored"] == tuple(not truth for truth in seen.qualifying["unscored"])
    for name, flags in seen.members.items():
        assert all(truth is True for truth, flag in zip(seen.qualifying[name], flags, strict=True) if flag)


@settings(max_examples=cases(60))
@given(data(), CONDITIONS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(given_rows: Rows, condition: str, random: Any) -> None:
    mixed = {name: list(rows) for name, rows in given_rows.items()}
    for rows in mixed.values():
        random.shuffle(rows)
    rules = f"""
        segment s where {condition}
        score q rank r by number of purchase into 2 equal bands, high is best, ties by days since last purchase
        segment b1 where q.r = 1
    """
    seen, again = outcome(rules, given_rows), outcome(rules, mixed)
    # Examples of ignored rows are those that come first.
    assert (seen.qualifying, seen.members, seen.ranks) == (again.qualifying, again.members, again.ranks)
