"""`data/lines.parquet` (real) into `data/profile.csv`: consent and attributes, all of it made up.

The invoice lines are real, but they say nothing about consent, age or staff. To show how rules deal with these,
this script invents them. Every value is cut from the SHA-256 of the customer's number and the name of the column,
so it comes out the same on every machine and with every version of Python, and no value depends on another customer.
Run it again with `python rulesets/online_retail/make_profile.py`; a test compares the result with the file.
"""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pyarrow.parquet

DATA = Path(__file__).parent / "data"
HEADER = (
    "customer_id",
    "staff",
    "do_not_contact",
    "birth_date",
    "email_consent",
    "email_consent_at",
    "email_consent_until",
)
NULL = ""
FIRST_BIRTH, LAST_BIRTH = date(1936, 1, 1), date(1995, 12, 31)
FIRST_CONSENT, LAST_CONSENT = date(2009, 1, 1), date(2011, 12, 9)


def customer_ids(lines: Path) -> list[int]:
    """The customers who occur in a Parquet file of invoice lines, in ascending order."""
    column = pyarrow.parquet.read_table(lines, columns=["customer_id"])["customer_id"]
    return sorted(value for value in column.unique().to_pylist() if value is not None)


def profile(customers: Iterable[int]) -> str:
    """The table as CSV text with a header and one row for each customer; about 3 in 100 customers get no row."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_row(customer) for customer in customers if _draw(customer, "row", 100) >= 3)
    return text.getvalue()


def _row(customer: int) -> tuple[str, ...]:
    state, at, until = _consent(customer)
    staff = _flag(customer, "staff", true_in_1000=15, null_in_1000=20)
    do_not_contact = _flag(customer, "do_not_contact", true_in_1000=30, null_in_1000=0)
    return str(customer), staff, do_not_contact, _birth_date(customer), state, at, until


def _consent(customer: int) -> tuple[str, str, str]:
    """State, day it was given and first day without: in 8 of 100 rows there is no record, one granted in 4 expires."""
    share = _draw(customer, "email_consent", 100)
    if share < 8:
        return NULL, NULL, NULL
    at = _day(customer, "email_consent_at", FIRST_CONSENT, LAST_CONSENT)
    if share < 22:
        return "withdrawn", at.isoformat(), NULL
    if share < 28:
        return "pending", at.isoformat(), NULL
    until = at + timedelta(days=730) if _draw(customer, "email_consent_until", 4) == 0 else None
    return "granted", at.isoformat(), until.isoformat() if until else NULL


def _birth_date(customer: int) -> str:
    """One in ten is not recorded."""
    if _draw(customer, "birth_date known", 10) == 0:
        return NULL
    return _day(customer, "birth_date", FIRST_BIRTH, LAST_BIRTH).isoformat()


def _flag(customer: int, column: str, *, true_in_1000: int, null_in_1000: int) -> str:
    share = _draw(customer, column, 1000)
    if share < null_in_1000:
        return NULL
    return "true" if share < null_in_1000 + true_in_1000 else "false"


def _day(customer: int, column: str, first: date, last: date) -> date:
    return first + timedelta(days=_draw(customer, column, (last - first).days + 1))


def _draw(customer: int, column: str, sides: int) -> int:
    """The throw of a die with `sides` sides, from 0, always the same for this customer and column."""
    digest = sha256(f"{column}:{customer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % sides


def main() -> None:
    """Write `data/profile.csv` beside this script."""
    text = profile(customer_ids(DATA / "lines.parquet"))
    (DATA / "profile.csv").write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {DATA / 'profile.csv'}")


if __name__ == "__main__":
    main()
