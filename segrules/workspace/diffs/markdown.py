"""What changed between two versions, as the comment that a reviewer reads on a pull request."""

import re
from collections.abc import Iterator, Sequence

from segrules.diagnostics.render import printable
from segrules.proofs.changes.change import Kind
from segrules.proofs.premise_words import premise_words
from segrules.workspace.diffs.moves_markdown import moves_markdown
from segrules.workspace.diffs.result import CatalogChange, Diff, Line, PromiseChange, SegmentChange
from segrules.workspace.diffs.words import field_words, meaning, moved, shown, summary, why
from segrules.workspace.markdown import code, prose

COMMENT = 65_536
"""Characters that GitHub takes in one comment."""
MARKER = "<!-- segrules diff -->"
"""Stands in every comment, so that the next run can find it and put itself in its place."""
QUIET = "<!-- only in place of an earlier comment -->"
"""Stands below the marker where there is nothing to see: nobody needs a new comment for that."""

_ROOM = 300
_MOST_ROWS = 100
_MOST_LINES = 60
_TICKS = re.compile(r"`{3,}")
_MARKS = {
    Kind.WIDER: "⬆️", Kind.NARROWER: "⬇️", Kind.SHIFTED: "↔️", Kind.DISJOINT: "🔀", Kind.ADDED: "🆕",
    Kind.REMOVED: "🗑️", Kind.RENAMED: "🏷️", Kind.UNDECIDED: "❓", Kind.SAME: "🟰",
}  # fmt: skip
_LEGEND = {
    Kind.WIDER: "somebody can be new", Kind.NARROWER: "somebody leaves",
    Kind.SHIFTED: "somebody can be new and somebody leaves", Kind.DISJOINT: "nobody who was in stays",
    Kind.UNDECIDED: "neither proved nor refuted",
}  # fmt: skip


def diff_markdown(diff: Diff, limit: int = COMMENT) -> str:
    """A sentence, a table of what changed, and a fold for each segment; what does not fit is counted."""
    told = [item for item in diff.segments if item.told]
    rewritten = [item.name for item in diff.segments if item.touched and not item.told and not item.is_stage]
    text = f"**segrules:** {prose(summary(diff))}\n{MARKER}\n"
    text += "" if diff or rewritten else f"{QUIET}\n"
    text += f"\n{code(diff.before)} → {code(diff.after)}\n"
    parts: list[str] = []
    if told:
        parts.append(_table(told, diff))
    parts += [] if diff.moves is None else [moves_markdown(diff.moves)]
    parts += [_promises(diff.policies)] if diff.policies else []
    parts += [_catalog(diff.catalog)] if diff.catalog else []
    if rewritten:
        parts.append(f"Written otherwise, and proved to mean the same: {_named(rewritten)}.\n")
    parts += [_fold(item, diff) for item in told]
    for number, part in enumerate(parts):
        if len(text) + len(part) + 1 > limit - _ROOM:
            left = len(parts) - number
            parts_left = f"{left:,} more part{'s' * (left != 1)}"
            return f"{text}\n_{parts_left} did not fit into this comment; `segrules diff` has all._\n"
        text += f"\n{part}"
    return text


def _table(told: Sequence[SegmentChange], diff: Diff) -> str:
    counted = diff.moves is not None and diff.moves.problem is None
    head = (
        "| segment | members | why |"
        if not counted
        else "| segment | members | before → after | entered | left | why |"
    )
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    for item in told[:_MOST_ROWS]:
        was = f" (was {code(item.renamed_from)})" if item.renamed_from else ""
        cells = [f"{code(item.name)}{was}", f"{_MARKS[item.kind]} {item.kind.value}"]
        if counted:
            assert diff.moves is not None
            numbers = diff.moves.shown(item.name) or dict.fromkeys(("before", "after", "entered", "left"), "")
            both = " → ".join(part for part in (numbers["before"], numbers["after"]) if part)
            cells += [both, numbers["entered"], numbers["left"]]
        cells.append(_why(item))
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    if len(told) > _MOST_ROWS:
        lines.append(f"\n{len(told) - _MOST_ROWS:,} more changed.")
    lines += _legend(told, diff)
    return "\n".join((*lines, ""))


