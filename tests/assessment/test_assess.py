"""`segrules assess`: what is written, what stays, and what is refused."""

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import segrules
from segrules.workspace.assessment.bands import band
from segrules.workspace.assessment.files import Folder, stem_of
from tests.assessment.shop import DATA, DAY, FOLDER, GOLDEN, RULES, change, sign, write
from tests.cli.project import segrules as command


def read(folder: Path, name: str) -> str:
    return (folder / FOLDER / name).read_text(encoding="utf-8")


def test_what_is_written_is_as_it_was_reviewed(shop: Path) -> None:
    written = {path.name: path.read_bytes() for path in (shop / FOLDER).iterdir()}
    assert sorted(written) == sorted(path.name for path in GOLDEN.iterdir())
    for path in GOLDEN.iterdir():
        assert written[path.name] == path.read_bytes(), "`python -m tests.assessment.shop` writes it anew"


def test_the_document_is_markdown_whose_tables_hold_and_in_which_users_text_is_text() -> None:
    for path in GOLDEN.glob("*.md"):
        tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
        rows = [token for token in tokens if token.type == "tr_open"]
        cells = [token for token in tokens if token.type in ("th_open", "td_open")]
        assert len(cells) >= 2 * len(rows)
        html = [child.content for token in tokens for child in token.children or () if child.type == "html_inline"]
        assert set(html) <= {"<br>"}


EVIL = "a | b ` <script>x</script> [l](javascript:y) ![i](z) **B** @all https://x.example"


def test_users_text_makes_no_markup_link_or_cell(tmp_path: Path) -> None:
    quoted = EVIL.replace('"', "'")
    rules = f"""\
score rank_{"a" * 30} "{quoted}"
  rank r by days since last purchase into 2 bands, low is best
segment evil "{quoted}"
  describe  "{quoted}"
  owner     "{quoted}"
  where     rank_{"a" * 30}.r = 2 and postcode = "{quoted}"
  justified "{quoted}" by "{quoted}" until 2099-12-31
policy p "{quoted}"
  applies to all segments
  forbid reading health
"""
    folder = write(tmp_path / "shop", rules_seg=rules)
    segrules.load(folder).assess(on=DAY)
    for name in ("evil.md", "index.md", "evil.decision.md"):
        tokens = MarkdownIt("commonmark").enable("table").parse(read(folder, name))
        inline = [child for token in tokens for child in token.children or ()]
        links = {child.attrs["href"] for child in inline if child.type == "link_open"}
        assert links <= {"evil.md", "evil.decision.md"}
        assert not [child for child in inline if child.type == "image"]
        assert {child.content for child in inline if child.type == "html_inline"} <= {"<br>"}
        html = "".join(token.content for token in tokens if token.type == "html_block")
        assert "script" not in html
        widths = [line.count("|") - line.count("\\|") for line in read(folder, name).splitlines() if line[:2] == "| "]
        assert set(widths) <= {3, 4, 7}


def test_a_second_time_nothing_changes_whatever_the_day(shop: Path) -> None:
    again = segrules.load(shop).assess(on="2027-05-01")
    assert again.written == ()
    assert len(again.unchanged) == 5


def test_what_people_wrote_stays_through_every_change(shop: Path) -> None:
    sign(shop, "We asked twelve customers; none minded.")
    before = read(shop, "regulars.decision.md")
    change(shop, "rules.seg", "at least 3 times", "at least 4 times")
    made = segrules.load(shop).assess("regulars", on="2026-12-01")
    assert made.written == ("regulars.json", "regulars.md")
    assert read(shop, "regulars.decision.md") == before
    assert "as it is now since 2026-12-01" in read(shop, "regulars.md")


def test_only_a_material_change_makes_a_new_day_and_a_new_mark(shop: Path) -> None:
    before = json.loads(read(shop, "regulars.json"))
    change(shop, "rules.seg", "crm@shop.example", "lifecycle@shop.example")
    segrules.load(shop).assess(on="2026-12-01")
    after = json.loads(read(shop, "regulars.json"))
    assert (after["since"], after["material"]) == (before["since"], before["material"])
    assert after["content"] != before["content"]
    assert after["facts"]["owner"] == "lifecycle@shop.example"


