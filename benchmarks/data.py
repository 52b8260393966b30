"""Seeded data: customers with twenty attributes, and events with skewed activity; the same bytes for the same sizes.

The tables are Arrow tables with plain texts and decimals, as a warehouse hands them over. What an engine may make of
them beforehand ("warm") is up to that engine's module.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SEED = 20261101
AS_OF = date(2026, 11, 1)
AS_OF_INSTANT = datetime(2026, 11, 1, tzinfo=UTC)
MISSING = 0.05
KEY = "customer_id"

Array: TypeAlias = NDArray[Any]
Kind: TypeAlias = Literal["integer", "float", "decimal", "money", "boolean", "date", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute: what it holds, and the constants that rules compare it with (days before the run, for dates)."""

    name: str
    kind: Kind
    cuts: tuple[int | float | Decimal, ...] = ()
    texts: tuple[str, ...] = ()


def _money(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount).quantize(Decimal("0.01")) for amount in amounts)


CITIES = tuple(
    f"{side}{place}"
    for side in ("", "North ", "South ", "Old ", "New ")
    for place in (
        "Ashford", "Barnby", "Corwen", "Dunmore", "Elsham", "Farley",
        "Grafton", "Holt", "Ilkley", "Jarrow", "Kelso", "Lydney",
    )
)  # fmt: skip
COUNTRIES = (
    "GB", "DE", "FR", "IE", "NL", "BE", "ES", "IT", "AT", "CH", "PL", "SE",
    "DK", "NO", "FI", "PT", "CZ", "HU", "RO", "GR", "US", "CA", "AU", "NZ",
)  # fmt: skip

ATTRIBUTES = (
    Column("age", "integer", (18, 21, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70)),
    Column("orders", "integer", (0, 1, 2, 3, 5, 8, 10, 15, 20)),
    Column("visits", "integer", (1, 3, 5, 10, 20, 50, 100)),
    Column("points", "integer", (0, 100, 500, 1000, 2500, 5000, 10000)),
    Column("satisfaction", "float", (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5)),
    Column("churn_risk", "float", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9)),
    Column("open_rate", "float", (0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)),
    Column("basket_size", "float", (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)),
    Column("lifetime_value", "money", _money(50, 100, 250, 500, 1000, 2500, 5000)),
    Column("last_order", "money", _money(10, 20, 30, 50, 75, 100, 150, 250)),
    Column("discount_share", "decimal", tuple(Decimal(share) for share in ("0.05", "0.10", "0.20", "0.25", "0.50"))),
    Column("credit", "money", _money(0, 5, 10, 25, 50, 100)),
    Column("country", "text", texts=COUNTRIES),
    Column("tier", "text", texts=("web", "silver", "gold", "trade")),
    Column("source", "text", texts=("search", "social", "friend", "shop", "partner", "catalogue", "event", "other")),
    Column("city", "text", texts=CITIES),
    Column("signup", "date", (30, 60, 90, 180, 365, 730)),
    Column("contract_end", "date", (30, 60, 90, 180)),
    Column("newsletter", "boolean"),
    Column("app_installed", "boolean"),
)
SCALES = {"money": 2, "decimal": 2}

KINDS = ("visit", "purchase", "mail_opened", "cart", "support", "refund")
CHANNELS = ("web", "app", "shop", "phone")
PRODUCTS = 300
EVENT_AMOUNTS = _money(5, 10, 20, 50, 100)
EVENT_COLUMNS = (
    Column("amount", "money", EVENT_AMOUNTS),
    Column("product", "integer", tuple(range(PRODUCTS))),
    Column("channel", "text", texts=CHANNELS),
)
EPOCH_DAY = (AS_OF - date(1970, 1, 1)).days
EPOCH_MICROSECONDS = EPOCH_DAY * 86_400_000_000


def generator(*salt: int) -> np.random.Generator:
    """Chance that depends on the seed and the salt alone."""
    return np.random.default_rng([SEED, *salt])


def customers(count: int, *, clustered: bool = False) -> pa.Table:
    """The key and the twenty attributes, one value in twenty missing; `clustered` puts them in order of signup."""
    chance = generator(1, count)
    made: dict[str, Any] = {KEY: keys(count)}
    for column in ATTRIBUTES:
        values = _attribute(column, chance, count)
        if clustered and column.name == "signup":
            values = np.sort(values)
        made[column.name] = _arrow(column, values, chance.random(count) < MISSING)
    return pa.table(made)


def keys(count: int) -> pa.Array:
    """Unique customer keys without order, spread over seven times as many numbers."""
    steps = generator(2, count).integers(1, 14, count, dtype=np.int64)
    return pa.array(generator(3, count).permutation(1_000_000 + np.cumsum(steps)))


