"""Random test blocks over a catalogue, mostly right, now and then not."""

from random import Random

from segrules.ir.catalogue import Catalogue
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

_DAYS = ("2026-11-01", "2026-10-31", "2026-10-25", "2024-02-29", "2026-02-28", "1900-01-01", "2100-01-01")
_TIMES = ("2026-10-25T01:30", "2026-03-29T01:30", "2026-10-31T23:59:59.999999", "2026-11-01T00:00Z")
_UNITS = ("minutes", "hours", "days", "weeks", "months", "quarters", "years")
_TARGETS = ("german", "listed", "early", "scored", "numbers", "rows", "life.child", "life.grown", "life.other")


def block(pick: Random, catalogue: Catalogue, number: int) -> str:
    """One test, with several customers or one."""
    keys = pick.choice(([None], [None], ['"a"', '"b"'], ['"a"', '"b"', '"c"']))
    lines = [f'test "number {number}"', f"  as of {pick.choice((*_DAYS[:4], *_TIMES))}"]
    outright = pick.random() < 0.2
    for key in keys:
        lines.append("  given customer" + (f" {key}" if key else ""))
        attributes = catalogue.customers.attributes
        chosen = [name for name in pick.sample(sorted(attributes), pick.randint(0, 9)) if name != "id"]
        lines += [f"  given customer with {name} = {_value(pick, attributes[name].type)}" for name in chosen]
        if outright:
            lines.append(f"  given customer with rf.{pick.choice(('recency', 'frequency'))} = {pick.randint(0, 3)}")
        lines += [_event(pick, catalogue) for _ in range(pick.randint(0, 4))]
    if pick.random() < 0.3:
        lines.append('  given list "l.csv" = ["DE", "x"]')
    for _ in range(pick.randint(1, 4)):
        who = f" {pick.choice(keys)}" if keys[0] else ""
        lines.append(f"  expect{who} {_expected(pick)}")
    return "\n".join(lines) + "\n"


def _event(pick: Random, catalogue: Catalogue) -> str:
    event = catalogue.events[pick.choice(sorted(catalogue.events))]
    when = pick.choice((f"on {pick.choice(_DAYS)}", f"{pick.randint(0, 70)} {pick.choice(_UNITS[2:5])} ago"))
    if event.name != "refund" and pick.random() < 0.4:
        when = pick.choice((f"at {pick.choice(_TIMES)}", f"{pick.randint(0, 200)} {pick.choice(_UNITS)} ago"))
    chosen = pick.sample(sorted(event.properties), pick.randint(0, len(event.properties)))
    given = ", ".join(f"{name} = {_value(pick, event.properties[name].type)}" for name in chosen)
    return f"  given {event.name} {when}" + (f" with {given}" if given else "")


def _expected(pick: Random) -> str:
    if pick.random() < 0.3:
        return pick.choice(
            ("rf.recency = 2", "rf.frequency = 1", "spend = 5 GBP", "big = true", "big = false", "age = 3")
        )
    return f"{pick.choice(('in', 'not in', 'unknown in'))} {pick.choice(_TARGETS)}"


def _value(pick: Random, of: Type) -> str:
    number = pick.choice(("0", "1", "-1", "18", "2.5", "0.1", "9223372036854775808", "-0.000001", "123456789.99"))
    match of:
        case IntegerType():
            return number.partition(".")[0]
        case DecimalType() | FloatType():
            return number
        case MoneyType(currency):
            return f"{number} {currency}"
        case BooleanType():
            return pick.choice(("true", "false"))
        case TextType(values):
            return f'"{pick.choice(values or ("DE", "a", "", "x y", "ß"))}"'
        case DateType():
            return pick.choice(_DAYS)
        case TimestampType():
            return pick.choice((*_DAYS, *_TIMES))
        case ListType():
            return pick.choice(("[]", '["x"]', '["a", "x", "a"]'))
        case _:
            return "3"
