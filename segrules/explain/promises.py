"""Groups and policies of the typed tree into plain English: what they promise, and of whom."""

from collections.abc import Iterator

from segrules.explain.conditions import Teller
from segrules.explain.consents import consent_words
from segrules.explain.lines import Item, head, listed, quoted
from segrules.ir.nodes import And, Condition, InSegment
from segrules.ir.rules import (
    Ban,
    ConsentClause,
    CoversEveryone,
    Declaration,
    Exclusive,
    Group,
    Policy,
    Subset,
)


def group_item(group: Group, teller: Teller) -> Item:
    """A group with each of its promises."""
    return Item(head("group", group.name, group.title), tuple(_declared(item, teller) for item in group.declarations))


def _declared(declared: Declaration, teller: Teller) -> Item:
    match declared:
        case Exclusive(members):
            return Item("nobody is in two of these:", _all(members, teller))
        case CoversEveryone(members):
            return Item("every customer is in at least one of these:", _all(members, teller))
        case Subset(inner, outer):
            return Item("whoever is in the first of these is in the second:", _all((inner, outer), teller))


def _all(members: tuple[Condition, ...], teller: Teller) -> tuple[Item, ...]:
    return tuple(_member(member, teller) for member in members)


def _member(member: Condition, teller: Teller) -> Item:
    # Elsewhere a segment stands for those who qualify; promises are about those who may be contacted.
    return Item(f"is a member of `{member.name}`") if isinstance(member, InSegment) else teller.item(member)


def policy_item(policy: Policy, teller: Teller) -> Item:
    """A policy with whom it binds and what it asks."""
    bound = listed(quoted(policy.segments)) if policy.segments else "no segment of this project"
    return Item(head("policy", policy.name, policy.title), (Item(f"applies to {bound}"), *_rules(policy, teller)))


def _rules(policy: Policy, teller: Teller) -> Iterator[Item]:
    for rule in policy.rules:
        if isinstance(rule, Ban):
            allowed = f", but in {listed(quoted(rule.outside))}" if rule.outside else ""
            yield Item(f"forbids reading what is labelled {listed(quoted(rule.labels), 'or')}{allowed}")
        elif isinstance(rule.demand, ConsentClause):
            words = consent_words(rule.demand, teller.rules.catalogue.zone)
            yield Item(f"requires that each member has {words}")
        else:
            below = teller.items(rule.demand.items) if isinstance(rule.demand, And) else (teller.item(rule.demand),)
            yield Item("requires that each member is known to satisfy this:", below)
