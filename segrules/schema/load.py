"""YAML 1.2 text into a document: a tree that knows where each key and each value stands.

ruamel.yaml reads the text into events; the tree is built here, by YAML 1.2's core schema: `NO`, `yes` and
`2026-01-01` are texts. Depth and aliases are limited, so that no file can make the tree grow without bound.
"""

import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from segrules.diagnostics.codes import BAD_YAML, DUPLICATE_KEY, TOO_LARGE
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.schema.document import Block, Document, Entry, Items, Node, Scalar
from segrules.text.source import Source
from segrules.text.span import Span

MOST_CHARACTERS = 2_000_000
MOST_DEPTH = 30
MOST_ALIASES = 100
MOST_NODES = 200_000
MOST_DIGITS = 40

_SURROGATE = re.compile("[\ud800-\udfff]")
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOLEAN = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?")


def load(source: Source) -> tuple[Document | None, list[Finding]]:
    """Read one YAML document; None where it cannot be read at all.

    A key that stands twice is a finding and keeps its first value. Never raises for bad content.
    """
    if len(source.text) > MOST_CHARACTERS:
        message = f"the file has {len(source.text)} characters, more than {MOST_CHARACTERS}"
        return None, [finding(TOO_LARGE, message, _Places(source).span(0, 0))]
    builder = _Builder(source)
    try:
        root = builder.document()
    except _Refused as refused:
        return None, [*builder.findings, refused.finding]
    return Document(source.path, root), builder.findings


class _Refused(Exception):
    """The document is refused for the reason in `finding`."""

    def __init__(self, refusal: Finding) -> None:
        super().__init__(refusal.message)
        self.finding = refusal


