"""A definition of the typed tree into plain English, with what it reads.

The words come from the typed tree alone, so that they tell what is evaluated, defaults of rulesets included.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from segrules.explain.conditions import Teller
from segrules.explain.consents import consent_words
from segrules.explain.lines import Item, head, indented, listed, one_line, quoted
from segrules.explain.literals import exact, percent_words, text_words
from segrules.explain.promises import group_item, policy_item
from segrules.explain.reads import Reads, reads_lines, reads_of
from segrules.ir.build import negation
from segrules.ir.membership import caps, suppressions
from segrules.ir.nodes import And, Condition, Or, Value
from segrules.ir.rules import (
    Bound,
    Definition,
    Exclusion,
    Header,
    Partition,
    Rules,
    Score,
    Segment,
    Size,
)

_ORIGINS = {False: "its own", True: "from the ruleset"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a definition says, in lines of English, indented; and what it reads, sorted."""

    lines: tuple[str, ...]
    reads: tuple[str, ...]


def explain(rules: Rules, name: str) -> Explanation:
    """Explain a segment, partition, score, define, group or policy of sound rules.

    Raises:
        KeyError: nothing has this name.
    """
    teller = Teller(rules)
    if name in rules.segments:
        item = _segment(rules.segments[name], teller)
    elif name in rules.partitions:
        item = _partition(rules.partitions[name], teller)
    elif name in rules.scores:
        item = _score(rules.scores[name], teller)
    elif name in rules.definitions:
        item = _definition(rules.definitions[name], teller)
    elif name in rules.groups:
        return Explanation(tuple(indented([group_item(rules.groups[name], teller)])), ())
    else:
        return Explanation(tuple(indented([policy_item(rules.policies[name], teller)])), ())
    return Explanation(tuple(indented([item])), reads_lines(reads_of(rules, name), rules.catalogue))


def who_is_in(rules: Rules, name: str) -> tuple[Item, ...]:
    """Who is a member of a segment: who qualifies, who is left out, and who of them may be contacted."""
    return tuple(_members(rules.segments[name], Teller(rules)))


def meaning_of(rules: Rules, name: str) -> tuple[Item, ...]:
    """What a partition or a score says, without its name and who looks after it."""
    teller = Teller(rules)
    if name in rules.partitions:
        return tuple(_stages(rules.partitions[name], teller))
    return _score(rules.scores[name], teller).below


# --- segments


def _segment(segment: Segment, teller: Teller) -> Item:
    below = [*_header(segment.header), *_members(segment, teller), *_assertions(segment)]
    return Item(head("segment", segment.name, segment.title), tuple(below))


def _members(segment: Segment, teller: Teller) -> Iterator[Item]:
    yield _where(segment.where, teller)
    yield from _exclusions(segment, teller)
    yield from _eligibility(segment, teller)
    if _misses(reads_of(teller.rules, segment.name), teller.rules):
        yield Item("a value that is not recorded lets nobody in")
    yield from _contact(segment, teller)


def _where(where: Condition | None, teller: Teller) -> Item:
    if where is None:
        return Item("takes every customer")
    return _list("takes customers for whom", where, teller)


def _list(head: str, condition: Condition, teller: Teller) -> Item:
    """A condition below a head: its parts where it joins several, else itself."""
    item = teller.item(condition)
    if isinstance(condition, And | Or):
        return Item(f"{head} {item.text}", item.below)
    return Item(f"{head} this holds:", (item,))


def _exclusions(segment: Segment, teller: Teller) -> Iterator[Item]:
    for inherited, origin in _ORIGINS.items():
        found = [exclusion for exclusion in segment.excepts if exclusion.inherited is inherited]
        if found:
            items = tuple(_exclusion(exclusion, teller) for exclusion in found)
            yield Item(f"leaves out customers for whom any of these holds or may hold ({origin}):", items)


def _exclusion(exclusion: Exclusion, teller: Teller) -> Item:
    return teller.item(negation(exclusion.condition))


def _eligibility(segment: Segment, teller: Teller) -> Iterator[Item]:
    for inherited, origin in _ORIGINS.items():
        found = [item.condition for item in segment.eligible if item.inherited is inherited]
        if found:
            items = tuple(teller.item(condition) for condition in found)
            yield Item(f"takes only customers who are eligible ({origin}):", items)


