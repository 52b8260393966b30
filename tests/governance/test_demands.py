"""What packs ask for: justifications, what is forbidden for a purpose, words in names; and what policies forbid."""

from datetime import date

import pytest

from segrules.governance.packs import PACKS, demands, read_pack, telling_words
from segrules.governance.purposes import known_purposes
from segrules.governance.vocabulary import categories, words
from tests.governance.shop import findings, said

SICK = 'segment s\n  purpose {purpose}\n  where did purchase where (category = "pharmacy")\n'
JUSTIFIED = '  justified "They asked for it" by "dpo@shop.example" until {until}\n'


def test_a_special_category_needs_a_justification() -> None:
    assert said(SICK.format(purpose="email_marketing")) == [
        "SEG362 error: segment `s` reads data labelled `health` without a justification"
    ]


@pytest.mark.parametrize("until", ["2026-11-22", "2027-01-01"])
def test_a_justification_holds_to_the_end_of_its_day(until: str) -> None:
    assert said(SICK.format(purpose="email_marketing") + JUSTIFIED.format(until=until)) == []


def test_an_expired_justification_is_a_finding_of_its_own() -> None:
    text = SICK.format(purpose="email_marketing") + JUSTIFIED.format(until="2026-11-21")
    expired = "SEG363 error: the justification of segment `s` for reading data labelled `health` held until 2026-11-21"
    assert said(text) == [expired]
    assert said(text, day=date(2026, 11, 21)) == []
    (found,) = findings(text)
    assert found.span is not None
    assert found.span.line == 4
    assert [related.span.path for related in found.related] == ["catalog.yaml"]


def test_of_several_justifications_the_last_counts() -> None:
    text = SICK.format(purpose="email_marketing")
    assert said(text + JUSTIFIED.format(until="2020-01-01") + JUSTIFIED.format(until="2027-01-01")) == []


def test_the_pack_sets_the_level_unless_the_project_does() -> None:
    text = 'segment s where postcode = "E1"\n'
    proxy = "segment `s` reads a proxy for `race_ethnicity` without a justification"
    assert said(text) == [f"SEG362 warning: {proxy}"]
    assert said(text, gdpr="error") == [f"SEG362 error: {proxy}"]
    assert said(text, gdpr="note") == [f"SEG362 note: {proxy}"]
    assert said(text, gdpr="off") == []


def test_of_two_packs_the_heavier_demand_is_told_once() -> None:
    (both,) = findings(SICK.format(purpose="lookalike_seed"), cpra="on")
    assert (both.severity, "the pack `cpra`" in (both.help or "")) == ("error", True)
    (one,) = findings(SICK.format(purpose="email_marketing"), gdpr="off", cpra="on")
    assert (one.severity, "`cpra`" in (one.help or "")) == ("warning", True)
    (shared,) = findings(SICK.format(purpose="lookalike_seed"), gdpr="off", cpra="on")
    assert shared.severity == "error"


def test_each_segment_that_names_a_segment_needs_its_own_justification() -> None:
    text = (
        SICK.format(purpose="email_marketing")
        + JUSTIFIED.format(until="2027-01-01")
        + "segment t where not in segment s\n"
    )
    assert said(text) == ["SEG362 error: segment `t` reads data labelled `health` without a justification"]


def test_a_proxy_inside_a_score_needs_a_justification() -> None:
    text = """\
define eastern as postcode starts with "E"
score near
  among eastern
  rank near by logins into 5 bands, high is best
segment s where near.near = 5
"""
    (found,) = findings(text)
    assert found.message == "segment `s` reads a proxy for `race_ethnicity` without a justification"
    assert found.span is not None
    assert (found.span.line, [related.span.line for related in found.related[:2]]) == (5, [3, 1])
    assert found.related[-1].message == "`people.postcode` is labelled as a proxy for `race_ethnicity` here"


def test_a_justification_that_nobody_needs_is_a_note() -> None:
    idle = "SEG364 note: nothing that segment `s` reads needs a justification"
    assert said('segment s where country = "GB"\n' + JUSTIFIED.format(until="2020-01-01")) == [idle]
    # Age is sensitive, though no pack that is on asks about it: who justifies it does well.
    assert said("segment s where senior\n" + JUSTIFIED.format(until="2027-01-01")) == []


def test_retired_segments_are_left_alone_and_drafts_are_not() -> None:
    text = "segment s status {} where diagnosis is known\n"
    assert said(text.format("retired")) == []
    assert len(said(text.format("draft"))) == 1


CREDIT = "us_housing_employment_credit"


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ("where senior", f"data labelled `age`, which the pack `{CREDIT}` forbids for `credit_offer`"),
        (
            "where in_choir",
            f"data labelled `religion_philosophy`, which the pack `{CREDIT}` forbids for `credit_offer`",
        ),
        ('where postcode != "E1"', "data labelled `postal_code` without a justification"),
        ('where country = "GB" eligible age >= 18', None),
        ("where logins > 3", None),
    ],
)
def test_protected_classes_for_credit(clauses: str, message: str | None) -> None:
    text = "segment s purpose {} " + clauses + "\n"
    found = findings(text.format("credit_offer"), gdpr="off", us_housing_employment_credit="on")
    assert [item.message for item in found][:1] == ([] if message is None else [f"segment `s` reads {message}"])
    assert said(text.format("email_marketing"), gdpr="off", us_housing_employment_credit="on") == []


