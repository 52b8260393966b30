"""Numbers of event rows, made exact: every row lies in one cell, a stretch of time times a kind of row.

Time is cut where the windows of a question begin and end; rows are told apart by what the filters of the question say
of them. Each count is then the number of rows in some cells, and each total a sum over them: a narrower window or a
stronger filter has fewer rows because it has fewer cells, without any further axiom.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise, product

from segrules.ir import nodes as ir
from segrules.ir.build import conjunction
from segrules.ir.catalogue import Column
from segrules.ir.fingerprint import digest
from segrules.ir.walk import descendants, row_nodes
from segrules.proofs.encoding.attributes import scale_of
from segrules.proofs.encoding.counting import is_dated
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.regions import NULL, Region, regions
from segrules.proofs.encoding.rows import Bound, Distinct, EdgeRow, Number, Plane, Rows, Total
from segrules.proofs.encoding.values import Numeric
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import Edge, impossible
from segrules.proofs.formulas.logic import (
    FALSE,
    TRUE,
    Flag,
    Formula,
    Var,
    at_least,
    at_most,
    every,
    implies,
    is_equal,
    no,
    same,
    some,
)
from segrules.proofs.formulas.sums import Sum
from segrules.reference.interpreter import Interpreter
from segrules.reference.values import Truth, both, either, opposite
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.types.cells import Cell

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)

MOST_CELLS = 600
"""So many cells are made for one kind of event in one question."""
_MOST_KINDS = 4_000
_MOST_STRETCHES = 400


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time: at or after the moments in `since`, before those in `until`."""

    since: tuple[Edge, ...]
    until: tuple[Edge, ...]
    limits: frozenset[str]
    """The limits to the time of rows that all of its rows keep, by their texts."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that are not told apart: what each filter says of them, and a row that stands for them."""

    signs: Mapping[str, Truth]
    values: Mapping[str, Cell]
    kept: Mapping[str, Region] = field(default_factory=dict)
    """The regions of properties that are summed up, counted by value or compared with the customer's own."""
    compared: tuple["Compared", ...] = ()
    linked: Mapping[str, Truth] = field(default_factory=dict)
    """What comes of tests of the customer in filters of rows, by their texts."""
    guessed: bool = False
    """Whether it is a guess that there are such rows, as they rest on a test that is not followed."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What comes of a test, by its text, of a property that is compared with a number of the customer."""

    test: str
    name: str
    op: ir.CompareOp
    number: Numeric
    truth: Truth


@dataclass(frozen=True, slots=True)
class EventCell:
    """How many rows of one kind lie in a stretch of time; `totals` are their sums, by property."""

    event: str
    stretch: Stretch
    kind: Kind
    count: Var
    totals: Mapping[str, Var]


