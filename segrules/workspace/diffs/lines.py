"""Blocks of rule files and entries of the catalogue into the lines of them that changed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.things import Thing
from segrules.syntax.terminals import BLOCK_HEAD
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.diffs.result import Line
from segrules.workspace.files import SUFFIX

if TYPE_CHECKING:
    from segrules.workspace.ruleset import RuleSet

_MOST = 400
"""Lines of one thing that are compared one by one."""
_SHOWN = 40
"""Lines of a longer thing that are told."""
_IDLE = re.compile(r"\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of lines of one file, the first and the last included."""

    path: str
    first: int
    lines: tuple[str, ...]


class Written:
    """Where one version has what segments rest on."""

    def __init__(self, rules: "RuleSet") -> None:
        self._rules = rules
        self._sources = rules.sources
        self._blocks: dict[tuple[str, str], Block] = {}
        self._rulesets: dict[str, Block] = {}
        for path, source in sorted(rules.sources.items()):
            if path.lower().endswith(SUFFIX):
                self._read(path, source)

    def of(self, thing: Thing) -> Block | None:
        """The lines of a thing; None for one that has none of its own."""
        kind, name = thing
        typed = self._rules.typed
        if typed is None:
            return None
        catalogue = typed.catalogue
        match kind:
            case "segment" | "define" | "score" | "partition" | "policy" | "group":
                return self._blocks.get(thing)
            case "ruleset":
                return self._rulesets.get(name)
            case "attribute":
                column = catalogue.customers.attributes.get(name)
                return None if column is None else self._entry(column.span)
            case "property" | "related":
                of, _, column_name = name.partition(".")
                column = _columns(catalogue, kind, of).get(column_name)
                return None if column is None else self._entry(column.span)
            case "event":
                event = catalogue.events.get(name)
                return None if event is None else self._entry(event.span)
            case "relation":
                relation = catalogue.relations.get(name)
                return None if relation is None else self._entry(relation.span)
            case "suppression":
                listed = catalogue.suppressions.get(name)
                return None if listed is None else self._entry(listed.span)
            case "cap":
                cap = catalogue.caps.get(name)
                return None if cap is None else self._entry(cap.span)
            case "lock":
                locked = {".".join(key): line for key, line in self._rules.lock.lines.items()}.get(name)
                return None if locked is None else self._line(locked.span.path, locked.span.line)
            case _:
                return None

    def ruleset_of(self, segment: str) -> Thing | None:
        """The ruleset that binds a segment."""
        block = self._blocks.get(("segment", segment))
        return None if block is None or block.path not in self._rulesets else ("ruleset", block.path)

    def block_at(self, path: str, line: int) -> tuple[str, str] | None:
        """Kind and name of the block in which a line stands, or that begins on it."""
        held = [
            (block.first, key)
            for key, block in self._blocks.items()
            if block.path == path and block.first <= line < block.first + len(block.lines)
        ]
        return max(held)[1] if held else None

    def _read(self, path: str, source: Source) -> None:
        text = source.text
        heads = list(BLOCK_HEAD.finditer(text))
        for place, head in enumerate(heads):
            end = heads[place + 1].start() if place + 1 < len(heads) else len(text)
            lines = text[head.start() : end].split("\n")
            while lines and _IDLE.fullmatch(lines[-1]):
                lines.pop()
            block = Block(path, text.count("\n", 0, head.start()) + 1, tuple(lines))
            if head["kind"] == "ruleset":
                self._rulesets.setdefault(path, block)
            else:
                self._blocks.setdefault((head["kind"], head["name"].strip("`")), block)

    def _entry(self, span: Span) -> Block | None:
        """An entry of the catalogue: its line, and the lines below that are indented further."""
        source = self._sources.get(span.path)
        if source is None or not span.line:
            return None
        lines = source.text.split("\n")
        depth = _indent(lines[span.line - 1])
        end = span.line
        while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > depth):
            end += 1
        while end > span.line and not lines[end - 1].strip():
            end -= 1
        return Block(span.path, span.line, tuple(lines[span.line - 1 : end]))

    def _line(self, path: str, number: int) -> Block | None:
        source = self._sources.get(path)
        return None if source is None else Block(path, number, (source.line(number),))


def _columns(catalogue: Catalogue, kind: str, of: str) -> Mapping[str, Column]:
    """The properties of an event, or the columns to which a relation leads."""
    if kind == "property":
        return catalogue.events[of].properties if of in catalogue.events else {}
    return catalogue.tables[catalogue.relations[of].table].columns if of in catalogue.relations else {}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def changed_lines(old: Block | None, new: Block | None) -> tuple[Line, ...]:
    """The lines that went and came, in the order in which a diff has them."""
    one, other = old or Block("", 1, ()), new or Block("", 1, ())
    if one.lines == other.lines:
        return ()
    if max(len(one.lines), len(other.lines)) > _MOST:
        return tuple(_as_sets(one, other))
    matcher = SequenceMatcher(None, one.lines, other.lines, autojunk=False)
    found: list[Line] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            found += [Line(one.path, one.first + at, False, one.lines[at]) for at in range(a, b)]
            found += [Line(other.path, other.first + at, True, other.lines[at]) for at in range(c, d)]
    return tuple(line for line in found if line.text.strip())


def _as_sets(one: Block, other: Block) -> Iterator[Line]:
    """Of long things the first lines that went and that came, wherever they stand."""
    for here, there, added in ((one, set(other.lines), False), (other, set(one.lines), True)):
        missing = ((at, text) for at, text in enumerate(here.lines, here.first) if text not in there and text.strip())
        for count, (at, text) in enumerate(missing):
            if count < _SHOWN:
                yield Line(here.path, at, added, text)


def words_between(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Two texts as one in which `-` stands before what went and `+` before what came.

    Of what stayed there are the lines that stand above these.
    """
    if tuple(old) == tuple(new):
        return ()
    found: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [f"  {line}" for line in old[a:b]]
        else:
            found += [f"- {line}" for line in old[a:b]]
            found += [f"+ {line}" for line in new[c:d]]
    return tuple(_near(found))


def _near(lines: Sequence[str]) -> Iterator[str]:
    """The lines that changed, with those that stand above them and are indented less."""
    keep = {at for at, line in enumerate(lines) if line[0] != " "}
    for at in sorted(keep):
        depth = _indent(lines[at][2:])
        for above in range(at - 1, -1, -1):
            if _indent(lines[above][2:]) < depth:
                depth = _indent(lines[above][2:])
                keep.add(above)
    yield from (lines[at] for at in sorted(keep))


def similar(old: Block | None, new: Block | None) -> float:
    """How much two blocks have in common, from 0 to 1; their first lines, which have the names, are left out."""
    if old is None or new is None:
        return 0.0
    one, other = _body(old), _body(new)
    if not one or not other:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _body(block: Block) -> list[str]:
    return [word for line in block.lines[1:] for word in line.split()]
