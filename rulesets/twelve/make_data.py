"""Makes the tables in `data/`: a made-up shop whose customers stand on both sides of every bound of `twelve.seg`.

Nearly every customer is there to show one thing, which stands in the column `note` of `people.csv`; a few drawn by a
seeded generator fill the ranks of the score. Customers by number: 1001 e-mail and carts, 2001 VIP, 3001 lapsed and
one-time buyers, 4001 rhythm and value, 5001 returns, 6001 birthdays, accounts, app and visits, 7001 the crowd.

All of it is as of 2026-11-01 in London, a Sunday; on 2026-10-25 clocks went back, so that day had 25 hours.
Run it again with `python rulesets/twelve/make_data.py`; a test compares the result with the files.
"""

import csv
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DATA = Path(__file__).parent / "data"
LONDON = ZoneInfo("Europe/London")
AS_OF = "2026-11-01 00:00:00"
MEAN_ORDER = Decimal("80.00")  # what the mean of all orders seen comes to; the last order is chosen so
HELD_OUT, JUST_NOT = 10087, 22497  # buckets 999 and 1000 of the salt of the birthday offer
Row = dict[str, Any]

HEADERS = {
    "people": "customer_id signup birth_date country home_state role account_id staff do_not_contact"
    " open_support_ticket note",
    "predictions": "customer_id predicted_value",
    "accounts": "account_id plan seats contract_end",
    "orders": "order_id customer_id ordered_at amount price status gift_cards_only cart_id state",
    "refunds": "refund_id customer_id refunded_at amount",
    "returns": "return_id customer_id returned_at order_id",
    "checkouts": "checkout_id customer_id began_at cart_id cart_value",
    "mail_log": "log_id customer_id at what machine_open",
    "campaigns": "sent_id customer_id sent_on kind",
    "activity": "activity_id customer_id at what",
    "consents": "customer_id channel purpose status recorded_at expires",
}


def local(text: str, *, fold: int = 0) -> str:
    """A London time such as `2026-10-25 01:30:00` with its offset; `fold=1` is the second of two equal ones."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).isoformat()


def days_before(days: int, time: str = "12:00:00") -> str:
    """The day that lies so many days before the first of November, at that time."""
    return f"{(datetime.fromisoformat(AS_OF) - timedelta(days=days)).date()} {time}"


class Shop:
    """The tables as they grow; customers, orders and all else are numbered as they come."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in HEADERS}
        self.next_customer = 0

    def customer(self, note: str, number: int | None = None, *, email: str | None = "granted", **columns: Any) -> int:
        """Somebody ordinary, apart from what is said; with consent to e-mail unless `email` is something else."""
        if number is None:
            number, self.next_customer = self.next_customer, self.next_customer + 1
        usual: Row = {
            "customer_id": number,
            "signup": local("2025-01-15 10:00:00"),
            "birth_date": "1985-05-05",
            "country": "GB",
            "home_state": "Kent",
            "role": "private",
            "staff": False,
            "do_not_contact": False,
            "open_support_ticket": False,
            "note": note,
        }
        self.tables["people"].append(usual | columns)
        if email is not None:
            self.consent(number, "email", email, "2025-02-01 09:00:00")
        return number

    def person(self, customer: int, note: str, **columns: Any) -> None:
        """One more thing that this customer shows."""
        (row,) = (row for row in self.tables["people"] if row["customer_id"] == customer)
        row.update(columns, note=f"{row['note']}; {note}")

    def consent(self, customer: int | None, channel: str, status: str | None, time: str, **columns: Any) -> None:
        """A record of consent."""
        row = {"customer_id": customer, "channel": channel, "status": status, "recorded_at": local(time)}
        self.tables["consents"].append(row | columns)

    def add(self, table: str, first: int, **columns: Any) -> int:
        """One more row, numbered from `first`."""
        number = first + len(self.tables[table])
        self.tables[table].append({HEADERS[table].split()[0]: number, **columns})
        return number

    def mail(self, customer: int, what: str, *times: str, machine: bool | None = None) -> None:
        """Something that happened to mails, at each of the times."""
        if what == "opened" and machine is None:
            machine = False
        for time in times:
            self.add("mail_log", 1, customer_id=customer, at=local(time), what=what, machine_open=machine)

    def unclear_open(self, customer: int, time: str) -> None:
        """A mail was opened, and nobody knows whether by a person."""
        self.add("mail_log", 1, customer_id=customer, at=local(time), what="opened")

    def did(self, customer: int, what: str, *times: str, fold: int = 0) -> None:
        """Activity of one kind, at each of the times."""
        for time in times:
            self.add("activity", 1, customer_id=customer, at=local(time, fold=fold), what=what)

    def order(self, customer: int | None, time: str, amount: Any, *, fold: int = 0, **columns: Any) -> int:
        """A delivered order to the home address, whose dearest article costs what the order does, unless said."""
        usual: Row = {"amount": amount, "price": amount, "status": "delivered", "gift_cards_only": False}
        usual |= {"customer_id": customer, "ordered_at": local(time, fold=fold), "state": "Kent"}
        number = self.add("orders", 5001, **(usual | columns))
        self.tables["orders"][-1].setdefault("cart_id", f"k{number}")
        return number

    def orders_every(self, customer: int, gap: int, last: int, amounts: Iterable[Any]) -> None:
        """Orders that lie `gap` days apart, the last of them `last` days before the first of November."""
        amounts = list(amounts)
        for i, amount in enumerate(amounts):
            self.order(customer, days_before(last + gap * (len(amounts) - 1 - i)), amount)

    def cart(self, customer: int, time: str, value: Any, cart_id: str | None = "c1", *, fold: int = 0) -> None:
        """A checkout was begun."""
        began = local(time, fold=fold)
        self.add("checkouts", 1, customer_id=customer, began_at=began, cart_id=cart_id, cart_value=value)

    def send_back(self, customer: int, time: str, order: int | None) -> None:
        """An order, or something whose label cannot be read, came back."""
        self.add("returns", 1, customer_id=customer, returned_at=local(time), order_id=order)


