"""What people write after `--as-of` into the one instant of a run."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from segrules.diagnostics.codes import CLOCK_CHANGE
from segrules.diagnostics.errors import BadInput
from segrules.diagnostics.finding import Finding, finding
from segrules.evaluation.described import described
from segrules.types.zones import start_of_day
from segrules.types.zones import zone as named_zone

WORDS = ("today", "yesterday", "now")

_SHAPES = "a date (`2026-11-01`), a timestamp (`2026-11-01T09:30`, with an offset if need be), or one of " + ", ".join(
    f"`{word}`" for word in WORDS
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}(:\d{2})?)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The instant of a run, in the catalogue's zone; `given` is what was asked for, `notes` how it was read."""

    instant: datetime
    given: str
    notes: tuple[Finding, ...] = ()


def resolve_as_of(given: str | date | datetime, zone: str, *, now: datetime | None = None) -> AsOf:
    """The instant that `given` stands for, in the time zone named `zone`.

    A date, `today` and `yesterday` are the first instant of that local day, which is not midnight where clocks
    skip it. A timestamp without an offset is local time; one that a clock change skips is read with the offset
    from before the change, one that comes twice is its first. `now` replaces the clock.

    Raises:
        BadInput: it is none of these, or the instant lies outside the years 1 to 9999.

    >>> resolve_as_of("2018-11-04", "America/Sao_Paulo").instant.isoformat()
    '2018-11-04T01:00:00-02:00'
    """
    tz = named_zone(zone)
    _check(given)
    shown = given if isinstance(given, str) else given.isoformat()
    try:
        match _parsed(given, tz, now or datetime.now(UTC)):
            case datetime() as moment if moment.tzinfo is not None:
                return AsOf(moment.astimezone(UTC).astimezone(tz), shown)
            case datetime() as local:
                return _local(local, tz, shown)
            case day:
                if not date.min < day < date.max:
                    raise OverflowError
                return AsOf(start_of_day(day, tz).astimezone(tz), shown)
    except OverflowError:
        raise BadInput(f"`{shown}` lies outside the years that dates can have") from None


def _check(given: object) -> None:
    """Refuse what is no text and no point in time; pandas' `NaT` calls itself a datetime and is not even itself."""
    if not isinstance(given, str | date) or given != given:
        what = described(given) if not isinstance(given, date) else "no point in time"
        raise BadInput(f"`as_of` is {what}", help=f"expected {_SHAPES}; in Python also a `date` or a `datetime`")


def _parsed(given: str | date | datetime, tz: ZoneInfo, now: datetime) -> date | datetime:
    if not isinstance(given, str):
        return given
    text = given.strip()
    if text in WORDS:
        today = now.astimezone(tz).date()
        return {"now": now, "today": today, "yesterday": today - timedelta(days=1)}[text]
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _TIMESTAMP.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise BadInput(f"`{given}` is not in the calendar: {error}", help=f"expected {_SHAPES}") from None
    raise BadInput(f"`{given}` is neither a date nor a timestamp", help=f"expected {_SHAPES}")


def _local(local: datetime, tz: ZoneInfo, shown: str) -> AsOf:
    first = local.replace(tzinfo=tz, fold=0)
    second = local.replace(tzinfo=tz, fold=1)
    instant = first.astimezone(UTC).astimezone(tz)
    if first.utcoffset() == second.utcoffset():
        return AsOf(instant, shown)
    skipped = instant.replace(tzinfo=None) != local
    message = (
        f"clocks skip the local time `{shown}`; it is read as {instant.isoformat()}"
        if skipped
        else f"the local time `{shown}` comes twice; it is read as the first, {instant.isoformat()}"
    )
    note = finding(CLOCK_CHANGE, message, help="write the offset to choose another instant")
    return AsOf(instant, shown, (note,))
