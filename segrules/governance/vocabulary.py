"""The words for labels: categories of the crosswalk, the groups that they fall into, origins, identifiability.

A *fact* is one label of one thing of the catalogue; its words are what packs and `forbid reading` may call it.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from segrules.ir.catalogue import Catalogue, Labels
from segrules.resources import pack_file

SPECIAL, CRIMINAL, CPRA, PROTECTED, PROXY = "special_category", "criminal", "cpra_sensitive", "protected", "proxy"

ORIGINS = {
    "provided": "told by the customer",
    "observed": "seen of the customer",
    "derived": "computed from other columns",
    "inferred": "guessed, by a model for instance",
}
IDENTIFIABILITY = {
    "identifier": "names the person",
    "quasi": "can name the person together with other columns",
    "pseudonymous": "stands for the person under another name",
}
NOT_IDENTIFYING = "none"
"""What `identifiability` says of a column that identifies nobody."""


class Axis(StrEnum):
    """What a label speaks of. The axes are independent: an inferred proxy for health is on two of them."""

    CATEGORY = "category"
    PROXY = "proxy_for"
    ORIGIN = "origin"
    IDENTIFIABILITY = "identifiability"


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One label: its axis and word, the thing of the catalogue that has it, and the value where only that has it."""

    axis: Axis
    word: str
    source: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A row of the crosswalk: a category of data, and what laws call it."""

    key: str
    title: str
    gdpr: str
    cpra: bool
    protected: tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that the category falls into."""
        special = self.gdpr.strip("()") in ("9", "10")
        held = {SPECIAL: special, CPRA: self.cpra, PROTECTED: bool(self.protected)}
        return tuple(group for group, holds in held.items() if holds)


GROUPS = {
    SPECIAL: "GDPR Articles 9 and 10",
    CPRA: "sensitive personal information in California",
    PROTECTED: "protected classes in the United States",
}
"""What the groups are."""


@cache
def categories() -> dict[str, Category]:
    """All categories of the crosswalk, by key."""
    rows = tomllib.loads(pack_file("crosswalk"))["category"]
    return {
        row["key"]: Category(row["key"], row["title"], row["gdpr"], row["cpra"], tuple(row["protected"]))
        for row in rows
    }


def words() -> tuple[str, ...]:
    """Every word that a pack or a policy may use, but for those of a project's own."""
    proxies = (PROXY, *(_proxy(group) for group in GROUPS))
    return (*categories(), *GROUPS, *proxies, *ORIGINS, *IDENTIFIABILITY)


@cache
def words_of(fact: Fact) -> frozenset[str]:
    """What a fact may be called: its own word, and the groups that its category falls into."""
    category = categories().get(fact.word)
    groups = category.groups if category is not None else ()
    match fact.axis:
        case Axis.CATEGORY:
            return frozenset((fact.word, *groups))
        case Axis.PROXY:
            return frozenset((PROXY, *(_proxy(group) for group in groups)))
        case Axis.ORIGIN | Axis.IDENTIFIABILITY:
            return frozenset((fact.word,))


def is_sensitive(fact: Fact) -> bool:
    """Whether a fact is worth telling a reader: a category in a group, a child, a proxy, something inferred."""
    match fact.axis:
        case Axis.CATEGORY:
            return fact.word in categories()
        case Axis.PROXY:
            return True
        case Axis.ORIGIN:
            return fact.word == "inferred"
        case Axis.IDENTIFIABILITY:
            return False


def facts_of(labels: Labels, source: str, value: str | None = None) -> Iterator[Fact]:
    """The facts that labels state about a thing."""
    yield from (Fact(Axis.CATEGORY, word, source, value) for word in labels.category)
    yield from (Fact(Axis.PROXY, word, source, value) for word in labels.proxy_for)
    if labels.origin is not None:
        yield Fact(Axis.ORIGIN, labels.origin, source, value)
    if labels.identifiability not in (None, NOT_IDENTIFYING):
        yield Fact(Axis.IDENTIFIABILITY, labels.identifiability or "", source, value)


def labelled(catalogue: Catalogue) -> Iterator[tuple[str, Labels]]:
    """Everything in the catalogue that has labels, in words, with its labels."""
    for table in catalogue.tables.values():
        for column in table.columns.values():
            if _says_something(column.labels):
                yield f"`{table.name}.{column.name}`", column.labels
            for value, labels in column.value_labels.items():
                yield f"`{value}` of `{table.name}.{column.name}`", labels
    for event in catalogue.events.values():
        if _says_something(event.labels):
            yield f"the event `{event.name}`", event.labels


def _says_something(labels: Labels) -> bool:
    return labels != Labels()


def known_categories(catalogue: Catalogue) -> tuple[str, ...]:
    """What `category` and `proxy_for` may say: the crosswalk's categories, and the project's own."""
    return tuple(dict.fromkeys((*categories(), *catalogue.labels)))


def what(fact: Fact) -> str:
    """What is read, as it stands behind "reads"."""
    match fact.axis:
        case Axis.CATEGORY:
            return f"data labelled `{fact.word}`"
        case Axis.PROXY:
            return f"a proxy for `{fact.word}`"
        case Axis.ORIGIN:
            return f"data of the origin `{fact.word}`"
        case Axis.IDENTIFIABILITY:
            return f"data that are `{fact.word}`"


def groups_of(fact: Fact) -> str:
    """The laws that know a category, in a few words; empty where there are none."""
    category = categories().get(fact.word) if fact.axis in (Axis.CATEGORY, Axis.PROXY) else None
    if category is None:
        return ""
    laws = []
    if category.gdpr:
        article = category.gdpr.strip("()")
        laws.append(f"GDPR Article {article}" if article == category.gdpr else f"close to GDPR Article {article}")
    if category.cpra:
        laws.append("CPRA sensitive")
    if category.protected:
        laws.append(f"protected by {' and '.join(category.protected)}")
    return ", ".join(laws)


def _proxy(group: str) -> str:
    return f"{group}_proxy"
