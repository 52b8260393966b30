"""The files of `rulesets/online_retail` into the members and stages that its rules should give, with pandas alone.

Nothing of segrules is used here, neither the package nor the catalogue: whoever reads a rule and finds it
computed the same way below has two witnesses for its meaning. Money is counted in thousandths of a pound, so that all
sums are exact. The invoices' times are local and without a zone, and so are all bounds of windows here.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

TODAY = pd.Timestamp("2011-12-10")
POUND = 1000


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run should write: customers by segment, and the entry of every customer by partition."""

    customers: frozenset[int]
    qualifying: dict[str, frozenset[int]]
    members: dict[str, frozenset[int]]
    partitions: dict[str, dict[int, str]]


def read_lines(folder: Path) -> pd.DataFrame:
    """The invoice lines, with `price` and `amount` in thousandths of a pound and what kind of line each is."""
    lines: pd.DataFrame = pq.read_table(folder / "lines.parquet").to_pandas()
    lines["price"] = lines["unit_price"].map(lambda price: int(price * POUND)).astype("int64")
    lines["amount"] = lines["quantity"].astype("int64") * lines["price"]
    lines["country"] = lines["country"].astype(str)
    lines["cancelled"] = lines["invoice_no"].str.startswith("C")
    lines["bad_debt"] = lines["invoice_no"].str.startswith("A")
    lines["sold"] = (lines["quantity"] > 0) & (lines["price"] > 0) & ~lines["cancelled"] & ~lines["bad_debt"]
    # Not by the pattern of the catalogue, but by the list of all codes that are no goods.
    services = ["AMAZONFEE", "B", "BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "POST", "S", "m"]
    lines["goods"] = ~lines["stock_code"].isin(services)
    return lines


def purchases(lines: pd.DataFrame) -> pd.DataFrame:
    """One row for each paid invoice of a known customer, at the time of its first line."""
    return _invoices(lines[lines["sold"]])


def cancellations(lines: pd.DataFrame) -> pd.DataFrame:
    """One row for each cancelled invoice of a known customer, with what was paid back as a positive amount."""
    invoices = _invoices(lines[lines["cancelled"]])
    invoices["amount"] = -invoices["amount"]
    return invoices


def expected(folder: Path) -> Expected:
    """Everything that the rules should give on 2011-12-10 from the data in `folder`."""
    lines = read_lines(folder)
    people = _people(lines, pd.read_csv(folder / "profile.csv", index_col="customer_id"))
    customers = people.index
    bought, cancelled = purchases(lines), cancellations(lines)
    items = lines[lines["sold"] & lines["goods"] & lines["customer_id"].notna()]
    spans = {"12": _last_months(bought, "2010-12-10"), "6": _last_months(bought, "2011-06-10")}

    count = _count(bought, customers)
    first = bought.groupby("customer_id")["time"].min().reindex(customers)
    last = bought.groupby("customer_id")["time"].max().reindex(customers)
    ever = _total(bought, customers)
    bought_this_year = _count(spans["12"], customers) > 0
    spend = _total(spans["12"], customers)
    refunds = _total(_last_months(cancelled, "2010-12-10"), customers)
    fresh = _total(bought[bought["time"] >= _days_ago(90)], customers)
    before = _total(bought[(bought["time"] >= _days_ago(180)) & (bought["time"] < _days_ago(90))], customers)

    stages = _stages(_bands(spans["12"]).reindex(customers), first, last)
    market = _market(people["country"], folder)
    christmas = items[items["description"].str.lower().str.contains("christmas", regex=False)]
    last_year = christmas[christmas["invoice_ts"] < "2011-01-01"].groupby("customer_id").size().reindex(customers)
    this_year = christmas[christmas["invoice_ts"] >= "2011-09-01"].groupby("customer_id").size().reindex(customers)
    articles = items[items["invoice_ts"] >= "2010-12-10"].groupby("customer_id")["stock_code"].nunique()

    where: dict[str, pd.Series[bool]] = {
        "champions": stages == "champion",
        "welcome": (stages == "newcomer") & (count == 1),
        "one_and_done": (count == 1) & (last < _days_ago(90)),
        "vip": (spend >= 5000 * POUND) & (_count(spans["12"], customers) >= 5) & (10 * refunds <= spend),
        "win_back": (last < _days_ago(180)) & (count >= 2) & (ever >= 1000 * POUND),
        "slipping_away": (ever >= 1000 * POUND) & (2 * fresh < before) & (people["first_seen"] < _days_ago(179)),
        "returns_often": (_count(_last_months(cancelled, "2011-06-10"), customers) >= 3) & (10 * refunds >= spend),
        "uk_regulars": (market == "home") & (_count(spans["6"], customers) >= 3),
        "export_buyers": (market == "near") & bought_this_year,
        "christmas_again": last_year.notna() & this_year.isna() & bought_this_year,
        "birthday": _birthday_soon(people["birth_date"]) & (count > 0),
        "wide_range": articles.reindex(customers, fill_value=0) >= 100,
    }
    # A missing flag excludes like a true one, and a missing age is no age of 18.
    reachable = people["staff"].eq("false") & people["do_not_contact"].eq("false")
    adult = people["age"] >= 18
    qualifying = {name: holds & reachable & adult for name, holds in where.items() if name != "returns_often"}
    qualifying["returns_often"] = where["returns_often"] & reachable
    qualifying["slipping_away"] &= ~where["returns_often"]

    granted = people["consent"]
    members = {name: holds & granted for name, holds in qualifying.items()}
    members["returns_often"] = qualifying["returns_often"]
    members["birthday"] &= people["consent_at"].between("2009-12-10", "2011-12-09")
    return Expected(
        frozenset(map(int, customers)),
        {name: _those(holds) for name, holds in qualifying.items()},
        {name: _those(holds) for name, holds in members.items()},
        {"lifecycle_stage": _entries(stages), "market": _entries(market)},
    )


def _invoices(lines: pd.DataFrame) -> pd.DataFrame:
    groups = lines.dropna(subset=["customer_id"]).groupby(["customer_id", "invoice_no"], as_index=False)
    return groups.agg(time=("invoice_ts", "min"), amount=("amount", "sum"), lines=("line_no", "size"))


def _people(lines: pd.DataFrame, profile: pd.DataFrame) -> pd.DataFrame:
    """Every customer who is on any line, with what is known of them; flags are the texts `true`, `false` or others."""
    seen = lines.dropna(subset=["customer_id"]).sort_values(["invoice_ts", "line_no"]).groupby("customer_id")
    people = pd.DataFrame({"country": seen["country"].last(), "first_seen": seen["invoice_ts"].first()})
    profile = profile.reindex(people.index)
    birth = pd.to_datetime(profile["birth_date"])
    had_birthday = (birth.dt.month * 100 + birth.dt.day) <= TODAY.month * 100 + TODAY.day
    until = pd.to_datetime(profile["email_consent_until"])
    people["staff"] = profile["staff"].astype(str).str.lower()
    people["do_not_contact"] = profile["do_not_contact"].astype(str).str.lower()
    people["birth_date"] = birth
    people["age"] = TODAY.year - birth.dt.year - (~had_birthday).astype(int)
    people["consent"] = profile["email_consent"].eq("granted") & (until.isna() | (until > TODAY))
    people["consent_at"] = pd.to_datetime(profile["email_consent_at"])
    return people


def _bands(year: pd.DataFrame) -> pd.DataFrame:
    """The RFM score: one more than the fifths of all buyers of the year who do worse."""
    buyers = year.groupby("customer_id")
    days = (TODAY - buyers["time"].max().dt.normalize()).dt.days
    worse = {
        "recency": (-days).rank(method="min") - 1,
        "frequency": buyers.size().rank(method="min") - 1,
        "monetary": buyers["amount"].sum().rank(method="min") - 1,
    }
    return pd.DataFrame({name: 1 + 5 * ranks.astype("int64") // len(days) for name, ranks in worse.items()})


def _stages(rfm: pd.DataFrame, first: "pd.Series[pd.Timestamp]", last: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """A comparison with NaN or NaT is false, as one with none is."""
    return _first_match(
        {
            "champion": (rfm["recency"] == 5) & (rfm["frequency"] >= 4) & (rfm["monetary"] >= 4),
            "loyal": (rfm["recency"] >= 3) & (rfm["frequency"] >= 4),
            "newcomer": first >= _days_ago(60),
            "at_risk": (rfm["recency"] <= 2) & (rfm["frequency"] >= 3) & (rfm["monetary"] >= 4),
            "active": last >= _days_ago(90),
            "fading": (last >= _days_ago(180)) & (last < _days_ago(90)),
            "lapsed": last < _days_ago(180),
        },
        "never_bought",
    )


def _market(country: "pd.Series[str]", folder: Path) -> "pd.Series[str]":
    near = (folder / "export_markets.csv").read_text(encoding="utf-8").splitlines()
    return _first_match(
        {
            "home": country == "United Kingdom",
            "near": country.isin(near),
            "far": ~country.isin(["Unspecified", "European Community"]),
        },
        "unplaced",
    )


def _first_match(stages: "dict[str, pd.Series[bool]]", otherwise: str) -> "pd.Series[str]":
    index = next(iter(stages.values())).index
    entry = pd.Series(otherwise, index=index)
    for name, holds in reversed(stages.items()):
        entry[holds] = name
    return entry


def _birthday_soon(birth_date: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
    days = pd.date_range(TODAY, periods=7).strftime("%m-%d")
    return birth_date.dt.strftime("%m-%d").isin(days)


def _days_ago(days: int) -> pd.Timestamp:
    return TODAY - pd.Timedelta(days=days)


def _last_months(invoices: pd.DataFrame, start: str) -> pd.DataFrame:
    return invoices[invoices["time"] >= start]


def _count(invoices: pd.DataFrame, customers: pd.Index) -> "pd.Series[int]":
    return invoices.groupby("customer_id").size().reindex(customers, fill_value=0)


def _total(invoices: pd.DataFrame, customers: pd.Index) -> "pd.Series[int]":
    return invoices.groupby("customer_id")["amount"].sum().reindex(customers, fill_value=0)


def _those(holds: "pd.Series[bool]") -> frozenset[int]:
    return frozenset(int(customer) for customer in holds.index[holds].tolist())


def _entries(stages: "pd.Series[str]") -> dict[int, str]:
    return {int(customer): str(entry) for customer, entry in zip(stages.index.tolist(), stages, strict=True)}
