"""How many rows start a chain, for every customer: keeps the rows of all steps, and counts once all are there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from segrules.backends.arrow.aggregates.rows import Group
from segrules.backends.arrow.aggregates.spans import Cuts, Span
from segrules.backends.arrow.chains import Chain
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.steps import Keeping, StepRows, own_and_paired, since_start
from segrules.backends.arrow.vectors import Ints, Kind, Vector
from segrules.ir import nodes as ir
from segrules.ir.walk import chain_properties
from segrules.ir.windows import Window
from segrules.reference.windows import Clock

_Key = tuple[str, ir.Condition | None, Span]


def linked(events: ir.Events, clock: Clock) -> Iterator[tuple[str, Window]]:
    """The events of a chain's links, each with the window in which its rows may follow the chain's first ones."""
    behind = since_start(events.window, clock)
    yield from ((name, behind) for link in events.links for name in link.events.names)


class Steps:
    """The rows of the steps of several chains; equal steps are kept once."""

    def __init__(self, setting: Setting, customers: int, cuts: Mapping[str, Cuts]) -> None:
        self._setting = setting
        self._customers = customers
        self._cuts = cuts
        self._kept: dict[_Key, Keeping] = {}
        self._by_event: dict[str, list[Keeping]] = defaultdict(list)
        self.hulls: dict[str, Span] = {}
        """The buckets whose rows are wanted of each event."""

    def plan(self, events: ir.Events) -> None:
        """Keep what a chain needs."""
        for name in dict.fromkeys(events.names):
            self._keep(events, name, self._first(events, name), name)
            for link in events.links:
                self._keep(events, link.events.names[0], self._later(events, link), name)

    def _first(self, events: ir.Events, name: str) -> _Key:
        return name, events.where, self._cuts[name].span(events.window)

    def _later(self, events: ir.Events, link: ir.Link) -> _Key:
        own, _ = own_and_paired(link.events.where)
        (name,) = link.events.names
        return name, own, self._cuts[name].span(since_start(events.window, self._setting.clock))

    def _keep(self, events: ir.Events, name: str, key: _Key, first: str) -> None:
        span = key[2]
        if key not in self._kept:
            self._kept[key] = Keeping(key[1], span)
            self._by_event[name].append(self._kept[key])
        self._kept[key].columns.update(chain_properties(replace(events, names=(first,)), name))
        if span[0] < span[1]:
            low, high = self.hulls.get(name, span)
            self.hulls[name] = min(low, span[0]), max(high, span[1])

    def add(self, group: Group) -> None:
        """Take in the rows of a group."""
        for keeping in self._by_event[group.event]:
            keeping.add(group)

    def number(self, events: ir.Events) -> Vector:
        """How many rows of `events` start a chain: surely, and at most."""
        surely: Ints = np.zeros(self._customers, np.int64)
        perhaps: Ints = np.zeros(self._customers, np.int64)
        for name in dict.fromkeys(events.names):
            first = self._kept[self._first(events, name)].rows()
            if first is None:
                continue

            def kept(link: ir.Link) -> StepRows | None:
                return self._kept[self._later(events, link)].rows()

            sure, may = Chain(self._setting, self._customers, name, first, events.links, kept).holds()
            surely += np.bincount(first.codes[sure], minlength=self._customers)
            perhaps += np.bincount(first.codes[may], minlength=self._customers)
        return Vector(Kind.NUMBER, surely, upper=None if np.array_equal(surely, perhaps) else perhaps)
