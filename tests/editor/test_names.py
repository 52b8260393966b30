from pathlib import Path

import pytest

from segrules.diagnostics.errors import BadInput
from segrules.editor.buffers import Buffer, Buffers
from segrules.editor.edits import edited, text_at
from segrules.editor.hover import hover, uses_at
from segrules.editor.names import Target
from segrules.editor.project import ProjectView, alone, root_of
from segrules.editor.rename import rename
from segrules.resources import ruleset_names, ruleset_path
from segrules.text.source import Source
from tests.editor.shop import RULES, SETTINGS, caret, state_of, with_text, write_shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shop"))


def marked(before: str, mark: str = "¦") -> tuple[int, int]:
    """The place in the rules where this piece, which has a mark in it, stands."""
    piece = before.replace(mark, "")
    assert RULES.count(piece) == 1, piece
    _, line, column = caret(RULES.replace(piece, before))
    return line, column


@pytest.mark.parametrize("name", ruleset_names())
def test_every_name_stands_where_it_is_said_to_stand(name: str) -> None:
    state = state_of(ruleset_path(name))
    assert state.uses
    for use in state.uses:
        assert text_at(state.sources[use.span.path], use.span).strip('`"') == use.target.name


def test_names_of_the_catalogue_and_of_rules_lead_to_where_they_are_made(folder: Path) -> None:
    state = state_of(folder)
    made = {use.target: use.span for use in state.uses if use.defines}
    for place, target, path in [
        ("where did pur¦chase as", Target("event", "purchase"), "catalog.yaml"),
        ('and cou¦ntry in ["DE"', Target("attribute", "country"), "catalog.yaml"),
        ("where (ki¦nd =", Target("property", "kind", "purchase"), "catalog.yaml"),
        ("= bought.am¦ount)", Target("property", "amount", "purchase"), "catalog.yaml"),
        ("refund where (amo¦unt", Target("property", "amount", "refund"), "catalog.yaml"),
        ("= bou¦ght.amount)", Target("step", "bought", "rules.seg:13:25"), "rules.seg"),
        ("and rfm.rec¦ency", Target("rank", "recency", "rfm"), "rules.seg"),
        ("exclusive v¦ip", Target("segment", "vip"), "rules.seg"),
    ]:
        (use,) = uses_at(state, "rules.seg", *marked(place))
        assert use.target == target
        assert made[target].path == path


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ('segment v¦ip "Very', "takes customers for whom"),
        ("where big_spe¦nder", "define `big_spender`: Spent well"),
        ("and rfm.rec¦ency", "score `rfm`"),
        ('and cou¦ntry in ["DE"', "Where parcels go"),
        ('and cou¦ntry in ["DE"', "one of `DE`, `GB`, `IE`"),
        ('and cou¦ntry in ["DE"', "category: postal_code"),
        ("where did pur¦chase as", "A paid order"),
        ("total of purchase.amou¦nt", "money in GBP"),
        ("then re¦fund where", "properties: `order_id`, `amount`"),
        ("within 7 da¦ys", "unit of time"),
        ("d¦id purchase as", "The customer has such an event"),
        ("given cus¦tomer", "in a test, the customer that is given"),
    ],
)
def test_hovering_says_what_a_name_or_a_word_means(folder: Path, place: str, said: str) -> None:
    state = state_of(folder)
    found = hover(state, state.sources["rules.seg"], *marked(place))
    assert found is not None
    assert said in found.text


def test_hovering_over_white_space_comments_and_texts_says_nothing(folder: Path) -> None:
    state = state_of(folder)
    for place in ("what the sh¦op", '"Very 🙂 impo¦rtant"', "\n¦\nscore"):
        assert hover(state, state.sources["rules.seg"], *marked(place)) is None


