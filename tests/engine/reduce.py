"""Makes a failing case smaller, step by step, as long as it fails; much faster than shrinking every choice."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from segrules.types.cells import Cell
from tests.conformance.cases import bind_text, errors
from tests.engine import rules
from tests.engine.case import Case, described, difference
from tests.engine.layouts import ColumnLayout, TableLayout

SECONDS = 60.0

_BLOCK = re.compile(r"^(?=(?:define|score|segment|partition|ruleset) )", re.MULTILINE)

Candidates = Callable[[Case], Iterator[Case]]


def check(case: Case) -> None:
    """Fail, with a small reproduction, where the engine and the reference differ."""
    if difference(case) is not None:
        small = smaller(case)
        raise AssertionError(f"{difference(small)}\n\n{described(small)}")


def smaller(case: Case, fails: Callable[[Case], bool] | None = None, seconds: float = SECONDS) -> Case:
    """The smallest case that is found within so many seconds and still fails."""
    fails = fails or _fails(case)
    end = time.monotonic() + seconds
    steps: tuple[Candidates, ...] = (_plainer, _without_blocks, _without_lines, _without_rows, _shorter, _without_cells)
    while True:
        before = case
        for step in steps:
            case = _while_it_fails(case, step, fails, end)
        if case == before or time.monotonic() > end:
            return case


def _fails(case: Case) -> Callable[[Case], bool]:
    """Whether a case fails in the same way: where the engine fell over it must fall over likewise."""
    kind = _kind(difference(case))

    def fails(other: Case) -> bool:
        _, findings = bind_text(other.rules, other.typed_catalogue, rules.LISTS)
        return not errors(findings) and _kind(difference(other)) == kind

    return fails


def _kind(told: str | None) -> str | None:
    if told is None:
        return None
    return told[:60] if told.startswith("the engine fails") else told.partition(" ")[0]


def _while_it_fails(case: Case, step: Candidates, fails: Callable[[Case], bool], end: float) -> Case:
    """Take every candidate that fails; what comes next is tried on it, not what was tried in vain before."""
    tried = 0
    while time.monotonic() < end:
        candidate = next(islice(step(case), tried, None), None)
        if candidate is None:
            return case
        if candidate != case and fails(candidate):
            case = candidate
        else:
            tried += 1
    return case


def _plainer(case: Case) -> Iterator[Case]:
    """Layouts more as everybody has them."""
    yield replace(case, layouts={})
    for name, layout in case.layouts.items():
        others = {other: kept for other, kept in case.layouts.items() if other != name}
        if layout != TableLayout():
            yield replace(case, layouts=others)
            yield replace(case, layouts=others | {name: replace(layout, container="table", order=0, extra=0, rows=3)})
        for column, of in layout.columns.items():
            rest = {other: kept for other, kept in layout.columns.items() if other != column}
            if of != ColumnLayout():
                yield replace(case, layouts=others | {name: replace(layout, columns=rest)})


def _without_blocks(case: Case) -> Iterator[Case]:
    blocks = _BLOCK.split(case.rules)
    for place in reversed(range(len(blocks))):
        yield replace(case, rules="".join(blocks[:place] + blocks[place + 1 :]))


def _without_lines(case: Case) -> Iterator[Case]:
    lines = case.rules.split("\n")
    for place in reversed(range(len(lines))):
        if lines[place].startswith("  "):
            yield replace(case, rules="\n".join(lines[:place] + lines[place + 1 :]))


def _shorter(case: Case) -> Iterator[Case]:
    """What stands in parentheses in place of the whole line or of the parentheses; or without what stands there."""
    lines = case.rules.split("\n")
    for place, line in enumerate(lines):
        for start, end in _groups(line):
            inner = line[start + 1 : end]
            head = re.match(r"(  where |  eligible |  stage \w+ where |  among |define \w+ as )", line)
            shorter = [line[:start] + inner + line[end + 1 :]]
            if head is not None:
                shorter.insert(0, head[0] + inner)
            for joint in (" and ", " or "):
                if line[end + 1 :].startswith(joint + "("):
                    second = next((g for g in _groups(line) if g[0] == end + 1 + len(joint)), None)
                    if second is not None:
                        shorter += [line[:start] + line[second[0] :], line[: end + 1] + line[second[1] + 1 :]]
            if line[:start].endswith("where "):
                shorter.insert(0, line[:start].removesuffix("where ") + line[end + 1 :])
            if line[:start].endswith("not "):
                shorter.append(line[:start].removesuffix("not ") + line[start:])
            shorter.append(line[:start] + "1" + line[end + 1 :])
            for text in shorter:
                if len(text) < len(line):
                    yield replace(case, rules="\n".join([*lines[:place], text, *lines[place + 1 :]]))


def _groups(line: str) -> list[tuple[int, int]]:
    """Where parentheses open and close, outer ones first."""
    found, stack = [], []
    for place, char in enumerate(line):
        if char == "(":
            stack.append(place)
        elif char == ")" and stack:
            found.append((stack.pop(), place))
    return sorted(found)


def _without_rows(case: Case) -> Iterator[Case]:
    for name, columns in case.tables.items():
        count = len(next(iter(columns.values()), ()))
        size = count
        while size:
            for start in range(0, count, size):
                kept = {column: cells[:start] + cells[start + size :] for column, cells in columns.items()}
                yield replace(case, tables={**case.tables, name: kept})
            size //= 2


def _without_cells(case: Case) -> Iterator[Case]:
    for name, columns in case.tables.items():
        for column, cells in columns.items():
            empty: list[Cell] = [None] * len(cells)
            if cells == empty:
                continue
            yield replace(case, tables={**case.tables, name: {**columns, column: empty}})
            for place, cell in enumerate(cells):
                if cell is not None and len(cells) < 20:
                    without = [*cells[:place], None, *cells[place + 1 :]]
                    yield replace(case, tables={**case.tables, name: {**columns, column: without}})