@dataclass(frozen=True, slots=True)
class Different:
    """How many different values of a region a property has in the rows of some cells, named by their counts."""

    property: str
    region: Region
    cells: tuple[str, ...]
    number: Var


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one question, and what holds of them; `too_many` are events for which there are none."""

    cells: tuple[EventCell, ...]
    axioms: tuple[Formula, ...]
    too_many: tuple[str, ...]
    different: tuple["Different", ...] = ()


def cut(encoder: Encoder, meanings: Iterable[tuple[Var | Flag, object]]) -> Cells:
    """Cells for all rows that the variables and flags of a question speak of."""
    by_event: dict[str, list[tuple[Var | Flag, Number | Total | Distinct | EdgeRow]]] = {}
    for name, meaning in meanings:
        if isinstance(meaning, Number | Total | Distinct | EdgeRow):
            by_event.setdefault(meaning.rows.event, []).append((name, meaning))
    found: list[EventCell] = []
    axioms: list[Formula] = []
    too_many = []
    different: list[Different] = []
    for event in sorted(by_event):
        one = _Event(encoder, event, by_event[event])
        cells = one.cells()
        if cells is None:
            too_many.append(event)
            continue
        found += cells
        axioms += one.axioms(cells)
        different += one.different
    return Cells(tuple(found), tuple(axioms), tuple(too_many), tuple(different))


class _Event:
    def __init__(
        self, encoder: Encoder, event: str, asked: Sequence[tuple[Var | Flag, Number | Total | Distinct | EdgeRow]]
    ) -> None:
        self._encoder = encoder
        self._event = event
        self._asked = asked
        self._dated = is_dated(encoder, event)
        self._kept = sorted({item.property for _, item in asked if isinstance(item, Total | Distinct)})
        self._conditions: dict[str, ir.Condition] = {}
        self.different: list[Different] = []
        """What `axioms` have said of different values."""
        for _, item in asked:
            if item.rows.where is not None:
                self._conditions[digest(item.rows.where)] = item.rows.where
            if isinstance(item, EdgeRow):
                self._conditions[digest(item.condition)] = item.condition

    # --- time

    def _position(self, edge: Edge) -> Sum:
        return edge.days if self._dated else self._encoder.calendar.position(edge)

    def _stretches(self) -> list[Stretch] | None:
        """All stretches that may be there at some `as_of`, from the oldest to the newest where that is known."""
        calendar = self._encoder.calendar
        now = calendar.today() if self._dated else calendar.now()
        edges = {Bound(now, after=False).text: now}
        for _, item in self._asked:
            edges.update((Bound(bound.edge, after=False).text, bound.edge) for bound in item.rows.bounds)
        names = sorted(edges, key=lambda name: (-_middle(self._position(edges[name])), name))
        first = Bound(now, after=False).text
        stretches: list[tuple[list[str], list[str]]] = [([], [first])]
        for name in names:
            if name == first:
                continue
            longer = []
            for since, until in stretches:
                # Rows lie before every edge in `until`, whose position is smaller than theirs.
                if all(self._may_lie_between(edges[other], edges[name]) for other in until):
                    longer.append(([*since, name], until))
                if all(self._may_lie_between(edges[name], edges[other]) for other in since):
                    longer.append((since, [*until, name]))
            stretches = longer
            if len(stretches) > _MOST_STRETCHES:
                return None
        ordered = sorted(stretches, key=lambda one: ([name in one[0] for name in names], names))
        return [
            Stretch(
                tuple(edges[name] for name in since),
                tuple(edges[name] for name in until),
                frozenset([*until, *(Bound(edges[name], after=True).text for name in since)]),
            )
            for since, until in ordered
        ]

    def _may_lie_between(self, newer: Edge, older: Edge) -> bool:
        """Whether a row may lie before `newer` and not before `older`."""
        return not impossible(self._position(newer).plus(1), self._position(older))

    def _open(self, stretch: Stretch) -> Formula:
        """That there is room in a stretch."""
        return every(
            sums.less(self._position(until), self._position(since))
            for since in stretch.since
            for until in stretch.until
        )

    # --- kinds of rows

    def _kinds(self) -> list[Kind] | None:
        encoder = self._encoder
        event = encoder.rules.catalogue.events[self._event]
        table = encoder.rules.catalogue.tables[event.table]
        columns = {**table.columns, **event.properties} if event.grouping is None else dict(event.properties)
        allowed = shared_filter(event.where, self._conditions.values()) if event.grouping is None else None
        conditions = dict(self._conditions)
        if allowed is not None:
            conditions["allowed"] = allowed
        leaves: dict[ir.Condition, str] = {}
        for condition in conditions.values():
            for leaf in tests_in(condition):
                leaves.setdefault(leaf, f"${len(leaves)}")
        by_property: dict[str, list[ir.Condition]] = {name: [] for name in self._kept}
        free: list[ir.Condition] = []
        compared: dict[ir.Condition, tuple[str, ir.CompareOp, Numeric]] = {}
        for leaf in leaves:
            name = one_property(leaf, columns)
            if name is None:
                free.append(leaf)
                against = self._against_customer(leaf, columns)
                if against is not None:
                    by_property.setdefault(against[0], [])
                    compared[leaf] = against
            else:
                by_property.setdefault(name, []).append(leaf)
        parts: list[list[tuple[dict[ir.Condition, Truth], str, Region]]] = []
        for name in sorted(by_property):
            column = columns[name]
            found = regions(column, column.type, by_property[name], scale_of(column.type, column))
            if found is None:
                free += by_property[name]
                found = regions(column, column.type, (), scale_of(column.type, column))
                by_property[name] = []
            assert found is not None  # invariant: without tests there is one region at least
            apart = name in self._kept or any(of == name for of, _, _ in compared.values())
            parts.append(self._merged(name, found, by_property[name], apart=apart))
        parts += [[({leaf: truth}, "", NULL) for truth in (True, False, None)] for leaf in free]
        size = 1
        for part in parts:
            size *= len(part)
        if size > _MOST_KINDS:
            return None
        unfollowed = [leaf for leaf in free if _of_the_row(leaf) and leaf not in compared]
        kinds: dict[object, Kind] = {}
        for chosen in product(*parts):
            truths: dict[ir.Condition, Truth] = {}
            for said, _, _ in chosen:
                truths.update(said)
            null = {name for _, name, region in chosen if name and region.value is None}
            if any(truths[leaf] is True and _reads(leaf, null) for leaf in free):
                continue
            signs = {name: _kleene(condition, truths) for name, condition in conditions.items()}
            if signs.pop("allowed", True) is not True:
                continue
            of_kind = tuple(Compared(digest(leaf), *against, truths[leaf]) for leaf, against in compared.items())
            apart_ = {*self._kept, *(item.name for item in of_kind)}
            kept = {name: region for _, name, region in chosen if name in apart_}
            linked = {digest(leaf): truths[leaf] for leaf in free if not _of_the_row(leaf)}
            regions_ = tuple((name, id(kept[name])) for name in sorted(kept))
            key = (tuple(signs.values()), regions_, tuple(linked.values()), tuple(item.truth for item in of_kind))
            guessed = any(truths[leaf] is not None for leaf in unfollowed)
            if key not in kinds or (kinds[key].guessed and not guessed):
                values = {name: region.value for _, name, region in chosen if name in event.properties}
                kinds[key] = Kind(signs, values, kept, of_kind, linked, guessed)
        self._of_customer = {digest(leaf): leaf for leaf in free if not _of_the_row(leaf)}
        return list(kinds.values())

    def _told_apart(self, kinds: Sequence[Kind], stretch: Stretch) -> list[Kind]:
        """The kinds of rows as far as it matters in a stretch: what is asked of other times tells none apart there."""
        asked = [item for _, item in self._asked if item.rows.limits <= stretch.limits]
        names = {digest(item.rows.where) for item in asked if item.rows.where is not None}
        names |= {digest(item.condition) for item in asked if isinstance(item, EdgeRow)}
        tests = {digest(test) for name in sorted(names) for test in tests_in(self._conditions[name])}
        counted = [(item.rows.where, item.property) for item in asked if isinstance(item, Total | Distinct)]
        found: dict[object, Kind] = {}
        for kind in kinds:
            compared = tuple(item for item in kind.compared if item.test in tests)
            linked = {name: truth for name, truth in kind.linked.items() if name in tests}
            apart = {of for where, of in counted if where is None or kind.signs[digest(where)] is True}
            kept = {name: kind.kept[name] for name in sorted(apart | {item.name for item in compared})}
            key = (
                tuple(kind.signs[name] for name in sorted(names)),
                tuple((name, id(region)) for name, region in kept.items()),
                tuple(linked.values()),
                tuple(item.truth for item in compared),
            )
            if key not in found or (found[key].guessed and not kind.guessed):
                found[key] = replace(kind, kept=kept, compared=compared, linked=linked)
        return list(found.values())

    def _against_customer(
        self, leaf: ir.Condition, columns: Mapping[str, Column]
    ) -> tuple[str, ir.CompareOp, Numeric] | None:
        """A number of the row that is compared with one of the customer, the row's on the left; None for all else."""
        if not isinstance(leaf, ir.Compare):
            return None
        for op, own, other in ((leaf.op, leaf.left, leaf.right), (leaf.op.mirrored, leaf.right, leaf.left)):
            if isinstance(own, ir.Property) and own.name in columns and not _reads_the_row(other):
                number = self._encoder.value(other)
                if isinstance(number, Numeric) and number.sure:
                    return own.name, op, number
        return None

    def _merged(
        self, name: str, found: Sequence[Region], tests: Sequence[ir.Condition], *, apart: bool
    ) -> list[tuple[dict[ir.Condition, Truth], str, Region]]:
        """Regions with what tests say of them; those of which they say the same are one, unless each counts."""
        interpreter = Interpreter(self._encoder.rules.catalogue, Clock(_ANY_TIME, "UTC"))
        made: dict[object, tuple[dict[ir.Condition, Truth], str, Region]] = {}
        for place, region in enumerate(found):
            said = {test: interpreter.truth(test, None, Row({name: region.value})) for test in tests}
            key = (tuple(said.values()), place if apart else None)
            made.setdefault(key, (said, name, region))
        return list(made.values())

    # --- cells

    def cells(self) -> list[EventCell] | None:
        """Every stretch with every kind of row, None where they are too many."""
        stretches, kinds = self._stretches(), self._kinds()
        if stretches is None or kinds is None:
            return None
        told_apart = [(stretch, self._told_apart(kinds, stretch)) for stretch in stretches]
        if sum(len(of_stretch) for _, of_stretch in told_apart) > MOST_CELLS:
            return None
        summed = sorted({item.property for _, item in self._asked if isinstance(item, Total)})
        found = []
        for s, (stretch, of_stretch) in enumerate(told_apart):
            for k, kind in enumerate(of_stretch):
                name = f"{self._event}#{s}.{k}"
                totals = {
                    of: Var(f"{name} {of}", whole=self._scale(of) > 0)
                    for of in summed
                    if of in kind.kept and kind.kept[of].value is not None
                }
                found.append(EventCell(self._event, stretch, kind, Var(name, low=0), totals))
        return found

    def _scale(self, name: str) -> int:
        column = self._encoder.rules.catalogue.events[self._event].properties[name]
        return scale_of(column.type, column)

    def _scale_in_table(self, name: str) -> int:
        event = self._encoder.rules.catalogue.events[self._event]
        column = event.properties.get(name) or self._encoder.rules.catalogue.tables[event.table].columns[name]
        return scale_of(column.type, column)

    def axioms(self, cells: Sequence[EventCell]) -> Iterator[Formula]:
        """What the variables and flags of the question are in terms of cells, and what holds of each cell."""
        for stretch in dict.fromkeys(cell.stretch for cell in cells):
            room = self._open(stretch)
            if room is not TRUE:
                inside = [cell for cell in cells if cell.stretch is stretch]
                yield some((room, every(at_most(cell.count, 0) for cell in inside)))
        for cell in cells:
            for of, total in cell.totals.items():
                yield from _total_within(cell.count, total, cell.kind.kept[of])
            for against in cell.kind.compared:
                region = cell.kind.kept[against.name]
                said = _as_compared(against, region, self._scale_in_table(against.name))
                yield some((at_most(cell.count, 0), said))
            for name, value in cell.kind.linked.items():
                truth = self._encoder.truth(self._of_customer[name])
                said = truth.true if value is True else truth.false if value is False else truth.unknown
                yield some((at_most(cell.count, 0), said))
        edges: dict[tuple[ir.AggregateKind, str], list[tuple[Flag, EdgeRow]]] = {}
        for item, meaning in self._asked:
            match meaning:
                case Number(rows, plane):
                    assert isinstance(item, Var)
                    sign = True if plane is Plane.SURE else None
                    yield sums.equals(sums.of(item), _count(cells, rows, sign))
                case Total(rows, of):
                    assert isinstance(item, Var)
                    inside = [cell for cell in cells if is_among(cell, rows, True) and of in cell.totals]
                    yield sums.equals(sums.of(item), sums.total((1, cell.totals[of]) for cell in inside))
                case Distinct(rows, of):
                    assert isinstance(item, Var)
                    yield from self._distinct(item, [cell for cell in cells if is_among(cell, rows, True)], of)
                case EdgeRow(which, rows):
                    assert isinstance(item, Flag)
                    edges.setdefault((which, rows.text), []).append((item, meaning))
        for (which, _), flags in sorted(edges.items()):
            yield from self._edge_rows(which, flags, cells)

    def _distinct(self, var: Var, cells: Sequence[EventCell], of: str) -> Iterator[Formula]:
        by_region: dict[int, list[EventCell]] = {}
        held = {}
        for cell in cells:
            region = cell.kind.kept[of]
            if region.value is not None:
                by_region.setdefault(id(region), []).append(cell)
                held[id(region)] = region
        parts = []
        for place, (key, inside) in enumerate(by_region.items()):
            size = held[key].size
            different = Var(f"{var.name}#{place}", low=0, high=size)
            count = sums.total((1, cell.count) for cell in inside)
            yield sums.less_or_equal(sums.of(different), count)
            yield implies(sums.less_or_equal(sums.just(1), count), at_least(different, 1))
            self.different.append(Different(of, held[key], tuple(cell.count.name for cell in inside), different))
            parts.append((1, different))
        yield sums.equals(sums.of(var), sums.total(parts))

    def _edge_rows(
        self, which: ir.AggregateKind, flags: Sequence[tuple[Flag, EdgeRow]], cells: Sequence[EventCell]
    ) -> Iterator[Formula]:
        """The first or last row lies in one cell, and none lies beyond it."""
        rows = flags[0][1].rows
        inside = [cell for cell in cells if is_among(cell, rows, True)]
        count = sums.total((1, cell.count) for cell in inside)
        stretches = list(dict.fromkeys(cell.stretch for cell in cells))
        in_order = all(self._follow(one, other) for one, other in pairwise(stretches))
        choice = {cell.count: Var(f"{which} {rows.text} {cell.count.name}", low=0, high=1) for cell in inside}
        chosen = sums.total((1, var) for var in choice.values())
        yield sums.less_or_equal(chosen, sums.just(1))
        yield same(sums.less_or_equal(sums.just(1), chosen), sums.less_or_equal(sums.just(1), count))
        for cell in inside:
            picked = at_least(choice[cell.count], 1)
            yield implies(picked, at_least(cell.count, 1))
            if in_order:
                place = stretches.index(cell.stretch)
                beyond = stretches[place + 1 :] if which is ir.AggregateKind.LAST else stretches[:place]
                others = sums.total((1, other.count) for other in inside if other.stretch in beyond)
                yield implies(picked, sums.less_or_equal(others, sums.just(0)))
        for item, meaning in flags:
            fitting = [cell for cell in inside if cell.kind.signs[digest(meaning.condition)] is meaning.value]
            of_these = sums.total((1, choice[cell.count]) for cell in fitting)
            yield same(item, sums.less_or_equal(sums.just(1), of_these))

    def _follow(self, one: Stretch, other: Stretch) -> bool:
        """Whether every row of `one` lies before every row of `other`, whatever the calendar."""
        return any(
            impossible(self._position(until).plus(1), self._position(since)) or until == since
            for until in one.until
            for since in other.since
        )


