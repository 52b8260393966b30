"""Which changes make an assessment stale, which of them need a new signature, and which change nothing."""

from pathlib import Path

import pytest

import segrules
from segrules.workspace.assessment.check import assessment_findings
from segrules.workspace.assessment.marks import MATERIAL, PARTS
from tests.assessment.shop import CATALOGUE, DAY, FOLDER, RULES, about, change, said, write

SIGNED = "SEG374 warning: the assessment of `regulars` is not signed"
"""What is said all along: nobody has signed yet."""
LISTED = "{table: robinson, customer: customer_id}"


def stale(folder: Path) -> dict[str, str]:
    """What is said of stale assessments, and what is to be done, by segment."""
    found = [item for item in about(folder) if item.code.number == "SEG372"]
    return {item.message.split("`")[1]: f"{item.message.partition(': ')[2]} | {item.help}" for item in found}


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        pytest.param("rules.seg", "define remedies\n", "# a comment\n\ndefine remedies\n", id="a comment"),
        pytest.param("rules.seg", "at least 3 times", "more than 2 times", id="other words for the same"),
        pytest.param("rules.seg", "eligible  age >= 18", "eligible  not (not age >= 18)", id="a negation turned round"),
        pytest.param("catalog.yaml", "path: people.csv", "path: people.csv\n    description: Ours", id="a description"),
        pytest.param("catalog.yaml", "staff: boolean", "staff: boolean\n      other: text", id="a column nobody reads"),
        pytest.param("near.csv", "E1\nE2\n", "E2\nE1\n", id="a list in another order"),
        pytest.param(
            "rules.seg", "segment shoes", "segment hats\n  where staff\n\nsegment shoes", id="another segment"
        ),
        pytest.param("segrules.toml", 'cpra = "on"', 'cpra = "warning"', id="the level of a pack"),
    ],
)
def test_what_says_the_same_leaves_assessments_as_they_are(file: str, before: str, after: str, shop: Path) -> None:
    change(shop, file, before, after)
    assert stale(shop) == {}


def test_the_order_of_conditions_and_of_definitions_says_nothing(shop: Path) -> None:
    change(shop, "rules.seg", '        and postcode in list "near.csv"\n', "")
    change(
        shop, "rules.seg", "  where     remedies\n", '  where     postcode in list "near.csv"\n        and remedies\n'
    )
    assert stale(shop) == {}
    start = RULES.index("define remedies")
    end = RULES.index("segment regulars")
    (shop / "rules.seg").write_text(RULES[:start] + RULES[end:] + RULES[start:end], encoding="utf-8")
    assert stale(shop) == {}


@pytest.mark.parametrize(
    ("file", "before", "after", "segments", "part"),
    [
        ("rules.seg", "at least 3 times", "at least 4 times", "regulars", "meaning"),
        ("rules.seg", "in the last 90 days\n\n", "in the last 60 days\n\n", "regulars", "meaning"),
        ("rules.seg", "age >= 18\n  consent", "age >= 21\n  consent", "regulars", "meaning"),
        ("rules.seg", "except  staff", "except  sms_ok", "regulars shoes", "meaning"),
        ("rules.seg", "at most 9 times", "at most 8 times", "regulars shoes", "meaning"),
        ("near.csv", "E2\n", "E3\n", "regulars", "meaning"),
        ("catalog.yaml", "id: order_id}", "id: order_id, where: department is known}", "regulars shoes", "meaning"),
        ("catalog.yaml", LISTED, LISTED.replace("}", ", channels: [sms]}"), "regulars shoes", "meaning"),
        ("catalog.yaml", "Europe/London", "Europe/Berlin", "regulars shoes", "meaning"),
        ("catalog.yaml", "pharmacy: {category: health}", "books: {category: health}", "regulars", "labels"),
        ("catalog.yaml", "{category: age}", "{category: age, origin: provided}", "regulars", "labels"),
        ("rules.seg", "purpose email_marketing", "purpose email_marketing, analytics", "regulars shoes", "purposes"),
        ("rules.seg", "channel   email, sms", "channel   email", "regulars", "channels"),
        ("rules.seg", "consent   email or sms", "consent   email", "regulars", "consent"),
        ("catalog.yaml", "{state: sms_ok}", "{state: staff}", "regulars", "consent"),
        ("rules.seg", "until 2099-12-31", "until 2099-12-30", "regulars", "justification"),
        ("rules.seg", "require age >= 18", "require age >= 16", "regulars shoes", "policies"),
        ("rules.seg", "forbid reading financial_status, proxy", "forbid reading proxy", "regulars shoes", "policies"),
        ("segrules.toml", 'cpra = "on"', 'cpra = "off"', "regulars", "packs"),
        ("catalog.yaml", "path: orders.csv", "path: sales.csv", "regulars shoes", "sources"),
        ("rules.seg", 'owner   "crm@', 'owner   "dpo@', "regulars shoes", "owner"),
        ("rules.seg", '"Shoes"', '"Boots"', "shoes", "wording"),
        ("rules.seg", "we remind", "we write to", "regulars", "wording"),
        ("rules.seg", "size      at least 100", "size      at least 90", "regulars", "size"),
        ("rules.seg", "review    by 2099-06-30", "review    by 2099-07-30", "regulars", "review"),
        ("rules.seg", 'segment shoes "Shoes"\n', 'segment shoes "Shoes"\n  status  draft\n', "shoes", "status"),
    ],
)  # fmt: skip
def test_each_part_that_changes_is_named(
    file: str, before: str, after: str, segments: str, part: str, shop: Path
) -> None:
    change(shop, file, before, after)
    found = stale(shop)
    assert sorted(found) == segments.split()
    for told in found.values():
        assert PARTS[part] in told
        assert ("it need not be signed anew" in told) is (part not in MATERIAL)
        assert ("have it signed anew" in told) is (part in MATERIAL)