def test_a_number_with_a_unit_a_range_and_another_name_is_told(folder: Path) -> None:
    text = "segment heavy\n  where weight > 3\n"
    state, _ = with_text(folder, text)
    found = hover(state, Source("rules.seg", text), 2, 10)
    assert found is not None
    assert all(part in found.text for part in ("number of kg", "from 1 to 300", "also called `mass`", "may be missing"))


def test_while_there_are_mistakes_the_last_meaning_is_told_as_such(folder: Path) -> None:
    buffers = Buffers()
    view = ProjectView(folder, buffers)
    assert view.state().sound is view.state().rules
    text = RULES.replace("consent email\n\nsegment gifts", "consent = =\n\nsegment gifts")
    buffers.put(Buffer(folder / "rules.seg", "", text))
    state = view.state()
    assert [item.code.number for item in state.findings if item.severity == "error"] == ["SEG101"]
    found = hover(state, state.sources["rules.seg"], *marked("exclusive v¦ip"))
    assert found is not None
    assert "As of the last text without mistakes" in found.text


# --- rename


def applied(folder: Path, place: str, name: str) -> dict[str, str]:
    buffers = Buffers()
    state = ProjectView(folder, buffers).state()
    made = rename(state, buffers, "rules.seg", *marked(place), name)
    return {path: edited(state.sources[path], edits) for path, edits in made.items()}


@pytest.mark.parametrize(
    ("place", "name", "changes"),
    [
        ('segment v¦ip "Very', "best", [("segment vip", "segment best"), ("segment vip\n", "segment best\n")]),
        ("where big_spe¦nder", "most", [("define big_spender", "define `most`"), ("where big_sp", "where `most`")]),
        ("= bou¦ght.amount)", "earlier", [("as bought", "as earlier"), ("= bought", "= earlier")]),
        (
            "and rfm.rec¦ency",
            "lately",
            [("rank recency", "rank lately"), ("rfm.recency = 5 and", "rfm.lately = 5 and")],
        ),
        ("stage loy¦al", "regular", [("stage loyal", "stage regular")]),
        ("group apa¦rt", "separate", [("group apart", "group separate")]),
    ],
)
def test_a_name_gets_a_new_one_everywhere(folder: Path, place: str, name: str, changes: list[tuple[str, str]]) -> None:
    (after,) = applied(folder, place, name).values()
    old = marked(place)
    assert after != RULES
    state, _ = with_text(folder, after)
    assert not [item for item in state.findings if item.severity == "error"]
    for _, new in changes:
        assert new.removesuffix("\n") in after
    assert old


def test_an_event_gets_its_new_name_in_the_catalogue_too(folder: Path) -> None:
    after = applied(folder, "where did pur¦chase as", "order")
    assert sorted(after) == ["catalog.yaml", "rules.seg"]
    assert "\n  order: {table: orders" in after["catalog.yaml"]
    assert "days since last order into" in after["rules.seg"]


