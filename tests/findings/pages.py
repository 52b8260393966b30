"""Pages about findings into projects: the one that each shows as wrong, and the one that it shows as mended.

A page changes a small project, `tests/findings/project/`, by its code blocks:

- A `seg` block is the rule file `rules.seg`, a `toml` block is `segrules.toml`, and a `yaml` block is `catalog.yaml`;
  top keys that it leaves out, and tables and events, are taken from the small project.
  Any other file stands behind a comment `<!-- file: people.csv -->`.
- A comment `<!-- recipe: NAME -->` does to the files what a page cannot show; the recipes are in `RECIPES`.
- Blocks above the heading `How to mend it` make the wrong project.
  Those below change it further, into the mended one, where no recipe applies.
- Where a comment `<!-- run: 2026-11-01 -->` stands the project is run of that instant, where `<!-- test -->` stands
  its tests are run, else it is checked, where `<!-- check: 2026-11-01 -->` stands as of that day; what a page of the
  nine hundreds shows is proved as well.
- The first `text` block is what segrules prints about the code, without the other findings.

`python -m tests.findings.pages` writes these blocks anew, to be read as a diff.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import segrules
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.render import render_text
from segrules.text.source import Source

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "findings"
PROJECT = Path(__file__).parent / "project"
MENDED = "## How to mend it"
PROVED = "SEG9"
"""The findings that come of proofs."""
SOMEWHERE = "/data/ann/shop"
"""What pages call the folder of the project, where a message shows it."""

_FILES = {"seg": "rules.seg", "yaml": "catalog.yaml", "toml": "segrules.toml"}
_BLOCK = re.compile(r"(?:<!-- file: (?P<file>[^ ]+) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
_PART = re.compile(r"^\w[^\n]*\n(?:(?!\w)[^\n]*\n)*", re.M)
_MERGED = ("tables", "events")
_UNDER = re.compile(r"^  \w[^\n]*\n(?:(?!  \w)[^\n]*\n)*", re.M)


def _folder_for_file(folder: Path) -> None:
    (folder / "rules.seg").unlink()
    (folder / "rules.seg").mkdir()
    (folder / "segrules.toml").write_text('language = 1\ncatalogue = "rules.seg"\n', encoding="utf-8")


def _latin_1(folder: Path) -> None:
    path = folder / "rules.seg"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))


def _nested(folder: Path) -> None:
    path = folder / "rules.seg"
    text = path.read_text(encoding="utf-8").replace("where ", f"where {'(' * 200}")
    path.write_text(f"{text.rstrip()}{')' * 200}\n", encoding="utf-8")


def _no_rule_files(folder: Path) -> None:
    (folder / "rules.seg").rename(folder / "rules.txt")


def _assessed(folder: Path, *, before: tuple[str, str] | None = None, signed: bool = False) -> None:
    """Write assessments, of rules in which something was otherwise before."""
    path = folder / "rules.seg"
    text = path.read_text(encoding="utf-8")
    if before is not None:
        path.write_text(text.replace(*before), encoding="utf-8", newline="\n")
    made = segrules.load(folder).assess(on="2026-10-01").assessments
    if signed:
        segrules.load(folder).assess(on="2026-10-01")
        for name, item in made.items():
            decision = folder / "assessments" / f"{name}.decision.md"
            line = f'signed by "dpo@shop.example" on 2026-10-01 for {item.marks.material}\n'
            decision.write_text(decision.read_text(encoding="utf-8") + line, encoding="utf-8", newline="\n")
    path.write_text(text, encoding="utf-8", newline="\n")


def _changed_and_assessed(folder: Path) -> None:
    _assessed(folder, before=("60 days", "30 days"), signed=True)
    segrules.load(folder).assess(on="2026-10-20")


def _changed_by_hand(folder: Path) -> None:
    _assessed(folder, signed=True)
    path = folder / "assessments" / "asthma_help.md"
    path.write_text(path.read_text(encoding="utf-8") + "Signed, the shop.\n", encoding="utf-8", newline="\n")


RECIPES: Mapping[str, Callable[[Path], None]] = {
    "`segrules assess` was run on 2026-10-01": _assessed,
    "`segrules assess` was run when it said 30 days": partial(_assessed, before=("60 days", "30 days")),
    "it was assessed and signed when it said 30 days, and assessed again on 2026-10-20": _changed_and_assessed,
    "it was assessed, and then somebody wrote a line into the document": _changed_by_hand,
    "`segrules assess` was run when it was called asthma_club": partial(
        _assessed, before=("asthma_help", "asthma_club")
    ),
    "a folder stands where a file should": _folder_for_file,
    "rules.seg is saved as Latin-1": _latin_1,
    "rules.seg is called rules.txt": _no_rule_files,
    "the condition stands in 200 pairs of parentheses": _nested,
}
"""What is done to the files of a wrong project, by what the page says."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its heading's number and name, what it says, and the two projects that it shows, by file."""

    number: str
    name: str
    prose: str
    wrong: Mapping[str, str]
    mended: Mapping[str, str]
    recipe: str | None
    as_of: str | None
    printed: str
    tested: bool = False
    checked: str | None = None


