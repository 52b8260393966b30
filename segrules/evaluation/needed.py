"""Typed rules into the part of them that a run needs: what its segments and partitions read, by whatever way."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeVar

from segrules.ir.nodes import Band, Defined, DefinedValue, Expression, InSegment, InStage, Node
from segrules.ir.rules import Rules
from segrules.ir.walk import caps_of, conditions_of, descendants, expressions_of

Kind = Literal["segment", "caps", "partition", "score", "define"]

Root = tuple[Kind, str]
"""A definition: its kind and its name; `caps` are those that bind the segment of the name."""

T = TypeVar("T")


def reach(
    rules: Rules, segments: Collection[str], partitions: Iterable[str], scores: Iterable[str] = ()
) -> tuple[Root, ...]:
    """The segments, their caps, the partitions and scores, and all that these read; each once.

    A cycle, which the binder refuses, ends here too.
    """
    waiting: list[Root] = [("segment", name) for name in segments]
    waiting += [("caps", name) for name in segments if any(caps_of(rules.catalogue, rules.segments[name]))]
    waiting += [("partition", name) for name in partitions]
    waiting += [("score", name) for name in scores]
    reached: dict[Root, None] = {}
    while waiting:
        root = waiting.pop()
        if root not in reached:
            reached[root] = None
            waiting += [named for node in nodes_of(rules, root) if (named := _names(node)) is not None]
    return tuple(sorted(reached))


def cut_down(rules: Rules, reached: Iterable[Root]) -> Rules:
    """The rules with nothing but what is reached, so that an engine meets no construct that the run does not need."""
    kept = set(reached)
    return replace(
        rules,
        definitions=_kept(rules.definitions, "define", kept),
        scores=_kept(rules.scores, "score", kept),
        segments=_kept(rules.segments, "segment", kept),
        partitions=_kept(rules.partitions, "partition", kept),
        groups={},
        policies={},
        tests=(),
    )


def nodes_of(rules: Rules, root: Root) -> Iterator[Node]:
    """All nodes of a definition's own expressions."""
    for expression in _expressions(rules, root):
        yield from descendants(expression)


def _kept(made: Mapping[str, T], kind: Kind, kept: set[Root]) -> dict[str, T]:
    return {name: item for name, item in made.items() if (kind, name) in kept}


def _names(node: Node) -> Root | None:
    match node:
        case Defined(name=name) | DefinedValue(name=name):
            return "define", name
        case Band(score=name):
            return "score", name
        case InSegment(name=name):
            return "segment", name
        case InStage(partition=name):
            return "partition", name
        case _:
            return None


def _expressions(rules: Rules, root: Root) -> Iterator[Expression]:
    kind, name = root
    match kind:
        case "segment":
            yield from conditions_of(rules.segments[name])
        case "caps":
            yield from caps_of(rules.catalogue, rules.segments[name])
        case "partition":
            yield from (stage.condition for stage in rules.partitions[name].stages)
        case "define":
            yield rules.definitions[name].body
        case "score":
            yield from expressions_of(rules.scores[name])
