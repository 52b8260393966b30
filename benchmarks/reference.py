"""Times the reference interpreter on made-up customers: reading the rules, then evaluating each segment alone.

    python benchmarks/reference.py [--customers 2000] [--repeat 3]

The interpreter is the definition of what rules mean and is written to be read; no other engine is compared here.
"""

import argparse
import platform
import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from segrules import __version__
from segrules.ir.rules import Rules
from segrules.reference.evaluate import evaluate
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from segrules.types.cells import Cell

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
SEED = 20261101
PURCHASES_EACH = 10

CATALOGUE = """\
format: 1
time_zone: UTC
tables:
  people:
    path: people.parquet
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false}
      country: {type: text, values: [DE, GB, IE, NO]}
      birth_date: date
      staff: boolean
  orders:
    path: orders.parquet
    columns:
      order_id: {type: integer, nullable: false}
      customer_id: integer
      ordered_at: {type: timestamp, zone: UTC}
      amount: {type: money, currency: GBP, scale: 2}
      gift: boolean
customers:
  table: people
events:
  purchase:
    table: orders
    customer: customer_id
    time: ordered_at
    id: order_id
"""

RULES = """\
score rfm
  among did purchase in the last 24 months
  rank recency   by days since last purchase                             into 5 bands, low is best
  rank frequency by number of purchase in the last 24 months             into 5 bands, high is best
  rank monetary  by total of purchase.amount in the last 24 months       into 5 bands, high is best

segment by_attributes
  where country in ["GB", "IE"] and birth_date < 1990-01-01
  except staff

segment by_counts
  where did purchase where (amount >= 50 GBP and not gift) at least 3 times in the last 12 months

segment by_sums
  where total of purchase.amount in the last 24 months >= 500 GBP

segment by_recency
  where last purchase was more than 180 days ago

segment by_scores
  where rfm.recency = 5 and rfm.frequency >= 4 and rfm.monetary >= 4
"""


def tables(customers: int) -> Mapping[str, Mapping[str, list[Cell]]]:
    """Customers and purchases, the same for the same number of customers; one attribute in ten is missing."""
    chance = random.Random(SEED)

    def perhaps(value: Cell) -> Cell:
        return None if chance.random() < 0.1 else value

    people: dict[str, list[Cell]] = {
        "customer_id": list(range(customers)),
        "country": [perhaps(chance.choice(["DE", "GB", "IE", "NO"])) for _ in range(customers)],
        "birth_date": [perhaps(date(1950, 1, 1) + timedelta(chance.randrange(20_000))) for _ in range(customers)],
        "staff": [perhaps(chance.random() < 0.02) for _ in range(customers)],
    }
    count = customers * PURCHASES_EACH
    orders: dict[str, list[Cell]] = {
        "order_id": list(range(count)),
        "customer_id": [chance.randrange(customers) for _ in range(count)],
        "ordered_at": [AS_OF - timedelta(minutes=1 + chance.randrange(1_500_000)) for _ in range(count)],
        "amount": [perhaps(Fraction(chance.randrange(100, 20_000), 100)) for _ in range(count)],
        "gift": [perhaps(chance.random() < 0.2) for _ in range(count)],
    }
    return {"people": people, "orders": orders}


def read_rules() -> Rules:
    """The rules above, typed."""
    catalogue, findings = read_catalogue(Source("catalog.yaml", CATALOGUE))
    assert catalogue is not None, findings
    tree, findings = parse_file(Source("rules.seg", RULES))
    assert not findings, findings
    rules, findings = bind([tree], catalogue, lambda _: frozenset())
    assert not findings, findings
    return rules


def timed(work: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Median and spread (largest minus smallest) of the seconds that the work takes."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), max(seconds) - min(seconds)


def main() -> None:
    """Print one line for each thing that is timed."""
    options = argparse.ArgumentParser(description="Time the reference interpreter on made-up customers.")
    options.add_argument("--customers", type=int, default=2000)
    options.add_argument("--repeat", type=int, default=3)
    chosen = options.parse_args()
    data = tables(chosen.customers)
    rules = read_rules()
    print(f"segrules {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    print(
        f"{chosen.customers} customers, {chosen.customers * PURCHASES_EACH} purchases; median of {chosen.repeat} runs"
    )
    print(f"{'what':<24}{'seconds':>10}{'spread':>10}{'members':>10}")
    median, spread = timed(read_rules, chosen.repeat)
    print(f"{'read the rules':<24}{median:>10.3f}{spread:>10.3f}")
    for name in rules.segments:
        members = sum(evaluate(rules, data, AS_OF, [name]).members[name])
        median, spread = timed(lambda name=name: evaluate(rules, data, AS_OF, [name]), chosen.repeat)  # type: ignore[misc]
        print(f"{name:<24}{median:>10.3f}{spread:>10.3f}{members:>10}")


if __name__ == "__main__":
    main()