def engaged(shop: Shop) -> None:
    """Mails of the last 90 days, which begin with 2026-08-03, and all states of consent."""
    recent = "2026-10-01 08:00:00"

    def receiver(note: str, *opened: str, **columns: Any) -> int:
        customer = shop.customer(f"mail: {note}", **columns)
        shop.mail(customer, "received", "2026-07-01 07:00:00")
        shop.mail(customer, "opened", *opened)
        return customer

    receiver("opened in the first second of the 90 days", "2026-08-03 00:00:00")
    receiver("opened one second before the 90 days", "2026-08-02 23:59:59")
    receiver("opened in the last second", "2026-10-31 23:59:59")
    receiver("opened at the instant of the run", AS_OF)
    shop.mail(receiver("opened by a scanner only"), "opened", recent, machine=True)
    shop.unclear_open(receiver("opened, perhaps by a scanner"), recent)
    shop.unclear_open(receiver("opened for sure, and once perhaps by a scanner", recent), recent)
    shop.mail(receiver("clicked, never opened"), "clicked", recent)
    shop.mail(shop.customer("mail: opened, but nothing was received"), "opened", recent)
    shop.mail(receiver("complained", recent), "complained", "2025-03-01 09:00:00")
    shop.mail(receiver("bounced", recent), "bounced", "2025-03-01 09:00:00")
    receiver("asked not to be contacted", recent, do_not_contact=True)
    receiver("may have asked not to be contacted", recent, do_not_contact=None)
    receiver("no record of consent", recent, email=None)
    receiver("consent pending", recent, email="pending")
    receiver("consent withdrawn", recent, email="withdrawn")
    for note, *records in (
        ("withdrew at the instant of the run", ("withdrawn", AS_OF)),
        ("withdrew in the last second", ("withdrawn", "2026-10-31 23:59:59")),
        ("withdrew and came back", ("withdrawn", "2026-01-01 09:00:00"), ("granted", "2026-01-02 09:00:00")),
        ("two records of one time, not the same", ("granted", recent), ("withdrawn", recent)),
        ("two records of one time, the same", ("granted", recent), ("granted", recent)),
        ("a record without a state", (None, recent)),
    ):
        customer = receiver(note, recent)
        for status, time in records:
            shop.consent(customer, "email", status, time)
    for note, columns in (
        ("consent ends with the day before", {"expires": "2026-11-01"}),
        ("consent ends with this day", {"expires": "2026-11-02"}),
        ("consent for e-mail marketing", {"purpose": "email_marketing"}),
        ("consent for service mails only", {"purpose": "service"}),
    ):
        shop.consent(receiver(note, recent, email=None), "email", "granted", "2025-02-01 09:00:00", **columns)
    customer = receiver("said yes to marketing, later no to service mails", recent, email=None)
    shop.consent(customer, "email", "granted", "2025-02-01 09:00:00", purpose="email_marketing")
    shop.consent(customer, "email", "withdrawn", "2025-03-01 09:00:00", purpose="service")