def read_page(path: Path) -> Page:
    """The page in a file; a KeyError or ValueError says that it is not built as pages are."""
    markdown = path.read_text(encoding="utf-8")
    heading = re.match(r"# (SEG\d{3}) ([a-z0-9-]+)\n\n(\S[^\n]*)\n", markdown)
    if heading is None or markdown.count(f"\n{MENDED}\n") != 1:
        raise ValueError(f"{path.name} lacks its heading, its first sentence or `{MENDED}`")
    first, second = markdown.split(f"\n{MENDED}\n")
    wrong = _changed({}, first)
    printed = [block["text"] for block in _BLOCK.finditer(first) if block["language"] == "text"]
    recipe, as_of, day = (re.search(rf"<!-- {word}: (.*?) -->", first) for word in ("recipe", "run", "check"))
    return Page(
        heading[1],
        heading[2],
        heading[3],
        wrong,
        _changed(wrong, second),
        recipe[1] if recipe else None,
        as_of[1] if as_of else None,
        printed[0] if printed else "",
        "<!-- test -->" in first,
        day[1] if day else None,
    )


def findings_of(page: Page, folder: Path, *, mended: bool) -> tuple[list[Finding], Mapping[str, Source]]:
    """What segrules says about the wrong or the mended project, written into `folder`; and the texts it points into."""
    _write(page.mended if mended else page.wrong, folder)
    if page.recipe is not None and not mended:
        RECIPES[page.recipe](folder)
    try:
        rules = segrules.load(folder)
    except segrules.BadInput as error:
        return list(error.findings), error.sources
    if page.tested:
        return [item for result in rules.test() for item in result.findings], rules.sources
    if page.number.startswith(PROVED):
        return list(rules.checked(page.checked, proofs=rules.prove()).findings), rules.sources
    if page.as_of is None:
        return list(rules.check(page.checked)), rules.sources
    try:
        return list(rules.run(page.as_of).findings), rules.sources
    except segrules.SegrulesError as error:
        return list(error.findings), rules.sources


def printed(page: Page, folder: Path) -> str:
    """What segrules prints about the page's code, where the wrong project stands in `folder`."""
    found, sources = findings_of(page, folder, mended=False)
    text = render_text([item for item in found if item.code.number == page.number], sources)
    return text.rpartition("\n\n")[0].replace(str(folder), SOMEWHERE) + "\n"


def _changed(files: Mapping[str, str], markdown: str) -> dict[str, str]:
    changed = dict(files)
    for block in _BLOCK.finditer(markdown):
        name = block["file"] or _FILES.get(block["language"])
        if name is not None:
            changed[name] = _completed(block["text"]) if name == "catalog.yaml" else block["text"]
    return changed


def _completed(text: str) -> str:
    """The catalogue with what it leaves out taken from the small project."""
    made = text
    for part in _PART.findall((PROJECT / "catalog.yaml").read_text(encoding="utf-8")):
        key = part.partition(":")[0]
        own = re.search(rf"^{key}:[^\n]*\n(?:(?!\w)[^\n]*\n)*", made, re.M)
        if own is None:
            made += part
        elif key in _MERGED:
            rest = [
                under for under in _UNDER.findall(part) if not re.search(rf"^{under.partition(':')[0]}:", own[0], re.M)
            ]
            made = made[: own.end()] + "".join(rest) + made[own.end() :]
    return made


def _write(files: Mapping[str, str], folder: Path) -> None:
    base = {path.name: path.read_text(encoding="utf-8") for path in PROJECT.iterdir()}
    for name, text in (base | dict(files)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _rewrite(path: Path) -> None:
    page = read_page(path)
    with TemporaryDirectory() as folder:
        text = printed(page, Path(folder))
    markdown = path.read_text(encoding="utf-8")
    anew = re.sub(r"```text\n.*?^```$", lambda _: f"```text\n{text}```", markdown, count=1, flags=re.M | re.S)
    path.write_text(anew, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for chosen in [PAGES / f"{number}.md" for number in sys.argv[1:]] or sorted(PAGES.glob("*.md")):
        _rewrite(chosen)
