"""What was found of pairs of segments, kept for the next time: an unchanged pair is not asked about again.

A segment is known by its meaning and not by its name, and all of it by the catalogue, scores and lists that it may
read. Of segments that are followed only in part a verdict may rest on what else was looked at; it is taken up again
only where nothing at all has changed.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from segrules.ir.fingerprint import text_of
from segrules.ir.walk import entries_of_lists
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.meanings import Free
from segrules.proofs.formulas.logic import Flag, Formula, leaves
from segrules.proofs.verdict import Reason

FORM = 1
"""Changes with whatever verdicts rest on: what formulas are made of, and how this is written."""

_LARGEST = 200_000_000
"""Bytes of a file that are still read; verdicts of ten thousand segments take half of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is about: everything that verdicts rest on.

    `world` stands for what all segments share, `keys` for the meaning of each; `exact` are those whose meaning is
    followed to its end. `whole` stands for all of it.
    """

    world: str
    keys: tuple[str, ...]
    exact: tuple[bool, ...]

    @property
    def whole(self) -> str:
        """One short text for all of it."""
        return _digest([self.world, *self.keys])


@dataclass(frozen=True, slots=True)
class Known:
    """Letters for verdicts, a row for each segment, and why pairs are undecided."""

    rows: tuple[str, ...]
    reasons: Mapping[tuple[int, int], Reason]


APART, SHARED, INSIDE, OPEN = "dsi "
"""Nobody is in both; somebody is; all members of the row's segment are in the column's; not known."""


class Cache:
    """Verdicts of the last run, in memory, and in a file where there is a `path`.

    The file may be deleted at any time. One that cannot be read, or was written for something else, is as if not there.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._held: dict[str, Any] | None = None
        if path is not None:
            with suppress(OSError, ValueError, RecursionError):
                self._held = json.loads(_read(path))

    def recall(self, asked: Asked) -> Known:
        """What is known of these segments."""
        count = len(asked.keys)
        nothing = Known((OPEN * count,) * count, {})
        try:
            return self._recalled(asked) or nothing
        except (TypeError, KeyError, ValueError, IndexError, AttributeError):
            return nothing

    def _recalled(self, asked: Asked) -> Known | None:
        held = self._held
        if held is None or held["form"] != FORM or held["world"] != asked.world:
            return None
        keys, rows, whole = held["keys"], held["rows"], held["whole"]
        if held["check"] != _digest([*keys, *rows, str(whole), json.dumps(held["reasons"])]):
            return None
        places = {key: place for place, key in enumerate(keys)}
        at = [places.get(key) for key in asked.keys]
        same = whole == asked.whole
        made = []
        for row, exact in zip(at, asked.exact, strict=True):
            letters = [
                rows[row][column]
                if row is not None and column is not None and (same or (exact and exact_too))
                else OPEN
                for column, exact_too in zip(at, asked.exact, strict=True)
            ]
            made.append("".join(letters))
        reasons = {(one, other): Reason(reason) for one, other, reason in held["reasons"]} if same else {}
        return Known(tuple(made), reasons)

    def remember(self, asked: Asked, known: Known) -> None:
        """Keep what was found; a folder that cannot be written is passed over."""
        reasons = [[one, other, str(reason)] for (one, other), reason in sorted(known.reasons.items())]
        check = _digest([*asked.keys, *known.rows, asked.whole, json.dumps(reasons)])
        self._held = {
            "form": FORM,
            "world": asked.world,
            "whole": asked.whole,
            "keys": list(asked.keys),
            "rows": list(known.rows),
            "reasons": reasons,
            "check": check,
        }
        if self._path is not None:
            with suppress(OSError):
                _write(self._path, json.dumps(self._held, indent=0) + "\n")


def _read(path: Path) -> bytes:
    """What a file holds; nothing where it is a pipe or a device, or larger than anything that is kept here."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    return data if len(data) <= _LARGEST else b""


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all; its folder is none of version control's business."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ignore = path.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def asked_of(encoder: Encoder, members: Sequence[Formula], usual: str, budget: int) -> Asked:
    """What a run about these members is about; `usual` is the instant at which customers are looked for."""
    rules = encoder.rules
    lists = sorted((path, sorted(entries)) for path, entries in entries_of_lists(rules).items())
    world = [str(FORM), usual, str(budget), text_of(rules.catalogue), text_of(rules.scores), repr(lists)]
    exact = tuple(not any(isinstance(item, Free) for item in _meanings(encoder, member)) for member in members)
    return Asked(_digest(world), tuple(member.key for member in members), exact)


def _meanings(encoder: Encoder, member: Formula) -> Iterator[object]:
    """What the flags and variables of a formula stand for, and those of all that always holds of them."""
    seen: set[str] = set()
    waiting = [member]
    while waiting:
        for leaf in leaves(waiting.pop()):
            named = [leaf] if isinstance(leaf, Flag) else [var for _, var in leaf.terms]
            for item in named:
                if item.name not in seen:
                    seen.add(item.name)
                    yield item.meaning
                    waiting += encoder.axioms.get(item.name, ())


def _digest(parts: Sequence[str]) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
