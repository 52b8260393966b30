from pathlib import Path

import pytest

from segrules.editor.complete import Completion, complete
from segrules.editor.edits import Edit, edited
from segrules.editor.project import State
from tests.editor.shop import at_caret, state_of, with_text, write_shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_shop(tmp_path_factory.mktemp("shop"))
    (root / "lists").mkdir()
    (root / "lists" / "vip.csv").write_text("A\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def state(folder: Path) -> State:
    found = state_of(folder)
    assert not [item for item in found.findings if item.severity == "error"]
    return found


def found(state: State | None, text: str) -> tuple[Completion, ...]:
    return complete(state, *at_caret(text))


def labels(state: State | None, text: str, *kinds: str) -> list[str]:
    return [item.label for item in found(state, text) if not kinds or item.kind in kinds]


SHOWN = ["country", "weight", "tier", "staff", "signup", "last"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("segment a\n  except ¦", {"segment": ["gifts", "vip"], "define": ["big_spender"], "attribute": ["staff"]}),
        ("segment a where did ¦", {"event": ["purchase", "refund"]}),
        ("segment a where did not pur¦", {"event": ["purchase", "refund"]}),
        ("segment a where any of ¦", {"event": ["purchase", "refund"], "relation": ["account"]}),
        ("segment a where did refund then ¦", {"event": ["purchase", "refund"]}),
        ("segment a where days since last ¦", {"event": ["purchase", "refund"]}),
        ("segment a where total of purchase.¦", {"property": ["amount", "kind", "order_id"]}),
        ("segment a where did purchase where (¦", {"property": ["amount", "kind", "order_id"]}),
        ("segment a where last purchase was (¦", {"property": ["amount", "kind", "order_id"]}),
        ("segment a where did purchase as b then refund where (amount > b.¦", {"property": ["amount", "kind"]}),
        ("segment a where did purchase then refund where (amount > purchase.¦", {"property": ["amount", "kind"]}),
        ("segment a where did purchase where (amount > 3 and customer.cou¦", {"attribute": ["country"]}),
        ("segment a where in segment ¦", {"segment": ["gifts", "vip"], "partition": ["reach"]}),
        ("segment a where in segment reach.¦", {"stage": ["loyal", "other"]}),
        ("segment a where rfm.¦", {"rank": ["recency"]}),
        ("segment a where rfm.recency = ¦", {"value": ["1", "2", "3", "4", "5"]}),
        ("segment a where account.¦", {"related": ["account_id", "plan"], "back": ["users"]}),
        ("segment a where account.plan = ¦", {"value": ["free", "business"]}),
        ("segment a where country = ¦", {"value": ["DE", "GB", "IE"]}),
        ('segment a where country in ["DE", "¦', {"value": ["DE", "GB", "IE"]}),
        ('segment a where country not in ["¦"]', {"value": ["DE", "GB", "IE"]}),
        ('segment a where did purchase where (kind = "¦', {"value": ["gift", "own"]}),
        ('segment a where consent.email = "¦', {"value": ["granted", "withdrawn", "pending", "expired"]}),
        ("segment a where consent.¦", {"channel": ["email"]}),
        ('segment a where weekday of signup in ["m¦', {"value": ["monday", "tuesday"]}),
        ('segment a where account_id in list "¦', {"list": ["lists/vip.csv"]}),
        ("segment a consent ¦", {"channel": ["email"]}),
        ("segment a consent email or ¦", {"channel": ["email"]}),
        ("segment a status ¦", {"status": ["active", "draft", "retired"]}),
        ("segment a purpose e¦", {"purpose": ["email_marketing"]}),
        ("group g exclusive vip, ¦", {"segment": ["gifts", "vip"]}),
        ("group g subset vip of ¦", {"segment": ["gifts", "vip"]}),
        ("policy p applies to segments with channel ¦", {"channel": ["email"]}),
        ("policy p applies to all segments except ¦", {"segment": ["gifts", "vip"]}),
        ("policy p applies to segment ¦", {"segment": ["gifts", "vip"]}),
        ("policy p forbid reading ¦", {"label": ["health", "proxy", "vip_data"]}),
        ("policy p forbid reading health outside ¦", {"clause": ["eligible", "except", "where"]}),
        ('test "t" given customer with ¦', {"attribute": ["country"], "consent": ["consent.email"]}),
        ('test "t" given ¦', {"event": ["purchase"], "relation": ["account"]}),
        ('test "t" given purchase on 2026-01-01 with ¦', {"property": ["amount", "kind"]}),
        ('test "t" given account "A" with ¦', {"related": ["plan"]}),
        ('test "t" given customer with country = "¦', {"value": ["DE", "GB", "IE"]}),
        ('test "t" expect in ¦', {"segment": ["gifts", "vip"]}),
        ("# segrules: ignore[missing-¦", {"code": ["missing-consent", "missing-owner"]}),
    ],
)
def test_what_can_stand_there_is_offered(state: State, text: str, expected: dict[str, list[str]]) -> None:
    for kind, names in expected.items():
        offered = labels(state, text, kind)
        assert [name for name in offered if name in names] == names, offered


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("segment a\n  except ¦", ["country", "purchase", "rfm"]),
        ("segment a where did ¦", ["country", "vip"]),
        ("segment a where did purchase where (¦", ["country", "vip", "purchase"]),
        ("segment a where ¦", ["old_country", "vip", "amount", "purchase"]),
        ("segment ¦", SHOWN),
        ("define x¦", SHOWN),
        ("# any ¦", ["country", "segment"]),
        ('segment a describe "¦', ["country", "DE"]),
    ],
)
def test_what_cannot_stand_there_is_not_offered(state: State, text: str, absent: list[str]) -> None:
    assert not set(labels(state, text)) & set(absent)


