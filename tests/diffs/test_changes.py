"""Edits of all kinds, each with what becomes of a segment and of what is promised."""

from collections.abc import Callable
from pathlib import Path

import pytest

import segrules
from segrules.diagnostics.errors import BadRules
from segrules.workspace.diffs.result import Diff
from tests.diffs.shop import CATALOGUE, RULES, write

Edit = Callable[[str], str]

STOP = CATALOGUE.replace(
    "tables:\n", "tables:\n  stop:\n    path: stop.csv\n    columns: {customer_id: {type: integer, nullable: false}}\n"
)
FIRMS = """\
  firms:
    path: data/firms.csv
    key: id
    columns:
      id: {type: integer, nullable: false}
      seats: {type: integer}
      large: {derive: seats > 10}
relations:
  firm: {table: firms, column: firm_id}
customers:
  table:"""
STOPPED = "suppressions:\n  stop: {table: stop, customer: customer_id"
CAP = "caps:\n  calm: {channels: [email], require: did purchase fewer than 10 times in the last 7 days}\n"
SCORE = "\nscore value\n  rank money by number of purchase in the last 12 months into 5 bands, high is best\n"
CUTS = "\nscore value\n  rank money by number of purchase in the last 12 months into bands at [2, 5], high is best\n"
IN_BAND = "\nsegment best where value.money = 5\n"


