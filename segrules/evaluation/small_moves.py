"""Counts that add up to each other into which of them may be shown without telling of a few people.

Counts are edges of a network: at each node those that come in add up to those that go out. Of the moves of one segment:

    everybody ──▶ in before ──▶ stayed ──▶ in after ──▶ everybody
                           └──▶ left ────▶ out after ─▶ everybody
    everybody ──▶ out before ─▶ entered ──▶ in after        and so on

Whoever knows some of the counts, knows bounds of the others: a hidden count may grow by as much as can flow back from
its end to its start through other hidden counts, and shrink by as much as can flow the other way. So counts are hidden,
the dearest last, until each count that is to be kept may be as much larger and smaller as it has to be. Zero is always
shown, so that everybody knows that a hidden count is at least one.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

Room = tuple[int, int]
"""By how much a hidden count has to be able to grow, and to shrink."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A count from one node to another. `of` tells whom it counts; the same customers have the same everywhere.

    Of counts that are equally good to hide the one with the least `cost` is hidden.
    """

    start: str
    end: str
    count: int
    of: Hashable
    cost: int


class Network:
    """One network of counts, all of them shown at first, and less with every step."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = tuple(edges)
        self.hidden: set[int] = set()
        self._at: dict[str, list[tuple[int, int]]] = {}
        for number, edge in enumerate(self.edges):
            if edge.count:
                self._at.setdefault(edge.start, []).append((number, 1))
                self._at.setdefault(edge.end, []).append((number, -1))

    def keep(self, number: int, room: Room) -> None:
        """Hide a count, and others until it may be as much larger and smaller as `room` says."""
        edge = self.edges[number]
        self.hidden.add(number)
        self._flow(edge.end, edge.start, number, room[0])
        self._flow(edge.start, edge.end, number, min(room[1], edge.count - 1))

    def _flow(self, start: str, end: str, without: int, wanted: int) -> None:
        """Hide what takes part in a flow of that much through all edges but one."""
        changed: dict[int, int] = {}
        while wanted > 0 and (path := self._path(start, end, without, changed)) is not None:
            amount = min([wanted, *(self._limit(number, sign, changed, wanted) for number, sign in path)])
            for number, sign in path:
                changed[number] = changed.get(number, 0) + sign * amount
                self.hidden.add(number)
            wanted -= amount

    def _limit(self, number: int, sign: int, changed: Mapping[int, int], most: int) -> int:
        """How far a count can go on growing, or shrinking: it stays at least one."""
        return most if sign > 0 else self.edges[number].count - 1 + changed.get(number, 0)

    def _path(self, start: str, end: str, without: int, changed: Mapping[int, int]) -> list[tuple[int, int]] | None:
        """The cheapest way: counts that grow (1) or shrink (-1) along it, hidden ones for nothing."""
        queue: list[tuple[int, int, str]] = [(0, 0, start)]
        best: dict[str, int] = {start: 0}
        came: dict[str, tuple[str, int, int]] = {}
        order = 0
        while queue:
            cost, _, node = heappop(queue)
            if node == end:
                return [*_back(came, start, end)]
            if cost > best[node]:
                continue
            for number, sign in self._at.get(node, ()):
                if number == without or self._limit(number, sign, changed, 1) < 1:
                    continue
                edge = self.edges[number]
                other = edge.end if sign > 0 else edge.start
                total = cost + (0 if number in self.hidden else edge.cost)
                if total < best.get(other, total + 1):
                    order += 1
                    best[other], came[other] = total, (node, number, sign)
                    heappush(queue, (total, order, other))
        return None


def _back(came: Mapping[str, tuple[str, int, int]], start: str, end: str) -> Iterator[tuple[int, int]]:
    while end != start:
        end, number, sign = came[end]
        yield number, sign


def protect(networks: Iterable[Network], min_cell: int, hidden: Iterable[Hashable] = ()) -> set[Hashable]:
    """Hide small counts, those of `hidden`, and what would tell them; the counts that are hidden, by whom they count.

    Each small count may be any from 1 to `min_cell - 1` for all that its network shows. Where the same customers are
    counted in several networks and one of them hides the count, all do.
    """
    every = tuple(networks)
    apart = set(hidden)
    often = Counter(of for network in every for of in {edge.of for edge in network.edges})
    done: set[tuple[int, int]] = set()
    while True:
        before = len(apart), len(done)
        for place, network in enumerate(every):
            for number, edge in enumerate(network.edges):
                if (place, number) in done or not edge.count:
                    continue
                if edge.count < min_cell:
                    network.keep(number, (min_cell - 1 - edge.count, edge.count - 1))
                elif edge.of in apart and (often[edge.of] > 1 or number not in network.hidden):
                    network.keep(number, (min_cell - 1, min_cell - 1))
                else:
                    continue
                done.add((place, number))
            apart |= {network.edges[number].of for number in network.hidden}
        if (len(apart), len(done)) == before:
            return apart
