"""Typed rules and tables into members: the whole way of the Arrow engine.

1. Customers get dense numbers. 2. Stage by stage, events become values of all customers, and scores become bands.
3. The flat program runs over the customers, batch by batch. Its rows of bits are the result.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa

from segrules.backends.arrow.aggregates.pooled import pooled_value
from segrules.backends.arrow.ahead import ahead
from segrules.backends.arrow.bands import banded
from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.consents import read_consents, suppressed
from segrules.backends.arrow.crowds import figure_of_customers, figure_report, top
from segrules.backends.arrow.customers import CustomerFrame, Known
from segrules.backends.arrow.found import Found
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.gather import Gathering
from segrules.backends.arrow.interpret import Interpreter
from segrules.backends.arrow.occurrences import IgnoredCounts, grouped, occurrences
from segrules.backends.arrow.planting import Bits
from segrules.backends.arrow.population import populate
from segrules.backends.arrow.pruning import pruning
from segrules.backends.arrow.relations import Relations
from segrules.backends.arrow.scanning import Tabular
from segrules.backends.arrow.vectors import Vector, joined
from segrules.diagnostics.finding import Finding
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Event
from segrules.ir.rules import Rules
from segrules.ir.walk import event_names
from segrules.lowering import leaves
from segrules.lowering.lower import Lowered, lower
from segrules.lowering.program import Plane, Root
from segrules.lowering.stages import Stage, properties_read
from segrules.reference.outcome import FigureReport, RankReport
from segrules.reference.population import Crowd
from segrules.reference.problems import DataProblem
from segrules.reference.windows import Clock
from segrules.sources.opened import Keep

BLOCK = 131_072
"""How many customers are asked at once where those who share a key are counted."""

Progress = Callable[[str, int, int], None]
"""Told what is worked out, how many steps of it are done, and how many there are; it may raise to stop."""


def evaluate(
    rules: Rules,
    sources: Mapping[str, Tabular],
    as_of: datetime,
    segments: Collection[str],
    *,
    three_valued: bool = False,
    progress: Progress | None = None,
    lowered: Lowered | None = None,
) -> Found:
    """Evaluate `segments` and all partitions for every customer at one instant.

    Args:
        rules: typed rules without errors and without constructs that are not yet evaluated.
        sources: the catalogue's tables by name; those that no rule needs may be left out.
        as_of: an aware datetime.
        segments: names of the segments to evaluate.
        three_valued: whether to tell apart who is known not to qualify from who is in doubt.
        progress: told how far it is; what it raises ends the evaluation, and nothing is left behind.
        lowered: what `lower` made of the same rules and segments, where it is at hand.

    Raises:
        DataProblem: the data contradict the catalogue; what sources found of keys is among the findings.
        TableProblems: a table cannot be read.
    """
    program = lowered or lower(rules, tuple(segments), three_valued=three_valued)
    return _Evaluation(rules, sources, as_of, program, progress or _silent).found(three_valued)


class _Evaluation:
    def __init__(
        self,
        rules: Rules,
        sources: Mapping[str, Tabular],
        as_of: datetime,
        lowered: Lowered,
        progress: Progress,
    ) -> None:
        self._rules = rules
        self._catalogue = rules.catalogue
        self._sources = sources
        self._lowered = lowered
        self._tell = progress
        self._setting = Setting(rules.catalogue, Clock(as_of, rules.catalogue.zone))
        self._problems: list[Finding] = []
        self._problems_of_consents: list[Finding] = []
        self._ignored = IgnoredCounts()
        self._told: set[str] = set()
        self._ranks: dict[str, dict[str, RankReport]] = {}
        self._figures: dict[Crowd, FigureReport] = {}

    def found(self, three_valued: bool) -> Found:
        self._tell("preparing customers", 0, 1)
        self._population = populate(self._setting, self._sources, self._problems)
        self._stop()
        self._known = Known(self._rules, self._population.size)
        self._everybody = self._all_customers()
        self._tell("preparing customers", 1, 1)
        self._contacts()
        self._relate()
        self._stages()
        self._stop()
        return self._outcome(self._run(), three_valued)

    def _stop(self) -> None:
        problems = [*self._problems, *self._problems_of_consents]
        if problems:
            raise DataProblem(problems)

    # --- everything that is worked out for all customers at once

    def _all_customers(self) -> CustomerFrame:
        loaded: dict[str, Vector] = {}
        background = self._lowered.stages.background

        def column(name: str) -> Vector:
            if name not in loaded:
                wanted = background if name in background else frozenset({name})
                parts: dict[str, list[Vector]] = {item: [] for item in wanted}
                for _, _, columns in self._population.batches(wanted):
                    for item in wanted:
                        parts[item].append(columns(item))
                loaded.update({item: joined(found) for item, found in parts.items()})
            return loaded[name]

        return CustomerFrame(self._setting, self._known, 0, self._population.size, column)

    def _stages(self) -> None:
        # Every event that the rules name is read once at least: rows that take no part are counted.
        unread = set(self._lowered.events)
        stages = self._lowered.stages.stages or (Stage(),)
        for stage in stages:
            self._gather(stage, unread)
            self._count(stage)
            for score in stage.scores:
                self._score(score)
            for node in stage.crowds:
                self._crowd(node)
            unread = set()

    def _gather(self, stage: Stage, unread: set[str]) -> None:
        gathered = stage.gathered
        names = {name for item in gathered for name in event_names(item.events)} | unread
        gathering = Gathering(self._setting, self._population.size, list(dict.fromkeys(gathered)))
        for table, events in self._by_table(names):
            needed = {name: set(properties_read(gathered, name)) for name in events}
            rows = self._rows(table, events)
            self._tell(f"reading `{table}`", 0, rows)
            for done, chunk in enumerate(ahead(self._chunks(table, events, needed))):
                self._tell(f"reading `{table}`", chunk.position if rows else done, rows)
                gathering.add(chunk.of(self._everybody))
            if rows:
                self._tell(f"reading `{table}`", rows, rows)
        self._stop()
        if not gathered:
            return
        self._tell("adding up events", 0, 1)
        finished = gathering.finished()
        self._tell("adding up events", 1, 1)
        self._known.sources |= {item: finished[wanted] for item, wanted in stage.aggregates.items()}
        for node, wanted in stage.pooled.items():
            states, doubtful = gathering.pooled(wanted)
            counted, without = (sum(getattr(state, of) for state in states) for of in ("counted", "without"))
            value = pooled_value(node, states)
            self._known.figures[node], self._figures[node] = figure_report(node, value, counted, without, doubtful)

    def _crowd(self, node: Crowd) -> None:
        self._tell("comparing customers", 0, 1)
        among = None if node.among is None else self._everybody.truth(node.among)
        if isinstance(node, ir.Top):
            self._known.tops[node], self._figures[node] = top(node, among, self._everybody.value(node.by))
        else:
            of = self._everybody.value(node.of)
            self._known.figures[node], self._figures[node] = figure_of_customers(node, among, of)
        self._tell("comparing customers", 1, 1)

    def _rows(self, table: str, events: Mapping[str, Event]) -> int:
        """How many rows there are to read; 0 where that is not known, or groups of them come in another order."""
        if any(event.grouping is not None for event in events.values()):
            return 0
        return self._sources[table].rows or 0

    def _chunks(self, table: str, events: Mapping[str, Event], needed: Mapping[str, set[str]]) -> Iterator[Chunk]:
        source = self._sources[table]
        # What is read a second time is not told a second time.
        again = self._told.issuperset(events)
        self._told.update(events)
        ignored, problems = (IgnoredCounts(), []) if again else (self._ignored, self._problems)
        plain = {name: event for name, event in events.items() if event.grouping is None}
        if plain:
            columns = {column for name in plain for column in needed[name]}
            yield from occurrences(self._setting, source, plain, columns, self._population, ignored, problems)
        for name, event in events.items():
            if event.grouping is not None:
                yield from grouped(self._setting, source, event, needed[name], self._population, ignored, problems)

    def _by_table(self, names: Collection[str]) -> Iterator[tuple[str, dict[str, Event]]]:
        tables: dict[str, dict[str, Event]] = {}
        for event in self._catalogue.events.values():
            if event.name in names:
                tables.setdefault(event.table, {})[event.name] = event
        yield from tables.items()

    def _relate(self) -> None:
        related, shared = self._lowered.related, self._lowered.shared
        if related or shared:
            self._tell("reading relations", 0, 1)
            self._known.relations = Relations(self._catalogue)
            problems: list[Finding] = []
            telling = (self._ignored, problems)
            self._known.relations.read(self._setting, self._sources, self._population, (related, shared), telling)
            self._problems += problems
            if problems:
                self._stop()
            self._tell("reading relations", 1, 1)

    def _count(self, stage: Stage) -> None:
        """Count customers who share a key; what is asked of them is read block by block and not kept."""
        if stage.related:
            assert self._known.relations is not None
            self._known.relations.count(stage.related, self._frames(stage.asked))

    def _frames(self, attributes: Collection[str]) -> Iterator[tuple[int, CustomerFrame]]:
        size = self._population.size
        for start, rows, columns in self._batches(attributes, None, BLOCK):
            self._tell("counting customers", start, size)
            frame = CustomerFrame(self._setting, self._known, start, rows, columns)
            for first in range(0, rows, BLOCK):
                yield start + first, frame.block(first, min(first + BLOCK, rows))
        self._tell("counting customers", size, size)

    def _score(self, name: str) -> None:
        score = self._rules.scores[name]
        among = None if score.among is None else self._everybody.truth(score.among)
        self._ranks[name] = {}
        for done, rank in enumerate(score.ranks.values()):
            self._tell(f"cutting `{name}`", done, len(score.ranks))
            ties = None if rank.bands.ties is None else self._everybody.value(rank.bands.ties)
            bands, report = banded(rank, among, self._everybody.value(rank.by), ties, self._population)
            self._known.bands[name, rank.name] = bands
            self._ranks[name][rank.name] = report
        self._tell(f"cutting `{name}`", len(score.ranks), len(score.ranks))

    def _contacts(self) -> None:
        asked = [leaf for leaf in self._lowered.program.leaves if isinstance(leaf, leaves.Suppressed)]
        self._consents()
        if asked:
            self._tell("reading suppressions", 0, len(asked))
        for done, leaf in enumerate(asked):
            self._known.suppressed[leaf.name] = suppressed(self._setting, self._sources, self._population, leaf.name)
            self._tell("reading suppressions", done + 1, len(asked))

    def _consents(self) -> None:
        consents = self._catalogue.consents
        if consents.columns or consents.table is not None:
            self._tell("reading consents", 0, 1)
            self._known.consents = read_consents(
                self._setting, self._sources, self._population, self._ignored, self._problems_of_consents
            )
            self._tell("reading consents", 1, 1)

    # --- the program

    def _run(self) -> dict[Root, Bits]:
        program = self._lowered.program
        size = self._population.size
        interpreter = Interpreter(program, self._setting.clock, size)
        found = np.zeros((len(interpreter.roots), (size + 7) // 8), np.uint8)
        attributes = self._lowered.stages.attributes
        keep = pruning(program, self._catalogue, self._setting.clock)
        for start, rows, columns in self._batches(attributes, keep, interpreter.block):
            self._tell("evaluating", start, size)
            frame = CustomerFrame(self._setting, self._known, start, rows, columns)
            if start % 8 == 0:
                interpreter.run(frame, found[:, start // 8 : (start + rows + 7) // 8])
            else:
                bits = np.zeros((len(found), (rows + 7) // 8), np.uint8)
                interpreter.run(frame, bits)
                _place(found, start, bits)
        self._tell("evaluating", size, size)
        held = list(found)
        return {root: held[row] for root, row in zip(program.roots, interpreter.root_of, strict=True)}

    def _batches(
        self, attributes: Collection[str], keep: Keep | None, size: int
    ) -> Iterator[tuple[int, int, Callable[[str], Vector]]]:
        batches = self._population.batches(attributes, keep=keep, size=size)
        own = self._catalogue.customers.table
        # Files are decoded while the last batch is worked on; data in memory are there already.
        return ahead(batches) if own is not None and not self._sources[own].in_memory else batches

    def _outcome(self, rows: Mapping[Root, Bits], three_valued: bool) -> Found:
        size = self._population.size
        # Roots with the same bits share one array.
        plain = {id(row): _boolean(row, size) for row in rows.values()}
        qualifying, members, held_out = {}, {}, {}
        stages: dict[str, dict[str, Bits]] = {name: {} for name in self._rules.partitions}
        for root, row in rows.items():
            if root.plane is Plane.QUALIFIES and three_valued:
                valid = row | rows[Root(Plane.QUALIFIES_NOT, root.name)]
                qualifying[root.name] = _boolean(row, size, valid)
            elif root.plane is Plane.QUALIFIES:
                qualifying[root.name] = plain[id(row)]
            elif root.plane is Plane.MEMBER:
                members[root.name] = plain[id(row)]
            elif root.plane is Plane.HELD_OUT:
                held_out[root.name] = plain[id(row)]
            elif root.plane is Plane.STAGE:
                assert root.stage is not None
                stages[root.name][root.stage] = row
        clock = self._setting.clock
        return Found(
            clock.as_of.astimezone(clock.zone),
            self._population.keys,
            qualifying,
            members,
            {name: self._entries(name, held) for name, held in stages.items()},
            self._ranks,
            self._ignored.all(self._catalogue),
            held_out,
            tuple(self._figures.values()),
        )

    def _entries(self, name: str, held: Mapping[str, Bits]) -> pa.DictionaryArray:
        partition = self._rules.partitions[name]
        names = [*(stage.name for stage in partition.stages), partition.otherwise]
        size = self._population.size
        codes = np.full(size, len(names) - 1, np.int16)
        for place, stage in enumerate(partition.stages):
            codes[np.unpackbits(held[stage.name], count=size, bitorder="little").view(np.bool_)] = place
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names, pa.string()))


def _place(found: Bits, start: int, bits: Bits) -> None:
    """Put a batch's bits behind those of the batches before it, which ended within a byte."""
    first, shift = divmod(start, 8)
    found[:, first : first + bits.shape[1]] |= bits << shift
    rest = bits >> (8 - shift)
    room = found.shape[1] - first - 1
    found[:, first + 1 : first + 1 + min(room, rest.shape[1])] |= rest[:, :room]


def _boolean(row: Bits, size: int, valid: Bits | None = None) -> pa.BooleanArray:
    validity = None if valid is None else pa.py_buffer(np.ascontiguousarray(valid))
    return pa.Array.from_buffers(pa.bool_(), size, [validity, pa.py_buffer(np.ascontiguousarray(row))])


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
