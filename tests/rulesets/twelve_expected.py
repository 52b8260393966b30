"""The tables of `rulesets/twelve` into who should be in each of its segments and stages, in plain Python.

Nothing of segrules is used here, neither the package nor the catalogue: this follows the text of what rules mean,
so that whoever reads a rule and finds it computed the same way below has two witnesses for its meaning.
True, false and unknown are `True`, `False` and `None`; money is exact; times are instants in UTC.

Run it with `python tests/rulesets/twelve_expected.py` to write `rulesets/twelve/expected.csv` again.
"""

import calendar
import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parents[2] / "rulesets" / "twelve"
LONDON = ZoneInfo("Europe/London")
AS_OF = datetime(2026, 11, 1, tzinfo=LONDON)

Truth: TypeAlias = bool | None
Row: TypeAlias = dict[str, str]
SEGMENTS = (
    "engaged_90",
    "sunset_90",
    "vip",
    "lapsed_buyers",
    "one_and_done",
    "at_risk_high_value",
    "slipping_away",
    "abandoned_checkout",
    "power_users",
    "steady_users",
    "sleeping_accounts",
    "odd_buyers_returned",
    "birthday_offer",
)


# --- three values


def both(*parts: Truth) -> Truth:
    if False in parts:
        return False
    return None if None in parts else True


def either(*parts: Truth) -> Truth:
    if True in parts:
        return True
    return None if None in parts else False


def opposite(part: Truth) -> Truth:
    return None if part is None else not part


def flag(text: str) -> Truth:
    return None if text == "" else text == "true"


def same(left: str, right: str) -> Truth:
    """Equal, where both are recorded."""
    return None if left == "" or right == "" else left == right


def pounds(text: str) -> Fraction | None:
    return Fraction(text) if text else None


def fits(rows: Iterable[Truth], wanted: Callable[[int], bool]) -> Truth:
    """Whether the number of rows is as wanted: for every number from the sure ones to the sure and doubtful ones."""
    found = list(rows)
    sure = found.count(True)
    answers = {wanted(number) for number in range(sure, sure + found.count(None) + 1)}
    return answers.pop() if len(answers) == 1 else None


# --- time


