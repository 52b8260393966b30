"""A world so small that all of its customers can be looked at: what proofs say must hold for each of them.

A customer is `vip` or not, has a `tier` of two and 0 to 2 `visits`, each perhaps unknown; has granted consent to
e-mail, withdrawn it or said nothing; and bought at most twice, on one of three days, 1 or 2 pieces or an unknown
number. Segments are random text, bound as any other; the reference interpreter says who is in them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import combinations_with_replacement, product
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

from segrules.evaluation.needed import cut_down, reach
from segrules.explain.reads import reads_of
from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Constant, Literal
from segrules.ir.rules import Rules
from segrules.ir.testcases import GivenConsent, GivenCustomer, GivenEvent
from segrules.reference.evaluate import evaluate
from segrules.semantics.catalogue import read_catalogue
from segrules.testing.rows import Writer
from segrules.testing.variant import Variant
from segrules.text.source import Source
from segrules.types.types import IntegerType
from tests.conformance.cases import bind_text, errors

ZONE = ZoneInfo("Europe/London")
AS_OF = datetime(2026, 11, 1, tzinfo=ZONE)
DAYS = (date(2026, 10, 29), date(2026, 10, 12), date(2026, 8, 31))
CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: id
    columns:
      id: integer
      vip: boolean
      tier: {type: text, values: [web, trade]}
      visits: {type: integer, range: [0, 2]}
      mail: {type: text, values: [granted, withdrawn]}
  orders:
    path: orders.csv
    columns:
      id: {type: integer, nullable: false}
      person: {type: integer, nullable: false}
      day: {type: date, nullable: false}
      pieces: {type: integer, range: [1, 2]}
customers: {table: people}
events:
  buy: {table: orders, customer: person, time: day, id: id}
consents:
  columns:
    email: {state: mail}
"""


Flags = tuple[bool, ...]


@dataclass(frozen=True)
class Found:
    """Who is in a segment, a bit for each of `everybody()`.

    `surely` qualify, `perhaps` do or may, as something is unknown; `members` surely do and may be contacted.
    """

    members: int
    surely: int
    perhaps: int


@cache
def catalogue() -> Catalogue:
    """The catalogue of the world."""
    found, findings = read_catalogue(Source("catalog.yaml", CATALOGUE))
    assert found is not None, findings
    return found


Person = tuple[object, ...]
"""What is chosen of a customer: purchases, `vip`, `tier`, `visits` and the state of consent."""

_PARTS = ("buy", "vip", "tier", "visits", "email")


@cache
def people() -> tuple[Person, ...]:
    """All that can be chosen, the plainest of each part first."""
    rows = [(day, pieces) for day in DAYS for pieces in (None, 1, 2)]
    histories = [bought for size in range(3) for bought in combinations_with_replacement(rows, size)]
    choices = (histories, (None, False, True), (None, "web", "trade"), (None, 0, 1, 2), (None, "granted", "withdrawn"))
    return tuple(product(*choices))


@cache
def everybody() -> tuple[GivenCustomer, ...]:
    """All customers whom the world can have, those with fewer purchases first."""
    attributes = catalogue().customers.attributes
    return tuple(
        GivenCustomer(
            None,
            {
                name: Literal(value, attributes[name].type)
                for name, value in (("vip", vip), ("tier", tier), ("visits", visits))
                if value is not None
            },
            {},
            tuple(_bought(day, pieces) for day, pieces in bought),
            () if state is None else (GivenConsent("email", state, None),),
            frozenset(),
        )
        for bought, vip, tier, visits, state in cast("tuple[tuple[Any, ...], ...]", people())
    )


def _bought(day: date, pieces: int | None) -> GivenEvent:
    known: Mapping[str, Constant] = {} if pieces is None else {"pieces": pieces}
    of = catalogue().events["buy"].properties
    return GivenEvent("buy", day, {name: Literal(value, of[name].type) for name, value in known.items()})


def bound(text: str) -> Rules:
    """The rules of a text, which must be without errors."""
    rules, findings = bind_text(text, catalogue(), {})
    assert not errors(findings), (errors(findings), text)
    return rules


def find(rules: Rules) -> dict[str, Found]:
    """Who is in each segment of the rules.

    Customers who differ only in what a segment does not read are looked at once for it.
    """
    alike: dict[tuple[int, ...], list[str]] = {}
    for name in sorted(rules.segments):
        alike.setdefault(_read_by(rules, name), []).append(name)
    found: dict[str, Found] = {}
    for read, names in alike.items():
        # Of parts that are not read, customers have the plainest, which stands first.
        told = [tuple(person[part] for part in read) for person in people()]
        first: dict[Person, int] = {}
        for number, parts in enumerate(told):
            first.setdefault(parts, number)
        place = {parts: at for at, parts in enumerate(first)}
        of_few = evaluated(rules, names, [everybody()[number] for number in first.values()])
        for name, flags in of_few.items():
            found[name] = Found(*(_bits(of[place[parts]] for parts in told) for of in flags))
    return found


def _read_by(rules: Rules, name: str) -> tuple[int, ...]:
    reads = reads_of(rules, name)
    named = {*reads.events, *reads.columns, *reads.consents}
    assert named <= set(_PARTS), named
    return tuple(part for part, called in enumerate(_PARTS) if called in named)


