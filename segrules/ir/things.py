"""What the things of a rule set rest on: which definitions, columns, events, lists and the rest they name."""

from collections.abc import Iterable, Iterator

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.membership import caps, suppressions
from segrules.ir.origins import homes, names_in, within
from segrules.ir.rules import Rules
from segrules.ir.walk import conditions_of, descendants, event_names, expressions_of, named_by

Thing = tuple[str, str]
"""Something that a segment rests on: its kind, and its name.

Kinds are `segment`, `define`, `score`, `partition` and `list` of the rules, and `attribute`, `event`, `property` (as in
`purchase.amount`), `relation`, `related` (a column, as in `account.plan`), `consent`, `suppression`, `cap` and
`customers` (who they are) of the catalogue, and `calendar`, by which days are counted. `contact` is what says whom a
segment may contact.
"""

EVERYWHERE: tuple[Thing, ...] = (("calendar", ""), ("customers", ""))
"""What everything rests on."""


class Things:
    """What rests on what in one sound rule set; what was asked once is remembered."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._homes = homes(rules.catalogue)
        self._direct: dict[Thing, tuple[Thing, ...]] = {}

    def reached(self, things: Iterable[Thing]) -> frozenset[Thing]:
        """These things and all that they rest on."""
        found: set[Thing] = set()
        waiting = [*EVERYWHERE, *things]
        while waiting:
            thing = waiting.pop()
            if thing not in found:
                found.add(thing)
                waiting += self._below(thing)
        return frozenset(found)

    def named(self, roots: Iterable[ir.Expression]) -> Iterator[Thing]:
        """What expressions name themselves."""
        for root in roots:
            events: list[str] = []
            columns: list[str] = []
            for node in descendants(root):
                match node:
                    case ir.Attribute(name):
                        yield "attribute", name
                    case ir.InListFile(path=path):
                        yield "list", path
                    case ir.Events():
                        events += event_names(node)
                    case ir.Property(name) | ir.StepProperty(name=name):
                        columns.append(name)
                    case ir.Link():
                        columns += node.same
                    case ir.ConsentState(channel):
                        yield "consent", channel
                    case ir.RelatedColumn(relation=name, column=column):
                        yield "relation", name
                        yield "related", f"{name}.{column}"
                    case ir.NumberOfRelated(relation=name) | ir.Quantified(relation=name):
                        yield "relation", name
                    case _ if (thing := named_by(node)) is not None:
                        yield thing
                    case _:
                        pass
            yield from self._of_events(events, columns)

    def _of_events(self, events: Iterable[str], columns: Iterable[str]) -> Iterator[Thing]:
        """The events that an expression names, with all properties that it may mean."""
        for name in dict.fromkeys(events):
            yield "event", name
            held = self._rules.catalogue.events[name].properties
            yield from (("property", f"{name}.{column}") for column in dict.fromkeys(columns) if column in held)

    def _below(self, thing: Thing) -> tuple[Thing, ...]:
        if thing not in self._direct:
            self._direct[thing] = tuple(dict.fromkeys(self._named_by(thing)))
        return self._direct[thing]

    def _named_by(self, thing: Thing) -> Iterator[Thing]:
        kind, name = thing
        rules, catalogue = self._rules, self._rules.catalogue
        match kind:
            case "segment":
                yield from self.named(conditions_of(rules.segments[name]))
            case "contact":
                segment = rules.segments[name]
                asked = (item.channel for clause in segment.consents for way in clause.any_of for item in way)
                yield from (("consent", channel) for channel in asked)
                yield from (("suppression", item) for item in suppressions(catalogue, segment))
                for cap in caps(catalogue, segment):
                    yield from [] if cap.name is None else [("cap", cap.name)]
                    yield from self.named([cap.condition])
            case "define":
                yield from self.named([rules.definitions[name].body])
            case "score":
                yield from self.named(expressions_of(rules.scores[name]))
            case "partition":
                yield from self.named(stage.condition for stage in rules.partitions[name].stages)
            case "relation":
                yield "attribute", catalogue.relations[name].column
            case "consent":
                kept = catalogue.consents.columns.get(name)
                if kept is not None:
                    columns = (kept.state, kept.time, kept.expiry)
                    yield from (("attribute", column) for column in columns if column is not None)
            case "attribute":
                for column in self.columns(thing).values():
                    if column.derive is not None:
                        named = names_in(column.derive)
                        yield from (("attribute", item) for item in named if item in catalogue.customers.attributes)
            case _:
                pass

    def table_of(self, attribute: str) -> str | None:
        """The table from which an attribute of customers comes; None for one that is in none."""
        return self._homes[attribute][0] if attribute in self._homes else None

    def columns(self, thing: Thing) -> dict[str, Column]:
        """The columns of a table from which a thing of the catalogue is made, with all that those are computed from."""
        kind, name = thing
        catalogue = self._rules.catalogue
        match kind:
            case "attribute":
                table, column = self._homes.get(name, (None, ""))
                return {} if table is None else within(catalogue.tables[table], [column])
            case "event":
                event = catalogue.events[name]
                by = () if event.grouping is None else event.grouping.by
                names = (event.customer, event.time, *event.order_by, *by)
                return within(catalogue.tables[event.table], [*names, *_read(catalogue, thing)])
            case "property":
                name, _, of = name.partition(".")
                event = catalogue.events[name]
                combined = event.grouping is not None and of in event.grouping.properties
                return within(catalogue.tables[event.table], _read(catalogue, thing) if combined else [of])
            case "relation":
                table = catalogue.relations[name].table
                key = catalogue.tables[table].key
                return {} if key is None else within(catalogue.tables[table], [key])
            case "related":
                name, _, of = name.partition(".")
                return within(catalogue.tables[catalogue.relations[name].table], [of])
            case "consent":
                place = catalogue.consents.table
                if place is None or name in catalogue.consents.columns:
                    return {}
                names = (place.customer, place.channel, place.status, place.time)
                more = [item for item in (place.purpose, place.expiry) if item is not None]
                return within(catalogue.tables[place.table], [*names, *more])
            case "suppression":
                suppression = catalogue.suppressions[name]
                return within(catalogue.tables[suppression.table], [suppression.customer])
            case "customers":
                made = catalogue.customers.derivation
                if made is None:
                    return {}
                names = (made.key, made.time, *made.order_by)
                return within(catalogue.tables[made.table], [*names, *_read(catalogue, thing)])
            case _:
                return {}


def conditions_on_rows(catalogue: Catalogue, thing: Thing) -> list[ir.Expression]:
    """What is asked of, or made of, the rows of a table by something of the catalogue; derived columns left out."""
    kind, name = thing
    found: ir.Expression | None = None
    match kind:
        case "event":
            found = catalogue.events[name].where
        case "property":
            name, _, of = name.partition(".")
            grouping = catalogue.events[name].grouping
            combined = None if grouping is None else grouping.properties.get(of)
            found = None if combined is None else combined.of
        case "customers":
            made = catalogue.customers.derivation
            found = None if made is None else made.where
        case _:
            pass
    return [] if found is None else [found]


def _read(catalogue: Catalogue, thing: Thing) -> list[str]:
    return [name for expression in conditions_on_rows(catalogue, thing) for name in names_in(expression)]
