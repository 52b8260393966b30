"""Parts of the rules into texts that are the same for what is written alike, wherever it stands."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from segrules.ir import nodes as ir
from segrules.ir.walk import descendants


def short(*parts: str) -> str:
    """A digest of texts."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=50_000)
def digest(node: ir.Node) -> str:
    """A short text that is the same for nodes that are written alike, wherever they stand; names are not followed.

    Entries of list files count: two nodes with one digest mean the same in any two rule sets with equal definitions.
    """
    parts = [text_of(node), *(_entries(part.entries) for part in descendants(node) if isinstance(part, ir.InListFile))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=1_000)
def _entries(entries: frozenset[str]) -> str:
    return hashlib.sha256("\0".join(sorted(entries)).encode()).hexdigest()


def text_of(part: Any) -> str:
    """Any part of the rules as a text that says all of it but where it stands."""
    match part:
        case Enum():
            return str(part.value)
        case tuple() | list():
            return f"({','.join(text_of(item) for item in part)})"
        case Mapping():
            return f"{{{','.join(f'{key}:{text_of(part[key])}' for key in sorted(part))}}}"
        case ir.InListFile():
            return f"InListFile({text_of((part.value, part.path, part.negated, part.ignoring_case))})"
        case _ if is_dataclass(part) and not isinstance(part, type):
            # What is as it is by default is left out, so that a field that comes new changes no fingerprint.
            named = ((item, getattr(part, item.name)) for item in fields(part) if item.name != "span")
            held = (f"{item.name}={text_of(value)}" for item, value in named if value != item.default)
            return f"{type(part).__name__}({','.join(held)})"
        case _:
            return repr(part)
