"""A document into the catalogue's model: every wrong key and value becomes a finding.

What is wrong is left out and the rest is taken, so that later checks can go on. No word of pydantic reaches a message.
"""

import re
from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from segrules.diagnostics.codes import BAD_NAME, NEWER_CATALOGUE
from segrules.diagnostics.nearest import did_you_mean, nearest
from segrules.schema.document import Block, Items, Node, Path, Scalar, plain
from segrules.schema.models import FORMAT, CatalogueModel
from segrules.schema.report import Report

MOST_WORDS = 4
"""Up to so many words are listed in a message, more of them in its help; only the types of columns are more."""

_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "dict_type": "a block of keys",
    "bound": "a number, a date or null",
}
_SHORT_FORMS = {
    "ColumnModel": "a type, such as `integer`, or a block of keys",
    "ChosenModel": "a way, such as `last by time`, or a block of keys",
}


def check(report: Report) -> CatalogueModel | None:
    """The model of what is right in the report's document; None where nothing can be made of it."""
    root = report.document.root
    if (isinstance(root, Scalar) and root.value is None) or (isinstance(root, Block) and not root.entries):
        report.value((), "the catalogue is empty", help=f"begin with `format: {FORMAT}`")
        return None
    if not isinstance(root, Block):
        report.value((), f"a catalogue is a block of keys, found {_found(root)}", help=f"begin with `format: {FORMAT}`")
        return None
    if not _format_is_known(report):
        return None
    dropped: frozenset[Path] = frozenset([("format",)])
    excused: set[Path] = set()
    while True:
        try:
            return CatalogueModel.model_validate(plain(root, dropped))
        except ValidationError as error:
            errors: list[dict[str, Any]] = [dict(item) for item in error.errors(include_url=False, include_input=False)]
        excused |= {_meant(item["loc"]) for item in errors if item["type"] == "extra_forbidden"}
        misnamed = {item["loc"][:-1] for item in errors if item["loc"][-1:] == ("[key]",)}
        wrong = {
            _translate(report, item, excused)
            for item in errors
            if item["loc"][-1:] == ("[key]",) or not any(item["loc"][: len(name)] == name for name in misnamed)
        }
        # Invariant: each round leaves something out that the one before held, so the rounds end.
        if wrong <= dropped or () in wrong:
            return None
        dropped |= wrong


def _meant(path: Path) -> Path:
    """The path of the key that an unknown one most likely stands for."""
    return (*path[:-1], nearest(str(path[-1]), _keys(path[:-1])) or "")


def _format_is_known(report: Report) -> bool:
    """Whether the file's format is one that can be read; what is wrong with it is reported."""
    node = report.document.find(("format",))
    value = node.value if isinstance(node, Scalar) else None
    if node is None:
        report.key((), "the catalogue does not say its `format`", help=f"begin with `format: {FORMAT}`")
    elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
        report.value(("format",), f"`format` takes the number {FORMAT}, found {_found(node)}")
    elif value > FORMAT:
        message = f"the catalogue has format {value}, and this version of segrules reads format {FORMAT}"
        report.value(("format",), message, NEWER_CATALOGUE, help="install a newer version of segrules")
        return False
    return True


def _translate(report: Report, error: dict[str, Any], excused: set[Path]) -> Path:
    """Report one error of pydantic's, except a missing key that is excused; gives the path to leave out."""
    path: Path = error["loc"]
    kind: str = error["type"]
    if path and path[-1] == "[key]":
        path = path[:-1]
        message = f"`{path[-1]}` is not a name" if path[-1] else "an empty key is not a name"
        remedy = "names begin with a letter or `_` and go on with letters, digits and `_`"
        report.key(path, message, BAD_NAME, help=remedy)
        return path
    if kind == "missing":
        if path not in excused and not report.stands(path):
            report.key(path[:-1], f"`{path[-2]}` needs the key `{path[-1]}`")
        return path[:-1]
    if kind == "extra_forbidden":
        known = _keys(path[:-1])
        remedy = did_you_mean(str(path[-1]), known) or f"known keys: {_listed(known, 'and')}"
        report.key(path, f"unknown key `{path[-1]}`", help=remedy)
        return path
    if isinstance(report.document.find(path[:-1]), Scalar):
        path = path[:-1]  # a short form: what stands there is the value itself
    node = report.document.find(path)
    if kind == "name":
        report.value(path, f"{_found(node)} is not a name", BAD_NAME)
    else:
        if kind == "too_short" and isinstance(node, Block) and node.entries:
            return path  # what stood there was wrong, and has its finding
        wanted = _wanted(kind, error.get("ctx", {}))
        taker = f"an item of `{_title(path)}`" if isinstance(path[-1], int) else f"`{_title(path)}`"
        report.value(path, f"{taker} takes {wanted}, found {_found(node)}", help=_remedy(kind, error, node))
    return _droppable(path)