def _attribute(column: Column, chance: np.random.Generator, count: int) -> Array:
    match column.name:
        case "age":
            return np.clip(chance.normal(44, 15, count), 16, 95).astype(np.int32)
        case "orders":
            return chance.poisson(chance.exponential(4.0, count)).astype(np.int32)
        case "visits":
            return chance.geometric(0.05, count).astype(np.int64)
        case "points":
            return chance.exponential(1500.0, count).astype(np.int64)
        case "satisfaction":
            return np.round(1 + 4 * chance.beta(4, 2, count), 1)
        case "churn_risk":
            return np.round(chance.beta(1, 3, count), 4)
        case "open_rate":
            return np.round(chance.beta(1, 5, count), 3)
        case "basket_size":
            return np.round(1 + chance.exponential(1.2, count), 2)
        case "lifetime_value":
            return (np.exp(chance.normal(5.5, 1.4, count)) * 100).astype(np.int64)
        case "last_order":
            return (np.exp(chance.normal(3.6, 0.8, count)) * 100).astype(np.int64)
        case "discount_share":
            return (100 * chance.beta(1, 4, count)).astype(np.int64)
        case "credit":
            return np.where(chance.random(count) < 0.6, 0, (100 * chance.exponential(30, count))).astype(np.int64)
        case "signup":
            return (EPOCH_DAY - 1 - chance.beta(1, 1.5, count) * 2000).astype(np.int32)
        case "contract_end":
            return (EPOCH_DAY + chance.integers(-200, 400, count)).astype(np.int32)
        case "newsletter" | "app_installed":
            return chance.random(count) < 0.4
        case _:
            return _skewed(chance, count, len(column.texts))


def _skewed(chance: np.random.Generator, count: int, choices: int) -> Array:
    """Numbers of choices, the first ones most often."""
    weights = 1 / np.arange(1, choices + 1)
    edges: Array = np.cumsum(weights / weights.sum())[:-1]
    return np.searchsorted(edges, chance.random(count), side="right").astype(np.uint8)


def _arrow(column: Column, values: Array, missing: Array | None) -> pa.Array:
    mask = None if missing is None else pa.array(missing)
    match column.kind:
        case "text":
            codes = pa.array(values, mask=missing)
            return pc.take(pa.array(column.texts), codes)
        case "money" | "decimal":
            return _decimal(values, mask)
        case "date":
            return pa.array(values, pa.int32(), mask=missing).cast(pa.date32())
        case _:
            return pa.array(values, mask=missing)


def _decimal(hundredths: Array, mask: pa.Array | None) -> pa.Array:
    """Exact decimals out of whole hundredths: the low halves of 128-bit numbers, no value of which is negative."""
    halves = np.zeros((len(hundredths), 2), np.int64)
    halves[:, 0] = hundredths
    made = pa.Array.from_buffers(pa.decimal128(12, 2), len(hundredths), [None, pa.py_buffer(halves)])
    return made if mask is None else pc.if_else(mask, pa.scalar(None, made.type), made)


def hundredths(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Decimals with two places as whole hundredths: the fastest equal form for engines with slow decimals."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):  # an empty table has no chunk at all
        whole = pa.concat_arrays(whole.chunks)
    low = np.frombuffer(whole.buffers()[1], np.int64)[::2][whole.offset : whole.offset + len(whole)]
    missing = None if whole.null_count == 0 else whole.is_null().to_numpy(zero_copy_only=False)
    return pa.array(low, mask=missing)


def events(count: int, people: pa.Array, *, by_customer: bool = False) -> pa.Table:
    """Events of the last two years, few customers having many of them; one in a thousand is of an unknown customer."""
    chance = generator(4, count, len(people))
    known = people.to_numpy()
    who = (len(known) * chance.random(count) ** 2.5).astype(np.int64)
    ids = known[who]
    stranger = chance.random(count) < 0.001
    ids = np.where(stranger, 999_999, ids)
    times = EPOCH_MICROSECONDS - 1 - (chance.random(count) * 730 * 86_400_000_000).astype(np.int64)
    if by_customer:
        order = np.lexsort((times, ids))
        ids, times = ids[order], times[order]
    kind = _skewed(chance, count, len(KINDS))
    channel = _skewed(chance, count, len(CHANNELS))
    amount = (np.exp(chance.normal(3.2, 1.0, count)) * 100).astype(np.int64)
    return pa.table(
        {
            KEY: pa.array(ids),
            "time": pa.array(times).cast(pa.timestamp("us", "UTC")),
            "kind": pa.DictionaryArray.from_arrays(pa.array(kind.astype(np.int8)), pa.array(KINDS)),
            "amount": _decimal(amount, None),
            "product": pa.array((PRODUCTS * chance.random(count) ** 2).astype(np.int32)),
            "channel": pa.DictionaryArray.from_arrays(pa.array(channel.astype(np.int8)), pa.array(CHANNELS)),
        }
    )


def encoded(table: pa.Table) -> pa.Table:
    """The same table with its texts as dictionaries."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            codes = pc.dictionary_encode(table[field.name]).combine_chunks()
            if isinstance(codes, pa.ChunkedArray):
                codes = pa.concat_arrays(codes.chunks)
            table = table.set_column(index, field.name, codes)
    return table