def test_members_are_told_as_a_band_that_stays_as_long_as_the_rule_does(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop")
    for name, text in DATA.items():
        (folder / name).write_text(text, encoding="utf-8")
    segrules.load(folder).assess(on=DAY, as_of="2026-11-20")
    # Thirty bought remedies three times, and one of them is on the list; five bought shoes, one of them again.
    regulars, shoes = (json.loads(read(folder, f"{name}.json"))["measured"] for name in ("regulars", "shoes"))
    assert regulars == {"as_of": "2026-11-20", "least": 11, "most": 99, "words": "11 to 99 members"}
    assert shoes == {"as_of": "2026-11-20", "least": 1, "most": 10, "words": "fewer than 11 members"}
    change(folder, "rules.seg", '"Shoes"', '"Bought shoes"')
    change(folder, "rules.seg", "at least 3 times", "at least 2 times")
    segrules.load(folder).assess(on=DAY)
    assert json.loads(read(folder, "shoes.json"))["measured"] == shoes
    assert json.loads(read(folder, "regulars.json"))["measured"] is None


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (0, "no members"),
        (1, "fewer than 11 members"),
        (10, "fewer than 11 members"),
        (11, "11 to 99 members"),
        (99, "11 to 99 members"),
        (100, "100 to 999 members"),
        (1_234_567, "1,000,000 to 9,999,999 members"),
    ],
)
def test_a_band_tells_of_nobody(members: int, words: str) -> None:
    assert band(members, "2026-11-20", 11).words == words


def test_a_large_least_cell_never_makes_an_empty_band() -> None:
    for members in (150, 199, 200, 999, 1000):
        made = band(members, "", 200)
        assert made.least <= max(members, 1) <= made.most
        assert made.most >= 199


def test_nothing_is_written_where_that_is_asked(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop")
    made = segrules.load(folder).assess("shoes", on=DAY, write=False)
    assert list(made.assessments) == ["shoes"]
    assert not (folder / FOLDER).exists()


def test_a_segment_that_is_gone_is_told_and_its_files_stay(shop: Path) -> None:
    (shop / "rules.seg").write_text(RULES.replace("segment shoes", "segment boots"), encoding="utf-8")
    made = segrules.load(shop).assess(on=DAY)
    assert made.leftover == ("shoes.json",)
    assert (shop / FOLDER / "shoes.md").exists()
    assert "boots" in read(shop, "index.md")
    assert "shoes" not in read(shop, "index.md").replace("Shoes", "")


def test_one_segment_alone_leaves_the_page_of_all_alone(shop: Path) -> None:
    before = read(shop, "index.md")
    change(shop, "rules.seg", '"Shoes"', '"Boots"')
    assert "index.md" not in segrules.load(shop).assess("shoes", on=DAY).written
    assert read(shop, "index.md") == before


def test_names_that_systems_refuse_or_confuse_get_names_of_files_of_their_own(tmp_path: Path) -> None:
    rules = "".join(f"segment {name} where staff\n" for name in ("con", "index", "nul", "größe", "com1"))
    folder = write(tmp_path / "shop", rules_seg=rules)
    segrules.load(folder).assess(on=DAY)
    names = {path.name for path in (folder / FOLDER).glob("*.json")}
    expected = {"con-segment", "index-segment", "nul-segment", "größe", "com1-segment"}
    assert names == {f"{name}.json" for name in expected}
    assert len({name.casefold() for name in names}) == len(names)
    assert segrules.load(folder).assess(on=DAY).written == ()


def test_two_names_that_differ_in_case_alone_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", rules_seg="segment vip where staff\nsegment Vip where not staff\n")
    with pytest.raises(segrules.BadRules, match="SEG203"):
        segrules.load(folder).assess(on=DAY)
    assert not (folder / FOLDER).exists()
    assert stem_of("CON") == "CON-segment"


# --- hostile places


def refusal(folder: Path, **arguments: Any) -> str:
    with pytest.raises(segrules.OutputProblem) as error:
        segrules.load(folder).assess(on=DAY, **arguments)
    return error.value.message


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop")
    (folder / FOLDER).write_text("mine", encoding="utf-8")
    assert "is a file, a folder was expected" in refusal(folder)
    assert "lies in a file" in refusal(folder, out=folder / FOLDER / "deeper")
    assert (folder / FOLDER).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["shoes.md", "shoes.json", "index.md"])