def _wanted(kind: str, context: dict[str, Any]) -> str:
    match kind:
        case "literal_error":
            words = _words(context)
            return _listed(words, "or") if len(words) <= MOST_WORDS else "the name of a type"
        case "greater_than_equal":
            return f"a number from {context['ge']} on"
        case "less_than_equal":
            return f"a number up to {context['le']}"
        case "too_short" | "too_long" if context["field_type"] == "List" and "min_length" in context:
            least = context["min_length"]
            return f"{least} items" if least > 1 else "at least one item"
        case "too_short" | "too_long":
            return f"{context['max_length']} items" if "max_length" in context else "at least one entry"
        case "string_too_long":
            return "one character"
        case "string_too_short":
            return "a text"
        case "string_pattern_mismatch":
            return "three capital letters, such as `GBP`"
        case "model_type":
            return _SHORT_FORMS.get(context["class_name"], "a block of keys")
        case _:
            return _WANTED.get(kind, "another value")


def _remedy(kind: str, error: dict[str, Any], node: Node | None) -> str | None:
    if not isinstance(node, Scalar):
        return None
    if kind in ("string_type", "literal_error") and node.value is not None and not isinstance(node.value, str):
        return f'a text is written in quotes: `"{node.source}"`'
    if kind == "literal_error":
        words = _words(error["ctx"])
        listed = f"one of {_listed(words, 'or')}" if len(words) > MOST_WORDS else None
        return did_you_mean(node.source, words) or listed
    return None


def _words(context: dict[str, Any]) -> list[str]:
    """The words that a key takes."""
    return re.findall("'(.*?)'", context["expected"])


def _found(node: Node | None) -> str:
    """What stands there, in words."""
    match node:
        case Scalar(value=None) | None:
            return "nothing"
        case Scalar(value=bool(), source=source):
            return f"`{source}`"
        case Scalar(value=str(), source=source):
            shown = " ".join(source.split())
            shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
            return f"the text `{shown}`" if shown else "an empty text"
        case Scalar(source=source):
            return f"the number `{source}`"
        case Items(items=items):
            return f"a list of {len(items)}" if items else "an empty list"
        case Block(entries=entries):
            return "a block of keys" if entries else "an empty block"


def _title(path: Path) -> str | int:
    """The name of what a path leads to: its last key that is not a position."""
    return next((step for step in reversed(path) if isinstance(step, str)), "the catalogue")


def _droppable(path: Path) -> Path:
    """A list is left out whole, so that positions stay what they are."""
    first = next((i for i, step in enumerate(path) if isinstance(step, int)), len(path))
    return path[:first]


def _keys(path: Iterable[str | int]) -> list[str]:
    """The keys that a block at `path` can have."""
    at: Any = CatalogueModel
    for step in path:
        at = _bare(at)
        if isinstance(at, type) and issubclass(at, BaseModel):
            field = at.model_fields.get(str(step))
            at = field.annotation if field else None
        else:
            at = get_args(at)[-1] if get_args(at) else None
    at = _bare(at)
    return list(at.model_fields) if isinstance(at, type) and issubclass(at, BaseModel) else []


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        else:
            return annotation


def _listed(words: list[str], last: str) -> str:
    """Words in backticks with commas and a last `or` or `and`."""
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)