def _put(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


def _add(more: str) -> Edit:
    return lambda text: text + more


def _is(text: str) -> Edit:
    return lambda _text: text


def _project(folder: Path, edits: dict[str, Edit]) -> Path:
    write(folder)
    for name, edit in edits.items():
        path = folder / name
        path.write_text(edit(path.read_text(encoding="utf-8") if path.exists() else ""), encoding="utf-8")
    return folder


def _diff(tmp_path: Path, after: dict[str, Edit], before: dict[str, Edit] | None = None) -> Diff:
    one, other = _project(tmp_path / "before", before or {}), _project(tmp_path / "after", after)
    return segrules.load(one).diff(segrules.load(other))


AMOUNT = "amount: {type: money, currency: EUR}"
BIG = "\n      big: {derive: amount > 5 EUR}"
IN_BIG = "\nsegment spender where did purchase where (big)\n"
GROWN = "grown: {derive: age >= 18}\n      allowed: {derive: grown and not staff}\n      staff:"
HOME = '\n      home: {derive: country = "DE"}'
STATUS = "      status: {type: text, values: [granted, withdrawn], nullable: false}\n"
AGAIN = STATUS + STATUS.replace("status", "again")


def _sold(text: str) -> str:
    """Purchases are the rows that are sold, which is worked out in two steps."""
    text = _put(AMOUNT, f"{AMOUNT}\n      paid: {{derive: amount > 0 EUR}}\n      sold: {{derive: paid}}")(text)
    return _put("id: number}", "id: number, where: sold}")(text)


def _twice(text: str) -> str:
    """There are returns beside the purchases."""
    start, end = text.index("  purchases:"), text.index("  consents:")
    return text[:end] + text[start:end].replace("purchases", "returns") + text[end:]


AGES = "age between 18 and 25"
YOUNG = 'segment young "Young customers"\n  where   '
SILENCER = '# segrules: ignore[catches-newcomers] "so be it" until 2027-0{}-01\nsegment young'
SEASON = 'group season "Nobody gets two offers"\n  exclusive loyal, lapsed\n'
CASES: dict[str, tuple[dict[str, Edit], dict[str, Edit], str, str]] = {
    # what is edited, the base where that is another one, the segment, and what becomes of it
    "another case of a name": ({"mail.seg": _put("segment young ", "segment Young ")}, {}, "Young", "renamed"),
    "a name beyond ASCII": ({"mail.seg": _put("segment young ", "segment jüng_ß ")}, {}, "jüng_ß", "renamed"),
    "a name and another way to say it": (
        {"mail.seg": _put(f"{YOUNG}{AGES}", "segment twens\n  where not (age > 25 or age < 18)")},
        {},
        "twens",
        "renamed",
    ),
    "a name and the meaning": (
        {"mail.seg": _put(f"{YOUNG}{AGES}", "segment twens\n  where age between 18 and 29")},
        {},
        "twens",
        "wider",
    ),
    "the name of a define": ({"mail.seg": _put("big_spender", "spender")}, {}, "lapsed", "same"),
    "the name of a score": (
        {"mail.seg": _add(SCORE.replace("value", "worth") + IN_BAND.replace("value", "worth"))},
        {"mail.seg": _add(SCORE + IN_BAND)},
        "best",
        "same",
    ),
    "the order of a list": ({"partners.txt": _is("b.example\na.example\n")}, {}, "partners", "same"),
    "the name of a list": (
        {"mail.seg": _put("partners.txt", "p.txt"), "p.txt": _is("a.example\nb.example\n")},
        {},
        "partners",
        "same",
    ),
    "a list into its values": (
        {"mail.seg": _put('in list "partners.txt"', 'in ["a.example", "b.example"]')},
        {},
        "partners",
        "same",
    ),
    "a catalogue that moved": (
        {"segrules.toml": _put("catalog.yaml", "other.yaml"), "other.yaml": _is(CATALOGUE), "catalog.yaml": _is("")},
        {},
        "young",
        "same",
    ),
    "other customers": ({"mail.seg": _put(AGES, "age > 60")}, {}, "young", "disjoint"),
    "a new column": (
        {
            "catalog.yaml": _put("staff: {type: boolean}", "staff: {type: boolean}\n      vip: {type: boolean}"),
            "mail.seg": _put(AGES, f"{AGES} and vip"),
        },
        {},
        "young",
        "narrower",
    ),
    "a column that is gone": (
        {
            "catalog.yaml": _put("      mail_domain: {type: text}\n", ""),
            "mail.seg": _put('mail_domain in list "partners.txt"', 'country = "DE"'),
        },
        {},
        "partners",
        "shifted",
    ),
    "a new value": (
        {"catalog.yaml": _put("[DE, AT, CH]", "[DE, AT, CH, LI]"), "mail.seg": _put(AGES, f'{AGES} or country = "LI"')},
        {},
        "young",
        "wider",
    ),
    "a value that is gone": (
        {"catalog.yaml": _put("[DE, AT, CH]", "[DE, AT]"), "mail.seg": _put(AGES, f'{AGES} and country != "DE"')},
        {"mail.seg": _put(AGES, f'{AGES} and country in ["AT", "CH"]')},
        "young",
        "same",
    ),
    "a column of another type": (
        {"catalog.yaml": _put("age: {type: integer", "age: {type: decimal")},
        {},
        "young",
        "undecided",
    ),
    "another event of that name": (
        {"catalog.yaml": _put("id: number}", "id: number, where: amount > 0 EUR}")},
        {},
        "loyal",
        "undecided",
    ),
    "an event by a derived column that is computed otherwise": (
        {"catalog.yaml": lambda text: _sold(text).replace("> 0 EUR", "> 1 EUR")},
        {"catalog.yaml": _sold},
        "loyal",
        "undecided",
    ),
    "an event of another table": (
        {"catalog.yaml": lambda text: _put("purchase: {table: purchases", "purchase: {table: returns")(_twice(text))},
        {"catalog.yaml": _twice},
        "loyal",
        "undecided",
    ),
    "a derived column that no rule reads": (
        {"catalog.yaml": _put(AMOUNT, AMOUNT + BIG)},
        {},
        "loyal",
        "same",
    ),
    "a derived column of events that another rule reads": (
        {"catalog.yaml": _put(AMOUNT, AMOUNT + BIG.replace("5", "6")), "mail.seg": _add(IN_BIG)},
        {"catalog.yaml": _put(AMOUNT, AMOUNT + BIG), "mail.seg": _add(IN_BIG)},
        "loyal",
        "same",
    ),
    "a derived column of events that the rule reads": (
        {"catalog.yaml": _put(AMOUNT, AMOUNT + BIG.replace("5", "6")), "mail.seg": _add(IN_BIG)},
        {"catalog.yaml": _put(AMOUNT, AMOUNT + BIG), "mail.seg": _add(IN_BIG)},
        "spender",
        "undecided",
    ),
    "a column that is derived of a derived one": (
        {"catalog.yaml": _put("staff:", GROWN.replace("18", "21")), "mail.seg": _put(AGES, "allowed")},
        {"catalog.yaml": _put("staff:", GROWN), "mail.seg": _put(AGES, "allowed")},
        "young",
        "undecided",
    ),
    "a derived column whose list of values grew": (
        {"catalog.yaml": _put("AT, CH]}", f"AT, CH, LI]}}{HOME}"), "mail.seg": _put(AGES, "home")},
        {"catalog.yaml": _put("AT, CH]}", f"AT, CH]}}{HOME}"), "mail.seg": _put(AGES, "home")},
        "young",
        "same",
    ),
    "a suppression list of another table": (
        {
            "catalog.yaml": _is(
                f"{STOP.replace('  stop:', '  stops:')}{STOPPED.replace('table: stop', 'table: stops')}}}\n"
            )
        },
        {"catalog.yaml": _is(f"{STOP}{STOPPED}}}\n")},
        "young",
        "undecided",
    ),
    "consents of another column": (
        {"catalog.yaml": lambda text: _put("status: status,", "status: again,")(_put(STATUS, AGAIN)(text))},
        {"catalog.yaml": _put(STATUS, AGAIN)},
        "young",
        "undecided",
    ),
    "another time zone": ({"catalog.yaml": _put("Berlin", "London")}, {}, "loyal", "undecided"),
    "a suppression list": ({"catalog.yaml": _is(f"{STOP}{STOPPED}}}\n")}, {}, "young", "narrower"),
    "a suppression list for another channel": (
        {"catalog.yaml": _is(f"{STOP}{STOPPED}, channels: [sms]}}\n")},
        {"catalog.yaml": _is(f"{STOP}{STOPPED}, channels: [email]}}\n")},
        "young",
        "wider",
    ),
    "a cap": ({"catalog.yaml": _add(CAP)}, {}, "loyal", "narrower"),
    "another cap": ({"catalog.yaml": _add(CAP.replace("10", "12"))}, {"catalog.yaml": _add(CAP)}, "loyal", "wider"),
    "another cut point": (
        {"mail.seg": _add(CUTS.replace("5]", "6]") + IN_BAND.replace("5", "2"))},
        {"mail.seg": _add(CUTS + IN_BAND.replace("5", "2"))},
        "best",
        "wider",
    ),
    "another band": (
        {"mail.seg": _add(SCORE + IN_BAND.replace("= 5", ">= 4"))},
        {"mail.seg": _add(SCORE + IN_BAND)},
        "best",
        "wider",
    ),
    "other bands of who else there is": (
        {"mail.seg": _add(SCORE.replace("5 bands", "6 bands") + IN_BAND)},
        {"mail.seg": _add(SCORE + IN_BAND)},
        "best",
        "undecided",
    ),
    "an added stage": (
        {"mail.seg": _put("  otherwise rest", "  stage once where did purchase\n  otherwise rest")},
        {},
        "stage.rest",
        "narrower",
    ),
    "nothing left": ({"mail.seg": _is("")}, {}, "young", "removed"),
    "everything new": ({}, {"mail.seg": _is("")}, "young", "added"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of_a_segment(tmp_path: Path, name: str) -> None:
    after, before, segment, kind = CASES[name]
    found = _diff(tmp_path, after, before)[segment]
    assert found.kind.value == kind
    assert (found.gained is not None) is (kind in ("wider", "shifted", "disjoint"))
    assert (found.lost is not None) is (kind in ("narrower", "shifted", "disjoint"))
    assert (found.judged.reason is not None) is (kind == "undecided")


def test_who_was_in_by_a_column_that_is_gone_is_shown_by_the_earlier_version(tmp_path: Path) -> None:
    after, before, segment, _ = CASES["a column that is gone"]
    found = _diff(tmp_path, after, before)
    lost = found[segment].lost
    assert lost is not None
    assert "mail_domain = " in lost.test
    assert "expect in partners" in lost.test
    assert "who can no longer be in, as a test of the earlier version" in found.text()
    assert "as a test that held before" in found.markdown()


def test_what_uses_a_segment_changes_with_it(tmp_path: Path) -> None:
    more = '\nsegment young_germans\n  where in segment young and country = "DE"\n'
    found = _diff(tmp_path, {"mail.seg": lambda text: text.replace("25", "26") + more}, {"mail.seg": _add(more)})
    assert found["young_germans"].kind.value == "wider"
    assert found["young_germans"].through == ("segment `young`",)


PROMISES = {
    "a policy is gone": (_is(RULES[: RULES.index("policy grown_ups")]), "policy", "removed", True),
    "a policy binds fewer": (
        _put("except loyal, lapsed, partners", "except loyal, lapsed, partners, young"),
        "policy",
        "weaker",
        True,
    ),
    "a policy binds more": (
        _put("except loyal, lapsed, partners", "except loyal, lapsed"),
        "policy",
        "stronger",
        False,
    ),
    "a policy asks for less": (_put("require age >= 18", "require age >= 16"), "policy", "weaker", True),
    "a policy asks for more": (_put("require age >= 18", "require age >= 21"), "policy", "stronger", False),
    "a policy asks for consent to something else": (
        _put("require consent email", "require consent sms"),
        "policy",
        "changed",
        True,
    ),
    "a policy forbids reading": (
        _put("require age >= 18", "require age >= 18\n  forbid reading proxy"),
        "policy",
        "stronger",
        False,
    ),
    "a group is gone": (_put(SEASON, ""), "group", "removed", True),
    "a group promises more": (
        _put("exclusive loyal, lapsed", "exclusive loyal, lapsed\n  subset loyal of loyal"),
        "group",
        "stronger",
        False,
    ),
    "a silencer": (_put("segment young", SILENCER.format(1)), "silencer", "added", True),
}


@pytest.mark.parametrize("name", PROMISES)
def test_what_becomes_of_promises(tmp_path: Path, name: str) -> None:
    edit, kind, change, loosened = PROMISES[name]
    found = _diff(tmp_path, {"mail.seg": edit})
    assert [(item.kind, item.change, item.loosened) for item in found.policies] == [(kind, change, loosened)]
    assert bool(found.failing(frozenset({"policy"}))) is loosened


def test_a_policy_in_other_words_is_the_same(tmp_path: Path) -> None:
    assert not _diff(tmp_path, {"mail.seg": _put("require age >= 18", "require not (age < 18)")}).policies


def test_a_silencer_that_lasts_longer_is_told(tmp_path: Path) -> None:
    one, other = ({"mail.seg": _put("segment young", SILENCER.format(month))} for month in (1, 3))
    assert [(item.change, item.loosened) for item in _diff(tmp_path, other, one).policies] == [("weaker", True)]


def test_levels_and_packs_that_are_lowered_are_told(tmp_path: Path) -> None:
    settings = '[checks]\ncatches-newcomers = "off"\nidle-clause = "error"\n[packs]\ngdpr = "off"\n'
    found = {item.name: item for item in _diff(tmp_path, {"segrules.toml": _add(settings)}).policies}
    assert {name: item.loosened for name, item in found.items()} == {
        "catches-newcomers": True, "idle-clause": False, "gdpr": True,
    }  # fmt: skip


def test_options_are_told_beside_a_level_that_is_raised(tmp_path: Path) -> None:
    one, other = (
        {"segrules.toml": _add(f'[checks]\n"too-many-segments" = {{level = "{level}", most = {most}}}\n')}
        for level, most in (("warning", 200), ("error", 9000))
    )
    found = [(item.name, item.detail, item.loosened) for item in _diff(tmp_path, other, one).policies]
    assert found == [
        ("too-many-segments", "`error`, was `warning`", False),
        ("too-many-segments", "its options changed", True),
    ]


def test_assessments_that_are_not_looked_at_any_more_are_told(tmp_path: Path) -> None:
    found = _diff(tmp_path, {}, {"segrules.toml": _add('assessments = "assessments"\n')}).policies
    assert [(item.name, item.change, item.loosened) for item in found] == [("assessments", "removed", True)]


def test_metadata_are_told_for_each_segment_of_a_ruleset(tmp_path: Path) -> None:
    found = _diff(
        tmp_path, {"mail.seg": lambda text: text.replace("crm@", "new@").replace("email_marketing", "service")}
    )
    told = {(item.name, field.field, field.sensitive) for item in found.segments for field in item.metadata}
    names = ("loyal", "lapsed", "young", "partners")
    assert told == {(name, field, field == "purpose") for name in names for field in ("owner", "purpose")}
    assert set(found.failing(frozenset({"sensitive"}))) == set(names)


def test_entries_of_lists_are_counted_and_not_told(tmp_path: Path) -> None:
    found = _diff(tmp_path, {"partners.txt": _is("secret@a.example\na.example\n")})
    (change,) = found.catalog
    assert change.detail == "1 entry added, 1 entry removed"
    assert change.segments == ("partners",)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("", "its range is without limits, was 0 to 120"),
        (", range: [18, 120]", "its range is 18 to 120, was 0 to 120"),
    ],
)
def test_the_range_of_a_column_is_told(tmp_path: Path, limits: str, told: str) -> None:
    (change,) = _diff(tmp_path, {"catalog.yaml": _put(", range: [0, 120]", limits)}).catalog
    assert change.detail == told


@pytest.mark.parametrize("broken", ["before", "after"])
def test_a_version_with_errors_is_named(tmp_path: Path, broken: str) -> None:
    edits = {"mail.seg": _add("\nsegment x where\n")}
    with pytest.raises(BadRules, match=f"the rules of `{broken}` have errors") as caught:
        _diff(tmp_path, edits if broken == "after" else {}, edits if broken == "before" else {})
    assert caught.value.findings
    assert "mail.seg" in caught.value.sources


def test_two_projects_without_rules_are_the_same(tmp_path: Path) -> None:
    nothing = {"mail.seg": _is("")}
    found = _diff(tmp_path, nothing, nothing)
    assert not found
    assert found.text() == "before -> after: no segment changed its members\n"


def test_a_derived_column_of_a_related_table_is_told_with_its_line_and_whom_it_reaches(tmp_path: Path) -> None:
    before = CATALOGUE.replace("staff:", "firm_id: {type: integer}\n      staff:").replace(
        "customers:\n  table:", FIRMS
    )
    rules = "\nsegment big\n  where firm.large\n\nsegment small\n  where firm.seats < 3\n"
    found = _diff(
        tmp_path,
        {"catalog.yaml": _is(before.replace("> 10", "> 20")), "mail.seg": _add(rules)},
        {"catalog.yaml": _is(before), "mail.seg": _add(rules)},
    )
    assert found["big"].kind.value == "undecided"
    assert found["small"].kind.value == "same"
    assert [(item.name, item.segments) for item in found.catalog] == [("firm.large", ("big",))]
    assert "large: {derive: seats > 20}" in found.text()
