"""Random catalogues: every way of saying who the customers are, what their events are and where consent stands."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from segrules.ir.catalogue import Catalogue
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from tests.engine import chances
from tests.engine.picking import Pick, chance, some
from tests.engine.relations import relations

ZONES = (
    "UTC",
    "Europe/London",
    "America/Sao_Paulo",  # until 2019 the clock skipped midnight
    "Asia/Kolkata",
    "Pacific/Apia",  # had no 30 December 2011
    "Australia/Lord_Howe",  # moves the clock by half an hour
    "America/New_York",
)
STATES = {"granted": ["granted", "yes"], "withdrawn": ["withdrawn", "no"], "pending": ["pending"]}
CHANNELS = ("email", "sms")
PURPOSES = ("newsletter", "offers")
TIERS = ("web", "trade", "DE")
SIZES = ("S", "M", "L", "XL")

_GBP = {"type": "money", "currency": "GBP"}
_SIZE = {"type": "text", "values": list(SIZES), "ordered": True}
_PROFILE: dict[str, Any] = {
    "age": "integer",
    "country": "text",
    "staff": "boolean",
    "joined": "date",
    "called": "timestamp",
    "points": {"type": "integer", "column": "loyalty points"},
    "other": "integer",
    "height": "decimal",
    "ratio": "float",
    "factor": "float",
    "credit": _GBP,
    "debt": _GBP,
    "vip": "boolean",
    "note": {"type": "text", "column": "Note (free)"},
    "tags": "list of text",
    "interests": {"type": "list of text", "values": ["a", "b", "web"]},
    "shirt": _SIZE,
    "trousers": _SIZE,
    "tier": {"type": "text", "values": list(TIERS)},
    "birth_date": "date",
    "contract_end": "date",
    "seen_at": "timestamp",
}
_PROFILE_DERIVED: dict[str, str] = {
    "score": "points * other",
    "difference": "points - 2 * other",
    "half": "points / 2",
    "surface": "height * height",
    "swing": "ratio * factor + 1",
    "credit_times": "credit * other",
    "own_age": "years since birth_date",
    "of_web": 'tier = "web" or note contains "e"',
    "both": "staff and vip",
    "big": "score > 10 and not staff",
    "born_in": "month of birth_date",
    "called_on": "weekday of called",
    "ago": "days since joined",
    "noted": "note is known",
    "lately": "called is in the last 30 days",
    "again": "called",
}
_LINES: dict[str, Any] = {
    "items": "integer",
    "amount": _GBP,
    "kind": "text",
    "gift": "boolean",
    "weight": "decimal",
    "share": "float",
    "product": "text",
    "bought": _SIZE,
    "labels": "list of text",
    "due": "date",
    "until": "timestamp",
    "stars": {"type": "integer", "column": "★"},
}
_LINES_DERIVED: dict[str, str] = {
    "cost": "amount * items",
    "load": "weight * items",
    "large": "items > 1 or amount > 2 GBP",
    "month_due": "month of due",
}
_CHOICES = ("only", "most frequent", "last by time", "first by time")


def catalogues(pick: Pick) -> Catalogue:
    """A catalogue that says something different each time."""
    return read(document(pick))


def read(catalogue: Mapping[str, Any]) -> Catalogue:
    """A document as the catalogue that it means; it has to be right."""
    # JSON is YAML.
    return _read(json.dumps(catalogue, indent=1))


@lru_cache(maxsize=1000)
def _read(text: str) -> Catalogue:
    found, findings = read_catalogue(Source("catalog.yaml", text))
    assert found is not None, [f"{item.message} ({item.help})" for item in findings]
    return found


def document(pick: Pick) -> dict[str, Any]:
    """The catalogue as YAML would have it."""
    key = pick(("text", "integer"))
    own = not chance(pick, 3)
    split = chance(pick, 3)
    made = {
        "format": 1,
        "time_zone": pick(ZONES),
        "leap_day": pick(("28 february", "1 march")),
        "tables": {"lines": _lines(pick, key), "stays": _stays(pick, key)},
        "events": _events(pick),
    }
    tables = made["tables"]
    assert isinstance(tables, dict)
    profile = dict(_PROFILE)
    extra: dict[str, Any] = {}
    if split:
        # Half of the attributes stand in a table of their own.
        extra = {name: profile.pop(name) for name in ("other", "ratio", "staff", "tags", "shirt", "contract_end")}
    linked = relations(pick, key)
    profile |= linked.columns
    if linked.links:
        tables |= linked.tables
        made["relations"] = linked.links
    consents = pick((None, "columns", "table"))
    if consents == "columns":
        profile |= _consent_columns(pick)
    if own:
        tables["people"] = _people(pick, key, profile)
        made["customers"] = {"table": "people"}
    else:
        # Customers are who occurs among the lines; what is known of them is joined, or chosen out of their lines.
        tables["people"] = _people(pick, key, profile)
        made["customers"] = {"derive": _derivation(pick), "join": ["people"]}
    if split:
        tables["more"] = {"path": "more.parquet", "key": "person", "columns": {"person": key, **extra}}
        made["customers"].setdefault("join", []).append("more")  # type: ignore[attr-defined]
    since = pick((None, "joined", "called"))
    if since is not None:
        made["customers"]["since"] = since  # type: ignore[index]
    if consents is not None:
        made["consents"] = _consents(pick, consents, key, tables)
        made["suppressions"] = _suppressions(pick, key, tables)
    made["caps"] = chances.caps_of_catalogue(pick, CHANNELS if consents is not None else ())
    return made


def _people(pick: Pick, key: str, profile: Mapping[str, Any]) -> dict[str, Any]:
    derived = {
        name: {"derive": text}
        for name, text in _PROFILE_DERIVED.items()
        if {"score", "difference", "half", "credit_times", "big"}.isdisjoint({name}) or "other" in profile
    }
    for name, reads in (("swing", "ratio"), ("both", "staff"), ("big", "staff")):
        if reads not in profile:
            derived.pop(name, None)
    kept = some(pick, [*derived], 5)
    if "big" in kept and "score" not in kept:
        kept.append("score")
    columns: dict[str, Any] = {"id": {"type": key, "column": "customer id"}, **profile}
    return {"path": "people.parquet", "key": "id", "columns": columns | {name: derived[name] for name in kept}}


def _lines(pick: Pick, key: str) -> dict[str, Any]:
    derived = {name: {"derive": _LINES_DERIVED[name]} for name in some(pick, [*_LINES_DERIVED])}
    columns = {
        "line_id": pick(("integer", "text")),
        "who": {"type": key, "column": pick(("who", "buyer"))},
        "at": pick(("timestamp", "timestamp", "timestamp", "date")),
        "invoice": pick(("text", "integer")),
        **_LINES,
    }
    return {"path": "lines.parquet", "columns": columns | derived}


def _stays(pick: Pick, key: str) -> dict[str, Any]:
    columns = {
        "stay_id": "integer",
        "person": key,
        "day": "date",
        "kind": "text",
        "items": "integer",
        "amount": _GBP,
        "gift": "boolean",
    }
    return {"path": "stays.parquet", "columns": columns}


def _events(pick: Pick) -> dict[str, Any]:
    """Events of their own table, several events of one table, and lines that make one event together."""
    by_id: dict[str, Any] = pick(({"id": "line_id"}, {"order_by": ["line_id"]}, {"order_by": ["items", "line_id"]}))
    events: dict[str, Any] = {
        "line": {"table": "lines", "customer": "who", "time": "at", **by_id},
        "stay": {"table": "stays", "customer": "person", "time": "day", "id": "stay_id"},
        "gift": {"table": "lines", "customer": "who", "time": "at", "where": "gift", "order_by": ["line_id"]},
    }
    if chance(pick, 3):
        events["line"]["where"] = pick(('kind != "web"', "items is known", "not gift or amount > 1 GBP"))
    if chance(pick, 3):
        # A day of the same rows; rows without it are no such event.
        events["deadline"] = {"table": "lines", "customer": "who", "time": "due", "where": "due is known"}
        events["deadline"] |= {"order_by": ["line_id"], "properties": ["items", "kind", "amount", "gift"]}
    if chance(pick, 2):
        events["invoice"] = _grouped(pick)
    return events


def _grouped(pick: Pick) -> dict[str, Any]:
    properties = {
        "lines": "number of lines",
        "items": "total of items",
        "amount": "total of amount * items",
        "kind": pick(("last kind", "first kind", "most frequent kind")),
        "gift": pick(("last gift", "first gift", "most frequent gift")),
        "products": "distinct product",
        "weight": pick(("average of weight", "largest of weight", "smallest of weight", "total of weight * items")),
        "share": pick(("total of share", "average of share", "largest of share")),
        "mean_items": "average of items",
        "bought": pick(("largest of bought", "smallest of bought", "last bought")),
        "due": pick(("largest of due", "smallest of due")),
        "until": pick(("largest of until", "first until")),
    }
    if chance(pick, 4):
        properties["only_product"] = "only product"
    event = {
        "table": "lines",
        "customer": "who",
        "time": "at",
        "order_by": pick((["line_id"], ["product", "line_id"])),
        "group": {
            "by": pick((["invoice"], ["invoice", "kind"])),
            "time": pick(("first", "last")),
            "properties": properties,
        },
    }
    return event | pick(({}, {}, {"where": "items is known"}))


def _derivation(pick: Pick) -> dict[str, Any]:
    attributes = {
        "last_kind": {"column": "kind", "choose": pick(("last by time", "first by time", "most frequent"))},
        "last_amount": {"column": "amount", "choose": pick(("last by time", "first by time", "most frequent"))},
        "last_items": {"column": "items", "choose": pick(("last by time", "first by time", "most frequent"))},
        "last_share": {"column": "share", "choose": pick(("last by time", "first by time", "most frequent"))},
        "last_due": {"column": "due", "choose": pick(("last by time", "first by time", "most frequent"))},
        "last_labels": {"column": "labels", "choose": pick(("last by time", "first by time"))},
        "last_gift": {"column": "gift", "choose": pick(("last by time", "first by time", "most frequent"))},
    }
    if chance(pick, 5):
        attributes["only_product"] = {"column": "product", "choose": "only"}
    made = {
        "table": "lines",
        "key": "who",
        "time": "at",
        "order_by": pick((["line_id"], ["items", "line_id"])),
        "attributes": attributes,
    }
    return made | pick(({}, {}, {"where": "items > 0"}, {"where": 'not (kind = "web")'}))


# --- consent --------------------------------------------------------------------------------------


def _consent_columns(pick: Pick) -> dict[str, Any]:
    return {
        "email_state": pick(("boolean", "text")),
        "email_at": pick(("timestamp", "date")),
        "email_until": pick(("date", "timestamp")),
        "sms_state": "text",
    }


def _consents(pick: Pick, kind: str, key: str, tables: dict[str, Any]) -> dict[str, Any]:
    if kind == "columns":
        email: dict[str, Any] = {"state": "email_state"}
        email |= pick(
            ({}, {"time": "email_at"}, {"expiry": "email_until"}, {"time": "email_at", "expiry": "email_until"})
        )
        email |= pick(({}, {"purposes": ["newsletter"]}))
        columns = {"email": email, "sms": {"state": "sms_state"}}
        return {"columns": columns, "statuses": STATES, "purposes": list(PURPOSES)}
    tables["records"] = {
        "path": "records.parquet",
        "columns": {
            "person": key,
            "channel": {"type": "text", "values": list(CHANNELS)},
            "purpose": {"type": "text", "values": list(PURPOSES)},
            "status": "text",
            "at": pick(("timestamp", "date")),
            "until": pick(("date", "timestamp")),
        },
    }
    table = {"table": "records", "customer": "person", "channel": "channel", "status": "status", "time": "at"}
    table |= pick(({}, {"purpose": "purpose"})) | pick(({}, {"expiry": "until"}))
    return {"table": table, "statuses": STATES, "purposes": list(PURPOSES), "channels": list(CHANNELS)}


def _suppressions(pick: Pick, key: str, tables: dict[str, Any]) -> dict[str, Any]:
    lists: dict[str, Any] = {}
    if pick((False, True)):
        tables["robinson"] = {"path": "robinson.parquet", "columns": {"person": key}}
        lists["everywhere"] = {"table": "robinson", "customer": "person"}
    if pick((False, True)):
        tables["complaints"] = {"path": "complaints.parquet", "columns": {"complainant": key, "reason": "text"}}
        lists["no_mail"] = {"table": "complaints", "customer": "complainant", "channels": ["email"]}
    return lists