def test_a_column_that_is_computed_in_another_way_reaches_rules_and_policies(shop: Path) -> None:
    change(shop, "catalog.yaml", "years since birth_date", "years since birth_date + 1")
    found = stale(shop)
    assert PARTS["meaning"] in found["regulars"]
    assert found["shoes"].startswith(f"{PARTS['policies']} have changed")


def test_a_define_with_another_name_is_told_and_is_not_material(shop: Path) -> None:
    (shop / "rules.seg").write_text(RULES.replace("remedies\n", "cures\n"), encoding="utf-8")
    (told,) = stale(shop).values()
    assert told.startswith("the names of what it reads through have changed")
    assert "it need not be signed anew" in told


def test_a_holdout_is_told(shop: Path) -> None:
    change(shop, "rules.seg", "  size      at", '  holdout   10% salt "x"\n  size      at')
    (told,) = (text for name, text in stale(shop).items() if name == "regulars")
    assert "its holdout" in told


@pytest.mark.parametrize(
    ("score", "part"),
    [
        ("rank r by days since last purchase into 5 bands, low is best", None),
        ("rank r by days since first purchase into 5 bands, low is best", "meaning"),
        ("rank r by days since last purchase into 4 bands, low is best", "meaning"),
        ("rank r by days since last purchase into 5 bands, high is best", "meaning"),
        ("among not staff\n  rank r by days since last purchase into 5 bands, low is best", "meaning"),
    ],
)
def test_scores_partitions_and_segments_on_the_way_count(score: str, part: str | None, tmp_path: Path) -> None:
    rules = """\
score rfm
  {score}
partition life
  stage best where rfm.r = 5
  otherwise rest
segment base
  where in segment life.best
segment top
  where in segment base and not staff
"""
    first = rules.format(score="rank r by days since last purchase into 5 bands, low is best")
    folder = write(tmp_path / "shop", rules_seg=first)
    segrules.load(folder).assess("top", on=DAY)
    (folder / "rules.seg").write_text(rules.format(score=score), encoding="utf-8")
    found = stale(folder)
    assert list(found) == ([] if part is None else ["top"])
    assert all(part is not None and PARTS[part] in told for told in found.values())


def test_a_document_that_somebody_changed_is_found(shop: Path) -> None:
    path = shop / FOLDER / "shoes.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nAnd we promise to be good.\n", encoding="utf-8")
    assert [text for text in said(shop) if text != SIGNED] == [
        "SEG375 warning: the document of the assessment of `shoes` is not as `segrules assess` wrote it"
    ]
    path.write_bytes(path.read_bytes().replace(b"\nAnd we promise to be good.\n", b"").replace(b"\n", b"\r\n"))
    assert said(shop) == [SIGNED]
    path.unlink()
    assert "SEG375 warning: the document of the assessment of `shoes` is not there" in said(shop)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', "[" * 100_000, '{"made_by": "segrules assess"}'])
def test_a_record_that_cannot_be_read_is_found(text: str, shop: Path) -> None:
    (shop / FOLDER / "shoes.json").write_text(text, encoding="utf-8")
    assert "SEG375 warning: `assessments/shoes.json` is no assessment of `shoes` that can be read" in said(shop)


def test_a_record_of_another_segment_is_found(shop: Path) -> None:
    (shop / FOLDER / "shoes.json").write_bytes((shop / FOLDER / "regulars.json").read_bytes())
    assert "SEG375 warning: `assessments/shoes.json` is no assessment of `shoes` that can be read" in said(shop)


def test_a_folder_that_cannot_be_read_is_one_finding(shop: Path) -> None:
    (shop / "segrules.toml").write_text('language = 1\nassessments = "rules.seg"\n', encoding="utf-8")
    (one,) = about(shop)
    assert (one.code.number, one.span is not None and one.span.line) == ("SEG375", 2)


def test_leftovers_are_told_and_files_of_others_are_not(shop: Path) -> None:
    (shop / "rules.seg").write_text(RULES.replace("segment shoes", "segment boots"), encoding="utf-8")
    (shop / FOLDER / "other.json").write_text('{"made_by": "somebody"}', encoding="utf-8")
    assert said(shop) == [
        "SEG376 note: `assessments/shoes.json` is about `shoes`, and there is no such segment any more",
        SIGNED,
    ]


@pytest.mark.parametrize("place", ['""', '"."', '"/"', "3", "[]"])
def test_a_setting_that_names_no_folder_is_refused(place: str, shop: Path) -> None:
    (shop / "segrules.toml").write_text(f"language = 1\nassessments = {place}\n", encoding="utf-8")
    with pytest.raises(segrules.BadInput, match="`assessments` must"):
        segrules.load(shop)


def test_without_the_setting_nothing_is_said(shop: Path) -> None:
    (shop / "segrules.toml").write_text("language = 1\n", encoding="utf-8")
    rules = segrules.load(shop)
    assert rules.typed is not None
    assert assessment_findings(rules.project, rules.typed, rules._day(DAY)) == []
    assert "assessments" not in CATALOGUE
