"""Random chains: `then` and `without`, names of steps, keys, periods and comparisons with earlier rows."""

from collections.abc import Callable, Mapping, Sequence

from segrules.ir.catalogue import Catalogue, Column
from segrules.types.types import DateType, IntegerType, ListType, MoneyType, TextType, TimestampType, Type
from tests.engine.picking import Pick, chance

Columns = Mapping[str, Column]
Condition = Callable[[Columns], str]
"""A condition on a row with these properties, as text."""

_PERIODS = ("1 day", "7 days", "30 days", "2 weeks", "1 month", "1 quarter", "1 year", "1000 years")
_HOURS = ("3 hours", "24 hours", "90 minutes", "1 minute")
_ORDERS = ("=", "!=", "<", "<=", ">", ">=")


class Chains:
    """Makes chains over the events of a catalogue; `condition` tests a row by itself."""

    def __init__(self, pick: Pick, catalogue: Catalogue, condition: Condition) -> None:
        self._pick = pick
        self._catalogue = catalogue
        self._condition = condition

    def links(self, events: Sequence[str], shared: Columns, alias: str) -> str:
        """What follows a first row of `events` that has `shared` properties and perhaps a name, as text."""
        pick = self._pick
        # What may be named of earlier rows, by how it is written.
        named = self._named(alias or (events[0] if len(events) == 1 else ""), shared)
        used = {alias} if alias else set(events)
        reached, properties, made = list(events), shared, []
        for number in range(pick((1, 1, 2, 2, 3, 4))):
            kind = pick(("then", "then", "without"))
            event = pick([*events, *self._catalogue.events])
            columns = self._catalogue.events[event].properties
            name = f"step{number}" if kind == "then" and (event in used or chance(pick, 2)) else ""
            parts = [kind, event, f"as {name}" if name else "", self._where(columns, named)]
            parts += [self._same(properties, columns), self._within([*reached, event])]
            made.append(" ".join(part for part in parts if part))
            if kind == "then":
                used.add(name or event)
                named |= self._named(name or event, columns)
                reached, properties = [event], columns
        return " ".join(made)

    def _named(self, step: str, columns: Columns) -> dict[str, Type]:
        return {f"{step}.{name}": column.type for name, column in columns.items()} if step else {}

    def _where(self, columns: Columns, named: Mapping[str, Type]) -> str:
        pick, tests = self._pick, []
        if chance(pick, 3):
            tests.append(self._condition(columns))
        if chance(pick, 2):
            found = self._beside(columns, named)
            tests += [found] if found else []
        if chance(pick, 4):
            found = self._beside(columns, named)
            other = self._beside(columns, named) or "true"
            tests += [pick((f"({found} or {other})", f"not ({found})"))] if found else []
        return f"where ({' and '.join(tests)})" if tests else ""

    def _beside(self, columns: Columns, named: Mapping[str, Type]) -> str:
        """A comparison of a property of the row and one of an earlier row; nothing where none fit."""
        pick = self._pick
        pairs = [
            (own, earlier, column.type)
            for own, column in columns.items()
            for earlier, of in named.items()
            if column.type == of and not isinstance(of, ListType)
        ]
        if not pairs:
            return ""
        own, earlier, of = pick(pairs)
        unordered = isinstance(of, TextType) and not of.ordered
        match pick(("equal", "equal", "compare", "sum", "known", "turned")):
            case "compare" if isinstance(of, (IntegerType, MoneyType, DateType, TimestampType)):
                return f"{own} {pick(_ORDERS)} {earlier}"
            case "sum" if isinstance(of, IntegerType | MoneyType):
                return f"{own} {pick(_ORDERS)} 2 * {earlier} - {own}"
            case "known":
                return f"({own} = {earlier} or {earlier} is {pick(('known', 'unknown'))})"
            case "turned":
                return f"{earlier} {pick(('=', '!='))} {own}{' ignoring case' if unordered and chance(pick, 2) else ''}"
            case _:
                return f"{own} {pick(('=', '!='))} {earlier}"

    def _same(self, one: Columns, other: Columns) -> str:
        both = [name for name in other if name in one and one[name].type == other[name].type]
        both = [name for name in both if not isinstance(other[name].type, ListType)]
        if not both or not chance(self._pick, 2):
            return ""
        names = dict.fromkeys(self._pick(both) for _ in range(self._pick((1, 1, 2, 6))))
        return f"with same {', '.join(names)}"

    def _within(self, events: Sequence[str]) -> str:
        pick = self._pick
        if chance(pick, 3):
            return ""
        found = [self._catalogue.events[name] for name in events]
        days = any(isinstance(self._catalogue.tables[of.table].columns[of.time].type, DateType) for of in found)
        return f"within {pick(_PERIODS if days else (*_PERIODS, *_HOURS))}"