def test_ad_platforms_ask_for_both_purposes() -> None:
    text = "segment s purpose {} where senior\n"
    assert said(text.format("credit_offer"), ad_platforms="on") == []
    assert said(text.format("ads_first_party"), ad_platforms="on") == []
    (both,) = said(text.format("credit_offer, ads_suppression"), ad_platforms="on")
    assert both.endswith("which the pack `ad_platforms` forbids for `credit_offer` and `ads_suppression`")


def test_what_is_forbidden_is_not_asked_to_be_justified_as_well() -> None:
    text = SICK.format(purpose="lookalike_seed") + JUSTIFIED.format(until="2027-01-01")
    for each in (text, SICK.format(purpose="lookalike_seed")):
        (forbidden,) = findings(each, ad_platforms="on")
        assert forbidden.code.name == "forbidden-for-purpose"


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segment", "telling"),
    [
        ("diabetes_club", "name says diabetes suggests health"),
        ("club_of_diabetics", "name says diabetics suggests health"),
        ('s "For a better credit score"', "title says credit score suggests financial_status"),
        ("s_credit_score_low", "name says credit score suggests financial_status"),
        ('s "Wealthy, and HIV positive"', "title says HIV suggests health"),
        ('s describe "Who buys from the pharmacy."', "description says pharmacy suggests health"),
        ("cancerous_jokes", None),
        ("predebtor", None),
        ('s "Bought lately"', None),
    ],
)
def test_words_that_suggest_something(segment: str, telling: str | None) -> None:
    found = [item.message for item in findings(f"segment {segment}\n  where logins > 1\n", lexicon="on")]
    if telling is None:
        assert found == []
    else:
        place, rest = telling.split(" says ")
        word, category = rest.split(" suggests ")
        name = segment.split()[0]
        assert found[0] == f"the {place} of segment `{name}` says `{word}`, which suggests `{category}`"


def test_the_lexicon_is_off_unless_asked_for() -> None:
    assert said("segment diabetes_club where logins > 1\n") == []


def test_names_for_ads_weigh_more() -> None:
    text = "segment diabetes_club purpose {} where logins > 1\n"
    told = "the name of segment `diabetes_club` says `diabetes`, which suggests `health`"
    assert said(text.format("ads_first_party"), ad_platforms="on", lexicon="on") == [f"SEG367 error: {told}"]
    assert said(text.format("email_marketing"), ad_platforms="on", lexicon="on") == [f"SEG367 warning: {told}"]


# --- purposes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "told"),
    [
        ("credit_offers", "credit_offer"),
        ("credit_ofer", "credit_offer"),
        ("credit_offer", None),
        ("ads_first_party", None),
        ("ads_firstparty", None),
        ("newsletter", None),
        ("special_offer", None),
    ],
)
def test_a_purpose_that_is_nearly_one_of_a_pack(purpose: str, told: str | None) -> None:
    found = findings(f"segment s purpose {purpose} where logins > 1\n", us_housing_employment_credit="on")
    assert [item.help for item in found] == ([] if told is None else [f"did you mean `{told}`?"])
    assert findings(f"segment s purpose {purpose} where logins > 1\n") == []


# --- policies -------------------------------------------------------------------------------------


def test_a_policy_forbids_a_label_wherever_it_comes_from() -> None:
    text = """\
define sick as did purchase where (category = "pharmacy")
segment s
  where not sick
segment t where in segment s and logins > 2
segment u where logins > 2
policy no_health "Nothing about health"
  applies to all segments
  forbid reading special_category, proxy
"""
    found = findings(text, gdpr="off")
    assert [(item.message, item.span.line if item.span else 0) for item in found] == [
        ("segment `s` reads data labelled `health`, which the policy `no_health` forbids", 3),
        ("segment `t` reads data labelled `health`, which the policy `no_health` forbids", 4),
    ]
    assert [related.message for related in found[1].related] == [
        "which reads the define `sick` here",
        "which reads the property `purchase.category` here",
        "`pharmacy` of `orders.category` is labelled `health` here",
        "the policy says so here",
    ]


@pytest.mark.parametrize(
    ("label", "where", "forbidden"),
    [
        ("health", "diagnosis is known", True),
        ("special_category", "diagnosis is known", True),
        ("cpra_sensitive", "diagnosis is known", True),
        ("protected", "diagnosis is known", False),
        ("protected", "senior", True),
        ("special_category", "senior", False),
        ("proxy", 'postcode = "E1"', True),
        ("protected_proxy", 'postcode = "E1"', True),
        ("protected", 'postcode = "E1"', False),
        ("race_ethnicity", 'postcode = "E1"', False),
        ("quasi", 'postcode = "E1"', True),
        ("inferred", "income > 5", True),
        ("inferred", "senior", False),
        ("derived", "senior", True),
        ("spend", "outlay > 5", True),
        ("special_category, spend", "outlay > 5", True),
        ("identifier", "customer_id > 5", True),
    ],
)
def test_the_axes_are_kept_apart(label: str, where: str, forbidden: bool) -> None:
    text = f"segment s where {where}\npolicy p\n  applies to all segments\n  forbid reading {label}\n"
    found = [item for item in findings(text, gdpr="off") if item.code.name == "forbidden-reading"]
    assert len(found) == forbidden