def sunset(shop: Shop) -> None:
    """Ten mails and silence; the 90 days begin with 2026-08-03, by when a customer must be known, too."""

    def silent(note: str, mails: int = 10, **columns: Any) -> int:
        customer = shop.customer(f"silence: {note}", **columns)
        shop.mail(customer, "received", *(f"2026-09-{day:02} 07:00:00" for day in range(1, mails + 1)))
        return customer

    silent("ten mails")
    silent("nine mails", 9)
    shop.mail(silent("nine mails and one at the instant of the run", 9), "received", AS_OF)
    silent("known for exactly 90 days", signup=local("2026-08-03 23:59:59"))
    silent("known for 89 days", signup=local("2026-08-04 00:00:00"))
    silent("nobody knows since when", signup=None)
    shop.order(silent("ordered in the first second of the 90 days"), "2026-08-03 00:00:00", 45)
    shop.order(silent("ordered one second before"), "2026-08-02 23:59:59", 45)
    shop.unclear_open(silent("opened, perhaps by a scanner"), "2026-09-20 08:00:00")
    shop.mail(silent("opened by a scanner"), "opened", "2026-09-20 08:00:00", machine=True)
    shop.mail(silent("opened before the 90 days"), "opened", "2026-08-02 23:59:59")


def carts(shop: Shop) -> None:
    """Carts of those above: an hour to seven days old (since 2026-10-25), of 50 pounds or more, and no order since."""
    customers = (row["customer_id"] for row in list(shop.tables["people"]) if row["do_not_contact"] is False)

    def left(note: str, *values: tuple[Any, ...], fold: int = 0) -> int:
        customer = next(customers)
        shop.person(customer, f"cart: {note}")
        for value in values:
            shop.cart(customer, *value, fold=fold)
        return customer

    noon = "2026-10-28 12:00:00"
    left("an hour and a second old", ("2026-10-31 22:59:59", 50))
    left("exactly an hour old", ("2026-10-31 23:00:00", 50))
    left("in the first second of the seven days, 169 hours ago", ("2026-10-25 00:00:00", 50))
    left("one second before the seven days", ("2026-10-24 23:59:59", 50))
    left("one penny short", (noon, "49.99"))
    left("of unknown value", (noon, None))
    left("one of unknown value, one of 60 pounds", (noon, None), ("2026-10-29 12:00:00", 60))
    shop.order(left("ordered in the same second", (noon, 50)), noon, 50, cart_id="c1")
    shop.order(left("ordered one second before", (noon, 50)), "2026-10-28 11:59:59", 50, cart_id="c0")
    shop.order(left("ordered another cart two days later", (noon, 50)), "2026-10-30 12:00:00", 20, cart_id="c0")
    two = left("ordered the first, left the second", ("2026-10-26 12:00:00", 70), (noon, 80, "c2"))
    shop.order(two, "2026-10-26 12:05:00", 70, cart_id="c1")
    shop.order(left("ordered at the instant of the run", ("2026-10-31 12:00:00", 50)), AS_OF, 50, cart_id="c1")
    left("without a number", (noon, 50, None))
    back = "2026-10-25 01:30:00"
    shop.order(left("at 1:30, ordered at 1:30 after clocks went back", (back, 50)), back, 50, cart_id="c1", fold=1)
    shop.order(left("at 1:30 after clocks went back, ordered before", (back, 50), fold=1), back, 50, cart_id="c0")
    shop.order(left("of unknown value, ordered later", (noon, None)), "2026-10-28 13:00:00", 55, cart_id="c1")


