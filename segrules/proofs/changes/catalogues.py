"""Two versions of a catalogue into one over which the rules of both can be asked, and what stands in the way.

Customers of that catalogue are those whom either version allows: a column that may be missing in one may be missing, a
range is as wide as the wider one. Where the two give one name to different things, rules that rest on it cannot be
compared; these are the conflicts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from segrules.ir.catalogue import Catalogue, Column, Consents, Customers, Event, Suppression, Table
from segrules.ir.meaning import Meanings, computed, open_type
from segrules.ir.membership import channels_of
from segrules.ir.rules import Segment
from segrules.ir.things import Thing
from segrules.types.types import ListType, TextType, Type, describe

Limit = Fraction | date | datetime | None
"""An end of a range; a column of one type has ends of one kind."""
Item = TypeVar("Item")
OF_OTHERS = "is made of other columns now"
BEFORE, AFTER = "(before)", "(after)"
"""What marks channels that stand for suppression lists of the two versions: no rule can have such a name."""


@dataclass(slots=True)
class United:
    """One catalogue out of two; `types` are closed lists that grew, `conflicts` why what cannot be compared."""

    catalogue: Catalogue
    conflicts: dict[Thing, str] = field(default_factory=dict)
    types: dict[Type, Type] = field(default_factory=dict)
    suppressions_differ: bool = False


def united(one: Meanings, other: Meanings) -> United:
    """The catalogue of both versions."""
    before, after = one.rules.catalogue, other.rules.catalogue
    made = United(after)
    if before is after or before == after:
        return made
    made.conflicts = dict(_conflicts(one, other))
    columns: dict[int, Column] = {}
    tables = _tables(before, after, made, columns)
    attributes = _attributes(before, after, made, columns)
    joined = [name for name in before.customers.joined if name not in after.customers.joined]
    customers = replace(after.customers, attributes=attributes, joined=(*after.customers.joined, *joined))
    made.suppressions_differ = _channels(before) != _channels(after)
    made.catalogue = replace(
        after,
        tables=tables,
        customers=customers,
        events=_events(before, after, made),
        relations={**before.relations, **after.relations},
        consents=_consents(before, after),
        suppressions=_suppressions(before, after) if made.suppressions_differ else after.suppressions,
    )
    return made


def marked(segment: Segment, version: str) -> Segment:
    """A segment whose channels say which suppression lists of its own version bind it."""
    channels = sorted(channels_of(segment))
    marks = (version, *(f"{version} {channel}" for channel in channels))
    return replace(segment, header=replace(segment.header, channels=marks))


# --- what cannot be compared


def _conflicts(one: Meanings, other: Meanings) -> Iterator[tuple[Thing, str]]:
    """Each thing that both versions have and that is another one now, with why."""
    return ((thing, why) for thing, why in _of_both(one, other) if one.key(thing) != other.key(thing))


def _of_both(one: Meanings, other: Meanings) -> Iterator[tuple[Thing, str]]:
    """Each thing that both catalogues have, with what is said where it is another one."""
    before, after = one.rules.catalogue, other.rules.catalogue
    zones = before.zone != after.zone
    yield ("calendar", ""), f"the {'time zone' if zones else 'day of anniversaries in common years'} changed"
    yield ("customers", ""), _why_customers(before.customers, after.customers)
    for name, (old, new) in _shared(before.customers.attributes, after.customers.attributes):
        yield ("attribute", name), f"the column `{name}` {why_other(old, new) or OF_OTHERS}"
    for event, (was, now) in _shared(before.events, after.events):
        yield ("event", event), f"the event `{event}` is another one now"
        for name, (old, new) in _shared(was.properties, now.properties):
            why = why_other(old, new) or OF_OTHERS
            yield ("property", f"{event}.{name}"), f"the property `{event}.{name}` {why}"
    for relation, (is_, becomes) in _shared(before.relations, after.relations):
        yield ("relation", relation), f"the relation `{relation}` leads to something else"
        columns = before.tables[is_.table].columns, after.tables[becomes.table].columns
        for name, (old, new) in _shared(*columns):
            why = why_other(old, new) or OF_OTHERS
            yield ("related", f"{relation}.{name}"), f"the column `{relation}.{name}` {why}"
    for channel in before.consents.channels:
        if channel in after.consents.channels:
            yield ("consent", channel), f"where consent for `{channel}` stands changed"
    for name, _ in _shared(before.suppressions, after.suppressions):
        yield ("suppression", name), f"the suppression list `{name}` is another one now"


def _shared(old: Mapping[str, Item], new: Mapping[str, Item]) -> Iterator[tuple[str, tuple[Item, Item]]]:
    return ((name, (old[name], new[name])) for name in sorted(new) if name in old)


def _why_customers(before: Customers, after: Customers) -> str:
    if before.key.type != after.key.type:
        return "the key of the customers changed its type"
    if before.since != after.since:
        return "since when customers are known changed"
    return "who the customers are changed"


# --- columns


def _tables(before: Catalogue, after: Catalogue, made: United, known: dict[int, Column]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for name in (*after.tables, *(name for name in before.tables if name not in after.tables)):
        old, new = before.tables.get(name), after.tables.get(name)
        of = new or old
        assert of is not None
        held = _columns({} if old is None else old.columns, {} if new is None else new.columns, made, known)
        tables[name] = replace(of, columns=held)
    return tables


def _columns(
    old: Mapping[str, Column], new: Mapping[str, Column], made: United, known: dict[int, Column]
) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in (*new, *(name for name in old if name not in new)):
        column = _column(old.get(name), new.get(name), made)
        found[name] = column
        known.update((id(item), column) for item in (old.get(name), new.get(name)) if item is not None)
    return found


def _column(old: Column | None, new: Column | None, made: United) -> Column:
    """A column that holds what either version allows; of two that contradict each other the new one."""
    if old is None or new is None or old == new or why_other(old, new) is not None:
        column = new or old
        assert column is not None
        return column
    scale = None if old.scale is None or new.scale is None else max(old.scale, new.scale)
    return replace(
        new,
        type=_type(old.type, new.type, made),
        nullable=old.nullable or new.nullable,
        scale=scale,
        minimum=_looser(old.minimum, new.minimum, min),
        maximum=_looser(old.maximum, new.maximum, max),
    )


def _looser(one: Limit, other: Limit, which: Callable[..., Limit]) -> Limit:
    return None if one is None or other is None else which(one, other)


def _type(old: Type, new: Type, made: United) -> Type:
    """The type with the values of both closed lists."""
    if old == new:
        return new
    both: Type
    if isinstance(old, TextType) and isinstance(new, TextType):
        both = TextType(_values(old.values, new.values), new.ordered)
    elif isinstance(old, ListType) and isinstance(new, ListType):
        both = ListType(_values(old.values, new.values))
    else:
        return new
    made.types.update({old: both, new: both})
    return both


def _values(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if old is None or new is None:
        return None
    return (*new, *(value for value in old if value not in new))


def why_other(old: Column, new: Column) -> str | None:
    """Why two columns of one name are not the same thing; None where they differ in what they may hold alone."""
    one, other = open_type(old.type), open_type(new.type)
    if one != other:
        if isinstance(one, TextType) and isinstance(other, TextType):
            return "has its values in another order"
        return f"was {describe(one)} and is {describe(other)} now"
    if computed(old) != computed(new):
        return "is computed in another way"
    if old.zone != new.zone:
        return "has its times read in another zone"
    return None


def _attributes(before: Catalogue, after: Catalogue, made: United, known: Mapping[int, Column]) -> dict[str, Column]:
    old, new = before.customers.attributes, after.customers.attributes
    found: dict[str, Column] = {}
    for name in (*new, *(name for name in old if name not in new)):
        one, other = old.get(name), new.get(name)
        of = other or one
        assert of is not None
        found[name] = known.get(id(of)) or _column(one, other, made)
    return found


# --- events and the rest


def _events(before: Catalogue, after: Catalogue, made: United) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for name in (*after.events, *(name for name in before.events if name not in after.events)):
        old, new = before.events.get(name), after.events.get(name)
        of = new or old
        assert of is not None
        if old is not None and new is not None:
            of = replace(new, properties=_columns(old.properties, new.properties, made, {}))
        found[name] = of
    return found


def _consents(before: Catalogue, after: Catalogue) -> Consents:
    old, new = before.consents, after.consents
    return replace(
        new,
        channels=tuple(dict.fromkeys((*new.channels, *old.channels))),
        columns={**old.columns, **new.columns},
        table=new.table or old.table,
        statuses={**old.statuses, **new.statuses},
        purposes=tuple(dict.fromkeys((*new.purposes, *old.purposes))),
    )


def _channels(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(item.channels)) for name, item in catalogue.suppressions.items()}


def _suppressions(before: Catalogue, after: Catalogue) -> dict[str, Suppression]:
    """All lists, each for the marks of the versions that it binds."""
    found: dict[str, Suppression] = {}
    for version, catalogue in ((BEFORE, before), (AFTER, after)):
        for name, item in catalogue.suppressions.items():
            marks = [f"{version} {channel}" for channel in item.channels] or [version]
            known: Sequence[str] = found[name].channels if name in found else ()
            found[name] = replace(item, channels=(*known, *marks))
    return found
