"""Two versions of a catalogue into one over which the rules of both can be asked, and what stands in the way.

Customers of that catalogue are those whom either version allows: a column that may be missing in one may be missing, a
range is as wide as the wider one. Where the two give one name to different things, rules that rest on it cannot be
compared; these are the conflicts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from segrules.ir.catalogue import Catalogue, Column, Consents, Event, Suppression, Table
from segrules.ir.fingerprint import text_of
from segrules.ir.membership import channels_of
from segrules.ir.rules import Segment
from segrules.proofs.changes.meanings import Thing, event_key, open_type
from segrules.types.types import ListType, TextType, Type, describe

Item = TypeVar("Item")
Limit = Fraction | date | datetime | None
"""An end of a range; a column of one type has ends of one kind."""
BEFORE, AFTER = "(before)", "(after)"
"""What marks channels that stand for suppression lists of the two versions: no rule can have such a name."""


@dataclass(slots=True)
class United:
    """One catalogue out of two; `types` are closed lists that grew, `conflicts` why what cannot be compared."""

    catalogue: Catalogue
    conflicts: dict[Thing, str] = field(default_factory=dict)
    types: dict[Type, Type] = field(default_factory=dict)
    suppressions_differ: bool = False


def united(before: Catalogue, after: Catalogue) -> United:
    """The catalogue of both versions."""
    made = United(after)
    if before is after or before == after:
        return made
    columns: dict[int, Column] = {}
    tables = _tables(before, after, made, columns)
    attributes = _attributes(before, after, made, columns)
    joined = [name for name in before.customers.joined if name not in after.customers.joined]
    customers = replace(after.customers, attributes=attributes, joined=(*after.customers.joined, *joined))
    _whole(before, after, made)
    made.suppressions_differ = _channels(before) != _channels(after)
    made.catalogue = replace(
        after,
        tables=tables,
        customers=customers,
        events=_events(before, after, made),
        relations=_named(before.relations, after.relations, "relation", "the relation", made),
        consents=_consents(before, after, made),
        suppressions=_suppressions(before, after) if made.suppressions_differ else after.suppressions,
    )
    return made


def marked(segment: Segment, version: str) -> Segment:
    """A segment whose channels say which suppression lists of its own version bind it."""
    channels = sorted(channels_of(segment))
    marks = (version, *(f"{version} {channel}" for channel in channels))
    return replace(segment, header=replace(segment.header, channels=marks))


def _whole(before: Catalogue, after: Catalogue, made: United) -> None:
    """What binds every rule."""
    said = [
        ("the time zone changed", before.zone, after.zone),
        ("the day of anniversaries in common years changed", before.leap_day, after.leap_day),
        ("the key of the customers changed its type", before.customers.key.type, after.customers.key.type),
        ("who the customers are changed", _who(before), _who(after)),
        ("since when customers are known changed", before.customers.since, after.customers.since),
    ]
    for why, one, other in said:
        if text_of(one) != text_of(other):
            made.conflicts.setdefault(("catalogue", ""), why)


def _who(catalogue: Catalogue) -> object:
    customers = catalogue.customers
    return customers.derivation or customers.table


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
    if text_of(old.derive) != text_of(new.derive):
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
        why = None if one is None or other is None else why_other(one, other)
        if why is not None:
            made.conflicts["attribute", name] = f"the column `{name}` {why}"
    return found


# --- events and the rest


def _events(before: Catalogue, after: Catalogue, made: United) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for name in (*after.events, *(name for name in before.events if name not in after.events)):
        old, new = before.events.get(name), after.events.get(name)
        of = new or old
        assert of is not None
        if old is not None and new is not None:
            others = {
                item: why_other(old.properties[item], new.properties[item])
                for item in new.properties
                if item in old.properties
            }
            wrong = next(((item, why) for item, why in others.items() if why is not None), None)
            if wrong is not None:
                made.conflicts["event", name] = f"the property `{name}.{wrong[0]}` {wrong[1]}"
            elif event_key(old) != event_key(new):
                made.conflicts["event", name] = f"the event `{name}` is another one now"
            of = replace(new, properties=_columns(old.properties, new.properties, made, {}))
        found[name] = of
    return found


def _named(
    before: Mapping[str, Item], after: Mapping[str, Item], kind: str, words: str, made: United
) -> dict[str, Item]:
    """Both versions' things of a kind that are the same or not."""
    for name, item in after.items():
        if name in before and text_of(before[name]) != text_of(item):
            made.conflicts[kind, name] = f"{words} `{name}` changed"
    return {**before, **after}


def _consents(before: Catalogue, after: Catalogue, made: United) -> Consents:
    old, new = before.consents, after.consents
    channels = tuple(dict.fromkeys((*new.channels, *old.channels)))
    for channel in channels:
        one = old.columns.get(channel, old.table if channel in old.channels else None)
        other = new.columns.get(channel, new.table if channel in new.channels else None)
        if one is not None and other is not None and text_of((one, old.statuses)) != text_of((other, new.statuses)):
            made.conflicts["consent", channel] = f"where consent for `{channel}` stands changed"
    table = new.table or old.table
    return replace(
        new,
        channels=channels,
        columns={**old.columns, **new.columns},
        table=table,
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