def vip(shop: Shop) -> None:
    """Three orders, the last since 2026-07-01, above the mean order of 80 pounds, a fifth of it sent back at most."""

    def buyer(note: str, last: str, *amounts: Any, back: Any = None, email: str | None = "granted") -> int:
        customer = shop.customer(f"vip: {note}", email=email)
        for i, amount in enumerate(amounts[:-1]):
            shop.order(customer, days_before(124 + 30 * (len(amounts) - 1 - i)), amount)
        shop.order(customer, last, amounts[-1])
        if back is not None:
            shop.add("refunds", 1, customer_id=customer, refunded_at=local("2026-08-05 15:00:00"), amount=back)
        return customer

    july = "2026-07-10 12:00:00"
    buyer("ordered in the first second of the four months", "2026-07-01 00:00:00", 60, 60, 80)
    buyer("ordered one second before the four months", "2026-06-30 23:59:59", 60, 60, 80)
    buyer("two orders", july, 300, 200)
    buyer("three orders, one at the instant of the run", AS_OF, 90, 90, 90)
    buyer("spent the mean order exactly", july, 20, 30, 30)
    buyer("spent a penny more than the mean order", july, 20, 30, "30.01")
    buyer("sent back 20% exactly", july, 30, 30, 40, back=20)
    buyer("sent back a penny more than 20%", july, 30, 30, 40, back="20.01")
    buyer("one amount missing", july, 90, None, 90)
    customer = buyer("one refund without an amount", july, 90, 90, 90)
    shop.add("refunds", 1, customer_id=customer, refunded_at=local("2026-08-05 15:00:00"), amount=None)
    customer = buyer("two of three orders in one second", july, 90, 90)
    shop.order(customer, july, 90)
    for note, purpose in (("consent to sms, for all", None), ("consent to sms, for sms marketing", "sms_marketing")):
        customer = buyer(note, july, 90, 90, 90, email=None)
        shop.consent(customer, "sms", "granted", "2025-02-01 09:00:00", purpose=purpose)
    customer = buyer("sent back at the instant of the run", july, 90, 90, 90)
    shop.add("refunds", 1, customer_id=customer, refunded_at=local(AS_OF), amount=90)


def lapsed(shop: Shop) -> None:
    """Last order before 2026-05-05, and no win-back campaign since 2026-09-02; days of campaigns only."""

    def buyer(note: str, campaign: str | None = None, kind: str | None = "win_back", **columns: Any) -> int:
        customer = shop.customer(f"lapsed: {note}", **columns)
        shop.order(customer, "2025-12-12 12:00:00", 65)
        if campaign:
            shop.add("campaigns", 1, customer_id=customer, sent_on=campaign, kind=kind)
        return customer

    for note, time in (("180 days", "2026-05-05 00:00:00"), ("more than 180 days by a second", "2026-05-04 23:59:59")):
        customer = shop.customer(f"lapsed: last order was {note} ago")
        shop.order(customer, time, 75)
    buyer("win-back on the first of the 60 days", "2026-09-02")
    buyer("win-back a day earlier", "2026-09-01")
    buyer("win-back yesterday", "2026-10-31")
    buyer("win-back today", "2026-11-01")
    buyer("a newsletter yesterday", "2026-10-31", "newsletter")
    buyer("a campaign of unknown kind yesterday", "2026-10-31", None)
    buyer("waits for support", open_support_ticket=True)
    buyer("may be waiting for support", open_support_ticket=None)


def once(shop: Shop) -> None:
    """One order that counts, before 2026-09-02; cancelled ones and gift cards do not count."""

    def buyer(note: str, *orders: tuple[str, Row]) -> None:
        customer = shop.customer(f"once: {note}")
        for time, columns in orders:
            shop.order(customer, time, 35, **columns)

    good: Row = {}
    june, august = "2026-06-15 12:00:00", "2026-08-15 12:00:00"
    buyer("one second before the 60 days", ("2026-09-01 23:59:59", good))
    buyer("in the first second of the 60 days", ("2026-09-02 00:00:00", good))
    buyer("and one cancelled", (june, good), (august, {"status": "cancelled"}))
    buyer("and one of gift cards", (june, good), (august, {"gift_cards_only": True}))
    buyer("cancelled", (june, {"status": "cancelled"}))
    buyer("twice", (june, good), (august, good))
    buyer("and one of unknown state", (june, good), (august, {"status": None}))
    buyer("and gift cards of unknown state", (june, good), (august, {"status": None, "gift_cards_only": True}))
    buyer("and perhaps gift cards", (june, good), (august, {"gift_cards_only": None}))
    buyer("and perhaps gift cards, cancelled", (june, good), (august, {"gift_cards_only": None, "status": "cancelled"}))
    buyer("twice, and one of unknown state", (june, good), (august, good), ("2026-08-16 12:00:00", {"status": None}))
    buyer("and one at the instant of the run", (june, good), (AS_OF, good))


