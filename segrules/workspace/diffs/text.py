"""What changed between two versions, as text for a terminal."""

from collections.abc import Iterator, Sequence

from segrules.diagnostics.render import printable
from segrules.proofs.changes.change import Kind
from segrules.proofs.premise_words import premise_words
from segrules.workspace.diffs.result import CatalogChange, Diff, Line, PromiseChange, SegmentChange
from segrules.workspace.diffs.words import field_words, meaning, moved, shown, summary

_MOST_LINES = 30


def diff_text(diff: Diff) -> str:
    """The text, which ends with a line end."""
    blocks = [[f"{diff.before} -> {diff.after}: {summary(diff)}"]]
    blocks += [list(_segment(item, diff)) for item in diff.segments if item.told]
    rewritten = [item.name for item in diff.segments if item.touched and not item.told and not item.is_stage]
    if rewritten:
        blocks.append(["written otherwise, proved to mean the same", *(f"  {name}" for name in rewritten)])
    told = [line for item in diff.policies for line in _promise(item)]
    blocks += [["promises and checks", *told]] if told else []
    blocks += [["catalogue, lists and cut points", *_catalog(diff.catalog)]] if diff.catalog else []
    text = "\n\n".join("\n".join(printable(line) for line in block) for block in blocks) + "\n"
    return text if diff.moves is None else f"{text}\n{diff.moves.text()}"


def _segment(item: SegmentChange, diff: Diff) -> Iterator[str]:
    was = f" (was {item.renamed_from})" if item.renamed_from else ""
    yield f"{item.name}{was}: {meaning(item)}"
    numbers = moved(diff, item.name)
    if numbers:
        yield f"  {numbers}"
    if item.through:
        yield f"  through {', '.join(item.through)}"
    for part in item.metadata:
        mark = "  ! " if part.sensitive else "  "
        yield f"{mark}{field_words(part)}"
    if item.kind in (Kind.ADDED, Kind.REMOVED):
        yield from (f"  {line[2:]}" for line in item.words)
        return
    if item.lines:
        yield "  lines"
        yield from _lines(item.lines)
    for title, found, earlier in shown(item):
        yield f"  {title}{', as a test of the earlier version' if earlier else ''}"
        yield from (f"    {line}" for line in found.test.splitlines())
    if item.judged.premises:
        yield f"  this holds {premise_words(item.judged.premises)}"


def _promise(item: PromiseChange) -> Iterator[str]:
    mark = "!" if item.loosened else " "
    yield f"{mark} {item.kind} {item.name} {item.change}: {item.detail}"
    yield from _lines(item.lines)


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines[:_MOST_LINES]:
        yield f"    {'+' if line.added else '-'} {line.path}:{line.number}: {line.text.strip()}"
    if len(lines) > _MOST_LINES:
        yield f"    and {len(lines) - _MOST_LINES:,} more"


def _catalog(items: tuple[CatalogChange, ...]) -> Iterator[str]:
    for item in items:
        mark = "!" if item.sensitive else " "
        reached = f" (reaches {', '.join(item.segments)})" if item.segments else ""
        yield f"{mark} {item.kind} {item.name} {item.change}: {item.detail}{reached}"
