"""Comments that silence a finding: what they reach, when they end, and how they must be written."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segrules
from segrules.diagnostics.codes import DEPRECATED_COLUMN, MISSING_CONSENT, REVIEW_PASSED
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.silencers import Comment, Silencer, read_silencers, silence
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.comments import seg_comments, yaml_comments
from tests.governance.kept import CATALOGUE, check

REASON = '"calls alone" until 2027-03-31'
CALLS = "segment a\n  channel email\n  where staff\n"


def told(folder: Path, rules: str, settings: str = "", *, as_of: str = "2026-11-01") -> tuple[list[str], list[str]]:
    """Codes with lines of what is heard in the rule file and of what is silenced there."""
    found = check(folder, rules, settings, as_of=as_of)
    spans = [(item.code.number, item.span) for item in found.findings]
    hidden = [(item.finding.code.number, item.finding.span) for item in found.silenced]
    in_rules = ([f"{code}:{at.line}" for code, at in part if at and at.path == "rules.seg"] for part in (spans, hidden))
    heard, silenced = in_rules
    return heard, silenced


@pytest.mark.parametrize(
    "rules",
    [
        f"segment a  # segrules: ignore[SEG345] {REASON}\n  channel email where staff\n",
        f"# segrules: ignore[SEG345] {REASON}\nsegment a channel email where staff\n",
        f"# segrules: ignore[missing-consent] {REASON}\n# more about it\nsegment a channel email where staff\n",
        f"# segrules: ignore[345] {REASON}\nsegment a channel email where staff\n",
        f"   #segrules:ignore[ seg345 ] {REASON}  \nsegment a channel email where staff\n",
    ],
)
def test_a_silencer_reaches_its_own_line_or_the_next_one(tmp_path: Path, rules: str) -> None:
    heard, silenced = told(tmp_path, rules)
    assert heard == []
    assert [item.partition(":")[0] for item in silenced] == ["SEG345"]


@pytest.mark.parametrize(
    ("rules", "heard"),
    [
        # Two lines above, below, on another clause, and behind a comment at the end of the line before.
        (f"# segrules: ignore[SEG345] {REASON}\n\nsegment a channel email where staff\n", ["SEG013:1", "SEG345:3"]),
        (f"segment a channel email where staff\n# segrules: ignore[SEG345] {REASON}\n", ["SEG345:1", "SEG013:2"]),
        (f"segment a\n  channel email # segrules: ignore[SEG345] {REASON}\n where staff\n", ["SEG345:1", "SEG013:2"]),
        (
            f"define d as staff # segrules: ignore[SEG345] {REASON}\nsegment a channel email where d\n",
            ["SEG013:1", "SEG345:2"],
        ),
        (f"# segrules: ignore[SEG346] {REASON}\nsegment a channel email where staff\n", ["SEG013:1", "SEG345:2"]),
    ],
)
def test_it_reaches_nothing_else(tmp_path: Path, rules: str, heard: list[str]) -> None:
    assert told(tmp_path, rules) == (heard, [])


def test_several_codes_and_several_comments_for_one_line(tmp_path: Path) -> None:
    rules = f"# segrules: ignore[missing-consent, SEG352] {REASON}\n# segrules: ignore[SEG356] {REASON}\n"
    rules += "segment a channel email where age > 120\n"
    heard, silenced = told(tmp_path, rules)
    assert silenced == ["SEG345:3", "SEG356:3"]
    assert heard == ["SEG013:1"]


@pytest.mark.parametrize(
    ("day", "heard", "silenced"),
    [("2027-03-31", [], ["SEG345:2"]), ("2027-04-01", ["SEG012:1", "SEG345:2"], [])],
)
def test_its_last_day_still_counts(tmp_path: Path, day: str, heard: list[str], silenced: list[str]) -> None:
    assert told(tmp_path, f"# segrules: ignore[SEG345] {REASON}\n{CALLS}", as_of=day) == (heard, silenced)


def test_reason_and_end_are_told(tmp_path: Path) -> None:
    (item,) = (
        item
        for item in check(tmp_path, f"# segrules: ignore[SEG345] {REASON}\n{CALLS}").silenced
        if item.finding.code is MISSING_CONSENT
    )
    assert (item.reason, item.until, str(item.span)) == ("calls alone", date(2027, 3, 31), "rules.seg:1:1")


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# segrules: ignore", "the silencer does not say which findings it silences"),
        ("# segrules: ignore[]", "the silencer does not say which findings it silences"),
        ("# segrules: ignore SEG345", "the silencer does not say which findings it silences"),
        ("# segrules: ignore[SEG345]", "the silencer gives no reason in quotes"),
        ("# segrules: ignore[SEG345] until 2027-03-31", "the silencer gives no reason in quotes"),
        ('# segrules: ignore[SEG345] " " until 2027-03-31', "the silencer gives no reason in quotes"),
        ('# segrules: ignore[SEG345] "why"', "the silencer does not say until when"),
        ('# segrules: ignore[SEG345] "why" by 2027-03-31', "the silencer does not say until when"),
        ('# segrules: ignore[SEG345] "why" until soon', "`soon` is not a day such as `2027-03-31`"),
        ('# segrules: ignore[SEG345] "why" until 2027-02-30', "`2027-02-30` is not a day such as `2027-03-31`"),
        ('# segrules: ignore[SEG345] "why" until 20270331', "`20270331` is not a day such as `2027-03-31`"),
        ('# segrules: ignore[SEG345] "why" until 2027-03-31 x', "`x` stands behind the end of the silencer"),
        ('# segrules: ignore[SEG9999] "why" until 2027-03-31', "there is no finding `SEG9999`"),
        ('# segrules: ignore[SEG345, ] "why" until 2027-03-31', "there is no finding ``"),
        ('# segrules: ignore[SEG201] "why" until 2027-03-31', "`SEG201 unknown-name` cannot be silenced"),
        ('# segrules: ignore[SEG013] "why" until 2027-03-31', "`SEG013 unused-silencer` cannot be silenced"),
        ("# segrules ignore[SEG345]", "a comment that begins with `segrules:` was expected to go on with `ignore[`"),
        ("# segrules: off", "a comment that begins with `segrules:` was expected to go on with `ignore[`"),
        ("# Segrules: Ignore", "a comment that begins with `segrules:` was expected to go on with `ignore[`"),
    ],
)
def test_what_is_not_written_as_a_silencer_is_a_finding(tmp_path: Path, comment: str, message: str) -> None:
    found = check(tmp_path, f"{comment}\n{CALLS}").findings
    assert [(item.code.number, item.message) for item in found] == [
        ("SEG011", message),
        ("SEG345", "segment `a` uses `email` and does not ask for consent to it"),
    ]
    assert all(item.help for item in found)


@pytest.mark.parametrize(
    "text", ["# segrules finds this", "# see segrules: ignore[x]", '"# segrules: ignore[SEG345]"', "# ignore[SEG345]"]
)
def test_other_comments_and_quoted_text_are_none(text: str) -> None:
    source = Source("a.seg", f"segment a {text}\n")
    assert read_silencers(seg_comments(source)) == ([], [])


def test_a_mistyped_code_suggests_the_nearest(tmp_path: Path) -> None:
    found = check(tmp_path, f"# segrules: ignore[mising-consent] {REASON}\n{CALLS}").findings
    assert [item.help for item in found if item.code.number == "SEG011"] == ["did you mean `missing-consent`?"]


def test_errors_are_heard_and_then_no_silencer_is_called_unused(tmp_path: Path) -> None:
    rules = f"# segrules: ignore[SEG352] {REASON}\nsegment a where staf\n"
    assert told(tmp_path, rules) == (["SEG201:2"], [])


def test_what_a_project_made_an_error_can_be_silenced(tmp_path: Path) -> None:
    rules = f"# segrules: ignore[SEG345] {REASON}\n{CALLS}"
    assert told(tmp_path, rules, '[checks]\nmissing-consent = "error"\n') == ([], ["SEG345:2"])


def test_a_finding_that_is_switched_off_needs_no_silencer(tmp_path: Path) -> None:
    rules = f"# segrules: ignore[SEG345] {REASON}\n{CALLS}"
    settings = '[checks]\nmissing-consent = "off"\n'
    assert told(tmp_path, rules, settings) == (["SEG013:1"], [])
    assert told(tmp_path, rules, settings + 'unused-silencer = "off"\n') == ([], [])


def test_silencers_of_results_are_heeded_by_a_run_of_their_time(tmp_path: Path) -> None:
    rules = f"# segrules: ignore[empty-segment] {REASON}\nsegment a where age = 7\n"
    catalogue = CATALOGUE.partition("relations:")[0]
    assert check(tmp_path, rules, catalogue=catalogue).findings == ()
    header = (
        "customer_id,account_id,country,tier,nickname,age,height,rating,born,joined,staff,email_ok,sms_ok,home_market"
    )
    (tmp_path / "people.csv").write_text(header + "\n1,1,GB,gold,x,30,170,1.5,1990-01-01,,true,true,true,\n")
    rules_ = segrules.load(tmp_path)
    assert [item.code.number for item in rules_.run("2026-11-01").findings] == []
    assert [item.code.number for item in rules_.run("2027-04-01").findings] == ["SEG602"]


def test_tests_heed_silencers_whatever_their_day(tmp_path: Path) -> None:
    rules = 'segment a where home_market = "x"  # segrules: ignore[SEG313] "x" until 2020-01-01\n'
    rules += 'test "t" as of 2026-01-01 given customer with home_market = "x" expect in a\n'
    check(tmp_path, rules)
    run = segrules.load(tmp_path).test()
    assert run.passed
    assert run.findings == ()


def test_in_the_catalogue_quotes_and_blocks_hide_no_silencer(tmp_path: Path) -> None:
    text = (
        "a: 'it''s # segrules: ignore[SEG313]'  # segrules: ignore[SEG313] one\n"
        "b: |\n  # segrules: ignore[SEG313] two\nc: x # segrules: ignore[SEG313] three\n"
        "# segrules: ignore[SEG313] four\nd: don't # segrules: ignore[SEG313] five\n"
        "e: a#b # six\n'f # g': [1, # seven\n  2]\n"
        '"h": "# eight \\" # nine"\n'
    )
    comments = list(yaml_comments(Source("catalog.yaml", text)))
    assert [comment.text.rpartition(" ")[2] for comment in comments] == ["one", "three", "four", "five", "six", "seven"]
    assert [comment.line for comment in comments] == [1, 4, 6, 6, 7, 8]


def test_a_catalogue_that_cannot_be_read_has_no_silencers() -> None:
    assert list(yaml_comments(Source("catalog.yaml", "a: [ # segrules: ignore[SEG313]\n"))) == []


# --- laws

CODES = (MISSING_CONSENT, REVIEW_PASSED, DEPRECATED_COLUMN)
PLACES = st.tuples(st.sampled_from(["a.seg", "b.seg", "catalog.yaml"]), st.integers(1, 6))
DAYS = st.integers(-2, 2).map(lambda days: date(2026, 11, 1) + timedelta(days=days))


def at(path: str, line: int) -> Span:
    return Span(path, line, 1, line, 2)


FINDINGS = st.lists(
    st.builds(lambda code, place: finding(code, "x", at(*place)), st.sampled_from(CODES), PLACES), max_size=12
)
SILENCERS = st.lists(
    st.builds(
        lambda codes, place, until: Silencer(tuple(codes), "why", until, place[1], at(*place)),
        st.lists(st.sampled_from(CODES), min_size=1, unique=True),
        PLACES,
        DAYS,
    ),
    max_size=8,
)


@given(FINDINGS, SILENCERS, DAYS)
def test_exactly_what_a_living_silencer_names_on_its_line_is_silenced(
    findings: list[Finding], silencers: list[Silencer], day: date
) -> None:
    result = silence(findings, silencers, day)
    reached = {(s.span.path, s.line, code) for s in silencers if day <= s.until for code in s.codes}

    def reached_by_one(item: Finding) -> bool:
        assert item.span is not None
        return (item.span.path, item.span.line, item.code) in reached

    assert list(result.findings) == [item for item in findings if not reached_by_one(item)]
    assert [item.finding for item in result.silenced] == [item for item in findings if reached_by_one(item)]


LINES = st.lists(
    st.sampled_from(["", "# prose", "segment", f"# segrules: ignore[SEG345] {REASON}", "owner  # prose"]), max_size=12
)


@settings(max_examples=200)
@given(LINES, st.integers(0, 12))
def test_a_comment_speaks_of_one_line_alone(lines: list[str], place: int) -> None:
    lines.insert(min(place, len(lines)), f"  x  # segrules: ignore[SEG345] {REASON}")
    source = Source("a.seg", "\n".join(lines))
    for comment in seg_comments(source):
        assert isinstance(comment, Comment)
        own = source.line(comment.span.line)
        if own.lstrip().startswith("#"):
            between = [source.line(number).lstrip()[:1] for number in range(comment.span.line, comment.line)]
            assert set(between) == {"#"}
            assert not source.line(comment.line).lstrip().startswith("#")
        else:
            assert comment.line == comment.span.line