def at_risk(shop: Shop) -> None:
    """Overdue by twice their own gap or, with fewer than three orders, by twice the usual one of 30 days."""

    def buyer(note: str, value: Any, gap: int = 0, last: int = 0, orders: int = 3) -> int:
        customer = shop.customer(f"rhythm: {note}")
        shop.orders_every(customer, gap, last, [40] * orders)
        if value is not False:
            shop.tables["predictions"].append({"customer_id": customer, "predicted_value": value})
        return customer

    buyer("twice the own gap", 900, 20, 40)
    buyer("twice the own gap and a day", 901, 20, 41)
    buyer("two orders, twice the usual gap", 902, 10, 60, orders=2)
    buyer("two orders, twice the usual gap and a day", 903, 10, 61, orders=2)
    buyer("one order, twice the usual gap and a day", 904, 0, 61, orders=1)
    buyer("predicted value missing", None, 20, 90)
    buyer("no prediction at all", False, 20, 90)
    buyer("of small value", 5, 20, 90)
    customer = buyer("gaps of 10, 20, 30, 40: the lower middle is 20", 905, orders=0)
    for days in (141, 131, 111, 81, 41):
        shop.order(customer, days_before(days), 40)
    customer = buyer("three orders on one day, the next day is overdue", 906, orders=0)
    for time in ("00:00:00", "12:00:00", "23:59:59"):
        shop.order(customer, days_before(1, time), 40)
    customer = buyer("gap of a day over 25 hours", 907, orders=0)
    for time in ("2026-10-23 23:30:00", "2026-10-24 23:30:00", "2026-10-25 23:30:00"):
        shop.order(customer, time, 40)
    buyer("valuable, and never bought", 999, orders=0)
    for note in ("at the edge", "at the edge, equal", "behind the edge"):
        buyer(f"{note} of the top 25%", False, last=100, orders=1)


def odd(shop: Shop) -> None:
    """Orders since 2026-10-02 to another state or above the own average, sent back within five days."""

    def buyer(note: str, time: str, back: str | None, state: str | None = "Essex", **columns: Any) -> int:
        person = {"home_state": columns.pop("home_state")} if "home_state" in columns else {}
        customer = shop.customer(f"return: {note}", **person)
        shop.order(customer, "2026-03-03 12:00:00", 60, price=columns.pop("before", 60))
        order = shop.order(customer, time, 40, state=state, **columns)
        if back:
            shop.send_back(customer, back, order)
        return customer

    noon, soon = "2026-10-20 12:00:00", "2026-10-22 12:00:00"
    buyer("in the last second of the fifth day", noon, "2026-10-25 23:59:59")
    buyer("when the sixth day begins", noon, "2026-10-26 00:00:00")
    buyer("ordered in the first second of the 30 days", "2026-10-02 00:00:00", "2026-10-03 12:00:00")
    buyer("ordered one second before the 30 days", "2026-10-01 23:59:59", "2026-10-03 12:00:00")
    buyer("in the second of the order", noon, noon)
    buyer("a second after the order", noon, "2026-10-20 12:00:01")
    buyer("at the instant of the run", "2026-10-30 12:00:00", AS_OF)
    buyer("in the last second", "2026-10-30 12:00:00", "2026-10-31 23:59:59")
    shop.send_back(buyer("of an unreadable label", noon, None), soon, None)
    shop.send_back(buyer("of the other order", noon, None), soon, len(shop.tables["orders"]) + 4999)
    buyer("at home, below the own average", noon, soon, state="Kent", price=59)
    buyer("at home, exactly the own average", noon, soon, state="Kent", price=60)
    buyer("home unknown, below the own average", noon, soon, home_state=None, price=59)
    buyer("home unknown, above the own average", noon, soon, home_state=None, price=61)
    buyer("state unknown, below the own average", noon, soon, state=None, price=59)
    buyer("another state, price missing", noon, soon, price=None)
    buyer("at home, price missing", noon, soon, state="Kent", price=None)
    buyer("at home, price of the other order missing", noon, soon, state="Kent", price=61, before=None)
    customer = shop.customer("return: by another customer")
    shop.order(customer, noon, 40, state="Essex")
    shop.send_back(customer - 1, soon, len(shop.tables["orders"]) + 5000)


