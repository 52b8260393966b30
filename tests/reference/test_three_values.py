"""Laws of three-valued logic, over random rules and rows."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import cases
from tests.reference.generated import ATOMS, CONDITIONS, EVERYBODY, data, outcome

Rows = dict[str, list[dict[str, Any]]]


@settings(max_examples=cases(80))
@given(data(), CONDITIONS, CONDITIONS)
def test_and_or_and_not_are_dual(given_rows: Rows, one: str, other: str) -> None:
    seen = outcome(
        f"""
        segment p where {one}
        segment not_not_p where not (not ({one}))
        segment not_both where not (({one}) and ({other}))
        segment either_not where (not ({one})) or (not ({other}))
        segment not_either where not (({one}) or ({other}))
        segment both_not where (not ({one})) and (not ({other}))
        segment absorbed where ({one}) or (({one}) and ({other}))
        segment one_way where ({one}) and ({other})
        segment other_way where ({other}) and ({one})
        """,
        given_rows,
    ).qualifying
    assert seen["not_not_p"] == seen["p"] == seen["absorbed"]
    assert seen["not_both"] == seen["either_not"]
    assert seen["not_either"] == seen["both_not"]
    assert seen["one_way"] == seen["other_way"]


@settings(max_examples=cases(60))
@given(data(), EVERYBODY, CONDITIONS)
def test_what_is_said_of_everybody_obeys_the_same_laws(given_rows: Rows, one: str, other: str) -> None:
    seen = outcome(
        f"""
        define c as {one}
        segment p where {one}
        segment not_not_p where not (not ({one}))
        segment named where c
        segment not_both where not (({one}) and ({other}))
        segment either_not where (not ({one})) or (not ({other}))
        segment inside where {one}
        segment outside except inside
        segment not_inside where not ({one})
        """,
        given_rows,
    ).qualifying
    assert seen["p"] == seen["not_not_p"] == seen["named"]
    assert seen["not_both"] == seen["either_not"]
    assert seen["outside"] == seen["not_inside"]


@settings(max_examples=cases(80))
@given(data(), CONDITIONS)
def test_a_guard_counts_like_its_condition(given_rows: Rows, condition: str) -> None:
    seen = outcome(
        f"""
        define c as {condition}
        segment inside where {condition}
        segment floor eligible {condition}
        segment not_inside where not ({condition})
        segment outside except inside
        segment outside_c except c
        segment reader where in segment inside
        partition p
          stage first_of_all where {condition}
          stage second where not ({condition})
          otherwise rest
        segment in_rest where in segment p.rest
        """,
        given_rows,
    )
    q = seen.qualifying
    assert q["inside"] == q["floor"] == q["reader"]
    assert q["not_inside"] == q["outside"] == q["outside_c"]
    stages = {True: "first_of_all", False: "second", None: "rest"}
    assert seen.partitions["p"] == tuple(stages[truth] for truth in q["inside"])
    assert q["in_rest"] == tuple(truth is None for truth in q["inside"])


@settings(max_examples=cases(60))
@given(
    data(), st.sampled_from(["age", "points", "number of purchase", "last purchase.items", "largest of purchase.items"])
)
def test_comparisons_of_known_values_are_opposites(given_rows: Rows, value: str) -> None:
    seen = outcome(
        f"""
        segment known where {value} is known
        segment less where {value} < 2
        segment not_less where {value} >= 2
        segment equal where {value} = 2
        segment unequal where {value} != 2
        segment one_of where {value} in [2]
        segment none_of where {value} not in [2]
        """,
        given_rows,
    ).qualifying
    for i, known in enumerate(seen["known"]):
        if known:
            assert seen["less"][i] is (not seen["not_less"][i])
            assert seen["equal"][i] is (not seen["unequal"][i])
        else:
            assert seen["less"][i] is seen["not_less"][i] is seen["equal"][i] is seen["unequal"][i]
        assert (seen["equal"][i], seen["unequal"][i]) == (seen["one_of"][i], seen["none_of"][i])


_HIDDEN = {
    "customers": ["country", "home", "age", "points", "credit", "ratio", "staff", "vip", "tags", "shirt", "birth_date"],
    "accounts": ["plan", "seats", "frozen", "contract_end"],
    "purchases": ["amount", "items", "share", "kind", "product", "state", "gift", "size_bought"],
}


@settings(max_examples=200)
@given(data(), CONDITIONS, ATOMS, ATOMS, st.data())
def test_a_missing_value_lets_nobody_in(
    given_rows: Rows, where: str, floor: str, out: str, choice: st.DataObject
) -> None:
    """The theorem of the language: without `is unknown` and `otherwise`, hiding a value only ever adds doubt."""
    rules = f"""
        define left_out as {out}
        partition p
          stage one where {out}
          stage two where {where}
          otherwise rest
        segment s
          where {where}
          except left_out
          eligible {floor}
        segment reader where not in segment s
        segment staged where in segment p.two
        segment not_staged except s where not in segment p.one
    """.replace("except s where not in segment p.one", "where not in segment p.one except s")
    table = choice.draw(st.sampled_from([name for name in _HIDDEN if given_rows[name]]))
    row = choice.draw(st.integers(0, len(given_rows[table]) - 1))
    column = choice.draw(st.sampled_from(_HIDDEN[table]))
    hidden = {name: [dict(item) for item in of] for name, of in given_rows.items()}
    hidden[table][row][column] = None
    before, after = outcome(rules, given_rows), outcome(rules, hidden)
    for name, truths in after.qualifying.items():
        for was, now in zip(before.qualifying[name], truths, strict=True):
            assert now is None or now is was, (name, rules)
    for name, flags in after.members.items():
        assert all(was or not now for was, now in zip(before.members[name], flags, strict=True))
