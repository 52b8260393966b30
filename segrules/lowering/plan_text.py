"""A plan into lines of text and into JSON values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from segrules.lowering.costs import PRICES, Cost

if TYPE_CHECKING:
    from segrules.lowering.plan_parts import Plan

_MOST_SHOWN = 20


def plan_lines(made: "Plan") -> Iterator[str]:
    """The plan as lines of text."""
    yield f"plan of {_some(made.segments, 'segment')}" + (
        f" and {_some(made.partitions, 'partition')}" if made.partitions else ""
    )
    if made.besides:
        yield f"every run also evaluates {_some(made.besides, 'partition')}: see the plan of all segments"
    yield ""
    yield "reads"
    for scan in made.scans:
        yield f"  table {scan.table}: {', '.join(scan.columns)}"
    for event in made.events:
        yield f"  event {event.event} of table {event.table}: {'; '.join(event.windows)}"
    if made.shared:
        yield ""
        yield "shares, worked out once"
        for shared in made.shared[:_MOST_SHOWN]:
            yield f"  {shared.segments} segments: {shared.kind} {shared.words}"
        if len(made.shared) > _MOST_SHOWN:
            yield f"  … and {len(made.shared) - _MOST_SHOWN} more"
    if made.worked:
        yield ""
        yield "works out before the program runs"
        for worked in made.worked:
            yield f"  stage {worked.stage}: {worked.words} [{cost_words(worked.cost)}]"
    yield ""
    yield "runs the program, block by block of customers"
    counted = sum(made.size.leaves.values())
    kinds = ", ".join(f"{count} {kind}" for kind, count in made.size.leaves.items())
    yield f"  {counted} leaves" + (f": {kinds}" if kinds else "")
    yield f"  {made.size.ands} AND, {made.size.ors} OR, {made.size.nots} NOT on {made.size.rows} rows of bits"
    for segment in made.segments:
        yield ""
        yield f"segment {segment}"
        for clause in made.clauses:
            if clause.segment == segment:
                others = f"; shared with {clause.shared} other{'s' * (clause.shared != 1)}" if clause.shared else ""
                yield f"  {clause.kind}: {clause.words} [{cost_words(clause.cost)}{others}]"
    yield ""
    yield f"estimated in all: {cost_words(made.cost)}"
    yield "an estimate to compare clauses by, without reading the data; what is shared is counted once in all,"
    yield "and in every clause that needs it"


def cost_words(cost: Cost) -> str:
    """An estimate in words.

    >>> cost_words(Cost(0.09, {"purchase": 4.0}))
    '0.09 ns per customer + 4 ns per `purchase` in the window'
    """
    parts = [f"{cost.customer:.3g} ns per customer"] if cost.customer or not cost.events else []
    parts += [f"{price:.3g} ns per `{name}` in the window" for name, price in cost.events.items()]
    return " + ".join(parts)


def _some(names: tuple[str, ...], what: str) -> str:
    if len(names) == 1:
        return f"{what} {names[0]}"
    return f"{len(names)} {what}s"


def _cost_json(cost: Cost) -> dict[str, Any]:
    return {
        "nanoseconds_per_customer": round(cost.customer, 3),
        "nanoseconds_per_event": {name: round(price, 3) for name, price in cost.events.items()},
    }


def plan_json(made: "Plan") -> dict[str, Any]:
    """The plan as JSON values, without the program's operations."""
    return {
        "segments": list(made.segments),
        "partitions": list(made.partitions),
        "partitions_besides": list(made.besides),
        "scans": [{"table": item.table, "columns": list(item.columns)} for item in made.scans],
        "events": [{"event": item.event, "table": item.table, "windows": list(item.windows)} for item in made.events],
        "shared": [{"kind": item.kind, "what": item.words, "segments": item.segments} for item in made.shared],
        "worked_out": [
            {"stage": item.stage, "kind": item.kind, "what": item.words, "cost": _cost_json(item.cost)}
            for item in made.worked
        ],
        "program": {
            "leaves": dict(made.size.leaves),
            "and": made.size.ands,
            "or": made.size.ors,
            "not": made.size.nots,
            "rows": made.size.rows,
        },
        "clauses": [
            {
                "segment": item.segment,
                "kind": item.kind,
                "what": item.words,
                "cost": _cost_json(item.cost),
                "shared_with": item.shared,
            }
            for item in made.clauses
        ],
        "cost": _cost_json(made.cost),
        "prices": {
            name: {"nanoseconds": price.nanoseconds, "per": price.per, "source": price.source}
            for name, price in PRICES.items()
        },
    }