def birthdays(shop: Shop) -> None:
    """Birthdays from 1 to 7 November, 18 years, three countries, consent to sms since 2024-11-01."""

    def born(note: str, birth_date: str | None, number: int | None = None, **columns: Any) -> int:
        sms = columns.pop("sms", ("granted", "2026-01-10 09:00:00"))
        purpose = columns.pop("purpose", "sms_marketing")
        columns = {"country": "DE", "home_state": "Hessen"} | columns
        customer = shop.customer(f"birthday: {note}", number, birth_date=birth_date, **columns)
        if sms:
            shop.consent(customer, "sms", *sms, purpose=purpose)
        return customer

    soon = "1990-11-03"
    born("today", "1990-11-01")
    born("on the seventh day", "1990-11-07", country="AT")
    born("on the eighth day", "1990-11-08")
    born("yesterday", "1990-10-31")
    born("18 today", "2008-11-01", country="CH")
    born("18 tomorrow", "2008-11-02")
    born("not recorded", None)
    born("on 29 February", "1992-02-29")
    born("another country", soon, country="GB")
    born("country unknown", soon, country=None)
    born("works here", soon, staff=True)
    born("may work here", soon, staff=None)
    born("consent of the first second of 24 months", soon, sms=("granted", "2024-11-01 00:00:00"))
    born("consent one second older", soon, sms=("granted", "2024-10-31 23:59:59"))
    born("consent for every purpose", soon, purpose=None)
    born("consent for service only", soon, purpose="service")
    born("no consent to sms", soon, sms=None)
    born("sms withdrawn", soon, sms=("withdrawn", "2026-01-10 09:00:00"))
    born("e-mail withdrawn", soon, email="withdrawn")
    born("no word about e-mail", soon, email=None)
    customer = born("two records of one time, not the same", soon)
    shop.consent(customer, "sms", "withdrawn", "2026-01-10 09:00:00", purpose="sms_marketing")
    born("held out, bucket 999", soon, HELD_OUT)
    born("not held out, bucket 1000", soon, JUST_NOT)


def app(shop: Shop) -> None:
    """App use of those above: from 2026-10-25 on, and in the four weeks from Monday, 2026-09-28, to 2026-10-25."""
    customer = 6001

    def uses(note: str, *times: str) -> int:
        nonlocal customer
        shop.person(customer, f"app: {note}")
        shop.did(customer, "app_open", *times)
        customer += 1
        return customer - 1

    def on(*days: str) -> tuple[str, ...]:
        return tuple(f"2026-{day} 18:00:00" for day in days)

    four = on("10-26", "10-28", "10-29", "10-31")
    uses("five days, the first second of the seven among them", "2026-10-25 00:00:00", *four)
    uses("four days, and the last second before the seven", "2026-10-24 23:59:59", *four)
    uses("four days, and the instant of the run", *four, AS_OF)
    uses("five times on four days", *four, four[0])
    uses("every day", *on("10-25", "10-26", "10-27", "10-28", "10-29", "10-30", "10-31"))
    both = uses("twice 1:30 on the day of 25 hours, four days", *four[:3], "2026-10-25 01:30:00")
    shop.did(both, "app_open", "2026-10-25 01:30:00", fold=1)
    weeks = [on("09-28", "09-30", "10-04"), on("10-05", "10-07", "10-11"), on("10-12", "10-14", "10-18")]
    two = [week[0] for week in weeks] + [week[1] for week in weeks]
    uses("three times in three weeks", *weeks[0], *weeks[1], *weeks[2])
    uses("three times in two weeks, twice in two", *weeks[0], *weeks[1], *weeks[2][:2], *on("10-19", "10-21"))
    uses("third time in the last second of the weeks", *weeks[0], *weeks[1], *on("10-19"), *["2026-10-25 23:59:59"] * 2)
    uses("third time when this week begins", *weeks[0], *weeks[1], *on("10-19", "10-21"), "2026-10-26 00:00:00")
    uses("first time in the first second of the weeks", "2026-09-28 00:00:00", *two, "2026-10-11 18:00:00", weeks[2][2])
    uses("first time one second before", "2026-09-27 23:59:59", *two, "2026-10-11 18:00:00", weeks[2][2])
    uses("nine times in one week", *weeks[0], *weeks[0], *weeks[0])
    uses("three times in one second, three weeks", *[w[0] for w in weeks for _ in range(3)])


