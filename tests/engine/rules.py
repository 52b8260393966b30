"""Random rules for any catalogue, as the text of a file: every construct that is evaluated, nested in one another."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from segrules.ir.catalogue import Catalogue, Column
from segrules.reference.windows import Clock
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
)
from tests.engine import chances, population, relations
from tests.engine.catalogues import PURPOSES
from tests.engine.chains import Chains
from tests.engine.data import SMALL, WORDS
from tests.engine.picking import Pick, chance, some
from tests.engine.rhythms import count_text, number_text

LISTS: Mapping[str, list[str]] = {"lists/some.csv": ["web", "DE", "1", "10", "Straße", ""]}

_NUMBERS = (IntegerType, DecimalType, FloatType)
_ORDERS = ("=", "!=", "<", "<=", ">", ">=")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PATTERNS = ("^w.b$", "(?i)we", "[a-z]+$", "^$", "\\\\bweb\\\\b", ".", "web|DE")
_LITERALS = (*WORDS, "e\u0301", "\u00e9", "\u212a", "x", "😀")
_SUMMED = ("total of", "average of")
_ORDERED = ("median of", "smallest of", "largest of")
_TAKEN = ("first", "last", "most frequent")


def rules(pick: Pick, catalogue: Catalogue, as_of: datetime) -> str:
    """The text of one rule file."""
    return "\n".join(_Rules(pick, catalogue, as_of).file())


def chains(pick: Pick, catalogue: Catalogue, as_of: datetime) -> str:
    """The text of a rule file of segments that are one chain each."""
    made = _Rules(pick, catalogue, as_of)
    return "\n".join(f"segment s{number}\n  where {made.chain()}" for number in range(4))


@dataclass
class _Scope:
    """What may be named: the customer's attributes, or the properties of a row of `row`'s events.

    Inside a row what is the customer's is written behind `customer.`.
    """

    columns: Mapping[str, Column]
    prefix: str = ""
    row: bool = False


@dataclass
class _Defined:
    """Names of the file so far, by what they stand for."""

    conditions: list[str] = field(default_factory=list)
    numbers: list[tuple[str, Type]] = field(default_factory=list)
    texts: list[tuple[str, TextType]] = field(default_factory=list)
    times: list[tuple[str, Type]] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)


class _Rules:
    def __init__(self, pick: Pick, catalogue: Catalogue, as_of: datetime) -> None:
        self._pick = pick
        self._catalogue = catalogue
        self._clock = Clock(as_of, catalogue.zone)
        self._names = _Defined()
        self._customer = _Scope({**catalogue.customers.attributes, **relations.columns(catalogue)})
        self._members = relations.members(catalogue)

    # --- blocks

    def file(self) -> list[str]:
        """Blocks, each of which may use all that stand before it."""
        pick = self._pick
        lines = self._ruleset()
        for name in some(pick, ("c1", "c2")):
            lines.append(f"define {name} as {self.condition(2)}")
            self._names.conditions.append(name)
        for name in some(pick, ("v1", "v2", "v3")):
            lines.append(self._defined_value(name))
        if chance(pick, 2):
            lines += self._score("s1")
        if chance(pick, 2):
            lines += self._partition("p1")
        for name in ("a", "b", "c", "d")[: pick((2, 1, 3, 4))]:
            lines += self._segment(name)
            self._names.segments.append(name)
        if chance(pick, 2):
            lines += self._score("s2")
            lines += ["segment banded", f"  where {self._band_test()}"]
        if chance(pick, 3):
            lines += self._partition("p2")
        return lines

    def _ruleset(self) -> list[str]:
        pick, lines = self._pick, []
        if chance(pick, 3):
            lines = ["ruleset generated"]
            lines += self._header()
            if chance(pick, 2):
                lines.append(f"  eligible {self.condition(0)}")
            if self._channels() and chance(pick, 2):
                lines.append(f"  consent {self._consent()}")
            lines += chances.caps(pick, self._channels(), lambda: self.condition(1))
        return lines

    def _header(self) -> list[str]:
        lines = []
        if chance(self._pick, 3) and self._catalogue.consents.purposes:
            lines.append(f"  purpose {', '.join(some(self._pick, PURPOSES) or PURPOSES[:1])}")
        if chance(self._pick, 3) and self._channels():
            lines.append(f"  channel {', '.join(some(self._pick, self._channels()) or self._channels()[:1])}")
        return lines

    def _defined_value(self, name: str) -> str:
        kind = self._pick(("number", "number", "text", "time"))
        if kind == "text":
            text, listed = self._text(self._customer)
            self._names.texts.append((name, listed))
            return f"define {name} as {text}"
        if kind == "time":
            text, of = self._time(self._customer)
            self._names.times.append((name, of))
            return f"define {name} as {text}"
        text, of = self.number(self._customer, 2)
        self._names.numbers.append((name, of))
        return f"define {name} as {text}"

    def _score(self, name: str) -> list[str]:
        pick, lines = self._pick, [f"score {name}"]
        if chance(pick, 2):
            lines.append(f"  among {self.condition(1)}")
        ranks = [f"r{number}" for number in range(pick((2, 1, 4)))]
        for rank in ranks:
            by, numeric = self._rankable()
            best = pick(("high", "low"))
            start = pick(("", "from 0 ", "", "from -2 "))
            kind = pick(("bands", "many", "equal", "ties", "cuts"))
            if kind == "cuts" and numeric:
                cut = pick(("[0]", "[-1, 0, 2.5]", "[1, 2, 10, 100000000000000000000]"))
                lines.append(f"  rank {rank} by {by} into bands at {cut} {start}, {best} is best")
            elif kind == "equal":
                lines.append(f"  rank {rank} by {by} into {pick((2, 3, 5))} equal bands {start}, {best} is best")
            elif kind == "ties":
                ties, _ = self._rankable()
                lines.append(
                    f"  rank {rank} by {by} into {pick((2, 3, 5))} equal bands {start}, {best} is best, ties by {ties}"
                )
            else:
                # So many bands that the report of the cut points shows every value.
                count = 1000 if kind == "many" else pick((5, 2, 3, 4))
                lines.append(f"  rank {rank} by {by} into {count} bands {start}, {best} is best")
        self._names.bands += [f"{name}.{rank}" for rank in ranks]
        return lines

    def _rankable(self) -> tuple[str, bool]:
        kind = self._pick(("number", "number", "number", "time", "ordered"))
        if kind == "time":
            return self._time(self._customer)[0], False
        ordered = self._ordered_texts(self._customer)
        if kind == "ordered" and ordered:
            return self._pick(ordered)[0], False
        return self.number(self._customer, 1)[0], True

    def _partition(self, name: str) -> list[str]:
        stages = ("one", "two", "three")[: self._pick((2, 1, 3))]
        lines = [
            f"partition {name}",
            *(f"  stage {stage} where {self.condition(2)}" for stage in stages),
            "  otherwise rest",
        ]
        self._names.stages += [f"{name}.{stage}" for stage in (*stages, "rest")]
        return lines

    def _segment(self, name: str) -> list[str]:
        pick = self._pick
        lines = [f"segment {name}", *self._header(), f"  where {self.condition(3)}"]
        out = [*self._names.segments, *self._names.stages, *self._names.conditions]
        attributes = self._catalogue.customers.attributes.values()
        out += [column.name for column in attributes if isinstance(column.type, BooleanType)]
        if out and chance(pick, 3):
            lines.append(f"  except {', '.join(dict.fromkeys(pick(out) for _ in range(pick((1, 2)))))}")
        if chance(pick, 3):
            lines.append(f"  eligible {self.condition(1)}")
        if self._channels() and chance(pick, 2):
            lines.append(f"  consent {self._consent()}")
        if chance(pick, 3):
            lines.append(chances.holdout(pick))
        return lines

    def _channels(self) -> tuple[str, ...]:
        return self._catalogue.consents.channels

    def _consent(self) -> str:
        channel = self._pick(self._channels())
        other = self._pick(self._channels())
        given = self._pick(
            ("", " given in the last 30 days", " given in the last 1 year", " given more than 7 days ago")
        )
        return self._pick((f"{channel}{given}", f"{channel} and {other}{given}", f"{channel}{given} or {other}"))

    # --- conditions

    def condition(self, depth: int, scope: _Scope | None = None) -> str:
        """A condition about the customer, or inside a row about that row."""
        pick = self._pick
        scope = scope or self._customer
        if depth > 0:
            match pick(("piece", "piece", "and", "or", "not")):
                case "and":
                    return f"({self.condition(depth - 1, scope)}) and ({self.condition(depth - 1, scope)})"
                case "or":
                    return f"({self.condition(depth - 1, scope)}) or ({self.condition(depth - 1, scope)})"
                case "not":
                    return f"not ({self.condition(depth - 1, scope)})"
                case _:
                    pass
        return self._piece(scope)

    def _piece(self, scope: _Scope) -> str:
        ways = [self._number_test, self._number_test, self._text_test, self._time_test, self._flag, self._known]
        ways += [self._list_test, self._anniversary]
        if not scope.row:
            ways += [
                self._did,
                self._did,
                self._did,
                self._edge_row,
                self._number_test,
                self._since,
                self._consent_state,
                self._sample,
                self._top,
            ]
            ways += [self._quantified, self._quantified] if self._members else []
        elif chance(self._pick, 6):
            # Whatever is said of the customer may be said inside a row as well.
            ways = [self._did, self._edge_row, self._sample, self._top]
            ways += [self._quantified] if self._members else []
        ways.append(self._named)
        return self._pick(ways)(scope)

    # --- everybody

    def _top(self, scope: _Scope) -> str:
        names = [name for name, _ in (*self._named_numbers(), *self._named_times())]
        names += [name for name, of in self._of_order()] + self._names.bands
        return population.top(self._pick, names, self._whom) if names else self._flag(scope)

    def _whom(self) -> str:
        return self.condition(self._pick((0, 1)))

    def _figure(self) -> tuple[str, Type]:
        return population.number(self._pick, self._named_numbers(), self._numbers_of_rows, self._whom)

    def _numbers_of_rows(self) -> tuple[str, Type]:
        event = self._event()
        properties = self._catalogue.events[event].properties.values()
        column = self._pick([item for item in properties if isinstance(item.type, (*_NUMBERS, MoneyType))])
        return f"{event}.{column.name} {self._selection((event,))}", column.type

    def _named_numbers(self) -> list[tuple[str, Type]]:
        return [*self._of_types((*_NUMBERS, MoneyType)), *self._names.numbers]

    def _named_times(self) -> list[tuple[str, Type]]:
        return [*self._of_types((DateType, TimestampType)), *self._names.times]

    def _of_order(self) -> list[tuple[str, Type]]:
        return [(name, of) for name, of in self._of_types((TextType,)) if isinstance(of, TextType) and of.ordered]

    def _of_types(self, types: tuple[type[Type], ...]) -> list[tuple[str, Type]]:
        columns = self._customer.columns.items()
        return [(name, column.type) for name, column in columns if isinstance(column.type, types)]

    def _flag(self, scope: _Scope) -> str:
        flags = self._of(scope, BooleanType)
        if not flags:
            return self._number_test(scope)
        flag = self._pick(flags)
        other = self._pick(flags)
        return self._pick((flag, flag, f"{flag} = {other}", f"{flag} != true", f"{flag} = false"))

    def _quantified(self, scope: _Scope) -> str:
        return f"{self._pick(('any', 'none', 'all'))} of {self._pick(self._members)} ({self._of_each()})"

    def _of_each(self) -> str:
        """A condition on each of the customers who share a key; wherever it stands, bare names are theirs."""
        return self.condition(self._pick((0, 0, 1)), self._customer)

    def _named(self, scope: _Scope) -> str:
        names = [scope.prefix + name for name in self._names.conditions]
        if not scope.row or chance(self._pick, 4):
            names += [f"in segment {name}" for name in (*self._names.segments, *self._names.stages)]
        return self._pick(names) if names else self._flag(scope)

    def _known(self, scope: _Scope) -> str:
        value = self._pick((self._any_attribute, self._any_number, self._any_time, self._any_text))(scope)
        return f"{value} is {self._pick(('known', 'unknown'))}"

    def _any_attribute(self, scope: _Scope) -> str:
        return self._pick([*self._of(scope, _ANY)])

    def _any_number(self, scope: _Scope) -> str:
        return self.number(scope, 1)[0]

    def _any_time(self, scope: _Scope) -> str:
        return self._time(scope)[0]

    def _any_text(self, scope: _Scope) -> str:
        return self._text(scope)[0]

    def _since(self, scope: _Scope) -> str:
        if self._catalogue.customers.since is None:
            return self._flag(scope)
        return f"known for at least {self._pick(('30 days', '1 day', '1 month', '1 year', '2 weeks'))}"

    def _consent_state(self, scope: _Scope) -> str:
        if not self._channels():
            return self._flag(scope)
        value = f"consent.{self._pick(self._channels())}"
        state = self._pick(("granted", "withdrawn", "pending", "expired"))
        tests = (
            f'{value} = "{state}"',
            f'{value} != "{state}"',
            f'{value} in ["{state}", "granted"]',
            f"{value} is known",
        )
        return self._pick(tests)

    def _sample(self, scope: _Scope) -> str:
        return chances.sample(self._pick)

    def _list_test(self, scope: _Scope) -> str:
        lists = [(name, column) for name, column in self._named_columns(scope) if isinstance(column.type, ListType)]
        if not lists:
            return self._text_test(scope)
        name, column = self._pick(lists)
        assert isinstance(column.type, ListType)
        words = column.type.values or ("web", "a", "WEB", "DE")
        quantifier = self._pick(("any", "all", "none"))
        chosen = ", ".join(f'"{word}"' for word in (words[:1], words[:2], words[1:3])[self._pick(range(3))])
        return f"{name} has {quantifier} of [{chosen}]{self._case()}"

    def _anniversary(self, scope: _Scope) -> str:
        windows = ("in the next 30 days", "in the next 7 days", "in this year", "on 2023-02-28", "in the last 1 month",
                   "more than 30 days ago", "in the last 2 whole weeks", "from 2024-02-28 to 2024-03-01",
                   "more than 1 year ahead", "between 7 and 30 days ago", "in the next 1 day", "since 2023-02-28",
                   "before 2024-02-29", "after 2023-02-28")  # fmt: skip
        return f"{self._time(scope)[0]} has anniversary {self._pick(windows)}"

    # --- numbers

    def _number_test(self, scope: _Scope) -> str:
        pick = self._pick
        value, of = self.number(scope, 2)
        match pick(("compare", "compare", "other", "between", "in", "file")):
            case "other":
                other, _ = self._number_beside(scope, of)
                return f"{value} {pick(_ORDERS)} {other}"
            case "between":
                low, high = sorted((pick(SMALL), pick(SMALL)))
                other, beside = self.number(scope, 1)
                if chance(pick, 3) and _fits(of, beside):
                    return f"{value} between {self._amount(Fraction(low), of)} and {other}"
                return f"{value} between {self._amount(Fraction(low), of)} and {self._amount(Fraction(high), of)}"
            case "in":
                chosen = ", ".join(self._constant(of) for _ in range(pick((2, 1, 3))))
                return f"{value} {pick(('in', 'not in'))} [{chosen}]"
            case "file" if isinstance(of, IntegerType):
                return f'{value} {pick(("in", "not in"))} list "lists/some.csv"'
            case _:
                return f"{value} {pick(_ORDERS)} {self._constant(of)}"

    def _constant(self, of: Type) -> str:
        numbers = ("1", "0", "2", "3", "-1", "10", "2.5", "0.1", "0.3", "9223372036854775807", "-9223372036854775808",
                   "100000000000000000000", "12345678901234567890.123456789", "9007199254740993")  # fmt: skip
        return self._amount(Fraction(self._pick(numbers)), of)

    def _amount(self, number: Fraction, of: Type) -> str:
        scale = next(places for places in range(30) if (number * 10**places).denominator == 1)
        digits = str(int(abs(number) * 10**scale)).rjust(scale + 1, "0")
        text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
        sign = "-" if number < 0 else ""
        return f"{sign}{text} {of.currency}" if isinstance(of, MoneyType) else f"{sign}{text}"

    def number(self, scope: _Scope, depth: int) -> tuple[str, Type]:
        """A number or an amount, and its type."""
        pick = self._pick
        if depth > 0:
            match pick(("piece", "piece", "piece", "sum", "scaled", "divided", "negative", "percent")):
                case "sum":
                    left, of = self.number(scope, depth - 1)
                    right, other = self._number_beside(scope, of)
                    return f"({left} {pick(('+', '-'))} {right})", _joined(of, other)
                case "scaled":
                    value, of = self.number(scope, depth - 1)
                    factor = pick(("2", "0.5", "-3", "1000000000000"))
                    if chance(pick, 2):
                        return f"({factor} * {value})", _joined(of, DecimalType())
                    return f"({value} * {factor})", _joined(of, DecimalType())
                case "divided":
                    value, of = self.number(scope, depth - 1)
                    return f"({value} / {pick(('2', '3', '0.1', '-7'))})", _joined(of, DecimalType())
                case "negative":
                    value, of = self.number(scope, depth - 1)
                    return f"(-{value})", of
                case "percent":
                    value, of = self.number(scope, depth - 1)
                    return f"({pick(('20%', '150%', '0.1%'))} of {value})", _joined(of, DecimalType())
                case _:
                    pass
        return self._plain_number(scope)

    def _number_beside(self, scope: _Scope, of: Type) -> tuple[str, Type]:
        """A number that may stand beside one of type `of`."""
        for _ in range(4):
            value, other = self.number(scope, 1)
            if _fits(of, other):
                return value, other
        return self._constant(of), of

    def _plain_number(self, scope: _Scope) -> tuple[str, Type]:
        pick = self._pick
        named: list[tuple[str, Type]] = [
            (name, column.type)
            for name, column in self._named_columns(scope)
            if isinstance(column.type, (*_NUMBERS, MoneyType))
        ]
        named += [(scope.prefix + name, of) for name, of in self._names.numbers]
        if named and scope.row and not chance(pick, 9):
            return pick(named)
        match pick(("attribute", "count", "total", "days", "taken", "part", "bands", "related", "figure")):
            case "related" if self._members:
                each = pick(("", f" ({self._of_each()})"))
                return f"number of {pick(self._members)}{each}", IntegerType()
            case "figure":
                return self._figure()
            case "count":
                return pick((self._count_of_events, self._rhythm, self._count_of_values))()
            case "total":
                return self._combined()
            case "taken":
                return self._taken((*_NUMBERS, MoneyType)) or self._count_of_events()
            case "days":
                return f"days since {self._time(scope)[0]}", IntegerType("days")
            case "part":
                return f"month of {self._time(scope)[0]}", IntegerType()
            case "bands" if self._names.bands:
                return scope.prefix + pick(self._names.bands), IntegerType()
            case _:
                return pick(named) if named else self._count_of_events()

    def _count_of_events(self) -> tuple[str, Type]:
        return f"number of {self._source()}", IntegerType()

    def _rhythm(self) -> tuple[str, Type]:
        return number_text(self._pick, self._source)

    def _count_of_values(self) -> tuple[str, Type]:
        event = self._event()
        name = self._pick([*self._catalogue.events[event].properties])
        return f"distinct {event}.{name} {self._selection((event,))}", IntegerType()

    def _combined(self) -> tuple[str, Type]:
        pick, event = self._pick, self._event()
        properties = self._catalogue.events[event].properties.values()
        columns = [column for column in properties if isinstance(column.type, (*_NUMBERS, MoneyType))]
        column = pick(columns)
        kind = pick((*_SUMMED, *_ORDERED))
        of: Type = column.type
        if kind == "average of" and isinstance(of, IntegerType):
            of = DecimalType(of.unit)
        return f"{kind} {event}.{column.name} {self._selection((event,))}", of

    def _taken(self, types: tuple[type[Type], ...], kinds: Sequence[str] = _TAKEN) -> tuple[str, Type] | None:
        """A value taken from one row of an event."""
        event = self._event()
        properties = self._catalogue.events[event].properties.values()
        columns = [column for column in properties if isinstance(column.type, types)]
        if not columns:
            return None
        column = self._pick(columns)
        return f"{self._pick(kinds)} {event}.{column.name} {self._selection((event,))}", column.type

    # --- text

    def _text_test(self, scope: _Scope) -> str:
        pick = self._pick
        ordered = self._ordered_texts(scope)
        if ordered and chance(pick, 3):
            value, of = pick(ordered)
            assert of.values is not None
            word = pick(of.values)
            tests = [f'{value} {pick(_ORDERS)} "{word}"', f'{value} between "{of.values[0]}" and "{word}"']
            return pick([*tests, f'{value} in ["{word}", "{of.values[0]}"]'])
        value, of = self._text(scope)
        words = of.values or _LITERALS
        word, other = pick(words), pick(words)
        match pick(("equal", "in", "test", "matches", "other", "file")):
            case "in":
                return f'{value} {pick(("in", "not in"))} ["{word}", "{other}"]{self._case()}'
            case "test":
                return f'{value} {pick(("contains", "starts with", "ends with"))} "{pick(_LITERALS)}"{self._case()}'
            case "matches":
                return f'{value} matches "{pick(_PATTERNS)}"{self._case()}'
            case "file":
                return f'{value} {pick(("in", "not in"))} list "lists/some.csv"{self._case()}'
            case "other":
                return f"{value} {pick(('=', '!='))} {self._text(scope)[0]}{self._case()}"
            case _:
                return f'{value} {pick(("=", "!="))} "{word}"{self._case()}'

    def _case(self) -> str:
        return self._pick(("", "", " ignoring case"))

    def _text(self, scope: _Scope) -> tuple[str, TextType]:
        pick = self._pick
        named: list[tuple[str, TextType]] = []
        for name, column in self._named_columns(scope):
            if isinstance(column.type, TextType) and not column.type.ordered:
                named.append((name, column.type))
        named += [(scope.prefix + name, of) for name, of in self._names.texts]
        if named and (scope.row or not chance(pick, 3)):
            return pick(named)
        taken = self._taken((TextType,))
        if taken is not None and isinstance(taken[1], TextType) and not taken[1].ordered:
            return taken[0], taken[1]
        return pick(named) if named else ('"web"', TextType())

    def _ordered_texts(self, scope: _Scope) -> list[tuple[str, TextType]]:
        found: list[tuple[str, TextType]] = []
        for name, column in self._named_columns(scope):
            if isinstance(column.type, TextType) and column.type.ordered:
                found.append((name, column.type))
        if not scope.row:
            found.append((f"weekday of {self._time(scope)[0]}", TextType(_WEEKDAYS, ordered=True)))
            taken = self._taken((TextType,), ("smallest of", "largest of", "median of", "last", "first"))
            if taken is not None and isinstance(taken[1], TextType) and taken[1].ordered:
                found.append((taken[0], taken[1]))
        return found

    # --- time

    def _time_test(self, scope: _Scope) -> str:
        pick = self._pick
        value, of = self._time(scope)
        if chance(pick, 4):
            literal = self._day() if isinstance(of, DateType) else self._instant()
            return f"{value} {pick(_ORDERS)} {literal}"
        return f"{value} {pick(('is', 'was', 'is not'))} {self._window(of, ahead=True) or 'ever'}"

    def _time(self, scope: _Scope) -> tuple[str, Type]:
        pick = self._pick
        named: list[tuple[str, Type]] = [
            (name, column.type)
            for name, column in self._named_columns(scope)
            if isinstance(column.type, DateType | TimestampType)
        ]
        named += [(scope.prefix + name, of) for name, of in self._names.times]
        if named and (scope.row or not chance(pick, 2)):
            return pick(named)
        everybody = self._named_times()
        if everybody and chance(pick, 6):
            value, kind = pick(everybody)
            return population.ordered(pick, [value], self._whom), kind
        event = self._event()
        taken = self._taken(
            (DateType, TimestampType), ("smallest of", "largest of", "median of", "last", "most frequent")
        )
        if taken is not None and chance(pick, 3):
            return taken
        return f"{pick(('last', 'first'))} {event} {self._selection((event,))}", self._time_type((event,))

    def _time_type(self, events: Sequence[str]) -> Type:
        found = [self._catalogue.events[name] for name in events]
        types = [self._catalogue.tables[event.table].columns[event.time].type for event in found]
        return next((of for of in types if isinstance(of, DateType)), types[0])

    def _window(self, of: Type, *, ahead: bool = False) -> str:
        day, later = sorted((self._a_day(), self._a_day()))
        windows = [
            "", "in the last 7 days", "in the last 30 days", "more than 30 days ago", "between 7 and 30 days ago",
            "in the last 1 month", "in the last 1 year", "more than 1 month ago", "between 1 and 3 months ago",
            "in the last 2 whole weeks", "in the last 1 whole month", "in the last 1 whole day", "in this year",
            "in this month", "in this week", "in this day", "in this quarter", "in the last 1 whole quarter", "ever",
            f"since {day}", f"before {day}", f"on {day}", f"after {day}", f"from {day} to {later}",
            "in the last 1000 years",
        ]  # fmt: skip
        if ahead:
            windows += ["in the next 30 days", "in the next 1 month", "more than 30 days ahead", "in the next 1 day"]
        if isinstance(of, TimestampType):
            windows += ["in the last 3 hours", "in the last 24 hours", "between 1 hour and 7 days ago",
                        "more than 90 minutes ago",
                        f"since {self._instant()}", f"before {self._instant()}"]  # fmt: skip
            if ahead:
                windows += ["in the next 3 hours", "more than 30 hours ahead"]
        return self._pick(windows)

    def _a_day(self) -> str:
        today = self._clock.today
        steps = (0, -1, -7, -30, 30, -365)
        ordinal = min(max(today.toordinal() + self._pick(steps), 1), date.max.toordinal())
        return date.fromordinal(ordinal).isoformat()

    def _day(self) -> str:
        return self._a_day()

    def _instant(self) -> str:
        moment = self._clock.as_of
        step = self._pick((timedelta(0), timedelta(hours=-3), timedelta(microseconds=-1), timedelta(days=-7)))
        with suppress(OverflowError):
            moment += step
        return moment.isoformat().replace("+00:00", "Z")

    # --- events

    def _did(self, scope: _Scope) -> str:
        pick = self._pick
        events = self._events()
        where, window = self._filter(events), self._window(self._time_type(events))
        shown = events[0] if len(events) == 1 else f"any of {', '.join(events)}"
        if chance(pick, 4):
            return f"did {'not ' if len(events) == 1 else ''}{shown.replace('any of', 'none of')} {where} {window}"
        number = pick((1, 2, 3, 0))
        counts = ("", "", "once", f"at least {max(number, 1)} times", f"at most {number} times",
                  f"exactly {number} times",
                  f"more than {number} times", f"fewer than {max(number, 1)} times", "exactly once")  # fmt: skip
        if chance(pick, 3):
            alias, links = self._links(events)
            return f"did {shown} {alias} {where} {pick(counts)} {window} {links}"
        if chance(pick, 4):
            return f"did {shown} {where} {count_text(pick)}"
        return f"did {shown} {where} {pick(counts)} {window}"

    def chain(self) -> str:
        """A chain, plain or counted."""
        events = self._events()
        shown = events[0] if len(events) == 1 else f"any of {', '.join(events)}"
        alias, links = self._links(events)
        window = self._pick(("", self._window(self._time_type(events))))
        count = self._pick(("", "", "at least 2 times", "at most 1 times", "once"))
        return f"did {shown} {alias} {self._filter(events)} {count} {window} {links}"

    def _links(self, events: Sequence[str]) -> tuple[str, str]:
        """A name for the first step, or nothing, and what follows it."""
        alias = self._pick(("", "start"))
        row = lambda columns: self.condition(self._pick((0, 1)), _Scope(columns, "customer.", row=True))  # noqa: E731
        links = Chains(self._pick, self._catalogue, row).links(events, self._shared(events), alias)
        return (f"as {alias}" if alias else ""), links

    def _edge_row(self, scope: _Scope) -> str:
        event = self._event()
        inner = _Scope(self._catalogue.events[event].properties, "customer.", row=True)
        test = self.condition(self._pick((0, 1)), inner)
        row = f"{self._pick(('last', 'first'))} {event} {self._selection((event,))}"
        return f"{row} was {self._pick(('', 'not '))}({test})"

    def _event(self) -> str:
        return self._pick([*self._catalogue.events])

    def _events(self) -> tuple[str, ...]:
        one = self._event()
        if not chance(self._pick, 4):
            return (one,)
        return tuple(dict.fromkeys((one, self._event(), self._event())))

    def _source(self) -> str:
        events = self._events()
        shown = events[0] if len(events) == 1 else f"any of {', '.join(events)}"
        return f"{shown} {self._selection(events)}"

    def _selection(self, events: Sequence[str]) -> str:
        return f"{self._filter(events)} {self._window(self._time_type(events))}".strip()

    def _filter(self, events: Sequence[str]) -> str:
        pick = self._pick
        if not chance(pick, 3):
            return ""
        shared = self._shared(events)
        if not shared:
            return ""
        return f"where ({self.condition(pick((0, 1, 2)), _Scope(shared, 'customer.', row=True))})"

    def _shared(self, events: Sequence[str]) -> dict[str, Column]:
        """The properties that all of the events have."""
        shared = dict(self._catalogue.events[events[0]].properties)
        for event in events[1:]:
            other = self._catalogue.events[event].properties
            shared = {
                name: column for name, column in shared.items() if name in other and other[name].type == column.type
            }
        return shared

    # --- names

    def _named_columns(self, scope: _Scope) -> list[tuple[str, Column]]:
        """What can be named of the scope; inside a row the customer's attributes too, behind their prefix."""
        found = list(scope.columns.items())
        if scope.row:
            # Mostly the row's own.
            found += found + [(scope.prefix + name, column) for name, column in self._customer.columns.items()]
        return found

    def _of(self, scope: _Scope, types: type[Type] | tuple[type[Type], ...]) -> list[str]:
        return [name for name, column in self._named_columns(scope) if isinstance(column.type, types)]

    def _band_test(self) -> str:
        band = self._pick(self._names.bands)
        return self._pick(
            (f"{band} >= 2", f"{band} = 1", f"not ({band} > 1)", f"{band} is unknown", f"{band} between 2 and 3")
        )


_ANY = (*_NUMBERS, MoneyType, BooleanType, TextType, DateType, TimestampType, ListType)


def _fits(one: Type, other: Type) -> bool:
    """Whether two numbers may be added and compared."""
    if isinstance(one, MoneyType) or isinstance(other, MoneyType):
        return one == other
    assert isinstance(one, _NUMBERS)
    assert isinstance(other, _NUMBERS)
    return one.unit is None or other.unit is None or one.unit == other.unit


def _joined(one: Type, other: Type) -> Type:
    """The type of a sum or product; a unit on either side stays."""
    if isinstance(one, MoneyType) or isinstance(other, MoneyType):
        return one if isinstance(one, MoneyType) else other
    assert isinstance(one, _NUMBERS)
    assert isinstance(other, _NUMBERS)
    unit = one.unit or other.unit
    return FloatType(unit) if isinstance(one, FloatType) or isinstance(other, FloatType) else DecimalType(unit)
