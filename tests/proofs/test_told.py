"""What `show --prove` says of segments, partitions, groups and policies."""

from pathlib import Path

import pytest

import segrules

BROKEN = Path(__file__).parent / "broken"
GRIDS = Path(__file__).parents[2] / "rulesets" / "rfm_grids"


@pytest.fixture(scope="module")
def rules() -> segrules.RuleSet:
    return segrules.load(BROKEN)


def proved(rules: segrules.RuleSet, name: str) -> list[str]:
    """The lines below the heading."""
    lines = rules.show(name, prove=True).splitlines()
    start = lines.index("asked of every customer who could exist, for every day from 1971 to 2199:")
    return [line.strip() for line in lines[start + 1 :]]


def test_nothing_is_proved_unless_asked_for(rules: segrules.RuleSet) -> None:
    assert "asked of every customer" not in rules.show("adults")
    assert rules.show("country_gb", prove=True) == rules.show("country_gb")


def test_who_is_left_out_where_something_is_not_recorded(rules: segrules.RuleSet) -> None:
    lines = proved(rules, "adults")
    assert lines[0].startswith("shown: somebody can be a member, as of ")
    assert lines[1:3] == [
        "shown: where one of these is not recorded, somebody is left out who may belong here: `age`",
        "proved: nobody is in because something is not recorded",
    ]


def test_who_is_let_in_where_something_is_not_recorded(rules: segrules.RuleSet) -> None:
    lines = proved(rules, "of_any_age")
    assert "shown: somebody is in because this is not recorded: `age`" in lines
    assert "proved: nobody is in because something is not recorded" not in lines


def test_what_contradicts_itself_and_what_changes_nothing(rules: segrules.RuleSet) -> None:
    (nobody,) = proved(rules, "nobody_by_two")
    assert nobody == "proved: nobody can be a member; these contradict each other: rules.seg:11, rules.seg:12"
    assert (
        sum(line.startswith("proved: this changes nothing: rules.seg:") for line in proved(rules, "idle_clauses")) == 3
    )
    assert "proved: everyone is a member" in proved(rules, "everybody")


def test_what_policies_and_groups_say_of_a_segment(rules: segrules.RuleSet) -> None:
    about = [line for line in proved(rules, "active") if "policy" in line or "group" in line]
    assert about
    assert all(line.startswith(("proved: ", "undecided: ", "broken, as `segrules check` shows: ")) for line in about)
    assert any("`active` and `quiet`" in line for line in about)


def test_stages_that_never_win_and_who_falls_through() -> None:
    grid = proved(segrules.load(GRIDS), "putler_grid")
    assert grid[0] == "proved: nobody is ever in the stage `putler_grid.cannot_lose_them`"
    assert grid[1] == "shown: no stage takes this customer:"
    assert grid[-1] == "expect in putler_grid.in_no_row"


def test_what_a_group_promises_and_who_shows_that_it_is_not_kept(rules: segrules.RuleSet) -> None:
    lines = proved(rules, "promises")
    assert lines[0] == "broken: nobody is in both `active` and `quiet`"
    assert lines[1] == 'test "somebody in active and quiet"'
    undecided = "undecided: nobody is in both `ordered_at_once` and `took_longer` (the order of events)"
    assert undecided in lines


def test_what_a_policy_requires_of_each_segment(rules: segrules.RuleSet) -> None:
    lines = [line for line in proved(rules, "adults_only") if line.startswith(("proved", "broken"))]
    assert lines == [
        "broken: every member of `big_buyers` satisfies rules.seg:98",
        "broken: every member of `of_any_age` satisfies rules.seg:98",
        "proved: every member of `adults` satisfies rules.seg:98",
        "proved: every member of `nobody_by_one` satisfies rules.seg:98",
    ]