@pytest.mark.parametrize(
    ("place", "name", "reason"),
    [
        ('segment v¦ip "Very', "gifts", "the name `gifts` is taken"),
        ('segment v¦ip "Very', "Gifts", "the name `Gifts` is taken"),
        ('segment v¦ip "Very', "country", "is taken: an attribute is called so"),
        ('segment v¦ip "Very', "two words", "cannot be a name"),
        ('segment v¦ip "Very', "5th", "cannot be a name"),
        ('segment v¦ip "Very', "", "cannot be a name"),
        ('segment v¦ip "Very', "customer", "a name of the language itself"),
        ('and cou¦ntry in ["DE"', "land", "a column of the data"),
        ("segment gifts\n  where did purchase as bought where (kind = ¦", "x", "no name stands here"),
        ("group apart\n¦  exclusive", "x", "no name stands here"),
        ("vip\n  consent em¦ail\n\npartition", "mail", "`email` is a channel"),
    ],
)
def test_what_cannot_be_renamed_is_refused_with_a_reason(folder: Path, place: str, name: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        applied(folder, place, name)


def test_nothing_is_renamed_while_there_are_mistakes(folder: Path) -> None:
    state, buffers = with_text(folder, RULES + "\nsegment broken\n  where = =\n")
    with pytest.raises(BadInput, match="the rules have mistakes"):
        rename(state, buffers, "rules.seg", *marked('segment v¦ip "Very'), "best")


def test_a_name_that_stays_the_same_changes_nothing(folder: Path) -> None:
    assert applied(folder, 'segment v¦ip "Very', "vip") == {}


def test_a_frozen_score_keeps_its_cut_points_under_a_new_name(tmp_path: Path) -> None:
    rules = "score rfm\n  bands frozen\n  rank recency by days since signup into 2 bands, low is best\n"
    root = write_shop(tmp_path / "shop", rules_seg=rules)
    state = state_of(root)
    (missing,) = [item for item in state.findings if item.code.number == "SEG009"]
    assert missing
    buffers = Buffers()
    lock = (
        'format = 1\n[scores]\nrfm.recency = { method = "rank", as_of = 2026-01-01T00:00:00Z, customers = 10, '
        'cuts = [5], definition = "0123456789abcdef" }\n'
    )
    (root / "segrules.lock").write_text(lock, encoding="utf-8")
    state = ProjectView(root, buffers).state()
    made = rename(state, buffers, "rules.seg", 1, 8, "value")
    assert {path: edited(state.sources[path], edits)[:40] for path, edits in made.items()} == {
        "rules.seg": "score value\n  bands frozen\n  rank recenc",
        "segrules.lock": "format = 1\n[scores]\nvalue.recency = { me",
    }


# --- projects


def test_a_file_finds_the_nearest_project_around_it(tmp_path: Path) -> None:
    outer = write_shop(tmp_path / "outer")
    inner = write_shop(outer / "deep" / "inner")
    assert root_of(inner / "x.seg") == inner
    assert root_of(outer / "deep" / "x.seg") == outer
    assert root_of(tmp_path / "x.seg") is None


def test_a_file_without_a_project_is_checked_for_syntax(tmp_path: Path) -> None:
    note, wrong = alone(Source("x.seg", "segment a where = ="), None)
    assert (note.severity, wrong.code.number) == ("note", "SEG101")
    assert "belongs to no project" in note.message
    assert "does not read this file" in alone(Source("x.seg", ""), tmp_path)[0].message


def test_a_project_file_with_mistakes_is_told_and_the_last_rules_stay(folder: Path) -> None:
    buffers = Buffers()
    view = ProjectView(folder, buffers)
    first = view.state()
    buffers.put(Buffer(folder / "segrules.toml", "", "language = 99\n"))
    broken = view.state()
    assert [item.code.number for item in broken.findings] == ["SEG004"]
    assert broken.sound is first.sound
    buffers.put(Buffer(folder / "segrules.toml", "", SETTINGS))
    assert view.state().findings == first.findings


def test_a_project_without_catalogue_still_knows_its_own_names(folder: Path) -> None:
    buffers = Buffers()
    buffers.put(Buffer(folder / "segrules.toml", "", 'language = 1\ncatalogue = "gone.yaml"\n'))
    state = ProjectView(folder, buffers).state()
    assert "SEG001" in [item.code.number for item in state.findings]
    assert Target("segment", "vip") in {use.target for use in state.uses}


def test_a_project_is_read_again_only_when_something_of_it_changed(folder: Path) -> None:
    buffers = Buffers()
    view = ProjectView(folder, buffers)
    first = view.state()
    assert view.state() is first
    buffers.put(Buffer(folder.parent / "elsewhere.seg", "", "segment a"))
    assert view.state() is first
    buffers.put(Buffer(folder / "rules.seg", "", "segment a\n"))
    assert view.state() is not first
    buffers.close(folder / "rules.seg")
    assert view.state().findings == first.findings
