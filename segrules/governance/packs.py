"""Packs about labels: dated facts from `packs/*.toml` into what they demand of segments."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from segrules.diagnostics.finding import Severity
from segrules.ir.rules import Header
from segrules.resources import pack_file

PACKS = ("ad_platforms", "cpra", "gdpr", "lexicon", "us_housing_employment_credit")
"""The packs that `[packs]` in `segrules.toml` can name."""

LEVELS = ("on", "error", "warning", "note", "off")
"""What `[packs]` can say of a pack; `on` leaves every line of it the level that it has."""

DEFAULT: Mapping[str, str] = {"gdpr": "on"}
"""What holds where `[packs]` says nothing of a pack."""


class Demand(StrEnum):
    """What a line of a pack asks for where a segment reads one of its labels."""

    JUSTIFICATION = "justification"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which segments a line binds: those of one of these purposes and channels; of any where there are none.

    Where there are `and_purposes`, the segment has to have one of those as well.
    """

    purposes: tuple[str, ...] = ()
    and_purposes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def binds(self, header: Header) -> bool:
        """Whether a segment with this header is bound."""
        asked = (
            (self.purposes, header.purposes),
            (self.and_purposes, header.purposes),
            (self.channels, header.channels),
        )
        return all(not wanted or not set(wanted).isdisjoint(held) for wanted, held in asked)

    def met(self, header: Header) -> tuple[str, ...]:
        """The purposes and channels by which a segment is bound."""
        wanted = {*self.purposes, *self.and_purposes, *self.channels}
        return tuple(name for name in (*header.purposes, *header.channels) if name in wanted)


@dataclass(frozen=True, slots=True)
class Line:
    """One demand of a pack about labels that are read; `outside` names clauses in which it allows them."""

    pack: str
    labels: frozenset[str]
    demand: Demand
    level: Severity
    scope: Scope
    outside: tuple[str, ...]
    because: str
    reviewed: date


@dataclass(frozen=True, slots=True)
class Naming:
    """One demand of a pack about words in names: nothing in them may suggest one of these categories."""

    pack: str
    suggests: frozenset[str]
    level: Severity
    scope: Scope
    because: str
    reviewed: date


@dataclass(frozen=True, slots=True)
class Demands:
    """All that the packs of a project ask for."""

    lines: tuple[Line, ...] = ()
    namings: tuple[Naming, ...] = ()


def demands(settings: Mapping[str, str]) -> Demands:
    """What the packs ask for, with the levels that the project's settings give them."""
    lines: list[Line] = []
    namings: list[Naming] = []
    for name in PACKS:
        level = settings.get(name, DEFAULT.get(name, "off"))
        if level != "off":
            content = read_pack(name)
            lines += [_line(name, row, level) for row in content.get("rule", [])]
            namings += [_naming(name, row, level) for row in content.get("names", [])]
    return Demands(tuple(lines), tuple(namings))


@cache
def read_pack(name: str) -> dict[str, Any]:
    """The contents of a file of facts, such as `gdpr`."""
    return tomllib.loads(pack_file(name))


@cache
def telling_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Categories, each with a pattern that finds a word which suggests it; what it finds is in its first group."""
    rows = read_pack("words")["words"]
    return tuple((row["suggests"], _any_word(row["list"])) for row in rows)


def _any_word(phrases: Iterable[str]) -> re.Pattern[str]:
    # Names join their words by `_`, titles by spaces or hyphens.
    joined = (r"[\W_]+".join(map(re.escape, phrase.split())) for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])((?:{'|'.join(joined)})s?)(?![^\W_])", re.IGNORECASE)


def _line(pack: str, row: Mapping[str, Any], level: str) -> Line:
    return Line(
        pack,
        frozenset(row["labels"]),
        Demand(row["demand"]),
        _level(row, level),
        _scope(row),
        tuple(row.get("outside", ())),
        row["because"],
        row["reviewed"],
    )


def _naming(pack: str, row: Mapping[str, Any], level: str) -> Naming:
    return Naming(pack, frozenset(row["suggests"]), _level(row, level), _scope(row), row["because"], row["reviewed"])


def _level(row: Mapping[str, Any], level: str) -> Severity:
    return Severity(row["level"] if level == "on" else level)


def _scope(row: Mapping[str, Any]) -> Scope:
    return Scope(*(tuple(row.get(key, ())) for key in ("purposes", "and_purposes", "channels")))
