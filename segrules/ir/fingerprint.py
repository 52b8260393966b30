"""What a rank of a score means, as a short text that changes whenever the meaning may have changed.

Titles, descriptions and places in files do not count, nor do the entries of list files, which are data.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from segrules.ir import nodes as ir
from segrules.ir.membership import qualifying
from segrules.ir.rules import Rules, Score
from segrules.ir.walk import descendants

_FORM = "1"
"""Changes with the way in which fingerprints are made."""


def fingerprint(rules: Rules, score: Score, rank: str) -> str:
    """The fingerprint of one rank, through all that it names."""
    ranked = score.ranks[rank]
    bands = ranked.bands
    lines = [_FORM, _text((score.among, ranked.by, bands.direction, bands.count, bands.start))]
    found: dict[tuple[str, ...], str] = {}
    waiting: list[ir.Expression] = [part for part in (score.among, ranked.by) if part is not None]
    while waiting:
        for node in descendants(waiting.pop()):
            for name, parts, extra in _named(rules, node):
                if name not in found:
                    found[name] = _text((extra, parts))
                    waiting += parts
    lines += [f"{name} {found[name]}" for name in sorted(found)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@lru_cache(maxsize=50_000)
def digest(node: ir.Node) -> str:
    """A short text that is the same for nodes that are written alike, wherever they stand; names are not followed.

    Entries of list files count: two nodes with one digest mean the same in any two rule sets with equal definitions.
    """
    parts = [_text(node), *(_entries(part.entries) for part in descendants(node) if isinstance(part, ir.InListFile))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=1_000)
def _entries(entries: frozenset[str]) -> str:
    return hashlib.sha256("\0".join(sorted(entries)).encode()).hexdigest()


def text_of(part: Any) -> str:
    """Any part of the rules as a text that says all of it but where it stands."""
    return _text(part)


def _named(rules: Rules, node: ir.Node) -> Iterator[tuple[tuple[str, ...], tuple[ir.Expression, ...], Any]]:
    """What a node names: the name, the expressions it stands for, and whatever else belongs to its meaning."""
    match node:
        case ir.Defined(name) | ir.DefinedValue(name):
            yield ("define", name), (rules.definitions[name].body,), None
        case ir.InSegment(name):
            yield ("segment", name), (qualifying(rules.segments[name]),), None
        case ir.InStage(name):
            partition = rules.partitions[name]
            stages = tuple(stage.condition for stage in partition.stages)
            yield ("partition", name), stages, tuple(stage.name for stage in partition.stages)
        case ir.Band(score, rank):
            scored = rules.scores[score]
            ranked = scored.ranks[rank]
            parts = tuple(part for part in (scored.among, ranked.by, ranked.bands.ties) if part is not None)
            yield ("rank", score, rank), parts, _bands(ranked.bands)
        case ir.Attribute(name):
            column = rules.catalogue.customers.attributes[name]
            yield ("attribute", name), () if column.derive is None else (column.derive,), None
        case ir.Events(names):
            for name in names:
                event = rules.catalogue.events[name]
                derived = [column.derive for column in event.properties.values() if column.derive is not None]
                extra = (event.table, event.customer, event.time, event.order_by, event.grouping)
                yield ("event", name), tuple(part for part in (event.where, *derived) if part is not None), extra
        case ir.RelatedColumn(relation=name) | ir.NumberOfRelated(relation=name) | ir.Quantified(relation=name):
            relation = rules.catalogue.relations[name]
            yield ("relation", name), (), (relation.column, relation.table)
        case _:
            pass


def _bands(bands: Any) -> tuple[Any, ...]:
    # Cut points of frozen bands are not written in the rules: they change when they are fitted again.
    return bands.direction, bands.count, bands.start, bands.equal, None if bands.frozen else bands.cuts, bands.frozen


def _text(part: Any) -> str:
    match part:
        case Enum():
            return str(part.value)
        case tuple() | list():
            return f"({','.join(_text(item) for item in part)})"
        case Mapping():
            return f"{{{','.join(f'{key}:{_text(part[key])}' for key in sorted(part))}}}"
        case ir.InListFile():
            return f"InListFile({_text((part.value, part.path, part.negated, part.ignoring_case))})"
        case _ if is_dataclass(part) and not isinstance(part, type):
            # What is as it is by default is left out, so that a field that comes new changes no fingerprint.
            named = ((item, getattr(part, item.name)) for item in fields(part) if item.name != "span")
            held = (f"{item.name}={_text(value)}" for item, value in named if value != item.default)
            return f"{type(part).__name__}({','.join(held)})"
        case _:
            return repr(part)
