"""Two versions of catalogue, lists and cut points into what changed, with the segments that it reaches."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from segrules.governance.vocabulary import facts_of, is_sensitive, what
from segrules.ir.catalogue import Catalogue, Column, Labels, Suppression
from segrules.ir.fingerprint import text_of
from segrules.ir.meaning import Meanings
from segrules.ir.things import Thing
from segrules.proofs.changes.catalogues import OF_OTHERS, why_other
from segrules.text.span import Span
from segrules.types.types import ListType, TextType, describe
from segrules.workspace.diffs.result import CatalogChange

Reached = Callable[[Thing], tuple[str, ...]]
"""The segments that rest on something in either version, sorted."""


def catalogue_changes(before: Meanings, after: Meanings, reached: Reached) -> Iterator[CatalogChange]:
    """Everything that changed in the catalogue, list files and cut points, sorted by kind and name."""
    one, other = before.rules.catalogue, after.rules.catalogue
    if one != other:
        yield from _whole(before, after, reached)
        yield from _tables(one, other)
        attributes = one.customers.attributes, other.customers.attributes
        yield from _columns("attribute", "", *attributes, before, after, reached)
        yield from _events(before, after, reached)
        yield from _related(before, after, reached)
        for kind, old, new in (
            ("relation", one.relations, other.relations),
            ("suppression", one.suppressions, other.suppressions),
            ("cap", one.caps, other.caps),
        ):
            yield from _named(kind, old, new, before, after, reached)
        for channel in dict.fromkeys((*one.consents.channels, *other.consents.channels)):
            was, now = channel in one.consents.channels, channel in other.consents.channels
            thing = "consent", channel
            if was is not now:
                change = "added" if now else "removed"
                yield CatalogChange("consent", channel, change, f"the channel was {change}", reached(thing))
            elif before.key(thing) != after.key(thing):
                yield CatalogChange("consent", channel, "changed", "where it stands changed", reached(thing))
    yield from _lists(before, after, reached)
    yield from _cuts(before, after, reached)


def _whole(before: Meanings, after: Meanings, reached: Reached) -> Iterator[CatalogChange]:
    one, other = before.rules.catalogue, after.rules.catalogue
    said = (("time zone", one.zone, other.zone), ("leap day", one.leap_day.value, other.leap_day.value))
    for name, was, now in said:
        if was != now:
            yield CatalogChange("catalogue", name, "changed", f"`{now}`, was `{was}`", reached(("calendar", "")))
    thing = "customers", ""
    if before.key(thing) != after.key(thing):
        detail = "who the customers are, or since when they are known, changed"
        span = _at(other.customers.span)
        yield CatalogChange("catalogue", "customers", "changed", detail, reached(thing), span=span)


def _tables(one: Catalogue, other: Catalogue) -> Iterator[CatalogChange]:
    for name in sorted({*one.tables, *other.tables}):
        was, now = one.tables.get(name), other.tables.get(name)
        if was is None and now is not None:
            yield CatalogChange("table", name, "added", f"read from `{now.path}`", span=_at(now.span))
        elif now is None and was is not None:
            yield CatalogChange("table", name, "removed", f"was read from `{was.path}`")
        elif was is not None and now is not None:
            how = [text_of((item.path, item.format, item.csv, item.hive, item.key)) for item in (was, now)]
            if how[0] != how[1]:
                detail = f"read from `{now.path}`, was `{was.path}`" if was.path != now.path else "is read otherwise"
                yield CatalogChange("table", name, "changed", detail, span=_at(now.span))


def _columns(
    kind: str,
    of: str,
    old: Mapping[str, Column],
    new: Mapping[str, Column],
    before: Meanings,
    after: Meanings,
    reached: Reached,
) -> Iterator[CatalogChange]:
    """What changed in columns, each a thing of a kind; `of` is what stands before their names."""
    for name in sorted({*old, *new}):
        thing = kind, f"{of}{name}"
        remade = name in old and name in new and before.key(thing) != after.key(thing)
        yield from _column(thing[1], old.get(name), new.get(name), reached(thing), remade=remade)


def _column(
    name: str, old: Column | None, new: Column | None, segments: tuple[str, ...], *, remade: bool
) -> Iterator[CatalogChange]:
    """What changed in a column; `remade` says that it is made of other data, whatever it says itself."""
    if old is None and new is not None:
        detail, sensitive = describe(new.type), _sensitive(new)
        said = "".join(f"; {item}" for item in sorted(sensitive))
        yield CatalogChange("column", name, "added", detail + said, segments, bool(sensitive), _at(new.span))
    elif new is None and old is not None:
        yield CatalogChange("column", name, "removed", describe(old.type), segments)
    elif old is not None and new is not None and (remade or old != new):
        came, went = _sensitive(new) - _sensitive(old), _sensitive(old) - _sensitive(new)
        parts = [*_parts(old, new)]
        parts += [OF_OTHERS] if remade and why_other(old, new) is None else []
        parts += [f"newly {item}" for item in sorted(came)] + [f"no longer {item}" for item in sorted(went)]
        if parts:
            yield CatalogChange(
                "column", name, "changed", "; ".join(parts), segments, bool(came or went), _at(new.span)
            )


def _parts(old: Column, new: Column) -> Iterator[str]:
    """In what two columns of one name differ."""
    other = why_other(old, new)
    if other is not None:
        yield other
    elif isinstance(new.type, TextType | ListType) and isinstance(old.type, TextType | ListType):
        was, now = old.type.values, new.type.values
        if was != now:
            came = () if now is None else tuple(value for value in now if value not in (was or ()))
            went = () if was is None else tuple(value for value in was if value not in (now or ()))
            yield from (f"may be {_values(came)}, too" for _ in (1,) if came and was is not None)
            yield from (f"may no longer be {_values(went)}" for _ in (1,) if went and now is not None)
            yield from ("its list of values was opened" for _ in (1,) if now is None)
            yield from (f"may only be {_values(came)}" for _ in (1,) if was is None)
    if old.nullable is not new.nullable:
        yield "may be missing" if new.nullable else "may no longer be missing"
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        yield f"its range is {_range(new)}, was {_range(old)}"
    if old.physical != new.physical:
        yield f"is read from the column `{new.physical}`, was `{old.physical}`"
    if text_of((old.labels, old.value_labels)) != text_of((new.labels, new.value_labels)):
        yield "its labels changed"


def _values(values: tuple[str, ...]) -> str:
    shown = [f"`{value}`" for value in values]
    return ", ".join(shown) if len(shown) <= 8 else f"{', '.join(shown[:7])} and {len(shown) - 7} more"


def _range(column: Column) -> str:
    least, most = column.minimum, column.maximum
    if least is None:
        return "without limits" if most is None else f"up to {most}"
    return f"from {least} on" if most is None else f"{least} to {most}"


def _sensitive(column: Column) -> set[str]:
    """What the labels of a column and of its values say that is worth telling."""
    found = _words(column.labels)
    for value, labels in column.value_labels.items():
        found |= {f"{words} (where it is `{value}`)" for words in _words(labels)}
    return found


def _words(labels: Labels) -> set[str]:
    return {what(fact) for fact in facts_of(labels, "") if is_sensitive(fact)}


def _events(before: Meanings, after: Meanings, reached: Reached) -> Iterator[CatalogChange]:
    one, other = before.rules.catalogue.events, after.rules.catalogue.events
    for name in sorted({*one, *other}):
        was, now = one.get(name), other.get(name)
        thing = "event", name
        segments = reached(thing)
        if was is None and now is not None:
            yield CatalogChange("event", name, "added", f"rows of `{now.table}`", segments, span=_at(now.span))
        elif now is None and was is not None:
            yield CatalogChange("event", name, "removed", f"was rows of `{was.table}`", segments)
        elif was is not None and now is not None:
            labels = _words(now.labels) ^ _words(was.labels)
            parts = ["what counts as such an event changed"] if before.key(thing) != after.key(thing) else []
            parts += [f"rows of `{now.table}`, was `{was.table}`"] if was.table != now.table else []
            parts += [f"its labels changed: {item}" for item in sorted(labels)]
            if parts:
                detail = "; ".join(parts)
                yield CatalogChange("event", name, "changed", detail, segments, bool(labels), _at(now.span))
            yield from _columns("property", f"{name}.", was.properties, now.properties, before, after, reached)


def _related(before: Meanings, after: Meanings, reached: Reached) -> Iterator[CatalogChange]:
    one, other = before.rules.catalogue, after.rules.catalogue
    for name in sorted(one.relations):
        if name in other.relations:
            old, new = (item.tables[item.relations[name].table].columns for item in (one, other))
            yield from _columns("related", f"{name}.", old, new, before, after, reached)


def _named(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], before: Meanings, after: Meanings, reached: Reached
) -> Iterator[CatalogChange]:
    for name in sorted({*old, *new}):
        thing = kind, name
        if name not in old:
            yield CatalogChange(kind, name, "added", f"the {kind} is new", reached(thing), span=_at(new[name].span))
        elif name not in new:
            yield CatalogChange(kind, name, "removed", f"the {kind} is gone", reached(thing))
        elif before.key(thing) != after.key(thing) or _channels(old[name]) != _channels(new[name]):
            detail = f"the {kind} says something else"
            yield CatalogChange(kind, name, "changed", detail, reached(thing), span=_at(new[name].span))


def _channels(item: Any) -> tuple[str, ...]:
    """The channels that a suppression list is for; its members are told apart from whom it binds."""
    return tuple(sorted(item.channels)) if isinstance(item, Suppression) else ()


def _lists(before: Meanings, after: Meanings, reached: Reached) -> Iterator[CatalogChange]:
    """List files: how many entries came and went. Entries may be customers, and are not told."""
    if before.lists == after.lists:
        return
    one, other = before.entries, after.entries
    for path in sorted({*one, *other}):
        was, now = one.get(path), other.get(path)
        if was is None and now is not None:
            detail = f"{_count(len(now))} that rules now look up"
            yield CatalogChange("list", path, "added", detail, reached(("list", path)), span=Span(path, 1, 1, 1, 2))
        elif now is None and was is not None:
            yield CatalogChange("list", path, "removed", "no rule looks it up any more", reached(("list", path)))
        elif was is not None and now is not None and was != now:
            detail = f"{_count(len(now - was))} added, {_count(len(was - now))} removed"
            yield CatalogChange("list", path, "changed", detail, reached(("list", path)), span=Span(path, 1, 1, 1, 2))


def _cuts(before: Meanings, after: Meanings, reached: Reached) -> Iterator[CatalogChange]:
    """Cut points of frozen bands, which stand in the lock file."""
    for name, score in sorted(after.rules.scores.items()):
        earlier = before.rules.scores.get(name)
        for rank, item in score.ranks.items():
            old = None if earlier is None else earlier.ranks.get(rank)
            if old is not None and old.bands.frozen and item.bands.frozen and old.bands.cuts != item.bands.cuts:
                detail = f"cut at {_cut_words(item.bands.cuts)}, was {_cut_words(old.bands.cuts)}"
                yield CatalogChange("cut points", f"{name}.{rank}", "changed", detail, reached(("score", name)))


def _cut_words(cuts: tuple[Any, ...] | None) -> str:
    return "nothing yet" if cuts is None else ", ".join(str(cut) for cut in cuts)


def _count(number: int) -> str:
    return f"{number:,} entr{'y' if number == 1 else 'ies'}"


def _at(span: Span) -> Span | None:
    return span if span.line else None
