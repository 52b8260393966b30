"""One comparison of the engine with the reference: everything that goes in, and how a failing one is shown."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules
from segrules.reference.outcome import Outcome
from segrules.types.cells import Cell, Tables
from tests.conformance.cases import bind_text, errors
from tests.engine import data, rules
from tests.engine.catalogues import document, read
from tests.engine.data import shown
from tests.engine.harness import Seen, WhileReading, by_engine, by_reference
from tests.engine.layouts import TableLayout, lay_out, layouts
from tests.engine.picking import Pick, by_seed

T = TypeVar("T")

_SHOWN = 60


@dataclass(frozen=True)
class Case:
    """Rules and data. `catalogue` is the seed of a random one, or the document itself."""

    catalogue: int | Mapping[str, Any]
    as_of: datetime
    rules: str
    tables: Tables
    layouts: Mapping[str, TableLayout] = field(default_factory=dict)
    three_valued: bool = True
    held: bool = False

    @property
    def typed_catalogue(self) -> Catalogue:
        """The catalogue that the case is about."""
        return seeded_catalogue(self.catalogue) if isinstance(self.catalogue, int) else read(self.catalogue)

    def bound(self) -> Rules:
        """The typed rules; they have to be right."""
        return _known(self, _BOUND, _bound)

    def data(self) -> dict[str, Any]:
        """The tables as the layouts have them."""
        catalogue = self.typed_catalogue
        return {
            name: lay_out(catalogue.tables[name], columns, self.layouts.get(name, TableLayout()), catalogue.zone)
            for name, columns in self.tables.items()
        }


@lru_cache(maxsize=1000)
def seeded_catalogue(seed: int) -> Catalogue:
    """The random catalogue of a seed, made once."""
    return read(document(by_seed(seed)))


def case_from(pick: Pick, catalogues: Sequence[int], customers: int = 5, rows: int = 8, dirt: int = 0) -> Case:
    """A random case over one of some random catalogues."""
    seed = pick(catalogues)
    catalogue = seeded_catalogue(seed)
    as_of = data.instants(pick)
    text = rules.rules(pick, catalogue, as_of)
    tables = data.tables(pick, catalogue, as_of, customers, rows, dirt)
    laid_out = layouts(pick, catalogue, tables)
    return Case(seed, as_of, text, tables, laid_out, held=pick((False, False, True)))


Kept = deque[tuple[Case, T]]
_BOUND: Kept[Rules] = deque(maxlen=8)
_EXPECTED: Kept[Seen] = deque(maxlen=8)


def _known(case: Case, kept: Kept[T], work_out: Callable[[Case], T]) -> T:
    """What was worked out for the same rules and tables; how tables are laid out is seen by the engine alone."""
    for other, found in kept:
        same = other.catalogue is case.catalogue and other.tables is case.tables and other.rules == case.rules
        if same and (other.as_of, other.three_valued) == (case.as_of, case.three_valued):
            return found
    kept.append((case, work_out(case)))
    return kept[-1][1]


def _bound(case: Case) -> Rules:
    bound, findings = bind_text(case.rules, case.typed_catalogue, rules.LISTS)
    assert errors(findings) == [], case.rules
    return bound


def _expected(case: Case) -> Seen:
    bound = case.bound()
    return by_reference(bound, case.tables, case.as_of, list(bound.segments), three_valued=case.three_valued)


def difference(case: Case) -> str | None:
    """What the engine says otherwise than the reference, None where they agree."""
    bound = case.bound()
    segments = list(bound.segments)
    expected = _known(case, _EXPECTED, _expected)
    try:
        found = by_engine(bound, case.data(), case.as_of, segments, three_valued=case.three_valued, held=case.held)
    except Exception as error:  # whatever it is, it is a difference
        return f"the engine fails with {type(error).__name__}: {error}"
    if isinstance(found, Outcome) and isinstance(expected, Outcome) and set(found.figures) <= set(expected.figures):
        # The engine leaves out what no rule depends on, and has an order of its own.
        found = replace(found, figures=expected.figures)
    agree = found == expected or (isinstance(found, WhileReading) and found.is_part_of(expected))
    return None if agree else _difference(expected, found)


def _difference(expected: Seen, found: Seen) -> str:
    if not isinstance(expected, Outcome) or not isinstance(found, Outcome):
        return f"the reference gives {_short(expected)}, the engine {_short(found)}"
    told = []
    if expected.keys != found.keys:
        told.append(f"keys: {expected.keys} and {found.keys}")
    for part in ("qualifying", "members", "partitions", "ranks", "held_out"):
        one, other = getattr(expected, part), getattr(found, part)
        if [*one] != [*other]:
            told.append(f"{part}: {[*one]} and {[*other]}")
        told += [f"{part} of {name}: {one[name]} and {other.get(name)}" for name in one if one[name] != other.get(name)]
    for part in ("figures", "ignored", "as_of"):
        if getattr(expected, part) != getattr(found, part):
            told.append(f"{part}: {getattr(expected, part)} and {getattr(found, part)}")
    return f"for the customers {expected.keys[:20]} the reference and the engine say\n  " + "\n  ".join(told)


def _short(seen: Seen) -> str:
    return "an outcome" if isinstance(seen, Outcome) else f"{sorted(seen)}"


def described(case: Case) -> str:
    """The case as a person reads it, rows and all."""
    about = f"seeded_catalogue({case.catalogue})" if isinstance(case.catalogue, int) else repr(case.catalogue)
    catalogue = case.typed_catalogue
    lines = [f"catalogue {about}, zone {catalogue.zone}, as of {case.as_of.isoformat()}", case.rules]
    if case.held:
        lines.append("tables are held")
    for name, columns in case.tables.items():
        count = len(next(iter(columns.values()), ()))
        layout = case.layouts.get(name, TableLayout())
        lines.append(f"table {name}: {count} rows" + (f", {_layout(layout)}" if layout != TableLayout() else ""))
        lines += [
            f"  {column}: {_cells(cells)}" for column, cells in columns.items() if any(c is not None for c in cells)
        ]
    return "\n".join(lines)


def _layout(layout: TableLayout) -> str:
    plain = TableLayout(layout.container, {}, layout.order, layout.extra, layout.rows)
    columns = [f"\n    {name}: {column}" for name, column in layout.columns.items()]
    return f"{plain}{''.join(columns)}"


def _cells(cells: Sequence[Cell]) -> str:
    listed = ", ".join(map(shown, cells[:_SHOWN]))
    return f"[{listed}{', …' if len(cells) > _SHOWN else ''}]"