def _misses(reads: Reads, rules: Rules) -> bool:
    """Whether a missing value can come up, and nothing in the rule takes in those in doubt."""
    catalogue = rules.catalogue
    columns = [catalogue.customers.attributes[name] for name in reads.columns]
    for relation, names in reads.relations.items():
        of_table = catalogue.tables[catalogue.relations[relation].table].columns
        columns += [of_table[name] for name in names if name in of_table]
    return not reads.asks_for_unknown and any(column.nullable for column in columns)


def _contact(segment: Segment, teller: Teller) -> Iterator[Item]:
    zone = teller.rules.catalogue.zone
    for clause in segment.consents:
        words = consent_words(clause, zone)
        yield Item(f"may be contacted only with {words} ({_ORIGINS[clause.inherited]})")
    if segment.consents and segment.header.purposes:
        yield Item(f"consent that names purposes has to cover {listed(quoted(segment.header.purposes))}")
    for name in suppressions(teller.rules.catalogue, segment):
        yield Item(f"may not be contacted: who is on the suppression list `{name}`")
    for cap in caps(teller.rules.catalogue, segment):
        origin = _ORIGINS[True] if cap.name is None else f"`{cap.name}` of the catalogue"
        yield Item(f"may be contacted only while this cap is known to hold ({origin}):", (teller.item(cap.condition),))


def _assertions(segment: Segment) -> Iterator[Item]:
    if segment.size is not None:
        yield Item(f"expects {size_words(segment.size)} as members; another size is reported, and nobody is trimmed")
    if segment.holdout is not None:
        share, salt = percent_words(segment.holdout.share), text_words(segment.holdout.salt)
        yield Item(f"holds out {share} of its members, drawn by the salt {salt}: not contacted, to measure against")
    for justified in segment.justifications:
        reason, by = one_line(justified.reason), one_line(justified.by)
        yield Item(f"justified until {justified.until} by {by}: {reason}")
    if segment.review is not None:
        yield Item(f"to be reviewed by {segment.review}")


def size_words(size: Size) -> str:
    """The bounds of a size: `at least 100 customers and at most 30% of all customers`."""
    bounds = [("at least", size.least), ("at most", size.most)]
    return " and ".join(f"{word} {_bound(bound)}" for word, bound in bounds if bound is not None)


def _bound(bound: Bound) -> str:
    if bound.share is not None:
        return f"{exact(bound.share * 100)}% of all customers"
    return f"{bound.number} customer{'s' * (bound.number != 1)}"


# --- partitions, scores and defines


def _partition(partition: Partition, teller: Teller) -> Item:
    below = (*_header(partition.header), *_stages(partition, teller))
    return Item(head("partition", partition.name, partition.title), below)


def _stages(partition: Partition, teller: Teller) -> Iterator[Item]:
    yield Item("puts every customer into the first of these that holds, all before it being known not to hold:")
    for number, stage in enumerate(partition.stages, 1):
        title = f" ({one_line(stage.title)})" if stage.title else ""
        item = teller.item(stage.condition)
        yield Item(f"{number}. `{stage.name}`{title}: {item.text}", item.below)
    yield Item(f"otherwise `{partition.otherwise}`: everybody else, those in doubt too")


def _score(score: Score, teller: Teller) -> Item:
    below: list[Item] = []
    if score.description:
        below.append(Item(one_line(score.description)))
    if score.among is None:
        below.append(Item("ranks all customers with a value"))
    else:
        below.append(_list("ranks only customers for whom", score.among, teller))
    below += [teller.rank_item(score, rank, rank.name) for rank in score.ranks.values()]
    return Item(head("score", score.name, score.title), tuple(below))


def _definition(definition: Definition, teller: Teller) -> Item:
    body = definition.body
    told = teller.value(body, "is: ") if isinstance(body, Value) else _list("means that", body, teller)
    return Item(head("define", definition.name, definition.title), (told,))


# --- what all have


def _header(header: Header) -> Iterator[Item]:
    if header.description:
        yield Item(one_line(header.description))
    yield Item(f"status: {header.status}")
    if header.owner:
        yield Item(f"owner: {one_line(header.owner)}")
    for word, names in (("purpose", header.purposes), ("channel", header.channels), ("tags", header.tags)):
        if names:
            yield Item(f"{word}: {', '.join(names)}")
    if header.priority is not None:
        yield Item(f"priority: {header.priority}")