def evaluated(rules: Rules, names: Sequence[str], customers: Sequence[GivenCustomer]) -> dict[str, tuple[Flags, ...]]:
    """Of each segment, for each of the customers: a member, surely qualifies, perhaps qualifies."""
    seen = Variant(rules, frozenset(), frozenset()).with_catalogue(IntegerType(), frozenset())
    tables = Writer(rules.catalogue, seen.catalogue, AS_OF, frozenset()).tables(list(enumerate(customers)))
    outcome = evaluate(cut_down(seen, set(reach(seen, names, ()))), tables, AS_OF, names)
    return {
        name: (
            outcome.members[name],
            tuple(truth is True for truth in outcome.qualifying[name]),
            tuple(truth is not False for truth in outcome.qualifying[name]),
        )
        for name in names
    }


def _bits(flags: Iterable[bool]) -> int:
    return int("".join("1" if flag else "0" for flag in flags)[::-1], 2)


def somebody(bits: int) -> GivenCustomer:
    """The first customer of some bits."""
    return everybody()[(bits & -bits).bit_length() - 1]


# --- random segments ------------------------------------------------------------------------------

_WINDOWS = (
    "",
    "",
    "in the last 7 days",
    "in the last 30 days",
    "more than 30 days ago",
    "between 7 and 30 days ago",
    "in the last 1 whole month",
    "in the last 2 months",
    "since 2026-10-12",
    "before 2026-10-12",
)
_ORDERS = ("=", "!=", "<", "<=", ">", ">=")
_OF_PEOPLE = (
    "vip",
    "vip is unknown",
    'tier = "web"',
    'tier != "web"',
    'tier in ["web", "trade"]',
    'tier not in ["trade"]',
    'tier starts with "t"',
    'tier contains "E" ignoring case',
    'tier matches "^w|a"',
    "tier is known",
    "visits between 1 and 2",
    "visits is unknown",
    'consent.email = "granted"',
    'consent.email != "granted"',
    "consent.email is unknown",
)
_OF_ROWS = ("pieces = 1", "pieces > 1", "pieces is known", "not pieces = 2", "pieces = customer.visits")


def segments(seed: int, count: int) -> str:
    """The text of random segments `s0`, `s1` …, some of which read earlier ones; the same for the same seed."""
    chance = Random(seed)
    return "".join(_segment(chance, number) for number in range(count))


def _segment(chance: Random, number: int) -> str:
    lines = [f"segment s{number}"]
    if chance.random() < 0.95:
        lines.append(f"  where {_condition(chance, number, chance.choice((0, 1, 1, 1, 2)))}")
    if number and chance.random() < 0.25:
        lines.append(f"  except s{chance.randrange(number)}")
    elif chance.random() < 0.15:
        lines.append("  except vip")
    if chance.random() < 0.15 or len(lines) == 1:
        lines.append(f"  eligible {_condition(chance, number, 1)}")
    if chance.random() < 0.3:
        lines.append("  consent email")
    return "\n".join(lines) + "\n\n"


def _condition(chance: Random, number: int, depth: int) -> str:
    if depth and chance.random() < 0.75:
        parts = [_condition(chance, number, depth - 1) for _ in range(chance.choice((2, 2, 3)))]
        joined = chance.choice((" and ", " or ")).join(parts)
        return f"not ({joined})" if chance.random() < 0.2 else f"({joined})"
    if number and chance.random() < 0.08:
        return f"in segment s{chance.randrange(number)}"
    atom = chance.choice((_of_person, _did, _did, _value, _last))(chance)
    return f"not ({atom})" if chance.random() < 0.2 else atom


def _of_person(chance: Random) -> str:
    return chance.choice(_OF_PEOPLE) if chance.random() < 0.7 else f"visits {_compared(chance, 2)}"


def _compared(chance: Random, most: int) -> str:
    return f"{chance.choice(_ORDERS)} {chance.randint(0, most)}"


def _events(chance: Random) -> str:
    where = f" where ({chance.choice(_OF_ROWS)})" if chance.random() < 0.4 else ""
    return f"buy{where}"


def _windowed(chance: Random) -> str:
    return f"{_events(chance)} {chance.choice(_WINDOWS)}".strip()


def _did(chance: Random) -> str:
    if chance.random() < 0.3:
        return f"did not {_windowed(chance)}"
    times = chance.choice(("", "", " at least 2 times", " at most 1 times", " once", " more than 1 times"))
    return f"did {_events(chance)}{times} {chance.choice(_WINDOWS)}".strip()


def _value(chance: Random) -> str:
    what = chance.choice(
        (
            "number of {}",
            "total of buy.pieces {}",
            "average of buy.pieces {}",
            "smallest of buy.pieces {}",
            "largest of buy.pieces {}",
            "distinct buy.pieces {}",
            "last buy.pieces {}",
            "first buy.pieces {}",
        )
    )

    def one() -> str:
        events = _windowed(chance)
        return what.format(events if what.startswith("number") else events.removeprefix("buy").strip()).strip()

    roll = chance.random()
    if roll < 0.6:
        return f"{one()} {_compared(chance, 3)}"
    if roll < 0.8:
        return f"{one()} {chance.choice(_ORDERS)} visits"
    return f"{one()} {chance.choice(_ORDERS)} {one()}"


def _last(chance: Random) -> str:
    which = chance.choice(("first", "last"))
    roll = chance.random()
    if roll < 0.4:
        return f"{which} {_events(chance)} was {chance.choice(_WINDOWS[2:])}"
    if roll < 0.7:
        return f"days since {which} {_events(chance)} {chance.choice(_ORDERS)} {chance.choice((3, 7, 20, 30, 62))}"
    return f"{which} {_events(chance)} was ({chance.choice(_OF_ROWS[:4])})"