def test_clauses_come_first_at_the_beginning_of_a_line_and_blocks_last(state: State) -> None:
    offered = labels(state, "segment a\n  ¦")
    assert offered.index("where") < offered.index("segment")
    assert labels(state, "segment a\n  where country = ¦")[:3] == ["DE", "GB", "IE"]


def test_completions_tell_what_the_catalogue_says(state: State) -> None:
    (country,) = [item for item in found(state, "segment a where coun¦") if item.label == "country"]
    assert country.about is not None
    assert "Where parcels go" in country.about
    assert "postal_code" in country.about


@pytest.mark.parametrize(
    ("text", "label", "after"),
    [
        ("segment a where la¦", "last", "segment a where `last`"),
        ("segment a where `la¦", "last", "segment a where `last"),
        ("segment a where country = ¦", "GB", 'segment a where country = "GB"'),
        ('segment a where country = "G¦', "GB", 'segment a where country = "GB"'),
        ('segment a where country = "G¦B"', "GB", 'segment a where country = "GB"'),
        ("segment a where rf¦", "rfm", "segment a where rfm."),
        ("# segrules: ignore[missing-owner, miss¦", "missing-size", "# segrules: ignore[missing-owner, missing-size"),
    ],
)
def test_a_completion_is_written_as_the_language_wants_it(state: State, text: str, label: str, after: str) -> None:
    source, line, column = at_caret(text)
    (chosen,) = [
        item for item in complete(state, source, line, column) if item.label == label and item.kind != "keyword"
    ]
    assert edited(source, [Edit(chosen.span, chosen.insert)]) == after


def test_without_a_project_the_words_of_the_language_are_offered() -> None:
    assert "where" in labels(None, "segment a ¦")
    assert labels(None, "segment a except ¦") == []


def test_names_are_offered_while_the_catalogue_or_other_rules_are_broken(folder: Path, state: State) -> None:
    broken, _ = with_text(folder, "segment other\n  where = =\nsegment fine where staff\n")
    assert labels(broken, "segment a except ¦", "segment") == ["fine", "other"]


def test_no_place_in_a_half_typed_file_makes_it_fail(state: State) -> None:
    text = 'segment a\n  where did purchase as b where (kind in ["gift", "x) then refund where (amount > b. \U0001f381'
    for at in range(len(text) + 1):
        found(state, f"{text[:at]}¦{text[at:]}")
        found(state, f"{text[:at]}¦")
    assert labels(state, f"{text}\nsegment b where did ¦", "event") == ["purchase", "refund"]
