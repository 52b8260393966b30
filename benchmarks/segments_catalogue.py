"""The made-up shop whose segments `segments_made` writes: what can be asked of its customers, and its catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers or money: the round numbers that rules compare it with, as they are written."""

    name: str
    cuts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of text with a closed list of values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Did:
    """An event: the numbers and the choices that its rows have, and a column to count different values of."""

    name: str
    numbers: tuple[Numbers, ...]
    choices: tuple[Choice, ...]
    distinct: str


def _pounds(*amounts: int) -> tuple[str, ...]:
    return tuple(f"{amount} GBP" for amount in amounts)


def _plain(*numbers: float) -> tuple[str, ...]:
    return tuple(str(number) for number in numbers)


NUMBERS = (
    Numbers("age", _plain(21, 25, 30, 35, 40, 50, 55, 60, 65)),
    Numbers("children", _plain(1, 2, 3)),
    Numbers("points", _plain(100, 250, 500, 1000, 2500, 5000, 10000)),
    Numbers("satisfaction", _plain(2.5, 3, 3.5, 4, 4.5)),
    Numbers("distance_km", _plain(5, 10, 20, 50, 100)),
    Numbers("credit", _pounds(5, 10, 25, 50, 100)),
    Numbers("predicted_value", _pounds(50, 100, 250, 500, 1000, 2500)),
    Numbers("spend_90", _pounds(25, 50, 100, 250, 500)),
    Numbers("spend_before", _pounds(25, 50, 100, 250, 500)),
)
CHOICES = (
    Choice("country", ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "NL", "SE")),
    Choice("language", ("de", "en", "es", "fr", "it", "nl")),
    Choice("source", ("catalogue", "event", "friend", "partner", "search", "shop", "social")),
    Choice("home", ("flat", "house", "shared", "other")),
    Choice("gender", ("female", "male", "other")),
)
TIERS = ("basic", "silver", "gold", "platinum")
INTERESTS = ("garden", "kitchen", "kids", "outdoor", "reading", "sport")
TEXTS = {
    "city": (
        ("=", ("London", "Leeds", "Dublin", "Berlin", "Wien", "Paris")),
        ("starts with", ("Bad ", "Saint", "North ", "New ", "Ober")),
        ("ends with", ("burg", "ton", "ford", "stadt")),
        ("contains", ("wood", "am ", "-sur-", "berg")),
    ),
    "mail_domain": (
        ("=", ("shop.example", "mail.example", "partner.example")),
        ("ends with", (".de", ".uk", ".fr", ".edu", ".example")),
        ("contains", ("uni", "school", "corp")),
    ),
}
FLAGS = ("newsletter", "app_installed", "loyalty_card", "open_complaint", "student")
EXCLUSIONS = ("staff", "do_not_contact", "open_complaint", "reseller")
PAST = ("signup", "card_since")
AHEAD = ("contract_end", "next_visit")

_AMOUNTS = _pounds(5, 10, 20, 50, 100)
_WAYS = Choice("channel", ("app", "phone", "shop", "web"))
_GOODS = Choice("category", ("books", "fashion", "food", "garden", "kitchen", "shoes", "sport", "toys"))
EVENTS = (
    Did("purchase", (Numbers("amount", _AMOUNTS), Numbers("pieces", _plain(2, 3, 5))), (_WAYS, _GOODS), "product_id"),
    Did(
        "refund", (Numbers("amount", _AMOUNTS),), (Choice("reason", ("broken", "late", "size", "other")),), "product_id"
    ),
    Did("visit", (Numbers("seconds", _plain(30, 60, 300)),), (Choice("device", ("app", "desktop", "phone")),), "page"),
    Did("cart", (Numbers("value", _AMOUNTS),), (_GOODS,), "product_id"),
    Did("mail_open", (), (Choice("kind", ("newsletter", "season", "service", "win_back")),), "campaign"),
    Did(
        "support", (Numbers("minutes", _plain(5, 10, 30)),), (Choice("topic", ("bill", "delivery", "goods")),), "agent"
    ),
)
BANDS = {"rfm": ("recency", "frequency", "monetary"), "fixed": ("recency", "orders"), "loyalty": ("points", "value")}
STAGES = ("new", "loyal", "buyer", "lapsed", "prospect")
CHANNELS = ("email", "sms", "post", "push")
PURPOSES = {"email": "email_marketing", "sms": "mobile_marketing", "post": "catalogues", "push": "mobile_marketing"}


def _listed(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _column(column: Numbers | Choice) -> str:
    if isinstance(column, Choice):
        return f"{column.name}: {{type: text, values: {_listed(column.values)}}}"
    if column.cuts[0].endswith("GBP"):
        return f"{column.name}: {{type: money, currency: GBP, scale: 2}}"
    kind = "{type: decimal, scale: 1, range: [1, 5]}" if "." in column.cuts[0] else "{type: integer, range: [0, null]}"
    return f"{column.name}: {kind}"


def _columns() -> list[str]:
    return [
        "customer_id: integer",
        *(_column(column) for column in (*NUMBERS, *CHOICES)),
        f"tier: {{type: text, values: {_listed(TIERS)}, ordered: true}}",
        f"interests: {{type: list of text, values: {_listed(INTERESTS)}}}",
        *(f"{name}: text" for name in TEXTS),
        *(f"{name}: boolean" for name in dict.fromkeys((*FLAGS, *EXCLUSIONS))),
        *(f"{name}: date" for name in (*PAST, *AHEAD, "birth_date")),
        "account_id: text",
    ]


def _event_table(event: Did) -> list[str]:
    columns = [
        "row_id: {type: integer, nullable: false}",
        "customer_id: integer",
        "at: timestamp",
        *map(_column, event.numbers),
        *map(_column, event.choices),
        f"{event.distinct}: text",
    ]
    return [f"  {event.name}_rows:", f"    path: {event.name}.parquet", "    columns:", *_indented(columns)]


def _indented(lines: list[str]) -> list[str]:
    return [f"      {line}" for line in lines]


_REST = f"""\
  accounts:
    path: accounts.parquet
    key: account_id
    columns:
      account_id: text
      plan: {{type: text, values: [business, free, team]}}
      seats: {{type: integer, range: [1, null]}}
  consent_log:
    path: consents.parquet
    columns:
      customer_id: integer
      channel: {{type: text, values: [{", ".join(CHANNELS)}]}}
      purpose: text
      status: {{type: text, values: [granted, withdrawn, pending]}}
      recorded_at: timestamp
      expires: date
  robinson:
    path: robinson.parquet
    columns: {{customer_id: integer}}
customers:
  table: people
  since: signup
relations:
  account: {{table: accounts, column: account_id, back: users}}
consents:
  channels: [{", ".join(CHANNELS)}]
  purposes: [{", ".join(sorted(set(PURPOSES.values())))}]
  table:
    {{table: consent_log, customer: customer_id, channel: channel, purpose: purpose, status: status,
     time: recorded_at, expiry: expires}}
suppressions:
  robinson_list: {{table: robinson, customer: customer_id, channels: [email, post]}}
"""


def catalogue() -> str:
    """The text of `catalog.yaml`."""
    tables = [line for event in EVENTS for line in _event_table(event)]
    events = [
        f"  {event.name}: {{table: {event.name}_rows, customer: customer_id, time: at, id: row_id}}" for event in EVENTS
    ]
    people = ["  people:", "    path: people.parquet", "    key: customer_id", "    columns:", *_indented(_columns())]
    head = ["format: 1", "time_zone: Europe/London", "tables:"]
    return "\n".join([*head, *people, *tables, _REST + "events:", *events]) + "\n"
