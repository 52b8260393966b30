"""Who was in what and who is into how many moved, with small counts hidden.

What may be shown is decided by `small_moves` for counts that add up to each other, and by `small_cells` for counts of
customers who lie in one another or exclude each other.
"""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from segrules.backends.arrow.found import Found
from segrules.evaluation.causes import Cause
from segrules.evaluation.moved import Counted, Pair, PartitionMoves, SegmentMoves, StageMove, StageSizes
from segrules.evaluation.reasons import Reasons
from segrules.evaluation.shared import Bits, shared_members
from segrules.evaluation.small_cells import shown
from segrules.evaluation.small_moves import Edge, Network, protect
from segrules.evaluation.versions import ABSENT, Both, Codes, Flags

_UNTOLD = 1
"""What it costs to hide a number that is told nowhere."""


def count_moves(
    found: tuple[Found, Found],
    both: Both,
    segments: Sequence[Pair],
    partitions: Sequence[tuple[str, str]],
    reasons: Reasons,
    min_cell: int,
) -> Counted:
    """How many moved between two versions: pairs of segments and of partitions that both evaluations have."""
    return _Counting(found, both, reasons, min_cell).counted(segments, partitions)


@dataclass(frozen=True, slots=True)
class _Group:
    """A number that is shown or hidden: whom it counts, how many they are."""

    of: Hashable
    count: int


_Line = tuple[Any, str, str, "Flags | _Group", int]
"""One number of a table: its label, the nodes that it goes between, whom it counts, and what it costs to hide."""