class _Places:
    """Offsets into spans."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._starts = [0, *(match.end() for match in re.finditer("\n", source.text))]

    def span(self, start: int, end: int) -> Span:
        """The stretch from offset `start` to offset `end`, without white space at its end."""
        text = self._source.text
        start = min(start, len(text))
        end = start + len(text[start:end].rstrip())
        line, column = self._at(start)
        end_line, end_column = self._at(end)
        return Span(self._source.path, line, column, end_line, end_column)

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class _Builder:
    """Events into nodes, with the limits."""

    def __init__(self, source: Source) -> None:
        self.places = _Places(source)
        self.findings: list[Finding] = []
        self._source = source
        self._events = self._read()
        self._anchors: dict[str, Node] = {}
        self._open: set[str] = set()
        self._aliases = 0
        self._last: Any = None

    def document(self) -> Node:
        """The one document of the stream; an empty mapping where there is none."""
        next(self._events)
        start = next(self._events)
        if isinstance(start, StreamEndEvent):
            return Block({})
        self._check_version(start)
        root = self._node(next(self._events), 0)
        next(self._events)
        further = next(self._events)
        if isinstance(further, DocumentStartEvent):
            raise self._refuse("a second document begins here", further, "keep one document in the file")
        return root

    def _read(self) -> Iterator[Any]:
        """The events of ruamel.yaml; whatever it raises becomes a refusal."""
        events = YAML(typ="safe", pure=True).parse(self._source.text)
        while True:
            try:
                with warnings.catch_warnings():
                    # An anchor that is given twice is legal: the later one counts.
                    warnings.simplefilter("ignore")
                    event = next(events)
            except StopIteration:
                return
            except MarkedYAMLError as error:
                raise _Refused(_syntax_finding(error, self.places)) from None
            except ReaderError as error:
                span = self.places.span(error.position, error.position + 1)
                raise _Refused(finding(BAD_YAML, "a character that YAML does not allow", span)) from None
            except Exception as error:  # some malformed escapes and directives trip ruamel.yaml up in ways of its own
                message = f"the file is not YAML: {_one_line(str(error))}"
                raise _Refused(finding(BAD_YAML, message, self.places.span(0, 0))) from error
            yield event

    def _check_version(self, start: DocumentStartEvent) -> None:
        if start.version is not None and tuple(start.version) != (1, 2):
            version = ".".join(str(part) for part in start.version)
            span = self.places.span(0, len(self._source.text.split("\n", 1)[0]))
            message = f"the file asks for YAML {version}, and catalogues are read as YAML 1.2"
            raise _Refused(finding(BAD_YAML, message, span, help="leave out the `%YAML` line"))

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        if depth > MOST_DEPTH:
            raise self._refuse(f"more than {MOST_DEPTH} levels are nested in each other here", event)
        if event.anchor:
            self._open.add(event.anchor)
        node: Node
        match event:
            case MappingStartEvent():
                node = self._block(depth)
            case SequenceStartEvent():
                node = self._items(event, depth)
            case _:
                node = self._scalar(event)
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: AliasEvent, depth: int) -> Node:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise self._refuse(f"there are more than {MOST_ALIASES} aliases", event, "write the values out")
        if event.anchor in self._open:
            raise self._refuse(f"the alias `*{event.anchor}` stands inside what it repeats", event)
        node = self._anchors.get(event.anchor)
        if node is None:
            raise self._refuse(f"no anchor `&{event.anchor}` stands above", event)
        if depth + node.depth > MOST_DEPTH:
            raise self._refuse(f"more than {MOST_DEPTH} levels are nested in each other here", event)
        return node

    def _block(self, depth: int) -> Block:
        entries: dict[str, Entry] = {}
        size = 1
        for event in self._until(MappingEndEvent):
            key = self._key(event)
            value = self._node(next(self._events), depth + 1)
            size += value.size
            self._check_size(size, event)
            if key.source in entries:
                first = Related(entries[key.source].key, "the first one")
                message = f"the key `{_shorten(key.source)}` stands twice"
                self.findings.append(finding(DUPLICATE_KEY, message, key.span, related=[first]))
            else:
                entries[key.source] = Entry(key.span, value)
        return Block(entries, size, max((entry.value.depth for entry in entries.values()), default=0) + 1)

    def _items(self, start: SequenceStartEvent, depth: int) -> Items:
        items: list[Node] = []
        size = 1
        for event in self._until(SequenceEndEvent):
            item = self._node(event, depth + 1)
            size += item.size
            self._check_size(size, event)
            items.append(item)
        first = start.start_mark.index
        span = self.places.span(first, max(first + 1, self._last.end_mark.index if start.flow_style else 0))
        return Items(span, tuple(items), size, max((item.depth for item in items), default=0) + 1)

    def _until(self, end: type[Any]) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                self._last = event
                return
            yield event

    def _key(self, event: Any) -> Scalar:
        """A key is a name: whatever plain text stands there is taken as text."""
        if not isinstance(event, ScalarEvent):
            raise self._refuse("a key has to be a text", event)
        key = self._scalar(event)
        if key.source == "<<" and event.style is None:
            message = "the merge key `<<` is not part of YAML 1.2"
            raise self._refuse(message, event, "write the keys out, or repeat a whole block with an alias")
        return key

    def _scalar(self, event: ScalarEvent) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        text: str = event.value
        tag = str(event.tag) if event.tag else None
        if tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise self._refuse(f"the tag `{_shorten(tag or '')}` has no meaning here", event, "leave it out")
        if _SURROGATE.search(text):
            raise self._refuse("half of a pair of surrogates is not a character", event)
        span = self.places.span(start, end)
        if event.style in ("'", '"'):
            return Scalar(span, text, text, self.places.span(start + 1, max(start + 1, end - 1)))
        plain = event.style is None and tag is None
        return Scalar(span, self._plain(text, span) if plain else text, text, span)

    def _plain(self, text: str, span: Span) -> bool | int | Decimal | str | None:
        if _NULL.fullmatch(text):
            return None
        if found := _BOOLEAN.fullmatch(text):
            return found.group(1) is not None
        if not (_INTEGER.fullmatch(text) or _NUMBER.fullmatch(text)):
            return text
        if len(text) > MOST_DIGITS:
            message = f"the number `{_shorten(text)}` has more than {MOST_DIGITS} characters"
            self.findings.append(finding(BAD_YAML, message, span, help="a text of digits is written in quotes"))
            return 0
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        return Decimal(text)

    def _check_size(self, size: int, at: Any) -> None:
        if size > MOST_NODES:
            message = f"with its aliases the file holds more than {MOST_NODES} values"
            raise self._refuse(message, at, "write fewer aliases")

    def _refuse(self, message: str, event: Any, help: str | None = None) -> _Refused:  # noqa: A002  a finding's help
        span = self.places.span(event.start_mark.index, max(event.start_mark.index + 1, event.end_mark.index))
        return _Refused(finding(BAD_YAML, message, span, help=help))


_WORDING = (
    ("that cannot start any token", "a value cannot begin with {character}", "write the whole value in quotes"),
    ("mapping values are not allowed", "a second `: ` in one line", "write a value that holds `: ` in quotes"),
    ("unexpected end of stream", "a quote is opened and never closed", "close it, with the mark that opens it"),
    ("unknown escape character", "an unknown escape in a text in double quotes", "single quotes take `\\` as it is"),
    ("expected <block end>", "a line that does not fit the lines above it", "check how far the lines are indented"),
    ("could not find expected ':'", "a key without `:`", "write `key: value`, with a space behind the colon"),
    ("expected ',' or ']'", "a list in brackets goes wrong here", "part the items by `, ` and close with `]`"),
    ("expected ',' or '}'", "a block in braces goes wrong here", "part the entries by `, ` and close with `}`"),
    ("expected the node content", "the value is missing, or a bracket is not closed", None),
)


def _syntax_finding(error: MarkedYAMLError, places: _Places) -> Finding:
    """Put the words of ruamel.yaml into ours."""
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark is not None else 0
    span = places.span(offset, offset + 1)
    problem = str(error.problem or error.context or "")
    if r"'\t'" in problem:
        return finding(BAD_YAML, "a tab where YAML takes spaces only", span, help="indent with spaces")
    for part, message, remedy in _WORDING:
        if part in problem:
            character = re.search(r"character '(.+?)'", problem)
            shown = f"`{character.group(1)}`".replace("```", "a backtick") if character else "this character"
            return finding(BAD_YAML, message.replace("{character}", shown), span, help=remedy)
    return finding(BAD_YAML, f"the file is not YAML: {_one_line(problem)}", span)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shorten(text: str) -> str:
    line = _one_line(text)
    return line if len(line) <= MOST_DIGITS else f"{line[:MOST_DIGITS]}…"