# --- helpers


def _middle(of: Sum) -> Fraction:
    low, high = of.low, of.high
    ends = [Fraction(end) for end in (low, high) if end is not None]
    return sum(ends, Fraction(0)) / len(ends) if ends else Fraction(0)


def is_among(cell: EventCell, rows: Rows, sign: Truth) -> bool:
    """Whether the rows of a cell are among `rows`, as far as their filter is true, or unknown."""
    said = True if rows.where is None else cell.kind.signs[digest(rows.where)]
    if said is not sign:
        return False
    return rows.limits <= cell.stretch.limits


def _count(cells: Sequence[EventCell], rows: Rows, sign: Truth) -> Sum:
    return sums.total((1, cell.count) for cell in cells if is_among(cell, rows, sign))


def _total_within(count: Var, total: Var, region: Region) -> Iterator[Formula]:
    """The sum over so many rows, each within the ends of a region."""
    if region.low is not None:
        yield sums.less_or_equal(sums.of(count, region.low), sums.of(total))
    if region.high is not None:
        yield sums.less_or_equal(sums.of(total), sums.of(count, region.high))
    if region.low is None or region.high is None:
        yield implies(at_most(count, 0), is_equal(total, 0))


def tests_in(condition: ir.Condition) -> Iterator[ir.Condition]:
    """The tests of which a condition is made, without what joins them."""
    match condition:
        case ir.And(items) | ir.Or(items):
            for item in items:
                yield from tests_in(item)
        case ir.Not(item):
            yield from tests_in(item)
        case ir.Fixed():
            pass
        case _:
            yield condition


