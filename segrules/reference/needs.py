"""What has to be worked out for some segments, each thing behind all that it needs."""

from collections.abc import Collection, Iterable, Iterator

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.ir.walk import caps_of, conditions_of, descendants, expressions_of, named_by

Step = tuple[str, str]
"""A define, score, segment or partition, and its name; `caps` are those that bind the segment of the name."""


def steps(rules: Rules, segments: Collection[str]) -> list[Step]:
    """All that `segments` and every partition need, in an order in which it can be worked out."""
    ordered: list[Step] = []
    done: set[Step] = set()
    run = [("segment", name) for name in segments]
    capped = [("caps", name) for name in segments if any(caps_of(rules.catalogue, rules.segments[name]))]
    for root in [*run, *capped, *(("partition", name) for name in rules.partitions)]:
        stack: list[tuple[Step, Iterator[Step]]] = [(root, _needs(rules, root))]
        while stack:
            step, following = stack[-1]
            needed = next(following, None)
            if needed is None:
                stack.pop()
                if step not in done:
                    done.add(step)
                    ordered.append(step)
            elif needed not in done:
                stack.append((needed, _needs(rules, needed)))
    return ordered


def events_read(rules: Rules, todo: Iterable[Step]) -> frozenset[str]:
    """The events whose rows these steps read."""
    found = (node for step in todo for expression in expressions(rules, step) for node in descendants(expression))
    return frozenset(name for node in found if isinstance(node, ir.Events) for name in node.names)


def related_read(rules: Rules, todo: Iterable[Step]) -> tuple[frozenset[str], frozenset[str]]:
    """The relations of which these steps read columns, and those whose customers they ask something."""
    nodes = [n for step in todo for expression in expressions(rules, step) for n in descendants(expression)]
    asked = (node.relation for node in nodes if isinstance(node, ir.Quantified | ir.NumberOfRelated))
    return frozenset(n.relation for n in nodes if isinstance(n, ir.RelatedColumn)), frozenset(asked)


def _needs(rules: Rules, step: Step) -> Iterator[Step]:
    nodes = (node for expression in expressions(rules, step) for node in descendants(expression))
    yield from (name for node in nodes if (name := named_by(node)) is not None)


def expressions(rules: Rules, step: Step) -> Iterator[ir.Expression]:
    """The expressions that a step is made of."""
    kind, name = step
    match kind:
        case "define":
            yield rules.definitions[name].body
        case "score":
            yield from expressions_of(rules.scores[name])
        case "segment":
            yield from conditions_of(rules.segments[name])
        case "caps":
            yield from caps_of(rules.catalogue, rules.segments[name])
        case _:
            yield from (stage.condition for stage in rules.partitions[name].stages)
