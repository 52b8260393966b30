"""What a name stands for, in plain English, as Markdown: the catalogue's words for columns, `show`'s for rules."""

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

from segrules.diagnostics.errors import SegrulesError
from segrules.editor.names import MADE, Target
from segrules.editor.project import State
from segrules.ir.catalogue import Catalogue, Column, Labels
from segrules.ir.rules import Rules
from segrules.syntax import nodes
from segrules.types.types import ListType, TextType, describe

_SHOWN = 12
"""As many values of a closed list are written out."""


def about(state: State, target: Target) -> str | None:
    """Everything that is known of what a name stands for; None where nothing is."""
    if target.kind in ("define", "segment", "partition", "score"):
        return _shown(state, target.name) or brief(state, target)
    if target.kind in ("rank", "stage"):
        whole = "score" if target.kind == "rank" else "partition"
        return _shown(state, target.owner) or brief(state, Target(whole, target.owner))
    return brief(state, target)


def brief(state: State, target: Target) -> str | None:
    """What a name stands for, without the meaning of rules; None where nothing is known."""
    rules = state.typed
    catalogue = None if rules is None else rules.catalogue
    column = None if catalogue is None else column_of(catalogue, target)
    if column is not None:
        return _column(target, column)
    match target.kind:
        case "event" if catalogue is not None and target.name in catalogue.events:
            event = catalogue.events[target.name]
            listed = ", ".join(f"`{name}`" for name in event.properties)
            lines = [f"event **{event.name}**", event.description, _labels(event.labels)]
            lines.append(f"properties: {listed}" if listed else None)
            return _paragraphs(lines)
        case "relation" if catalogue is not None and target.name in catalogue.relations:
            relation = catalogue.relations[target.name]
            columns = ", ".join(f"`{relation.name}.{name}`" for name in catalogue.tables[relation.table].columns)
            back = f"the customers who share it: `{relation.members}`" if relation.back else None
            return _paragraphs([f"relation **{relation.name}** to the table `{relation.table}`", columns, back])
        case "back" if catalogue is not None:
            return f"all customers with the same `{target.owner}`: `any of {target.owner}.{target.name} (…)`"
        case "list":
            return f"list file `{target.name}`"
        case "step":
            return f"**{target.name}**: an earlier step of this chain"
        case kind if kind in MADE:
            block = block_of(state, target)
            title = None if block is None or isinstance(block, nodes.TestBlock) or block.title is None else block.title
            return _paragraphs([f"{kind} **{target.name}**", None if title is None else title.value])
        case _:
            return None


def block_of(state: State, target: Target) -> nodes.Block | None:
    """The block that makes a name of the rule files."""
    for file in state.files:
        for block in file.blocks:
            if not isinstance(block, nodes.TestBlock) and block.name.text == target.name:
                return block
    return None


def column_of(catalogue: Catalogue, target: Target) -> Column | None:
    """The column of the catalogue that a name stands for."""
    match target.kind:
        case "attribute":
            return catalogue.customers.attributes.get(target.name)
        case "property":
            event = catalogue.events.get(target.owner)
            return None if event is None else event.properties.get(target.name)
        case "related":
            relation = catalogue.relations.get(target.owner)
            return None if relation is None else catalogue.tables[relation.table].columns.get(target.name)
        case _:
            return None


def values_of(column: Column) -> tuple[str, ...]:
    """The values that a column may have, where the catalogue lists them."""
    return (column.type.values or ()) if isinstance(column.type, TextType | ListType) else ()


def _shown(state: State, name: str) -> str | None:
    """What `segrules show` says, of the last rules without mistakes."""
    if state.sound is None or name not in state.sound:
        return None
    try:
        text = state.sound.show(name).rstrip("\n")
    except SegrulesError:
        return None
    stale = state.rules is not state.sound
    return f"```text\n{text}\n```" + ("\n\n_As of the last text without mistakes._" if stale else "")


def _column(target: Target, column: Column) -> str:
    of = {"property": f" of `{target.owner}`", "related": f" of `{target.owner}`"}.get(target.kind, "")
    lines = [f"{'column' if target.kind == 'related' else target.kind} **{target.name}**{of}: {describe(column.type)}"]
    return _paragraphs([*lines, column.description, *_facts(column), _labels(column.labels)])


def _facts(column: Column) -> Iterator[str]:
    values = values_of(column)
    if values:
        more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
        ordered = ", lowest first" if isinstance(column.type, TextType) and column.type.ordered else ""
        yield f"one of {', '.join(f'`{value}`' for value in values[:_SHOWN])}{more}{ordered}"
    bounds = [
        f"{word} {_plain(bound)}"
        for word, bound in (("from", column.minimum), ("to", column.maximum))
        if bound is not None
    ]
    if bounds:
        yield " ".join(bounds)
    yield "may be missing" if column.nullable else "never missing"
    if column.synonyms:
        yield "also called " + ", ".join(f"`{name}`" for name in column.synonyms)
    if column.deprecated is not None:
        yield f"deprecated: {column.deprecated}"
    if column.derive is not None:
        yield "computed by the catalogue from other columns of its row"
    for value, labels in column.value_labels.items():
        told = _labels(labels)
        if told:
            yield f"`{value}`: {told}"


def _labels(labels: Labels) -> str | None:
    parts = [
        ("category", ", ".join(labels.category)),
        ("origin", labels.origin),
        ("identifiability", labels.identifiability),
        ("proxy for", ", ".join(labels.proxy_for)),
    ]
    return "; ".join(f"{name}: {value}" for name, value in parts if value) or None


def _plain(bound: Fraction | date | datetime) -> str:
    if not isinstance(bound, Fraction):
        return bound.isoformat()
    return str(bound.numerator) if bound.denominator == 1 else str(float(bound))


def _paragraphs(lines: list[str | None]) -> str:
    return "\n\n".join(" ".join(line.split()) for line in lines if line)


def band_numbers(rules: Rules, score: str, rank: str) -> tuple[str, ...]:
    """The numbers of the bands of a rank, lowest first."""
    found = rules.scores.get(score)
    ranked = None if found is None else found.ranks.get(rank)
    if ranked is None:
        return ()
    bands = ranked.bands
    count = bands.count if bands.cuts is None else len(bands.cuts) + 1
    return tuple(str(bands.start + number) for number in range(min(count, 100)))
