from datetime import date
from pathlib import Path

import pytest

from segrules.editor.edits import edited
from segrules.editor.fixes import Fix, fixes
from segrules.editor.highlight import paints
from segrules.editor.outline import Fold, folds, outline
from segrules.editor.project import tree
from segrules.text.source import Source
from tests.editor.shop import RULES, with_text, write_shop

DAY = date(2027, 1, 15)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shop"))


def offered(folder: Path, text: str, name: str = "rules.seg") -> tuple[Source, list[tuple[str, Fix]]]:
    state, _ = with_text(folder, text, name)
    source = state.sources[name]
    return source, [(item.code.number, fix) for item in state.findings for fix in fixes(item, source, DAY)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("segment a\n  where contry = 3\n", "segment a\n  where country = 3\n"),
        ("segment a\n  where did purchse\n", "segment a\n  where did purchase\n"),
        ("segment a\n  where did purchase where (knd = 3)\n", "segment a\n  where did purchase where (kind = 3)\n"),
        ('segment a\n  where country = "Gb"\n', 'segment a\n  where country = "GB"\n'),
        (
            "segment a\n  where total of purchase.amunt > 3 GBP\n",
            "segment a\n  where total of purchase.amount > 3 GBP\n",
        ),
        (
            'segment a\n  where did purchase where (country = "DE")\n',
            'segment a\n  where did purchase where (customer.country = "DE")\n',
        ),
        ("segment a\n  where staff AND staff\n", "segment a\n  where staff and staff\n"),
        ('segment a\n  where country == "DE"\n', 'segment a\n  where country = "DE"\n'),
    ],
)
def test_the_likeliest_mending_is_one_click_away(folder: Path, before: str, after: str) -> None:
    source, found = offered(folder, before)
    (fix,) = [fix for _, fix in found if fix.preferred]
    assert edited(source, fix.edits) == after


def test_a_silencer_waits_for_its_reason_and_then_silences(folder: Path) -> None:
    text = "segment a\n  channel email\n  where staff\n"
    source, found = offered(folder, text)
    ((code, fix),) = [(code, fix) for code, fix in found if fix.silences]
    assert code == "SEG345"
    after = edited(source, fix.edits)
    assert '# segrules: ignore[missing-consent] "say why" until 2027-04-15\n' in after
    state, _ = with_text(folder, after)
    assert state.rules is not None
    checked = state.rules.checked(DAY)
    assert [item.code.number for item in checked.findings] == []
    assert [item.finding.code.number for item in checked.silenced] == ["SEG345"]


def test_what_nothing_needs_can_be_deleted(folder: Path) -> None:
    text = "define idle\n  as staff\n\nsegment a\n  where staff\n"
    source, found = offered(folder, text)
    (fix,) = [fix for code, fix in found if code == "SEG352" and not fix.silences]
    assert edited(source, fix.edits) == "segment a\n  where staff\n"
    text = 'segment a\n  # segrules: ignore[missing-consent] "so" until 2030-01-01\n  where staff\n'
    source, found = offered(folder, text)
    (fix,) = [fix for code, fix in found if code == "SEG013"]
    assert edited(source, fix.edits) == "segment a\n  where staff\n"
    source, found = offered(folder, text.replace("  # segrules: ignore", '  describe "d" # segrules: ignore'))
    (fix,) = [fix for code, fix in found if code == "SEG013"]
    assert edited(source, fix.edits) == 'segment a\n  describe "d"\n  where staff\n'


def test_a_customer_who_shows_a_broken_promise_becomes_a_test(folder: Path) -> None:
    text = "segment a\n  where staff\n\nsegment b\n  where staff\n\ngroup g\n  exclusive a, b"
    state, _ = with_text(folder, text)
    assert state.rules is not None
    (broken,) = [item for item in state.rules.prove().findings if item.code.number == "SEG904"]
    source = state.sources["rules.seg"]
    (fix,) = fixes(broken, source, DAY)
    after, _ = with_text(folder, edited(source, fix.edits))
    assert after.rules is not None
    assert after.rules.test().passed


def test_findings_of_other_files_have_no_fixes_here(folder: Path) -> None:
    state, _ = with_text(folder, "segment a\n  where contry = 3\n")
    (found,) = state.findings
    assert fixes(found, Source("other.seg", ""), DAY) == ()


def test_the_outline_holds_blocks_with_their_parts() -> None:
    entries = outline(tree(Source("rules.seg", RULES)))
    assert [(entry.kind, entry.name, [part.name for part in entry.parts]) for entry in entries] == [
        ("define", "big_spender", []),
        ("score", "rfm", ["recency"]),
        ("segment", "vip", []),
        ("segment", "gifts", []),
        ("partition", "reach", ["loyal", "other"]),
        ("group", "apart", []),
        ("test", "a gift", []),
    ]


def test_blocks_and_comments_can_be_folded() -> None:
    source = Source("a.seg", "# one\n# two\nsegment a\n  where staff\n# three\n\nsegment b where staff\n")
    assert folds(tree(source)) == (Fold(1, 2, comment=True), Fold(3, 4))


def test_every_pattern_of_colours_names_a_scope_and_a_token_for_each_group() -> None:
    assert all(len(paint.scopes) == len(paint.tokens) for paint in paints())