def accounts(shop: Shop) -> None:
    """Accounts of those above, two people each: an admin, and a user behind; contracts that end before 2027-01-30."""
    customer = 6001

    def account(name: str | None, note: str, plan: str | None = "business", seats: int | None = 5, **end: Any) -> int:
        nonlocal customer
        row = {"account_id": name, "plan": plan, "seats": seats, "contract_end": end.get("end", "2026-12-31")}
        if name and name != "a_gone":
            shop.tables["accounts"].append(row)
        role = end.get("role", "admin")
        shop.person(customer, f"account: {note}", account_id=name, role=role)
        customer += 1
        return customer - 1

    def user(name: str, *logins: str) -> None:
        shop.did(account_user(name), "login", *logins)

    def account_user(name: str) -> int:
        return shop.customer(f"account: user of {name}", email=None, account_id=name, role="user")

    account("a_last", "ends on the last of 90 days", end="2027-01-29")
    account("a_next", "ends a day later", end="2027-01-30")
    account("a_today", "ends today", end="2026-11-01")
    account("a_over", "ended yesterday", end="2026-10-31")
    account("a_open", "no end recorded", end=None)
    account("a_small", "four seats", seats=4)
    account("a_seats", "seats not recorded", seats=None)
    account("a_free", "free plan", plan="free")
    account("a_plan", "plan not recorded", plan=None)
    account("a_used", "a user logged in in the first second of 30 days")
    user("a_used", "2026-10-02 00:00:00")
    account("a_late", "a user logged in one second before the 30 days")
    user("a_late", "2026-10-01 23:59:59")
    account("a_now", "a user logs in at the instant of the run")
    user("a_now", AS_OF)
    shop.did(account("a_self", "the admin alone logged in"), "login", "2026-10-20 08:00:00")
    account("a_role", "role not recorded", role=None)
    account("a_gone", "of no account that is known")
    account(None, "admin without an account")
    shop.tables["accounts"].append(
        {"account_id": "a_none", "plan": "business", "seats": 9, "contract_end": "2026-12-31"}
    )


def visits(shop: Shop) -> None:
    """Sessions of lapsed and one-time buyers: active from 2026-08-03 to 2026-10-01, silent since."""
    customer = 3001

    def visitor(note: str, *times: str) -> int:
        nonlocal customer
        shop.person(customer, f"visit: {note}")
        shop.did(customer, "session", *times)
        customer += 1
        return customer - 1

    visitor("in the last second of day 31", "2026-10-01 23:59:59")
    visitor("in the first second of the 30 days", "2026-10-02 00:00:00")
    visitor("in the first second of the 90 days", "2026-08-03 00:00:00")
    visitor("one second before the 90 days", "2026-08-02 23:59:59")
    visitor("active in both", "2026-09-09 09:00:00", "2026-10-31 23:59:59")
    visitor("at the instant of the run, and before", "2026-09-09 09:00:00", AS_OF)
    shop.mail(visitor("and clicked since", "2026-09-09 09:00:00"), "clicked", "2026-10-15 09:00:00")
    shop.mail(visitor("clicked only"), "clicked", "2026-09-09 09:00:00")


