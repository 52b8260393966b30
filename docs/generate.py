"""Writes what is made from the code: pages of the documentation, the parse table, the grammar of editors: `make docs`.

With `--check` nothing is written, and the pages that differ are named.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Code
from segrules.editor.textmate import text_of_grammar
from segrules.governance.packs import DEFAULT, PACKS, read_pack
from segrules.governance.vocabulary import GROUPS, IDENTIFIABILITY, ORIGINS
from segrules.resources import finding_page
from segrules.schema.models import json_schema
from segrules.syntax.table import TABLE, text_of_table

REFERENCE = Path(__file__).parent / "reference"
GRAMMAR = Path(__file__).parents[1] / "grammar"
EXTENSION = Path(__file__).parents[1] / "editors" / "vscode"

HUNDREDS = {
    "0": "Files and projects",
    "1": "Syntax",
    "2": "Names",
    "3": "Types and meaning",
    "4": "The catalogue",
    "5": "Data against the catalogue",
    "6": "Results",
    "8": "Tests",
    "9": "Proofs",
}


def findings_index() -> str:
    """A page that lists every finding, with links to their pages."""
    lines = [
        "<!-- Written by `make docs` from `segrules/diagnostics/codes.py` and the pages that it links to. -->",
        "",
        "# Findings",
        "",
        "Everything that segrules says about rules, catalogues and data has a code.",
        "`segrules finding SEG201` shows the page of one on the terminal.",
        "A code never changes its meaning: one that is no longer given is retired, not used again.",
        "",
        "The severity is the usual one; what is `off` is looked for only where a project asks for it.",
        "Under `[checks]` in `segrules.toml` a project may set that of a warning, a note or a finding about results.",
    ]
    for digit, title in HUNDREDS.items():
        codes = [code for code in all_codes() if code.number[3] == digit]
        lines += ["", f"## {title}", "", "| code | name | severity | |", "|---|---|---|---|"]
        lines += [_row(code) for code in codes]
    return "\n".join(lines) + "\n"


def _row(code: Code) -> str:
    link = f"[{code.number}](findings/{code.number}.md)"
    level = "off" if code.optional else code.severity.value
    return f"| {link} | `{code.name}` | {level} | {_first_sentence(finding_page(code.number))} |"


def _first_sentence(page: str) -> str:
    """The first line of prose on a page; pages are written with one sentence to a line."""
    prose = [line for line in page.splitlines() if line[:1].isalnum() or line[:1] == "`"]
    return prose[0].replace("|", "\\|")


def labels_page() -> str:
    """The vocabulary of labels and the packs, from the files of facts that the package brings."""
    crosswalk = read_pack("crosswalk")
    lines = [
        "<!-- Written by `make docs` from `segrules/governance/packs/`. -->",
        "",
        "# Labels and packs",
        "",
        "Labels stand in [the catalogue](catalogue.md#labels), at columns, at single values and at events.",
        "Packs say what labels ask of the segments that read them; policies say what a project forbids itself.",
        "[How to use sensitive data with care](../how-to/sensitive-attributes.md) shows both at work.",
        "",
        "What stands here are facts with dates, kept as data.",
        "They help to look at the right places; they are no legal advice.",
        "",
        "## Categories",
        "",
        "What `category` and `proxy_for` can say, beside a project's own names under `labels` in the catalogue.",
        f"Reviewed {crosswalk['reviewed']}.",
        "An article in parentheses does not name the category, but data of this kind tell of one that it names.",
        "`gpp` is the place in the IAB's US National string, `dpv` and `fides` are terms of those taxonomies.",
        "",
        "| category | | GDPR Article | CPRA sensitive | protected class | gpp | dpv | fides |",
        "|---|---|---|---|---|---|---|---|",
        *(_category(row) for row in crosswalk["category"]),
        "",
        "## Words",
        "",
        "`forbid reading` in a policy takes any category, and these words.",
        "The axes are independent: a proxy for health is not health, and something inferred is neither.",
        "",
        "| word | what it covers |",
        "|---|---|",
        *(f"| `{group}` | every category of: {about} |" for group, about in GROUPS.items()),
        "| `proxy` | everything with `proxy_for` |",
        *(f"| `{group}_proxy` | everything with `proxy_for` a category of `{group}` |" for group in GROUPS),
        *(f"| `{word}` | `origin: {word}`: {about} |" for word, about in ORIGINS.items()),
        *(f"| `{word}` | `identifiability: {word}`: {about} |" for word, about in IDENTIFIABILITY.items()),
        "",
        "A column that the catalogue computes has the origin `derived` unless it says another.",
        "`identifiability: none` says that a column identifies nobody.",
        "",
        "## Packs",
        "",
        "`[packs]` in `segrules.toml` gives each a level: `on`, `error`, `warning`, `note` or `off`.",
        "With `on`, each line has the level that stands here.",
        f"Where nothing is said, {' and '.join(f'`{name}`' for name in DEFAULT)} is `on` and the others are `off`.",
    ]
    for name in PACKS:
        lines += _pack(name, read_pack(name))
    lines += _assessments()
    lines += [
        "",
        "## Purposes",
        "",
        "What packs call the purposes of segments; a project may have others, which no pack binds.",
        "",
        "| purpose | | dpv | fides |",
        "|---|---|---|---|",
        *(_purpose(row) for row in read_pack("purposes")["purpose"]),
        "",
        "## Telling words",
        "",
        "What `lexicon` and `ad_platforms` look for in names, titles and descriptions, in upper or lower case.",
        "`_` and `-` count as spaces, and a plural in `s` is found as well.",
        "",
    ]
    lines += [f"- `{row['suggests']}`: {', '.join(row['list'])}." for row in read_pack("words")["words"]]
    return "\n".join(lines) + "\n"


def _category(row: Mapping[str, Any]) -> str:
    cells = [
        f"`{row['key']}`",
        row["title"],
        row["gdpr"],
        "yes" if row["cpra"] else "",
        ", ".join(row["protected"]),
        ", ".join(map(str, row["gpp"])),
        ", ".join(row["dpv"]),
        ", ".join(f"`{key}`" for key in row["fides"]),
    ]
    return f"| {' | '.join(cells)} |"


def _purpose(row: Mapping[str, Any]) -> str:
    fides = f"`{row['fides']}`" if row["fides"] else ""
    return f"| `{row['key']}` | {row['title']} | {row['dpv']} | {fides} |"


def _pack(name: str, pack: Mapping[str, Any]) -> list[str]:
    lines = ["", f"### `{name}`", "", f"{pack['title']}. Reviewed {pack['reviewed']}.", ""]
    lines += [
        "| what is read | asks for | level | for purposes | because | source | reviewed |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row, row["labels"], row["demand"]) for row in pack.get("rule", ())]
    lines += [_line(row, row["suggests"], "no telling words") for row in pack.get("names", ())]
    return [*lines, "", f"Sources: {'; '.join(pack['sources'])}."]


def _assessments() -> list[str]:
    """What packs ask of privacy assessments, in a table for the segments and one for the times."""
    packs = {name: read_pack(name) for name in PACKS}
    lines = [
        "",
        "## Assessments",
        "",
        "Which segments need a [privacy assessment](../how-to/privacy-assessments.md), where the pack is on.",
        "",
        "| pack | what is read | for purposes | level | because | source | reviewed |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, pack in packs.items():
        for row in pack.get("assessment", ()):
            labels, purposes = (", ".join(f"`{word}`" for word in row.get(key, ())) for key in ("labels", "purposes"))
            cells = (labels or "anything", purposes or "all", row["level"], row["because"], row["source"])
            lines.append(f"| `{name}` | {' | '.join(cells)} | {row['reviewed']} |")
    lines += [
        "",
        "When they are looked at again:",
        "",
        "| pack | review after | sign a material change within | source | reviewed |",
        "|---|---|---|---|---|",
    ]
    timed = {name: pack["schedule"] for name, pack in packs.items() if "schedule" in pack}
    for name, row in timed.items():
        review = f"{row['review_years']} years" if "review_years" in row else "no time is named"
        change = f"{row['change_days']} days" if "change_days" in row else "no time is named"
        lines.append(f"| `{name}` | {review} | {change} | {row['source']} | {row['reviewed']} |")
    lines += ["", *(f"- `{name}`: {text}." for name, row in timed.items() for text in (row["because"], *row["also"]))]
    return lines


def _line(row: Mapping[str, Any], words: list[str], demand: str) -> str:
    purposes = [", ".join(f"`{name}`" for name in row.get(key, ())) for key in ("purposes", "and_purposes")]
    outside = f", but in {' and '.join(f'`{clause}`' for clause in row['outside'])}" if "outside" in row else ""
    cells = [
        ", ".join(f"`{word}`" for word in words),
        demand + outside,
        row["level"],
        " together with one of ".join(purpose for purpose in purposes if purpose) or "all",
        row["because"],
        row["source"],
        str(row["reviewed"]),
    ]
    return f"| {' | '.join(cells)} |"


def pages() -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    return {
        GRAMMAR / TABLE: text_of_table(),
        EXTENSION / "syntaxes" / "segrules.tmLanguage.json": text_of_grammar(),
        REFERENCE / "catalog.schema.json": json_schema(),
        REFERENCE / "findings.md": findings_index(),
        REFERENCE / "labels.md": labels_page(),
    }


def main() -> int:
    """Write what differs, or with `--check` only say so; the exit code is 1 if a check finds a difference."""
    checking = sys.argv[1:] == ["--check"]
    differ = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in differ:
        if not checking:
            path.write_text(pages()[path], encoding="utf-8", newline="\n")
        print(f"{path.name} {'is not what `make docs` writes' if checking else 'written'}")
    return int(checking and bool(differ))


if __name__ == "__main__":
    sys.exit(main())
