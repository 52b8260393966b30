"""Defines and scores that nothing needs any more."""

from collections.abc import Iterable, Iterator

from segrules.diagnostics.codes import UNUSED_DEFINITION
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.governance.settings import Settings
from segrules.ir import nodes as ir
from segrules.ir.rules import CoversEveryone, Definition, Exclusive, Requirement, Rules, Score, Subset
from segrules.ir.walk import caps_of, conditions_of, descendants, expressions_of


def unused_definitions(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """The defines and scores that no segment, partition, group, policy, cap or test reads, directly or through others.

    A test counts as a reader, and so does a segment that is a draft or retired, which could not stand without it.
    """
    made: dict[str, Definition | Score] = {**rules.definitions, **rules.scores}
    reads = {name: _names(_body(item)) & made.keys() for name, item in made.items()}
    used: set[str] = set()
    waiting = sorted(_names(_roots(rules)) & made.keys())
    waiting += [score for test in rules.tests for score in sorted(test.scores)]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += sorted(reads[name])
    for name, item in made.items():
        if name in used:
            continue
        kind = "define" if isinstance(item, Definition) else "score"
        readers = [made[other] for other in made if name in reads[other]]
        if readers:
            message = f"only unused definitions read the {kind} `{name}`"
        else:
            message = f"nothing reads the {kind} `{name}`"
        related = [Related(reader.span, f"`{reader.name}` reads it") for reader in readers]
        yield finding(UNUSED_DEFINITION, message, item.span, help="delete it, or use it", related=related)


def _roots(rules: Rules) -> Iterator[ir.Expression]:
    for segment in rules.segments.values():
        yield from conditions_of(segment)
        yield from caps_of(rules.catalogue, segment)
    yield from (stage.condition for partition in rules.partitions.values() for stage in partition.stages)
    for group in rules.groups.values():
        for declared in group.declarations:
            match declared:
                case Exclusive(members) | CoversEveryone(members):
                    yield from members
                case Subset(inner, outer):
                    yield from (inner, outer)
    for policy in rules.policies.values():
        for rule in policy.rules:
            if isinstance(rule, Requirement) and isinstance(rule.demand, ir.Condition):
                yield rule.demand
    yield from (expectation.target for test in rules.tests for expectation in test.expectations)


def _body(item: Definition | Score) -> Iterable[ir.Expression]:
    return [item.body] if isinstance(item, Definition) else expressions_of(item)


def _names(roots: Iterable[ir.Expression]) -> set[str]:
    """The defines and scores that expressions name."""
    named: set[str] = set()
    for root in roots:
        for node in descendants(root):
            match node:
                case ir.Defined(name) | ir.DefinedValue(name) | ir.Band(name):
                    named.add(name)
                case _:
                    pass
    return named