def test_a_floor_may_be_read_where_the_policy_says_so() -> None:
    text = """\
segment grown   eligible age >= 18 and country = "GB"
segment young   where age < 30
segment friends where in segment grown and logins > 3
policy only_a_floor
  applies to all segments
  forbid reading protected outside eligible
"""
    (young,) = findings(text)
    reads = "segment `young` reads data labelled `age` in `where`"
    assert young.message == f"{reads}, which the policy `only_a_floor` allows in `eligible` only"


def test_several_clauses_may_stand_behind_outside() -> None:
    policy = "policy p\n  applies to all segments\n  forbid reading age outside {}\n"
    text = f"segment s where logins > 2 except senior\n{policy}"
    assert said(text.format("eligible, except")) == []
    assert len(said(text.format("eligible"))) == 1


def test_a_policy_speaks_of_its_segments_alone_and_of_stages() -> None:
    text = """\
partition life
  stage old  where senior
  stage keen where logins > 3
  otherwise rest
segment a purpose email_marketing where senior
segment b where senior
policy p
  applies to segments with purpose email_marketing
  forbid reading age
policy q
  applies to segment life.keen
  forbid reading age
"""
    assert [message.split(",")[0] for message in said(text)] == [
        "SEG365 error: segment `a` reads data labelled `age`",
        "SEG365 error: stage `life.keen` reads data labelled `age`",
    ]


def test_labels_that_nobody_knows() -> None:
    policy = "policy p\n  applies to all segments\n  forbid reading helth, outlays outside eligble\n"
    text = f"segment s where logins > 1\n{policy}"
    told = [(item.message, item.help) for item in findings(text)]
    assert told == [
        ("the policy `p` forbids `helth`, which is no known label", "did you mean `health`?"),
        (
            "the policy `p` forbids `outlays`, which is no known label",
            "a name of the project's own is declared under `labels` at the top of the catalogue",
        ),
        (
            "`outside` names `eligble`, which is no clause of a segment that reads anything",
            "did you mean `eligible`?",
        ),
    ]


# --- the packs themselves -------------------------------------------------------------------------


def test_packs_use_words_that_there_are_and_every_line_has_a_date_and_a_source() -> None:
    known = {*words()}
    for name in PACKS:
        content = read_pack(name)
        rows = [*content.get("rule", ()), *content.get("names", ())]
        assert rows
        for row in rows:
            assert {*row.get("purposes", ()), *row.get("and_purposes", ())} <= {*known_purposes()}
            assert {*row.get("labels", ()), *row.get("suggests", ())} <= known
            assert isinstance(row["reviewed"], date)
            assert row["reviewed"] <= content["reviewed"]
            assert row["source"]
            assert not row["because"].endswith(".")
    asked = demands(dict.fromkeys(PACKS, "on"))
    assert {line.pack for line in asked.lines} | {naming.pack for naming in asked.namings} == {*PACKS}
    assert {category for category, _ in telling_words()} <= {*categories()}


def test_the_crosswalk_knows_what_is_special_and_what_is_protected() -> None:
    groups = {key: row.groups for key, row in categories().items()}
    assert groups["health"] == ("special_category", "cpra_sensitive")
    assert groups["race_ethnicity"] == ("special_category", "cpra_sensitive", "protected")
    assert groups["criminal"] == ("special_category",)
    assert groups["age"] == groups["sex"] == groups["marital_status"] == ("protected",)
    assert groups["precise_geolocation"] == ("cpra_sensitive",)
    assert groups["child_u13"] == groups["financial_status"] == groups["postal_code"] == ()


@pytest.mark.parametrize("blank", ['"" by "dpo@x.example"', '"why" by " "'])
def test_a_justification_without_a_reason_or_anybody_behind_it_is_none(blank: str) -> None:
    text = f'segment s\n  where diagnosis = "x"\n  justified {blank} until 2099-12-31\n'
    assert said(text, gdpr="on") == [
        "SEG362 error: segment `s` reads data labelled `health` without a justification",
    ]


def test_where_a_policy_forbids_it_a_justification_is_no_way_out() -> None:
    policy = "policy p\n  applies to all segments\n  forbid reading health\n"
    found = {item.code.number: item for item in findings(SICK.format(purpose="email_marketing") + policy)}
    assert set(found) == {"SEG362", "SEG365"}
    assert found["SEG362"].span == found["SEG365"].span
    assert (found["SEG362"].help or "").startswith("take it out: the policy `p` forbids it, with a justification, too;")
    assert (found["SEG365"].help or "").startswith("take it out of the rule, or change the policy")