def crowd(shop: Shop, draw: random.Random) -> None:
    """Sixteen who fill the ranks of the score: from many small orders long ago to few large ones of late."""
    for i in range(16):
        customer = shop.customer("crowd")
        last = 1 + int(draw.random() * 40) + 60 * (i % 4) + (400 if i % 8 == 7 else 0)
        size = (8, 20, 60, 250)[(i // 4) % 4]
        amounts = [f"{size * (0.8 + draw.random() * 0.4):.2f}" for _ in range(1 + (i * 3) % 7)]
        shop.orders_every(customer, 30, last, amounts)
    for days in (45, 65, 90, 110, 140):
        shop.orders_every(shop.customer(f"crowd: one large order {days} days ago"), 0, days, [150 + days])
    shop.orders_every(shop.customer("crowd: last order on the first day of the 24 months"), 30, 730, [120, 130])
    shop.orders_every(shop.customer("crowd: last order a day earlier"), 30, 731, [120, 130])
    shop.orders_every(shop.customer("crowd: of late, often and cheap, for which no stage is named"), 30, 1, [1] * 8)


def predictions(shop: Shop) -> None:
    """Values for buyers without one, so that two equal ones stand at the edge of the top quarter."""
    scored = {row["customer_id"] for row in shop.tables["predictions"]}
    notes = {row["customer_id"]: row["note"] for row in shop.tables["people"]}
    seen = {row["customer_id"] for row in shop.tables["orders"] if row["ordered_at"] < local(AS_OF)}
    unscored = {number for number, note in notes.items() if "no prediction" in note or "value missing" in note}
    edge, rest = [], []
    for number in sorted(seen & set(notes) - scored - unscored):
        (edge if "the edge" in notes[number] else rest).append(number)
    never = sum(number not in seen for number in scored)
    buyers = len(seen & scored) + len(edge) + len(rest) - sum(number in scored for number in unscored)
    high = sum(Decimal(row["predicted_value"] or 0) >= 900 for row in shop.tables["predictions"]) - never
    better = (buyers + 3) // 4 - 1 - high  # so many of the others stand above the edge
    for place, number in enumerate(rest):
        value = Decimal(500 - place) if place < better else Decimal(300 - place)
        shop.tables["predictions"].append({"customer_id": number, "predicted_value": value})
    for number, value in zip(edge, ("350.00", "350.00", "349.99"), strict=True):
        shop.tables["predictions"].append({"customer_id": number, "predicted_value": value})


def strangers(shop: Shop) -> None:
    """Rows of nobody and of unknown customers, which take part in nothing."""
    for customer in (None, 99999):
        shop.order(customer, "2026-10-10 12:00:00", 7777)
        shop.did(99999, "login", "2026-10-10 12:00:00")
    shop.consent(99999, "email", "granted", "2026-10-10 12:00:00")


def balance(shop: Shop) -> None:
    """A last order, of a customer of its own, that makes the mean of all amounts seen what it should be."""
    known = {row["customer_id"] for row in shop.tables["people"]}
    seen = [row for row in shop.tables["orders"] if row["customer_id"] in known and row["ordered_at"] < local(AS_OF)]
    amounts = [Decimal(row["amount"]) for row in seen if row["amount"] is not None]
    missing = MEAN_ORDER * (len(amounts) + 1) - sum(amounts)
    shop.order(shop.customer("crowd: brings the mean order to 80 pounds"), "2026-04-01 12:00:00", missing)


def make() -> dict[str, str]:
    """The text of every table by its name."""
    shop = Shop()
    draw = random.Random(20261101)
    themes = {1001: (engaged, sunset, carts), 2001: (vip,), 3001: (lapsed, once, visits), 4001: (at_risk,)}
    for first, parts in (themes | {5001: (odd,), 6001: (birthdays, app, accounts)}).items():
        shop.next_customer = first
        for part in parts:
            part(shop)
    shop.next_customer = 7001
    crowd(shop, draw)
    strangers(shop)
    balance(shop)
    predictions(shop)
    shop.tables["people"].sort(key=lambda row: row["customer_id"])
    return {name: _text(name, rows) for name, rows in shop.tables.items()}


def _text(name: str, rows: list[Row]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, HEADERS[name].split(), lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def main() -> None:
    """Write all tables into `data/` beside this script."""
    for name, text in make().items():
        (DATA / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {len(HEADERS)} tables into {DATA}")


if __name__ == "__main__":
    main()