class _Sets:
    """Sets of customers as packed bits, each once."""

    def __init__(self) -> None:
        self.bits: dict[Hashable, npt.NDArray[np.uint8]] = {}

    def group(self, flags: Flags, *, keep: bool = True) -> _Group:
        """Whom the flags count; without `keep` their bits are not needed again."""
        packed = np.packbits(flags, bitorder="little")
        of = hashlib.blake2b(packed.tobytes(), digest_size=16).digest()
        if keep:
            self.bits.setdefault(of, packed)
        return _Group(of, int(np.count_nonzero(flags)))

    def words(self, chosen: Sequence[Hashable]) -> Bits:
        length = -(-len(self.bits[chosen[0]]) // 8) * 8 if chosen else 0
        rows = np.zeros((len(chosen), length), np.uint8)
        for row, of in zip(rows, chosen, strict=True):
            row[: len(self.bits[of])] = self.bits[of]
        return rows.view(np.uint64)


@dataclass(slots=True)
class _Laid:
    """A table laid out as a network: which edge is which number; nobody has no edge that could be hidden."""

    network: Network
    numbers: Mapping[Any, int]

    def told(self, label: Any) -> int | None:
        number = self.numbers[label]
        return None if number in self.network.hidden else self.network.edges[number].count


class _Counting:
    def __init__(self, found: tuple[Found, Found], both: Both, reasons: Reasons, min_cell: int) -> None:
        self._found_before, self._found_after = found
        self._both = both
        self._min = min_cell
        self._reasons = reasons
        self._sets = _Sets()
        self._everybody = self._sets.group(np.ones(both.customers, np.bool_))

    def counted(self, segments: Sequence[Pair], partitions: Sequence[tuple[str, str]]) -> Counted:
        laid = [self._segment(pair) for pair in segments]
        stages = [self._partition(pair) for pair in partitions]
        self._hide([*laid, *stages])
        everybody = self._everybody
        hidden = (item.network.edges[number] for item in (*laid, *stages) for number in item.network.hidden)
        small = 0 < everybody.count < self._min or any(edge.of == everybody.of for edge in hidden)
        return Counted(
            self._found_after.as_of,
            self._min,
            None if small else everybody.count,
            tuple(self._told(pair, item) for pair, item in zip(segments, laid, strict=True)),
            tuple(self._told_stages(pair, item) for pair, item in zip(partitions, stages, strict=True)),
        )

    # --- numbers that add up to each other

    def _segment(self, pair: Pair) -> _Laid:
        was, now = self._both.members(self._found_before, self._found_after, pair)
        lines: list[_Line] = [
            ("everybody", "end", "start", self._everybody, 10_000),
            ("before", "start", "in", was, 300),
            ("not before", "start", "out", ~was, _UNTOLD),
            ("stayed", "in", "in after", was & now, 100),
            ("left", "in", "leaving", was & ~now, 120),
            ("entered", "out", "entering", now & ~was, 120),
            ("neither", "out", "out after", ~(was | now), _UNTOLD),
            ("after", "in after", "end", now, 200),
            ("not after", "out after", "end", ~now, _UNTOLD),
        ]
        for direction, start, end in (("entered", "entering", "in after"), ("left", "leaving", "out after")):
            movers = now & ~was if direction == "entered" else was & ~now
            groups = [who for _, who in self._reasons.get((pair, direction), ())] or [movers]
            lines += [((direction, place), start, end, who, 20) for place, who in enumerate(groups)]
        return self._laid(lines)

    def _laid(self, lines: Sequence[_Line]) -> _Laid:
        edges = []
        for _, start, end, who, cost in lines:
            group = who if isinstance(who, _Group) else self._sets.group(who, keep=cost > _UNTOLD)
            edges.append(Edge(start, end, group.count, group.of, cost))
        return _Laid(Network(edges), {label: number for number, (label, *_) in enumerate(lines)})

    def _partition(self, pair: tuple[str, str]) -> _Laid:
        was, now = self._stages(pair)
        names_before, names_after = self._names(pair)
        lines: list[_Line] = [("everybody", "end", "start", self._everybody, 1_000_000)]
        lines += [
            (("before", one), "start", _node("before", one), was == _code(one, names_before), 20_000)
            for one in names_before
        ]
        lines += [
            (("after", other), _node("after", other), "end", now == _code(other, names_after), 10_000)
            for other in names_after
        ]
        for one in names_before:
            for other in names_after:
                who = (was == _code(one, names_before)) & (now == _code(other, names_after))
                if who.any():
                    cost = 100 + int(np.count_nonzero(who)).bit_length()
                    lines.append(((one, other), _node("before", one), _node("after", other), who, cost))
        return self._laid(lines)

    def _stages(self, pair: tuple[str, str]) -> tuple[Codes, Codes]:
        one, other = pair
        return (
            self._both.stages(self._found_before.entries[one], self._both.before),
            self._both.stages(self._found_after.entries[other], self._both.after),
        )

    def _names(self, pair: tuple[str, str]) -> tuple[list[str | None], list[str | None]]:
        """The stages of both versions, by their codes; one more for customers whom a version does not know."""
        one, other = pair
        return (
            _entries(self._found_before.entries[one], len(self._both.before) < self._both.customers),
            _entries(self._found_after.entries[other], len(self._both.after) < self._both.customers),
        )

    # --- what is hidden

    def _hide(self, laid: Sequence[_Laid]) -> None:
        networks = [item.network for item in laid]
        apart = protect(networks, self._min)
        while True:
            # Numbers that are still shown, of customers who may lie in one another.
            open_ = dict.fromkeys(
                edge.of
                for network in networks
                for number, edge in enumerate(network.edges)
                if edge.count
                and number not in network.hidden
                and edge.of in self._sets.bits
                and edge.of != self._everybody.of
            )
            told = list(open_)
            matrix = shared_members(self._sets.words(told))
            seen = shown(self._everybody.count, matrix, self._min).sizes
            more = {of for of, may in zip(told, seen, strict=True) if not may}
            if not more:
                return
            apart = protect(networks, self._min, apart | more)

    # --- what is told

    def _told(self, pair: Pair, laid: _Laid) -> SegmentMoves:
        one, other = pair
        wanted = ["before", "after", "entered", "left", "stayed"]
        if one is None:
            wanted = ["after", "entered"]
        elif other is None:
            wanted = ["before", "left"]
        told = {label: laid.told(label) for label in wanted}
        because = {
            direction: self._told_causes(pair, direction, laid)
            for direction in ("entered", "left")
            if told.get(direction)
        }
        return SegmentMoves(
            one,
            other,
            told.get("before"),
            told.get("after"),
            told.get("entered"),
            told.get("left"),
            told.get("stayed"),
            tuple(label for label in wanted if told[label] is None),
            because.get("entered", ()),
            because.get("left", ()),
        )

    def _told_causes(self, pair: Pair, direction: str, laid: _Laid) -> tuple[Cause, ...]:
        groups = self._reasons.get((pair, direction), ())
        made = [Cause(laid.told((direction, place)), flips) for place, (flips, _) in enumerate(groups)]
        # The order of hidden numbers tells nothing, and other reasons stand last.
        return tuple(sorted(made, key=lambda item: (not item.flips, -(item.customers or 0), _at(item))))

    def _told_stages(self, pair: tuple[str, str], laid: _Laid) -> PartitionMoves:
        names_before, names_after = self._names(pair)
        sizes = []
        for name in dict.fromkeys((*names_before, *names_after)):
            own = [side for side, names in (("before", names_before), ("after", names_after)) if name in names]
            told = {side: laid.told((side, name)) for side in own}
            hidden = tuple(side for side in own if told[side] is None)
            sizes.append(StageSizes(name, told.get("before"), told.get("after"), hidden))
        moves = tuple(
            StageMove(one, other, laid.told((one, other)))
            for one in names_before
            for other in names_after
            if (one, other) in laid.numbers
        )
        return PartitionMoves(*pair, tuple(sizes), moves)


def _entries(entries: pa.DictionaryArray, some_absent: bool) -> list[str | None]:
    names: list[str | None] = entries.dictionary.to_pylist()
    return [*names, None] if some_absent else names


def _node(side: str, stage: str | None) -> str:
    return side if stage is None else f"{side} {stage}"


def _code(name: str | None, names: Sequence[str | None]) -> int:
    return ABSENT if name is None else names.index(name)


def _at(cause: Cause) -> list[tuple[str, int, str]]:
    return [(item.part.path, item.part.line, item.part.text) for item in cause.flips]
