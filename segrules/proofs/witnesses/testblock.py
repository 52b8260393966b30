"""A test into the block of the language that says it, ready to be pasted into a rule file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import groupby

from segrules.explain.literals import exact, number_words
from segrules.ir import nodes as ir
from segrules.ir.build import rounded
from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.testcases import Expectation, Expected, GivenConsent, GivenCustomer, GivenRow, Test
from segrules.proofs.witnesses.expected import in_order
from segrules.types.cells import Key
from segrules.types.types import FloatType, MoneyType, Type
from segrules.types.zones import start_of_day, zone

_WIDTH = 100
_PLAIN = re.compile(r"[^\W\d]\w*")
_QUOTED = frozenset(
    re.findall(
        r"\w+",
        """AND OR NOT all and any as average between bottom by consent customer days did distinct false first in is
        known largest last list longest median month most none not number of or population smallest top total true
        unknown was weekday where years""",
    )
)
"""Words that the language may take for its own where a test has a name."""

_UNIT = re.compile(r"[a-z]\w*")


class Unwritable(Exception):
    """The language has no words for something in a test, such as a text with a line end."""


def block(test: Test, catalogue: Catalogue) -> str:
    """The test as text, without a line end behind its last line; events in order of time.

    Raises:
        Unwritable: the test holds what the language cannot write.
    """
    return "\n".join(_Writer(catalogue).lines(test))


class _Writer:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._zone = zone(catalogue.zone)

    def lines(self, test: Test) -> Iterator[str]:
        yield f"test {text_words(test.title)}"
        yield f"  as of {self._moment(test.as_of)[1]}"
        several = len(test.customers) > 1
        for row in test.rows:
            yield from self._row(row)
        for path, entries in sorted(test.lists.items()):
            yield f"  given list {text_words(path)} = {_list(sorted(entries))}"
        for customer in test.customers:
            yield from self._customer(customer, several=several)
        for place, group in groupby(test.expectations, key=lambda item: item.customer):
            who = f"{_key(test.customers[place].key)} " if several else ""
            yield from _wrapped(f"  expect {who}", [self._expectation(item) for item in group])

    # --- what is given

    def _customer(self, given: GivenCustomer, *, several: bool) -> Iterator[str]:
        named = self._catalogue.customers.key.name in given.attributes
        first = "  given customer" + (f" {_key(given.key)}" if several or (given.key is not None and not named) else "")
        facts = self._assigned(given.attributes, self._catalogue.customers.attributes)
        facts += [
            f"{name_words(score)}.{name_words(rank)} = {self._value(value, value.type)}"
            for (score, rank), value in given.bands.items()
        ]
        alone = [item for item in given.consents if item.at is None]
        facts += [f"consent.{name_words(item.channel)} = {text_words(self._state(item))}" for item in alone]
        facts += [f"suppression.{name_words(name)} = true" for name in sorted(given.suppressions)]
        if facts:
            yield from _wrapped(f"{first} with ", facts, again="  given customer with ")
        elif several or first != "  given customer":
            yield first
        for consent in given.consents:
            if consent.at is not None:
                yield self._consent(consent, consent.at)
        for event in in_order(given.events, self._catalogue):
            how, when = self._moment(event.at)
            line = f"  given {name_words(event.event)} {how} {when}"
            values = self._assigned(event.properties, self._catalogue.events[event.event].properties)
            yield f"{line} with {', '.join(values)}" if values else line

    def _state(self, given: GivenConsent) -> str:
        if given.purpose is not None or (given.expiry is not None and given.state != "expired"):
            raise Unwritable("a consent with a purpose or an expiry, and without a time")
        return given.state

    def _consent(self, given: GivenConsent, at: date | datetime) -> str:
        how, when = self._moment(at)
        line = f"  given consent.{name_words(given.channel)} = {text_words(given.state)} {how} {when}"
        parts = [] if given.purpose is None else [f"purpose = {text_words(given.purpose)}"]
        parts += [] if given.expiry is None else [f"expiry = {self._moment(given.expiry)[1]}"]
        return f"{line} with {', '.join(parts)}" if parts else line

    def _row(self, row: GivenRow) -> Iterator[str]:
        names = [relation.name for relation in self._catalogue.relations.values() if relation.table == row.table]
        if not names:
            raise Unwritable(f"a row of `{row.table}`, to which no relation leads")
        values = self._assigned(row.values, self._catalogue.tables[row.table].columns)
        line = f"  given {name_words(names[0])} {_key(row.key)}"
        yield f"{line} with {', '.join(values)}" if values else line

    # --- what is expected

    def _expectation(self, item: Expectation) -> str:
        match item.target:
            case ir.InSegment(name):
                return f"{item.expected.value} {name_words(name)}"
            case ir.InStage(partition, stage):
                return f"{item.expected.value} {name_words(partition)}.{name_words(stage)}"
            case ir.Defined(name) if item.expected is Expected.IN:
                return f"{name_words(name)} = true"
            case ir.Not(ir.Defined(name)) if item.expected is Expected.IN:
                return f"{name_words(name)} = false"
            case ir.Compare(ir.CompareOp.EQ, left, ir.Literal() as right) if item.expected is Expected.IN:
                return f"{_of_value(left)} = {self._value(right, left.type)}"
            case _:
                raise Unwritable("a condition that has no name")

    # --- values

    def _assigned(self, values: Mapping[str, ir.Literal], columns: Mapping[str, Column]) -> list[str]:
        return [f"{name_words(name)} = {self._value(item, columns[name].type)}" for name, item in values.items()]

    def _value(self, literal: ir.Literal, of: Type) -> str:
        """The value as it stands beside one of type `of`."""
        value = literal.value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | Fraction):
            return _number(Fraction(value), of)
        if isinstance(value, str):
            return text_words(value)
        if isinstance(value, tuple):
            return _list(value)
        if isinstance(value, date):
            return self._moment(value)[1]
        raise Unwritable(f"the number {value}")

    def _moment(self, at: date | datetime) -> tuple[str, str]:
        """`on` a day, or `at` a time; a time is local where that says which, else in UTC."""
        if not isinstance(at, datetime):
            return "on", at.isoformat()
        try:
            local = at.astimezone(self._zone)
            if start_of_day(local.date(), self._zone) == at:
                return "on", local.date().isoformat()
            bare = local.replace(tzinfo=None, fold=0)
            if bare.replace(tzinfo=self._zone).astimezone(UTC) == at:
                return "at", _time(bare)
        except OverflowError:  # the ends of the calendar
            pass
        return "at", f"{_time(at.astimezone(UTC).replace(tzinfo=None))}Z"


def _time(at: datetime) -> str:
    return at.isoformat("T", "auto" if at.second or at.microsecond else "minutes")


def name_words(name: str) -> str:
    """A name as rules have it, between backticks where it could be read otherwise.

    >>> name_words("age"), name_words("last"), name_words("e mail")
    ('age', '`last`', '`e mail`')
    """
    if _PLAIN.fullmatch(name) and name not in _QUOTED:
        return name
    if "`" in name or "\n" in name or "\r" in name:
        raise Unwritable(f"the name {name!r}")
    return f"`{name}`"


def text_words(text: str) -> str:
    r"""Text in quotation marks, as rules have it.

    >>> print(text_words('12" of C:\\temp'))
    "12\" of C:\\temp"
    """
    if "\n" in text or "\r" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unwritable("a text with a line end, or with half a character")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(text_words, texts))}]"


def _key(key: Key | None) -> str:
    if isinstance(key, str):
        return text_words(key)
    if key is None or key < 0:
        raise Unwritable("a customer without a key that can be written")
    return str(key)


def _number(value: Fraction, of: Type) -> str:
    shown = number_words(value, of) if isinstance(of, FloatType) else exact(value)
    if "/" in shown or (isinstance(of, FloatType) and rounded(value, of) != value):
        raise Unwritable(f"the number {shown}")
    if isinstance(of, MoneyType):
        whole, point, decimals = shown.partition(".")
        return f"{whole}{point}{decimals.ljust(2, '0') if point else ''} {of.currency}"
    return shown


def _of_value(value: ir.Value) -> str:
    match value:
        case ir.Band(score, rank):
            return f"{name_words(score)}.{name_words(rank)}"
        case ir.Attribute(name) | ir.DefinedValue(name):
            return name_words(name)
        case ir.ConsentState(channel):
            return f"consent.{name_words(channel)}"
        case _:
            raise Unwritable("a value that has no name")


def _wrapped(start: str, parts: Iterable[str], again: str | None = None) -> Iterator[str]:
    """The parts in one line, or in as many as keep to the width."""
    line, empty = start, True
    for part in parts:
        if not empty and len(line) + len(part) + 2 > _WIDTH:
            yield line
            line, empty = again or start, True
        line, empty = line + part if empty else f"{line}, {part}", False
    yield line