def _kleene(condition: ir.Condition, truths: Mapping[ir.Condition, Truth]) -> Truth:
    match condition:
        case ir.And(items):
            return both(_kleene(item, truths) for item in items)
        case ir.Or(items):
            return either(_kleene(item, truths) for item in items)
        case ir.Not(item):
            return opposite(_kleene(item, truths))
        case ir.Fixed(value):
            return value
        case _:
            return truths[condition]


_PLAIN = (
    ir.IsTrue,
    ir.Compare,
    ir.Between,
    ir.OneOf,
    ir.InListFile,
    ir.TextTest,
    ir.IsKnown,
)


def one_property(leaf: ir.Condition, columns: Mapping[str, Column]) -> str | None:
    """The property that a test compares with constants; None where it does anything else."""
    if not isinstance(leaf, _PLAIN):
        return None
    found: set[str] = set()
    for node in descendants(leaf):
        if isinstance(node, ir.Property):
            found.add(node.name)
        elif not isinstance(node, ir.Literal) and node is not leaf:
            return None
    if len(found) != 1:
        return None
    (name,) = found
    return name if name in columns else None


_TRUE_OF_VALUES = (ir.IsTrue, ir.Compare, ir.Between, ir.OneOf, ir.InListFile, ir.TextTest, ir.InWindow)
"""Tests that are never true where a value in them is missing."""


