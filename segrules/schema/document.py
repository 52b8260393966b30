"""A YAML document as a tree with places, and how a path of keys leads to one.

A path is a tuple of keys and list positions: `("tables", "lines", "columns", "line_no", "type")`.
"""

from dataclasses import dataclass
from decimal import Decimal

from segrules.text.span import Span

Path = tuple[str | int, ...]
Plain = bool | int | Decimal | str | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `source` is its text as written, `inner` the place of that text without quotes."""

    span: Span
    value: bool | int | Decimal | str | None
    source: str
    inner: Span
    size: int = 1
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A key's place and its value."""

    key: Span
    value: "Node"


@dataclass(frozen=True, slots=True)
class Block:
    """Keys with values. `size` counts the values within, those of aliases each time; `depth` the levels."""

    entries: dict[str, Entry]
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Items:
    """A list; its place is the whole of it in brackets, else its first dash."""

    span: Span
    items: tuple["Node", ...]
    size: int = 1
    depth: int = 1


Node = Scalar | Block | Items


@dataclass(frozen=True, slots=True)
class Document:
    """A file's tree."""

    path: str
    root: Node

    def find(self, path: Path) -> Node | None:
        """The node at `path`, or None."""
        node: Node | None = self.root
        for step in path:
            node = _step(node, step)
        return node

    def value_span(self, path: Path) -> Span:
        """Where the value at `path` stands; a block and an empty value are shown by their key."""
        node = self.find(path)
        if isinstance(node, Items) or (isinstance(node, Scalar) and node.span.end_column != node.span.column):
            return node.span
        return self.key_span(path)

    def key_span(self, path: Path) -> Span:
        """Where the last key of `path` stands; of the deepest part of it that exists."""
        for length in range(len(path), 0, -1):
            parent = self.find(path[: length - 1])
            step = path[length - 1]
            if isinstance(parent, Block) and str(step) in parent.entries:
                return parent.entries[str(step)].key
            item = _step(parent, step) if isinstance(parent, Items) else None
            if isinstance(item, Scalar | Items):
                return item.span
        return Span(self.path, 1, 1, 1, 1)

    def text_span(self, path: Path) -> Span:
        """Where the text at `path` stands, without its quotes."""
        node = self.find(path)
        return node.inner if isinstance(node, Scalar) else self.value_span(path)


def plain(node: Node, dropped: frozenset[Path] = frozenset(), path: Path = ()) -> Plain:
    """The node as plain values, without what stands at the paths in `dropped`."""
    match node:
        case Scalar():
            return node.value
        case Items():
            kept = [((*path, i), item) for i, item in enumerate(node.items)]
            return [plain(item, dropped, at) for at, item in kept if at not in dropped]
        case Block():
            inside = [(key, (*path, key), entry.value) for key, entry in node.entries.items()]
            return {key: plain(value, dropped, at) for key, at, value in inside if at not in dropped}


def _step(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Block):
        entry = node.entries.get(str(step))
        return entry.value if entry else None
    if isinstance(node, Items) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None