def _legend(told: Sequence[SegmentChange], diff: Diff) -> Iterator[str]:
    """What the words and marks of the comment stand for, of those that occur."""
    kinds = {item.kind for item in told}
    parts = [f"{kind.value}: {words}" for kind, words in _LEGEND.items() if kind in kinds]
    sensitive = any(item.sensitive for item in told) or any(item.sensitive for item in diff.catalog)
    if sensitive or any(item.loosened for item in diff.policies):
        parts.append("⚠️: wants a second look")
    if parts:
        yield from ("", f"<sub>{'; '.join(parts)}</sub>")


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _why(item: SegmentChange) -> str:
    """In a few words where a change comes from, and what else changed."""
    parts: list[str] = []
    if item.kind is Kind.UNDECIDED:
        parts.append(prose(why(item)))
    parts += [prose(f"through the {name}") for name in item.through[:3]]
    if not item.through and item.lines and item.kind not in (Kind.ADDED, Kind.REMOVED, Kind.RENAMED, Kind.SAME):
        came = next((line for line in item.lines if line.added), item.lines[0])
        parts.append(code(f"{came.path}:{came.number}"))
    for field in item.metadata:
        mark = "⚠️ " if field.sensitive else ""
        parts.append(f"{mark}{prose(field_words(field)) if field.field == 'reads' else field.field}")
    return ", ".join(parts)


def _promises(items: Sequence[PromiseChange]) -> str:
    lines = ["**Promises and checks**", ""]
    for item in items:
        mark = "⚠️" if item.loosened else "✅"
        lines.append(f"- {mark} {item.kind} {code(item.name)} {item.change}: {prose(item.detail)}")
        lines += (
            [f"  {line}" if line else "" for line in ("", *_block("diff", list(_lines(item.lines))))]
            if item.lines
            else []
        )
    return "\n".join((*lines, ""))


def _catalog(items: Sequence[CatalogChange]) -> str:
    lines = ["**Catalogue, lists and cut points**", ""]
    for item in items:
        mark = "⚠️ " if item.sensitive else ""
        reached = f" Reaches {_named(item.segments)}." if item.segments else ""
        lines.append(f"- {mark}{item.kind} {code(item.name)} {item.change}: {prose(item.detail)}.{reached}")
    return "\n".join((*lines, ""))


def _named(names: Sequence[str]) -> str:
    shown = [code(name) for name in names[:12]]
    return ", ".join(shown) + (f" and {len(names) - 12:,} more" if len(names) > 12 else "")


def _fold(item: SegmentChange, diff: Diff) -> str:
    was = f" (was <code>{_plain(item.renamed_from)}</code>)" if item.renamed_from else ""
    lines = [
        "<details>",
        f"<summary>{_MARKS[item.kind]} <code>{_plain(item.name)}</code>{was}: {_plain(meaning(item))}</summary>",
        "",
        *_body(item, diff),
        "</details>",
    ]
    return "\n".join((*lines, ""))


def _body(item: SegmentChange, diff: Diff) -> Iterator[str]:
    numbers = moved(diff, item.name)
    if numbers:
        yield from (prose(numbers[:1].upper() + numbers[1:]).replace("-&gt;", "→") + ".", "")
    if item.through:
        yield from (f"Changed through the {', the '.join(prose(name) for name in item.through)}.", "")
    if item.words:
        titles = {Kind.ADDED: "In plain English", Kind.REMOVED: "What it was"}
        title = titles.get(item.kind, "In plain English, before (`-`) and after (`+`)")
        yield from (f"{title}:", "", *_block("diff", item.words), "")
    if item.metadata:
        for field in item.metadata:
            mark = "⚠️ " if field.sensitive else ""
            yield f"- {mark}{prose(field_words(field)).replace('-&gt;', '→')}"
        yield ""
    if item.lines and item.kind not in (Kind.ADDED, Kind.REMOVED):
        yield from ("The lines that changed:", "", *_block("diff", list(_lines(item.lines))), "")
    for title, found, earlier in shown(item):
        when = "held before" if earlier else "holds now"
        yield from (f"Somebody {title}, as a test that {when}:", "", *_block("seg", found.test.splitlines()), "")
    if item.judged.premises:
        yield from (f"This holds {prose(premise_words(item.judged.premises))}.", "")


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    """The lines that changed, below the files in which they stand."""
    path: str | None = None
    for line in lines[:_MOST_LINES]:
        if line.path != path:
            path = line.path
            yield f"@@ {line.path}:{line.number} @@"
        yield f"{'+' if line.added else '-'}{line.text}"
    if len(lines) > _MOST_LINES:
        yield f"@@ and {len(lines) - _MOST_LINES:,} more @@"


def _block(language: str, lines: Sequence[str]) -> list[str]:
    shown = [printable(line) for line in lines]
    fence = "`" * max([3, *(len(run) + 1 for line in shown for run in _TICKS.findall(line))])
    return [f"{fence}{language}", *shown, fence]


def _plain(text: str | None) -> str:
    """Text within HTML, in which backticks are quotation marks."""
    told = printable(text or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return told.replace("@", "@\u2060").replace("`", "'")
