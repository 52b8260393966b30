"""Who is in a segment as a short text: it changes where the meaning may have changed, and not where words do.

Names are followed, ways of writing that mean the same give one text (see `canonical.py`), and titles, comments, places
in files, and where the data lie do not count. Entries of list files count: they are reviewed like rules.
"""

import hashlib
from collections.abc import Iterator, Mapping

from segrules.ir import nodes as ir
from segrules.ir.canonical import Canonical
from segrules.ir.catalogue import Catalogue
from segrules.ir.fingerprint import text_of
from segrules.ir.membership import caps, qualifying, suppressions
from segrules.ir.origins import homes
from segrules.ir.rules import Rules, Score, Segment
from segrules.ir.walk import descendants, event_names, expressions_of

_FORM = "1"
"""Changes with the way in which these texts are made."""

_Key = tuple[str, ...]


class Meanings:
    """The texts of one sound rule set."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._canonical = Canonical(rules)
        self._homes = homes(rules.catalogue)

    def qualifies(self, segment: Segment) -> str:
        """Who qualifies, and which caps and suppression lists bind whom of them the segment may contact."""
        catalogue = self._rules.catalogue
        bound = caps(catalogue, segment)
        customers = catalogue.customers
        parts = [
            _FORM,
            text_of((catalogue.zone, catalogue.leap_day, customers.key.name, customers.table, customers.derivation)),
            self._canonical.condition(qualifying(segment)),
            *sorted(self._canonical.condition(cap.condition) for cap in bound),
            *(text_of(catalogue.suppressions[name]) for name in sorted(suppressions(catalogue, segment))),
        ]
        roots: list[ir.Expression] = [qualifying(segment), *(cap.condition for cap in bound)]
        if customers.derivation is not None and customers.derivation.where is not None:
            roots.append(customers.derivation.where)
        return short("\n".join([*parts, *self._followed(roots)]))

    def condition(self, condition: ir.Condition) -> str:
        """What a condition means, with all that it names."""
        return short("\n".join([_FORM, self._canonical.condition(condition), *self._followed([condition])]))

    def _followed(self, roots: list[ir.Expression]) -> list[str]:
        """What the canonical text of a condition names and does not spell out, sorted."""
        found: dict[_Key, str] = {}
        tables: set[str] = set()
        properties: set[str] = set()
        done: set[_Key] = set()
        waiting = list(roots)
        while waiting:
            for node in descendants(waiting.pop()):
                for key, text, parts in self._named(node):
                    if key not in done:
                        done.add(key)
                        waiting += parts
                        if text is not None:
                            found[key] = text
                tables.update(_tables(self._rules.catalogue, self._homes, node))
                properties.update(_properties(node))
            for table, name in sorted((table, name) for table in tables for name in properties):
                column = self._rules.catalogue.tables[table].columns.get(name)
                if column is not None and column.derive is not None and ("column", table, name) not in done:
                    done.add(("column", table, name))
                    found["column", table, name] = self._text(column.derive)
                    waiting.append(column.derive)
        return [f"{' '.join(key)} {found[key]}" for key in sorted(found)]

    def _named(self, node: ir.Node) -> Iterator[tuple[_Key, str | None, list[ir.Expression]]]:
        """What a node names: a key, its text where the canonical text lacks it, and the expressions it stands for."""
        rules = self._rules
        match node:
            case ir.Defined(name) | ir.DefinedValue(name):
                yield ("define", name), None, [rules.definitions[name].body]
            case ir.InSegment(name):
                yield ("segment", name), None, [qualifying(rules.segments[name])]
            case ir.InStage(name):
                stages = rules.partitions[name].stages
                text = text_of([(stage.name, self._text(stage.condition)) for stage in stages])
                yield ("partition", name), text, [stage.condition for stage in stages]
            case ir.Band(name, rank):
                score = rules.scores[name]
                yield ("rank", name, rank), self._rank(score, rank), list(expressions_of(score))
            case ir.Events():
                for name in event_names(node):
                    event = rules.catalogue.events[name]
                    how = (event.table, event.customer, event.time, event.order_by, event.grouping)
                    combined = () if event.grouping is None else event.grouping.properties.values()
                    parts = [part for part in (event.where, *(item.of for item in combined)) if part is not None]
                    where = None if event.where is None else self._text(event.where)
                    yield ("event", name), text_of((how, where)), parts
            case ir.Attribute(name):
                table, column = self._homes[name]
                derivation = rules.catalogue.customers.derivation
                chosen = None if derivation is None else derivation.attributes.get(name)
                derive = rules.catalogue.tables[table].columns[column].derive
                text = text_of((table, column, chosen, None if derive is None else self._text(derive)))
                yield ("attribute", name), text, [] if derive is None else [derive]
            case ir.RelatedColumn(relation=name) | ir.NumberOfRelated(relation=name) | ir.Quantified(relation=name):
                relation = rules.catalogue.relations[name]
                yield ("relation", name), text_of((relation.column, relation.table)), []
            case ir.InListFile(path=path):
                yield ("list", path), short("\0".join(sorted(node.entries))), []
            case ir.ConsentState(channel):
                yield ("consent", channel), consent_records(rules.catalogue, channel), []
            case _:
                pass

    def _rank(self, score: Score, name: str) -> str:
        bands = score.ranks[name].bands
        # Cut points of frozen bands are not written in the rules: they change when they are fitted again.
        how = (bands.direction, bands.count, bands.start, bands.equal, None if bands.frozen else bands.cuts)
        among = None if score.among is None else self._text(score.among)
        ties = None if bands.ties is None else self._text(bands.ties)
        return text_of((how, bands.frozen, among, self._text(score.ranks[name].by), ties))

    def _text(self, expression: ir.Expression) -> str:
        condition = expression if isinstance(expression, ir.Condition) else ir.IsKnown(expression)
        return self._canonical.condition(condition)


def consent_records(catalogue: Catalogue, channel: str) -> str:
    """Where consent to a channel is recorded and how it is spelled, as a text."""
    consents = catalogue.consents
    return text_of((consents.columns.get(channel), consents.table, consents.statuses, consents.purposes))


def short(text: str) -> str:
    """A digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _tables(catalogue: Catalogue, origins: Mapping[str, tuple[str, str]], node: ir.Node) -> Iterator[str]:
    """The tables whose columns a node may speak of."""
    match node:
        case ir.Events():
            yield from (catalogue.events[name].table for name in event_names(node))
        case ir.Attribute(name):
            yield origins[name][0]
        case ir.RelatedColumn(relation=name):
            yield catalogue.relations[name].table
        case _:
            pass


def _properties(node: ir.Node) -> Iterator[str]:
    match node:
        case ir.Property(name) | ir.StepProperty(name=name) | ir.RelatedColumn(column=name):
            yield name
        case ir.Link():
            yield from node.same
        case _:
            pass