def _reads(leaf: ir.Condition, null: set[str]) -> bool:
    """Whether a test that needs its values reads a property that is null."""
    if not null or not isinstance(leaf, _TRUE_OF_VALUES):
        return False
    return any(isinstance(node, ir.Property) and node.name in null for node in row_nodes([leaf]))


def _of_the_row(leaf: ir.Condition) -> bool:
    return _reads_the_row(leaf)


def _reads_the_row(part: ir.Expression) -> bool:
    return any(isinstance(node, ir.Property | ir.StepProperty) for node in row_nodes([part]))


def _as_compared(item: Compared, region: Region, scale: int) -> Formula:
    """What must be so of the customer's number for a row of a region to compare as it does."""
    presence = item.number.presence
    if region.value is None:
        return {True: FALSE, False: presence.none, None: no(presence.none)}[item.truth]
    if item.truth is None:
        return presence.missing
    op = item.op if item.truth else item.op.opposite
    holds = every((presence.there, _may_compare(op, region, item.number.low, scale or 1)))
    return holds if item.truth else some((presence.none, holds))


def _may_compare(op: ir.CompareOp, region: Region, number: Sum, scale: int) -> Formula:
    """Whether some value of a region compares so with a number."""
    low = None if region.low is None else sums.just(Fraction(region.low) / scale)
    high = None if region.high is None else sums.just(Fraction(region.high) / scale)
    match op:
        case ir.CompareOp.EQ:
            above = TRUE if low is None else sums.less_or_equal(low, number)
            return every((above, TRUE if high is None else sums.less_or_equal(number, high)))
        case ir.CompareOp.NE:
            if region.size != 1 or low is None:
                return TRUE
            return some((sums.less(low, number), sums.less(number, low)))
        case ir.CompareOp.LT:
            return TRUE if low is None else sums.less(low, number)
        case ir.CompareOp.LE:
            return TRUE if low is None else sums.less_or_equal(low, number)
        case ir.CompareOp.GT:
            return TRUE if high is None else sums.less(number, high)
        case ir.CompareOp.GE:
            return TRUE if high is None else sums.less_or_equal(number, high)


def shared_filter(where: ir.Condition | None, conditions: Iterable[ir.Condition]) -> ir.Condition | None:
    """Those parts of an event's own filter that speak of what rules speak of."""
    if where is None:
        return None
    named = {node.name for item in conditions for node in descendants(item) if isinstance(node, ir.Property)}
    parts = where.items if isinstance(where, ir.And) else (where,)
    kept = [
        part for part in parts if named & {node.name for node in descendants(part) if isinstance(node, ir.Property)}
    ]
    return conjunction(kept) if kept else None