@dataclass(frozen=True)
class Instant:
    """The instant of the run, and where windows begin and end."""

    at: datetime
    today: date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "today", day_of(self.at))

    def days(self, days: int) -> datetime:
        """The first instant of the day that lies so many days back (ahead, where negative)."""
        return start(self.today - timedelta(days=days))

    def months(self, months: int) -> datetime:
        year, month = divmod(self.today.year * 12 + self.today.month - 1 - months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return start(date(year, month + 1, min(self.today.day, last)))

    def monday(self, weeks: int) -> datetime:
        """The start of the week that holds today, so many weeks back."""
        return self.days(self.today.weekday() + 7 * weeks)

    def days_since(self, time: datetime) -> int:
        return (self.today - day_of(time)).days


def day_of(time: datetime) -> date:
    return time.astimezone(LONDON).date()


def start(day: date) -> datetime:
    """The first instant of a day in London, where clocks never change at midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def anniversary(day: date, year: int) -> date:
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


# --- the data as they are seen at an instant


@dataclass
class Event:
    """One row of a table, with its time."""

    time: datetime
    values: Row


@dataclass
class Customer:
    """One row of the people, with all else that is known."""

    values: Row
    predicted: Fraction | None = None
    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    campaigns: list[tuple[date, str]] = field(default_factory=list)
    consents: list[Event] = field(default_factory=list)

    def when(self, event: str, since: datetime | None = None, before: datetime | None = None) -> list[Event]:
        """The events that are seen, in a window that holds its first instant and not its last."""
        return [
            row
            for row in self.events[event]
            if (since is None or since <= row.time) and (before is None or row.time < before)
        ]


@dataclass
class Shop:
    """Everything that is seen at the instant, and the figures over all customers."""

    now: Instant
    customers: dict[int, Customer]
    accounts: dict[str, Row]

    def buyers(self, since: datetime | None = None) -> list[Customer]:
        return [customer for customer in self.customers.values() if customer.when("purchase", since)]

    def mean_order(self) -> Fraction | None:
        rows = [row for customer in self.customers.values() for row in customer.when("purchase")]
        amounts = [amount for row in rows if (amount := pounds(row.values["amount"])) is not None]
        return sum(amounts, Fraction(0)) / len(amounts) if amounts else None

    def usual_gap(self) -> int | None:
        gaps = [own_gap(customer) for customer in self.buyers() if len(customer.when("purchase")) >= 3]
        return lower_median([gap for gap in gaps if gap is not None])


EVENTS = {
    "orders": ("ordered_at", "purchase"),
    "refunds": ("refunded_at", "refund"),
    "returns": ("returned_at", "return_item"),
    "checkouts": ("began_at", "begin_checkout"),
    "mail_log": ("at", None),
    "activity": ("at", None),
}


def read(name: str, data: Path) -> list[Row]:
    with (data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seen(data: Path, at: datetime) -> Shop:
    """The shop as of an instant: rows at that instant or later do not exist yet."""
    now = Instant(at.astimezone(UTC))
    customers = {int(row["customer_id"]): Customer(row) for row in read("people", data)}

    def owner(row: Row) -> Customer | None:
        return customers.get(int(row["customer_id"] or -1))

    for name, (column, event) in EVENTS.items():
        for row in read(name, data):
            time = datetime.fromisoformat(row[column]).astimezone(UTC)
            customer = owner(row)
            if customer and time < now.at:
                customer.events[event or row["what"]].append(Event(time, row))
    for row in read("consents", data):
        time = datetime.fromisoformat(row["recorded_at"]).astimezone(UTC)
        customer = owner(row)
        if customer and time < now.at:
            customer.consents.append(Event(time, row))
    for row in read("campaigns", data):
        day = date.fromisoformat(row["sent_on"])
        customer = owner(row)
        if customer and day < now.today:
            customer.campaigns.append((day, row["kind"]))
    for row in read("predictions", data):
        customers[int(row["customer_id"])].predicted = pounds(row["predicted_value"])
    for customer in customers.values():
        for rows in customer.events.values():
            rows.sort(key=lambda row: row.time)
    return Shop(now, customers, {row["account_id"]: row for row in read("accounts", data)})


# --- consent


def latest(customer: Customer, channel: str, purpose: str | None = None) -> list[Event]:
    """The records of the latest time for a channel, among those that cover the purpose where one is asked for."""
    records = [row for row in customer.consents if row.values["channel"] == channel]
    if purpose is not None:
        records = [row for row in records if row.values["purpose"] in ("", purpose)]
    last = max((row.time for row in records), default=None)
    return [row for row in records if row.time == last]


def state(shop: Shop, record: Event) -> str:
    until = record.values["expires"]
    if record.values["status"] == "granted" and until and start(date.fromisoformat(until)) <= shop.now.at:
        return "expired"
    return record.values["status"]


def granted(shop: Shop, customer: Customer, channel: str, purpose: str, since: datetime | None = None) -> bool:
    records = latest(customer, channel, purpose)
    if {state(shop, record) for record in records} != {"granted"}:
        return False
    return since is None or records[0].time >= since


def withdrawn(shop: Shop, customer: Customer, channel: str) -> Truth:
    """`consent.CHANNEL = "withdrawn"`: false without a record, unknown where the state is missing or in conflict."""
    states = {state(shop, record) for record in latest(customer, channel)}
    if not states:
        return False
    if len(states) > 1 or "" in states:
        return None
    return states == {"withdrawn"}


# --- one function for each definition: does the customer qualify?


def showed_interest_90(shop: Shop, customer: Customer) -> Truth:
    since = shop.now.days(90)
    opened = [opposite(flag(row.values["machine_open"])) for row in customer.when("opened", since)]
    return either(fits(opened, lambda number: number >= 1), bool(customer.when("clicked", since)))


def unreachable(shop: Shop, customer: Customer) -> Truth:
    gone = bool(customer.when("complained")) or bool(customer.when("bounced"))
    return either(withdrawn(shop, customer, "email"), gone)


def engaged_90(shop: Shop, customer: Customer) -> Truth:
    return both(
        bool(customer.when("received")),
        showed_interest_90(shop, customer),
        opposite(unreachable(shop, customer)),
    )


def sunset_90(shop: Shop, customer: Customer) -> Truth:
    signup = customer.values["signup"]
    return both(
        opposite(showed_interest_90(shop, customer)),
        len(customer.when("received")) >= 10,
        not customer.when("purchase", shop.now.days(90)),
        datetime.fromisoformat(signup) < shop.now.days(89) if signup else None,
        opposite(unreachable(shop, customer)),
    )


def total(rows: Iterable[Event]) -> Fraction | None:
    """The total of the amounts; missing as soon as one is."""
    amounts = [pounds(row.values["amount"]) for row in rows]
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Fraction(0))


def vip(shop: Shop, customer: Customer) -> Truth:
    orders = customer.when("purchase")
    spend, refunds, mean = total(orders), total(customer.when("refund")), shop.mean_order()
    return both(
        bool(orders) and orders[-1].time >= shop.now.months(4),
        len(orders) >= 3,
        False if mean is None else None if spend is None else spend > mean,
        None if spend is None or refunds is None else refunds <= spend / 5,
    )


def lapsed_buyers(shop: Shop, customer: Customer) -> Truth:
    orders = customer.when("purchase")
    first = shop.now.today - timedelta(days=60)
    written = fits((same(kind, "win_back") for day, kind in customer.campaigns if day >= first), lambda n: n >= 1)
    return both(
        bool(orders) and orders[-1].time < shop.now.days(180),
        opposite(written),
        opposite(flag(customer.values["open_support_ticket"])),
    )


def one_and_done(shop: Shop, customer: Customer) -> Truth:
    counts = [
        both(opposite(same(row.values["status"], "cancelled")), opposite(flag(row.values["gift_cards_only"])))
        for row in customer.when("purchase")
    ]
    good = [row for row, sure in zip(customer.when("purchase"), counts, strict=True) if sure]
    if None in counts:
        old: Truth = None
    else:
        old = bool(good) and good[-1].time < shop.now.days(60)
    return both(fits(counts, lambda number: number == 1), old)


def lower_median(values: list[int]) -> int | None:
    return sorted(values)[(len(values) - 1) // 2] if values else None


def own_gap(customer: Customer) -> int | None:
    days = [day_of(row.time) for row in customer.when("purchase")]
    return lower_median([(later - earlier).days for earlier, later in pairwise(days)])


def at_risk_high_value(shop: Shop, customer: Customer) -> Truth:
    orders = customer.when("purchase")
    if not orders:
        return False
    values = [other.predicted for other in shop.buyers() if other.predicted is not None]
    mine = customer.predicted
    top = None if mine is None else 100 * sum(value > mine for value in values) < 25 * len(values)
    gap = own_gap(customer) if len(orders) >= 3 else shop.usual_gap()
    return both(top, gap is not None and shop.now.days_since(orders[-1].time) > 2 * gap)


def slipping_away(shop: Shop, customer: Customer) -> Truth:
    events = ("session", "clicked", "purchase")
    far, near = shop.now.days(90), shop.now.days(30)
    return any(customer.when(event, far, near) for event in events) and not any(
        customer.when(event, near) for event in events
    )


def abandoned_checkout(shop: Shop, customer: Customer) -> Truth:
    carts = []
    for cart in customer.when("begin_checkout", shop.now.days(7), shop.now.at - timedelta(hours=1)):
        value = pounds(cart.values["cart_value"])
        since = customer.when("purchase", cart.time)
        same_cart = (
            same(order.values["cart_id"], cart.values["cart_id"])
            for order in since
            if order.time <= cart.time + timedelta(hours=24)
        )
        carts.append(both(None if value is None else value >= 50, opposite(either(*same_cart)), not since))
    return either(*carts)


def power_users(shop: Shop, customer: Customer) -> Truth:
    return len({day_of(row.time) for row in customer.when("app_open", shop.now.days(7), shop.now.days(0))}) >= 5


def steady_users(shop: Shop, customer: Customer) -> Truth:
    weeks = [customer.when("app_open", shop.now.monday(back), shop.now.monday(back - 1)) for back in (4, 3, 2, 1)]
    return sum(len(opens) >= 3 for opens in weeks) >= 3


def sleeping_accounts(shop: Shop, customer: Customer) -> Truth:
    admin = same(customer.values["role"], "admin")
    key = customer.values["account_id"]
    if not key:
        return both(admin, None)
    account = shop.accounts.get(key)
    if account is None:  # no such row, though the key is known: every comparison is false
        return False
    end = date.fromisoformat(account["contract_end"]) if account["contract_end"] else None
    today = shop.now.today
    users = [other for other in shop.customers.values() if other.values["account_id"] == key]
    return both(
        admin,
        same(account["plan"], "business"),
        int(account["seats"]) >= 5 if account["seats"] else None,
        None if end is None else today <= end < today + timedelta(days=90),
        not any(user.when("login", shop.now.days(30)) for user in users),
    )


def odd_buyers_returned(shop: Shop, customer: Customer) -> Truth:
    prices = [pounds(row.values["price"]) for row in customer.when("purchase")]
    average = None if None in prices else sum((p for p in prices if p is not None), Fraction(0)) / max(1, len(prices))
    found = []
    for order in customer.when("purchase", shop.now.days(30)):
        price = pounds(order.values["price"])
        elsewhere = opposite(same(order.values["state"], customer.values["home_state"]))
        dear = None if price is None or average is None else price >= average
        end = start(day_of(order.time) + timedelta(days=6))
        back = [
            same(row.values["order_id"], order.values["order_id"])
            for row in customer.when("return_item", order.time, end)
            if row.time > order.time
        ]
        found.append(both(either(elsewhere, dear), either(*back)))
    return either(*found)


def birthday_offer(shop: Shop, customer: Customer) -> Truth:
    values, today = customer.values, shop.now.today
    birth = date.fromisoformat(values["birth_date"]) if values["birth_date"] else None
    soon: Truth = None
    adult: Truth = None
    if birth is not None:
        copies = [anniversary(birth, year) for year in (today.year, today.year + 1)]
        soon = any(today <= copy < today + timedelta(days=7) for copy in copies)
        adult = today.year - birth.year - (copies[0] > today) >= 18
    unsubscribed = either(withdrawn(shop, customer, "email"), withdrawn(shop, customer, "sms"))
    return both(
        soon,
        values["country"] in ("DE", "AT", "CH") if values["country"] else None,
        opposite(flag(values["staff"])),
        opposite(unsubscribed),
        adult,
    )


# --- the life cycle


@dataclass(frozen=True)
class Bands:
    """The three ranks of a customer; None is missing."""

    recency: int | None
    frequency: int | None
    monetary: int | None


def bands(shop: Shop) -> dict[int, Bands]:
    """Ranks from 0 to 3 of whoever bought in the last 24 months."""
    since = shop.now.months(24)
    among = {key: customer for key, customer in shop.customers.items() if customer.when("purchase", since)}
    days = {key: Fraction(-shop.now.days_since(customer.when("purchase")[-1].time)) for key, customer in among.items()}
    number = {key: Fraction(len(customer.when("purchase", since))) for key, customer in among.items()}
    spent = {key: total(customer.when("purchase", since)) for key, customer in among.items()}
    recency, frequency, monetary = _rank(days), _rank(number), _rank(spent)
    return {key: Bands(recency[key], frequency[key], monetary[key]) for key in among}


def _rank(values: "dict[int, Fraction] | dict[int, Fraction | None]") -> dict[int, int | None]:
    known = [value for value in values.values() if value is not None]
    return {
        key: None if mine is None else 4 * sum(value < mine for value in known) // len(known)
        for key, mine in values.items()
    }


def rfm_stage(band: Bands | None) -> str:
    """The first stage that holds while all before it are known not to."""
    if band is None:
        return "unscored"

    def test(value: int | None, low: int, high: int = 3) -> Truth:
        return None if value is None else low <= value <= high

    r, f, m = band.recency, band.frequency, band.monetary
    stages = {
        "champions": both(test(r, 3), test(f, 2), test(m, 2)),
        "loyal": both(test(r, 2), test(f, 2), test(m, 1)),
        "cannot_lose": both(test(r, 0, 1), test(f, 2), test(m, 2)),
        "at_risk": both(test(r, 0, 1), test(f, 1), test(m, 1)),
        "potential_loyal": both(test(r, 2), test(f, 1, 2)),
        "new_customers": both(test(r, 3), test(f, 0, 0)),
        "promising": both(test(r, 2, 2), test(f, 0, 0), test(m, 1)),
        "needs_attention": both(test(r, 1, 2), test(m, 1)),
        "about_to_sleep": test(r, 1, 2),
        "hibernating": test(r, 0, 0),
    }
    for name, holds in stages.items():
        if holds:
            return name
        if holds is None:
            break
    return "unscored"


# --- members


def held_out(salt: str, key: int, percent: int) -> bool:
    return murmur3(f"{salt}:{key}".encode()) % 10_000 < percent * 100


def murmur3(data: bytes) -> int:
    """MurmurHash3, x86, 32 bits, seed 0, after its published description."""
    mask = 0xFFFFFFFF

    def rotate(word: int, by: int) -> int:
        return (word << by | word >> (32 - by)) & mask

    def scramble(word: int) -> int:
        return rotate(word * 0xCC9E2D51 & mask, 15) * 0x1B873593 & mask

    value = 0
    whole = len(data) // 4 * 4
    for place in range(0, whole, 4):
        value ^= scramble(int.from_bytes(data[place : place + 4], "little"))
        value = (rotate(value, 13) * 5 + 0xE6546B64) & mask
    value ^= scramble(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & mask
    value = (value ^ value >> 13) * 0xC2B2AE35 & mask
    return value ^ value >> 16


def may_be_contacted(shop: Shop, segment: str, customer: Customer) -> bool:
    mail = granted(shop, customer, "email", "email_marketing")
    if segment in ("engaged_90", "sunset_90", "lapsed_buyers"):
        return mail
    if segment == "vip":
        return mail or granted(shop, customer, "sms", "email_marketing")
    if segment == "birthday_offer":
        return granted(shop, customer, "sms", "sms_marketing", shop.now.months(24))
    return True


QUALIFIES: dict[str, Callable[[Shop, Customer], Truth]] = {name: globals()[name] for name in SEGMENTS}


def expected(data: Path = FOLDER / "data", at: datetime = AS_OF) -> dict[int, dict[str, str]]:
    """For each customer the stage and, for each segment, one of:

    `in`, `holdout` (a member who is held out), `no_consent` (qualifies, and may not be contacted), `unknown`, `out`.
    """
    shop = seen(data, at)
    ranked = bands(shop)
    table = {}
    for key, customer in sorted(shop.customers.items()):
        cells = {}
        for segment in SEGMENTS:
            # `except do_not_contact` stands in the ruleset, and so in every segment.
            free = opposite(flag(customer.values["do_not_contact"]))
            qualifies = both(QUALIFIES[segment](shop, customer), free)
            if not qualifies:
                cells[segment] = "unknown" if qualifies is None else "out"
            elif not may_be_contacted(shop, segment, customer):
                cells[segment] = "no_consent"
            elif segment == "birthday_offer" and held_out("birthday-2026", key, 10):
                cells[segment] = "holdout"
            else:
                cells[segment] = "in"
        table[key] = cells | {"rfm_stage": rfm_stage(ranked.get(key))}
    return table


def as_text(table: dict[int, dict[str, str]]) -> str:
    """The table as CSV."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["customer_id", *SEGMENTS, "rfm_stage"])
    writer.writerows([key, *cells.values()] for key, cells in table.items())
    return text.getvalue()


if __name__ == "__main__":
    (FOLDER / "expected.csv").write_text(as_text(expected()), encoding="utf-8", newline="\n")
    sys.stdout.write(f"wrote {FOLDER / 'expected.csv'}\n")
