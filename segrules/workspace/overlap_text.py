"""What segments have to do with each other, as text for a window of some width.

First how many pairs there are of each kind; then a matrix, or where it would be too wide a line for each segment; then
the pairs that ask for a second look. Of two segments alone the evidence is shown as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, assert_never

from segrules.diagnostics.render import printable
from segrules.proofs.pairs.pair import Pair, PairVerdict
from segrules.text.source import Source
from segrules.text.span import Span

if TYPE_CHECKING:
    from segrules.evaluation.overlap import OverlapCounts, SharedMembers

WIDTH = 100
"""How wide a matrix may be where nobody says."""

_NUMBERED, _SIZED, _CELL = 6, 11, 6
"""How wide the numbers of rows, sizes and cells of a matrix are, with what is left free around them."""

_LISTED = 10
"""How many pairs of a kind are listed."""

_ROWS = 50
"""How many segments have a line where a matrix would be too wide."""

_HIDDEN = "*"

_CELLS = {
    PairVerdict.DISJOINT: ("none", "none"),
    PairVerdict.OVERLAP: ("some", "some"),
    PairVerdict.A_IN_B: ("in", "has"),
    PairVerdict.B_IN_A: ("has", "in"),
    PairVerdict.EQUAL: ("same", "same"),
    PairVerdict.UNDECIDED: ("?", "?"),
}
"""What stands in the row of `a` and in the row of `b`."""

_LEGEND = {
    "none": "nobody can be in both",
    "some": "somebody can be in both",
    "in": "whoever is in the row's segment is in the column's, too",
    "has": "whoever is in the column's segment is in the row's, too",
    "same": "both have the same members",
    "?": "undecided",
}

_OF_OTHERS = {
    "in": "whoever is in it is in the other, too",
    "has": "whoever is in the other is in it, too",
}
"""What the same words mean where there are no columns."""

_TALLY = {
    PairVerdict.DISJOINT: ("excludes each other", "exclude each other"),
    PairVerdict.OVERLAP: ("overlaps", "overlap"),
    PairVerdict.A_IN_B: ("lies inside the other", "lie one inside the other"),
    PairVerdict.EQUAL: ("has the same members", "have the same members"),
    PairVerdict.UNDECIDED: ("is undecided", "are undecided"),
}


@dataclass(frozen=True, slots=True)
class Alone:
    """What is shown of a pair that is looked at alone: a customer who is in both, where segments are, texts by path."""

    block: str | None
    places: Mapping[str, Span]
    sources: Mapping[str, Source]


def overlap_text(
    segments: Sequence[str],
    pairs: Sequence[Pair],
    counts: "OverlapCounts | None",
    alone: Alone,
    width: int = WIDTH,
) -> str:
    """The text, which ends with a line end."""
    left = _NUMBERED + max(map(len, segments)) + (0 if counts is None else _SIZED)
    fits = left + _CELL * len(segments) <= width
    if len(pairs) == 1:
        blocks = [[_sentence(pairs[0]), *_places(pairs[0], alone)], _evidence(pairs[0], alone)]
    else:
        blocks = [
            list(_tally(segments, pairs)),
            _matrix(segments, pairs) if fits else _summary(segments, pairs, counts),
        ]
        blocks += [list(block) for block in _second_looks(pairs)]
    if counts is not None:
        blocks += [_shares(segments, counts)] if fits else []
        blocks += [_largest(counts), list(_hidden(counts))]
    blocks += [list(_hints(pairs, fits=fits))]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _tally(segments: Sequence[str], pairs: Sequence[Pair]) -> Iterator[str]:
    yield f"{len(segments):,} segments, {_counted(len(pairs), 'pair')}, for any customers that the catalogue allows:"
    one_inside = (PairVerdict.A_IN_B, PairVerdict.B_IN_A)
    counted = Counter(PairVerdict.A_IN_B if pair.verdict in one_inside else pair.verdict for pair in pairs)
    for verdict, (one, several) in _TALLY.items():
        if counted[verdict]:
            yield f"  {counted[verdict]:>6,} {one if counted[verdict] == 1 else several}"


def _matrix(segments: Sequence[str], pairs: Iterable[Pair]) -> list[str]:
    """The matrix of verdicts; columns have the numbers of the rows."""
    cells = {}
    for pair in pairs:
        cells[pair.a, pair.b], cells[pair.b, pair.a] = _CELLS[pair.verdict]
    used = [f"  {word:<5} {what}" for word, what in _LEGEND.items() if word in cells.values()]
    return [*_grid("who can be in both", segments, cells, {}), *used]


def _shares(segments: Sequence[str], counts: "OverlapCounts") -> list[str]:
    """The matrix of shares: how much of the row's segment is in the column's."""
    cells = {}
    for pair in counts.pairs:
        cells[pair.a, pair.b], cells[pair.b, pair.a] = (
            _percent(pair, pair.share_of_a),
            _percent(pair, pair.share_of_b),
        )
    title = f"of the row's members, how many are in the column's, too, {_when(counts)}"
    return _grid(title, segments, cells, {name: _number(counts.members[name]) for name in segments})


def _grid(
    title: str, segments: Sequence[str], cells: Mapping[tuple[str, str], str], sizes: Mapping[str, str]
) -> list[str]:
    names = max(len(name) for name in segments)
    digits = len(str(len(segments)))
    wide = max([len("members"), *map(len, sizes.values())]) if sizes else 0
    column = max([4, *map(len, cells.values())])

    def line(number: str, name: str, size: str, row: Iterable[str]) -> str:
        start = f"  {number:>{digits}} {name:<{names}}" + (f"  {size:>{wide}}" if sizes else "")
        return (start + "".join(f"  {cell:>{column}}" for cell in row)).rstrip()

    lines = [title, line("", "", "members" if sizes else "", (str(n) for n in range(1, len(segments) + 1)))]
    for number, name in enumerate(segments, 1):
        row = ("." if other == name else cells[name, other] for other in segments)
        lines.append(line(str(number), name, sizes.get(name, ""), row))
    return lines


def _summary(segments: Sequence[str], pairs: Iterable[Pair], counts: "OverlapCounts | None") -> list[str]:
    """A line for each segment: how large it is, and with how many others it is in which relation."""
    found: dict[str, Counter[str]] = {name: Counter() for name in segments}
    for pair in pairs:
        for name, word in zip((pair.a, pair.b), _CELLS[pair.verdict], strict=True):
            found[name][word] += 1
    words = [word for word in _LEGEND if any(counter[word] for counter in found.values())]
    sized = [] if counts is None else ["members"]
    rows = [
        (
            name,
            *([] if counts is None else [_number(counts.members[name])]),
            *(str(found[name][word]) for word in words),
        )
        for name in segments[:_ROWS]
    ]
    title = "with how many others" + ("" if counts is None else f", and members {_when(counts)}")
    more = [f"  and {len(segments) - _ROWS:,} more segments"] if len(segments) > _ROWS else []
    legend = [f"  {word:<5} {what}" for word, what in (_LEGEND | _OF_OTHERS).items() if word in words]
    return [*_table(title, ("segment", *sized, *words), rows), *more, *legend]


def _second_looks(pairs: Sequence[Pair]) -> Iterator[Iterator[str]]:
    same = [f"{pair.a} = {pair.b}" for pair in pairs if pair.verdict is PairVerdict.EQUAL]
    inside = [
        f"{pair.a} in {pair.b}" if pair.verdict is PairVerdict.A_IN_B else f"{pair.b} in {pair.a}"
        for pair in pairs
        if pair.verdict in (PairVerdict.A_IN_B, PairVerdict.B_IN_A)
    ]
    undecided = [
        f"{pair.a}, {pair.b}: {pair.reason}" if pair.reason else f"{pair.a}, {pair.b}"
        for pair in pairs
        if pair.verdict is PairVerdict.UNDECIDED
    ]
    yield _listed("the same members: one of the two can go", same)
    yield _listed("one inside the other", inside)
    yield _listed("undecided, and why", undecided)


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield title
        yield from (f"  {item}" for item in items[:_LISTED])
    if len(items) > _LISTED:
        yield f"  and {len(items) - _LISTED:,} more"


def _sentence(pair: Pair) -> str:
    """What is known of a pair that is looked at alone."""
    a, b = f"`{pair.a}`", f"`{pair.b}`"
    match pair.verdict:
        case PairVerdict.DISJOINT:
            said = f"nobody can be in both {a} and {b}"
        case PairVerdict.OVERLAP:
            said = f"somebody can be in both {a} and {b}"
        case PairVerdict.A_IN_B:
            said = f"whoever is in {a} is in {b}, too"
        case PairVerdict.B_IN_A:
            said = f"whoever is in {b} is in {a}, too"
        case PairVerdict.EQUAL:
            said = f"{a} and {b} have the same members"
        case PairVerdict.UNDECIDED:
            because = "" if pair.reason is None else f", because of {pair.reason}"
            return f"it is undecided whether anybody can be in both {a} and {b}{because}"
        case _:
            assert_never(pair.verdict)
    return f"{said}, for any customers that the catalogue allows"


def _places(pair: Pair, alone: Alone) -> Iterator[str]:
    """Where the two segments are defined."""
    for name in (pair.a, pair.b):
        if name in alone.places:
            yield from _quoted(alone.places[name], alone)


def _evidence(pair: Pair, alone: Alone) -> list[str]:
    """Why it is so, of a pair that is looked at alone."""
    if alone.block is not None:
        return ["a customer who is in both", *(f"  {line}" for line in alone.block.splitlines())]
    clauses = sorted(pair.core, key=lambda clause: (clause.segment, clause.span))
    lines = [line for clause in clauses for line in _quoted(clause.span, alone)]
    return ["what cannot hold together", *lines] if lines else []


def _quoted(span: Span, alone: Alone) -> Iterator[str]:
    """The line on which something stands, with its place."""
    source = alone.sources.get(span.path)
    line = "" if source is None else f"  {printable(source.line(span.line).strip())}"
    yield f"  {span.path}:{span.line}:{line}"


def _largest(counts: "OverlapCounts") -> list[str]:
    """The pairs that share most, measured by how much of both together they share."""
    alike = [pair for pair in counts.pairs if pair.jaccard]
    alike.sort(key=lambda pair: (-(pair.jaccard or 0), pair.a, pair.b))
    rows = [
        (
            f"{pair.a}, {pair.b}",
            _number(pair.shared),
            _percent(pair, pair.share_of_a),
            _percent(pair, pair.share_of_b),
            _percent(pair, pair.jaccard),
            "" if pair.lift is None else f"{pair.lift:.1f}x",
        )
        for pair in alike[:_LISTED]
    ]
    header = ("segments", "shared", "of the first", "of the second", "of both", "against chance")
    title = "what they share" if len(alike) <= _LISTED else f"the {_LISTED} pairs that share most"
    return _table(title, header, rows) if rows else []


def _hidden(counts: "OverlapCounts") -> Iterator[str]:
    if any(pair.hidden for pair in counts.pairs) or None in counts.members.values():
        yield f"{_HIDDEN} hidden: it, or a difference with it, would tell of 1 to {counts.min_cell - 1} customers"


_NOBODY = (PairVerdict.DISJOINT, PairVerdict.UNDECIDED)


def _hints(pairs: Sequence[Pair], *, fits: bool) -> Iterator[str]:
    if len(pairs) > 1 and any(pair.verdict not in _NOBODY for pair in pairs):
        yield "two segments alone (`--segments`) are shown with a customer who is in both"
    if not fits:
        yield "fewer segments (`--segments`) are shown as a matrix; `--output-format json` has all pairs"


def _when(counts: "OverlapCounts") -> str:
    as_of = counts.as_of
    moment = as_of.date() if as_of.time() == time.min else as_of
    return f"as of {moment.isoformat()}" + ("" if counts.customers is None else f", of {counts.customers:,} customers")


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[index]) for line in (header, *rows)) for index in range(len(header))]
    lines = [title]
    for line in (header, *rows):
        numbers = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        lines.append("  ".join(("  " + line[0].ljust(widths[0]), *numbers)).rstrip())
    return lines


def _percent(pair: "SharedMembers", share: float | None) -> str:
    """A share that is 0% or 100% only where it is so exactly."""
    if pair.hidden:
        return _HIDDEN
    if share is None:
        return ""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}"


def _number(count: int | None) -> str:
    return _HIDDEN if count is None else f"{count:,}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
