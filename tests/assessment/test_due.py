"""When an assessment is missing, due or overdue, by the schedules of packs and the signatures of people."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import segrules
from segrules.governance.packs import PACKS, read_pack
from segrules.governance.purposes import known_purposes
from segrules.governance.schedules import days_later, duties, years_later
from segrules.governance.vocabulary import words
from segrules.workspace.assessment.decision import read_signatures, signature, template
from tests.assessment.shop import DAY, FOLDER, about, change, said, sign, write

MISSING = "SEG371 warning: segment `regulars` has no privacy assessment"
UNSIGNED = "SEG374 warning: the assessment of `regulars` is not signed"


def mark(folder: Path) -> str:
    made = segrules.load(folder).assess("regulars", on=DAY, write=False)
    return made.assessments["regulars"].marks.material


def test_only_what_a_pack_asks_about_is_missing(shop: Path) -> None:
    shutil.rmtree(shop / FOLDER)
    assert said(shop) == [MISSING]
    (found,) = about(shop)
    assert found.help == (
        "write one with `segrules assess`; the pack `cpra`: a risk assessment comes before sensitive personal "
        "information is processed"
    )
    change(shop, "rules.seg", "  review    by 2099-06-30\n", "  review    by 2099-06-30\n\n# the end\n")
    change(shop, "rules.seg", "  channel   email, sms\n", "  channel   email, sms\n  status    draft\n")
    assert said(shop) == []


def test_a_purpose_alone_can_ask_for_one_and_a_pack_sets_the_level(tmp_path: Path) -> None:
    rules = "segment a\n  purpose lookalike_seed\n  where   staff\n"
    settings = 'language = 1\nassessments = "a"\n[packs]\ncpra = "{}"\n'
    for number, (level, expected) in enumerate({"on": "warning", "note": "note", "error": "error"}.items()):
        folder = write(tmp_path / str(number), rules_seg=rules, segrules_toml=settings.format(level))
        assert said(folder) == [f"SEG371 {expected}: segment `a` has no privacy assessment"]
    folder = write(tmp_path / "off", rules_seg=rules, segrules_toml=settings.format("off"))
    assert said(folder) == []


def test_a_signature_holds_for_three_years_and_is_told_of_two_months_before(shop: Path) -> None:
    assert said(shop) == [UNSIGNED]
    sign(shop, f'- signed by "dpo@shop.example" on 2026-11-25 for {mark(shop)}')
    assert said(shop, "2026-11-24") == [UNSIGNED]
    for day, expected in (
        ("2026-11-25", []),
        ("2029-09-25", []),
        ("2029-09-26", ["SEG373 note: the assessment of `regulars` is to be reviewed by 2029-11-25"]),
        ("2029-11-25", ["SEG373 note: the assessment of `regulars` is to be reviewed by 2029-11-25"]),
        ("2029-11-26", ["SEG374 warning: the assessment of `regulars` was to be reviewed by 2029-11-25"]),
    ):
        assert said(shop, day) == expected, day
    sign(shop, f'signed by "dpo@shop.example" on 2029-11-20 for {mark(shop)}')
    assert said(shop, "2029-11-26") == []


def test_after_a_material_change_there_are_45_days(shop: Path) -> None:
    sign(shop, f'signed by "dpo@shop.example" on {DAY} for {mark(shop)}')
    change(shop, "rules.seg", "at least 3 times", "at least 4 times")
    assert [text[:6] for text in said(shop)] == ["SEG372"]
    segrules.load(shop).assess(on="2027-01-01")
    told = "be signed anew by 2027-02-15, after the change of 2027-01-01"
    assert said(shop, "2027-02-15") == [f"SEG373 note: the assessment of `regulars` is to {told}"]
    assert said(shop, "2027-02-16") == [f"SEG374 warning: the assessment of `regulars` was to {told}"]
    sign(shop, f'signed by "dpo@shop.example" on 2027-02-16 for {mark(shop)}')
    assert said(shop, "2027-02-16") == []


def test_one_change_after_the_other_puts_nothing_off(shop: Path) -> None:
    sign(shop, f'signed by "dpo@shop.example" on {DAY} for {mark(shop)}')
    for times, day in (("4", "2027-01-01"), ("5", "2027-02-01"), ("6", "2027-02-10")):
        change(shop, "rules.seg", f"at least {int(times) - 1} times", f"at least {times} times")
        segrules.load(shop).assess(on=day)
    told = "SEG374 warning: the assessment of `regulars` was to be signed anew by 2027-02-15"
    assert said(shop, "2027-02-16") == [f"{told}, after the change of 2027-01-01"]
    sign(shop, f'signed by "dpo@shop.example" on 2027-02-16 for {mark(shop)}')
    change(shop, "rules.seg", "at least 6 times", "at least 7 times")
    segrules.load(shop).assess(on="2027-03-01")
    assert [text.rpartition(" ")[2] for text in said(shop, "2027-03-01")] == ["2027-03-01"]


def test_a_change_of_words_needs_no_new_signature(shop: Path) -> None:
    sign(shop, f'signed by "dpo@shop.example" on {DAY} for {mark(shop)}')
    change(shop, "rules.seg", '"Comes back | often"', '"Comes back"')
    segrules.load(shop).assess(on="2027-01-01")
    assert said(shop, "2027-03-01") == []


def test_a_pack_that_names_no_number_of_days_reminds_and_no_more(shop: Path) -> None:
    (shop / "segrules.toml").write_text('language = 1\nassessments = "assessments"\n', encoding="utf-8")
    segrules.load(shop).assess(on=DAY)
    assert said(shop) == [UNSIGNED]
    sign(shop, f'signed by "dpo@shop.example" on {DAY} for 000000000000')
    assert said(shop, "2030-01-01") == [
        "SEG373 note: the assessment of `regulars` is not signed as it is since 2026-11-22"
    ]


def test_a_draft_is_only_reminded(shop: Path) -> None:
    change(shop, "rules.seg", "  channel   email, sms\n", "  channel   email, sms\n  status    draft\n")
    segrules.load(shop).assess(on=DAY)
    assert said(shop) == ["SEG373 note: the assessment of `regulars` is not signed"]


def test_a_comment_silences_what_is_told_of_a_segment(shop: Path) -> None:
    change(
        shop,
        "rules.seg",
        'segment regulars "Comes back | often"\n',
        '# segrules: ignore[assessment-overdue] "the officer is away" until 2026-12-31\n'
        'segment regulars "Comes back | often"\n',
    )
    assert said(shop) == []


@pytest.mark.parametrize(
    "line",
    [
        "signed by dpo@shop.example on 2026-11-22 for 3f2a9c01d2ab",
        'signed by "" on 2026-11-22 for 3f2a9c01d2ab',
        'signed by "dpo" on 2026-13-22 for 3f2a9c01d2ab',
        'signed by "dpo" on 2026-11-22',
        'signed by "dpo" on 2026-11-22 for 3f2a9c01d2',
        '* Signed By "dpo" in November for 3f2a9c01d2ab',
    ],
)
def test_a_line_that_is_meant_to_sign_and_does_not_is_found(line: str, shop: Path) -> None:
    sign(shop, line)
    number = (shop / FOLDER / "regulars.decision.md").read_text(encoding="utf-8").splitlines().index(line) + 1
    wrong = f"SEG375 warning: line {number} of `assessments/regulars.decision.md` is no signature"
    assert said(shop) == [wrong, UNSIGNED]


def test_signatures_are_read_back_and_prose_is_none() -> None:
    text = "\n".join(
        [
            "Signed contracts are kept for ten years.",
            signature("dpo@shop.example", date(2026, 11, 22), "3f2a9c01d2ab"),
            '  *  SIGNED BY "Zoë" on 2027-01-01 for 3F2A9C01D2AB',
        ]
    )
    found = read_signatures(text)
    assert found.wrong == ()
    assert [(item.by, item.line) for item in found.good] == [("dpo@shop.example", 2), ("Zoë", 3)]
    last = found.last(date(2027, 6, 1), "3f2a9c01d2ab")
    assert last is not None
    assert last.by == "Zoë"
    assert found.last(date(2026, 1, 1)) is None
    assert read_signatures(template("a", None, "a.md")) == read_signatures("")


def test_days_at_the_end_of_all_days_do_not_fail() -> None:
    assert days_later(date(9999, 12, 1), 45) == date.max
    assert years_later(date(9998, 5, 1), 3) == date(9999, 5, 1)


def test_packs_ask_with_known_words_dates_and_sources() -> None:
    known = {*words()}
    for name in PACKS:
        content = read_pack(name)
        for row in content.get("assessment", ()):
            assert {*row.get("labels", ())} <= known
            assert {*row.get("purposes", ())} <= {*known_purposes()}
            assert row["labels" if "labels" in row else "purposes"]
            assert row["source"]
            assert row["reviewed"] <= content["reviewed"]
    asked = duties(dict.fromkeys(PACKS, "on"))
    assert {item.pack for item in asked.asks} == {item.pack for item in asked.schedules} == {"cpra", "gdpr"}
    review, after_change = asked.strictest_review, asked.strictest_change
    assert review is not None
    assert after_change is not None
    assert (review.review_years, after_change.pack, after_change.change_days) == (3, "cpra", 45)