def test_a_file_that_somebody_else_wrote_is_not_replaced(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "shop")
    (folder / FOLDER).mkdir()
    (folder / FOLDER / name).write_text("mine", encoding="utf-8")
    assert "was not written by `segrules assess`" in refusal(folder)
    assert [path.name for path in (folder / FOLDER).iterdir()] == [name]
    assert (folder / FOLDER / name).read_text(encoding="utf-8") == "mine"


def test_a_full_disk_leaves_every_file_whole(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in (shop / FOLDER).iterdir()}
    change(shop, "rules.seg", "crm@shop.example", "lifecycle@shop.example")
    rules = segrules.load(shop)

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("segrules.workspace.assessment.files.os.fsync", full)
    with pytest.raises(segrules.OutputProblem, match="no space left"):
        rules.assess(on=DAY)
    assert {path.name: path.read_bytes() for path in (shop / FOLDER).iterdir()} == before


def test_what_stops_between_two_files_is_mended_by_the_next_time(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(shop, "rules.seg", "crm@shop.example", "lifecycle@shop.example")
    write_one = Folder.write

    def stopping(self: Folder, name: str, text: str) -> bool:
        if name.endswith(".json"):
            raise segrules.OutputProblem("stopped")
        return write_one(self, name, text)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write", stopping)
        with pytest.raises(segrules.OutputProblem):
            segrules.load(shop).assess(on=DAY)
    assert segrules.load(shop).assess(on=DAY).written == ("regulars.json", "shoes.json", "shoes.md")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"segments": "regular"}, "there is no segment `regular` to assess"),
        ({"data": {"people": "x.csv"}}, "nothing is counted without `as_of`"),
        ({"min_cell": 0}, "`min_cell` is 0"),
        ({"on": "soon"}, "soon"),
        ({"out": "a\0b"}, "cannot be the name of a folder"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], said: str, shop: Path) -> None:
    with pytest.raises(segrules.BadInput, match=said.replace("(", r"\(")):
        segrules.load(shop).assess(**{"on": DAY, **arguments})


def test_without_a_folder_in_the_settings_one_has_to_be_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", segrules_toml="language = 1\n")
    with pytest.raises(segrules.BadInput, match="no folder is named"):
        segrules.load(folder).assess(on=DAY)
    assert segrules.load(folder).assess("shoes", out=tmp_path / "else" / "where", on=DAY).written
    assert (tmp_path / "else" / "where" / "shoes.md").exists()


def test_a_retired_segment_keeps_the_assessment_that_it_has(shop: Path) -> None:
    change(shop, "rules.seg", 'segment shoes "Shoes"\n', 'segment shoes "Shoes"\n  status  retired\n')
    with pytest.raises(segrules.BadInput, match="is retired"):
        segrules.load(shop).assess("shoes", on=DAY)
    assert segrules.load(shop).assess(on=DAY).leftover == ()


# --- the command


def test_the_command_says_what_it_wrote(shop: Path, tmp_path: Path) -> None:
    shutil.rmtree(shop / FOLDER)
    told = command("assess", shop, "shoes", "--on", DAY)
    assert told.returncode == 0, told.stderr
    listed = [line.strip() for line in told.stdout.splitlines()[1:]]
    assert listed == ["written: shoes.decision.md", "written: shoes.json", "written: shoes.md"]
    again = json.loads(command("assess", shop, "shoes", "--on", DAY, "--output-format", "json").stdout)
    assert again["unchanged"] == ["shoes.json", "shoes.md"]
    assert again["assessments"]["shoes"]["facts"]["purposes"] == ["email_marketing"]
    assert command("assess", shop, "boots").returncode == 2
    assert command("assess", shop, "--out", shop / "rules.seg").returncode == 2
