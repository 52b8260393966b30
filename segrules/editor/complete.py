"""A caret into what can be typed there: names of the catalogue and of the rules, values, and words of the language."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from segrules.diagnostics.codes import all_codes, may_be_lowered
from segrules.editor.caret import Caret, caret_at
from segrules.editor.describe import band_numbers, brief, column_of, values_of
from segrules.editor.keywords import keywords
from segrules.editor.names import Target
from segrules.editor.project import State
from segrules.editor.scopes import Scope, compared, left_side, scope_of
from segrules.editor.wanted import wanted
from segrules.governance.flow import CLAUSES
from segrules.governance.packs import read_pack
from segrules.governance.vocabulary import words as label_words
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Status
from segrules.semantics.expressions import CONSENT_STATES, WEEKDAYS
from segrules.syntax.before import Before, keywords_of
from segrules.syntax.words import reserved
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.types.types import BooleanType

_CODES = re.compile(r"#\s*segrules:\s*ignore\[(?:[\w, -]*,)?\s*([\w-]*)\Z")
_LISTS = (".csv", ".txt", ".list")
_MOST_FILES = 200
_PLAIN = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that can be typed: what stands at `span` becomes `insert`; `rank` puts the likeliest first."""

    label: str
    kind: str
    insert: str
    span: Span
    about: str | None = None
    rank: int = 1


def complete(state: State | None, source: Source, line: int, column: int) -> tuple[Completion, ...]:
    """What can be typed at the place, likeliest first; `state` is None outside a project: then words alone."""
    caret = caret_at(source, line, column)
    found = _Completing(state, caret)
    return tuple(sorted(dict.fromkeys(found.all()), key=lambda item: (item.rank, item.label, item.kind)))


class _Completing:
    """The completions of one caret."""

    def __init__(self, state: State | None, caret: Caret) -> None:
        self._state = state
        self._caret = caret
        typed = None if state is None else state.typed
        self._typed = typed
        self._catalogue: Catalogue | None = None if typed is None else typed.catalogue

    def all(self) -> Iterator[Completion]:
        before, caret = self._caret.before, self._caret
        if before is None:
            yield from self._codes()
        elif caret.quote == '"':
            yield from self._values(before)
            yield from self._list_files(before)
        elif caret.quote == "`" or (before.words and before.words[-1] == "."):
            yield from self._parts(before) if before.words and before.words[-1] == "." else self._names(before)
        else:
            yield from self._names(before)
            yield from self._values(before)
            yield from self._keywords(before)

    # --- names

    def _names(self, before: Before) -> Iterator[Completion]:
        for kind in wanted(before):
            yield from self._of_kind(kind, before)

    def _of_kind(self, kind: str, before: Before) -> Iterator[Completion]:
        match kind:
            case "operand":
                yield from self._operands(before)
            case "excluded":
                yield from self._made("segment")
                yield from (item for item in self._made("define") if self._is_condition(item.label))
                yield from self._attributes(only_true_or_false=True)
            case "assigned":
                yield from self._assigned(before)
            case "same":
                events = [word for word in before.words if word in self._events()]
                yield from self._properties(events[-1:])
            case "event":
                yield from (self._name(Target("event", name)) for name in self._events())
            case "relation":
                yield from self._relations()
            case "channel":
                yield from self._plain("channel", self._channels())
            case "purpose":
                known = [row["key"] for row in read_pack("purposes")["purpose"]]
                yield from self._plain("purpose", [*self._used("purpose"), *known])
            case "status":
                yield from self._plain("status", list(Status))
            case "label":
                own = self._catalogue.labels if self._catalogue is not None else ()
                yield from self._plain("label", [*own, *label_words()])
            case "clause":
                yield from self._plain("clause", CLAUSES)
            case "tag" | "owner":
                yield from self._plain(kind, self._used(kind))
            case _:
                yield from self._made(kind)

    def _operands(self, before: Before) -> Iterator[Completion]:
        scope = scope_of(before, self._events())
        if scope.events is None:
            yield from self._attributes()
            yield from self._made("define", "score")
            yield from self._relations()
            return
        yield from self._properties(scope.events)
        for step in scope.steps:
            yield Completion(step, "step", f"{step}.", self._caret.span, "an earlier step of this chain", 2)
        about = "what is known of the customer, as `customer.country`"
        yield Completion("customer", "customer", "customer.", self._caret.span, about, 2)

    def _attributes(self, *, only_true_or_false: bool = False) -> Iterator[Completion]:
        columns = {} if self._catalogue is None else self._catalogue.customers.attributes
        for name, column in columns.items():
            if column.deprecated is None and (not only_true_or_false or isinstance(column.type, BooleanType)):
                yield self._name(Target("attribute", name))

    def _properties(self, events: Sequence[str]) -> Iterator[Completion]:
        known = self._catalogue.events if self._catalogue is not None else {}
        every = [known[name].properties for name in events if name in known]
        for name in every[0] if every else ():
            if all(name in properties for properties in every):
                yield self._name(Target("property", name, events[0]))

    def _relations(self) -> Iterator[Completion]:
        for name in self._catalogue.relations if self._catalogue is not None else ():
            yield self._name(Target("relation", name), after=".")

    def _made(self, *kinds: str) -> Iterator[Completion]:
        for use in self._state.uses if self._state is not None else ():
            if use.defines and use.target.kind in kinds:
                yield self._name(use.target, after="." if use.target.kind == "score" else "")

    def _assigned(self, before: Before) -> Iterator[Completion]:
        """What a test gives: attributes of a customer, properties of an event, columns of a related row."""
        given = max((n for n, word in enumerate(before.words) if word == "given"), default=None)
        first = before.words[given + 1] if given is not None and given + 1 < len(before.words) else ""
        catalogue = self._catalogue
        if catalogue is None:
            return
        if first == "customer":
            yield from self._attributes()
            yield from self._plain("consent", [f"consent.{name}" for name in self._channels()])
        elif first in catalogue.events:
            yield from self._properties([first])
        elif first in catalogue.relations:
            yield from self._columns(first)

    # --- behind a dot

    def _parts(self, before: Before) -> Iterator[Completion]:
        parts: list[str] = []
        number = len(before.words) - 1
        while number > 0 and before.words[number] == ".":
            parts.insert(0, before.words[number - 1].strip("`"))
            number -= 2
        scope = scope_of(before, self._events())
        if parts[0] == "customer":
            parts, scope = parts[1:], Scope()
        if not parts:
            yield from self._attributes()
            yield from self._made("define", "score")
            yield from self._relations()
            return
        first = parts[0]
        if first == "consent":
            yield from self._plain("channel", self._channels())
        elif first in scope.steps:
            yield from self._properties(scope.steps[first])
        elif first in self._events():
            yield from self._properties([first])
        elif self._catalogue is not None and first in self._catalogue.relations:
            yield from self._columns(first)
            back = self._catalogue.relations[first].back
            if back is not None:
                yield self._name(Target("back", back, first))
        else:
            for use in self._state.uses if self._state is not None else ():
                if use.defines and use.target.owner == first and use.target.kind in ("rank", "stage"):
                    yield self._name(use.target)

    def _columns(self, relation: str) -> Iterator[Completion]:
        if self._catalogue is not None:
            for name in self._catalogue.tables[self._catalogue.relations[relation].table].columns:
                yield self._name(Target("related", name, relation))

    # --- values

    def _values(self, before: Before) -> Iterator[Completion]:
        words = left_side(before)
        if not words or self._catalogue is None or self._typed is None:
            return
        target = compared(words, scope_of(before, self._events()), self._catalogue)
        if target is None:
            return
        column = column_of(self._catalogue, target)
        values: Iterable[str] = () if column is None else values_of(column)
        if words[0] == "weekday":
            values = WEEKDAYS.values or ()
        elif target.kind == "channel":
            values = CONSENT_STATES.values or ()
        elif target.kind == "rank" and not self._caret.quote:
            numbers = band_numbers(self._typed, target.owner, target.name)
            yield from (Completion(n, "value", n, self._caret.span, rank=0) for n in numbers)
            return
        for number, value in enumerate(values):
            yield Completion(value, "value", self._quoted(value), self._caret.span, rank=-1000 + min(number, 999))

    def _quoted(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        if not self._caret.quote:
            return f'"{escaped}"'
        return escaped if self._caret.closed else f'{escaped}"'

    def _list_files(self, before: Before) -> Iterator[Completion]:
        if self._state is None or before.words[-1:] != ("list",):
            return
        root = self._state.root
        found = sorted(path for path in _files_below(root) if path.suffix.lower() in _LISTS)
        for path in found[:_MOST_FILES]:
            shown = path.relative_to(root).as_posix()
            yield Completion(shown, "list", self._quoted(shown), self._caret.span)

    # --- words

    def _keywords(self, before: Before) -> Iterator[Completion]:
        known = keywords()
        for word in keywords_of(before.accepts):
            item = known[word]
            rank = {"clause": 2, "block": 4}.get(item.group, 3)
            if self._caret.at_line_start and rank == 2:
                rank = 0
            yield Completion(word, "keyword", word, self._caret.span, item.about, rank)

    def _codes(self) -> Iterator[Completion]:
        match = _CODES.match(self._caret.typed)
        if match is None:
            return
        span = self._caret.span
        place = Span(span.path, span.line, span.end_column - len(match[1]), span.line, span.end_column)
        for code in all_codes():
            if may_be_lowered(code):
                yield Completion(code.name, "code", code.name, place, code.number)

    # --- what there is

    def _name(self, target: Target, after: str = "") -> Completion:
        about = None if self._state is None else brief(self._state, target)
        insert = (target.name if self._caret.quote else written(target.name)) + after
        return Completion(target.name, target.kind, insert, self._caret.span, about)

    def _plain(self, kind: str, names: Iterable[str]) -> Iterator[Completion]:
        for name in dict.fromkeys(names):
            yield Completion(name, kind, name, self._caret.span)

    def _is_condition(self, name: str) -> bool:
        definition = None if self._typed is None else self._typed.definitions.get(name)
        return definition is None or definition.is_condition

    def _used(self, kind: str) -> list[str]:
        return [use.target.name for use in (self._state.uses if self._state else ()) if use.target.kind == kind]

    def _events(self) -> dict[str, object]:
        return {} if self._catalogue is None else dict(self._catalogue.events)

    def _channels(self) -> list[str]:
        declared = [] if self._catalogue is None else list(self._catalogue.consents.channels)
        return [*declared, *self._used("channel")]


def written(name: str) -> str:
    """A name as rules write it: in backticks where it would be read as something else.

    >>> written("country"), written("last"), written("two words")
    ('country', '`last`', '`two words`')
    """
    return name if _PLAIN.fullmatch(name) and name not in reserved() else f"`{name}`"


def _files_below(root: Path) -> Iterator[Path]:
    """The files of a project, those of folders with a dot left out."""
    waiting = [root]
    seen = 0
    while waiting and seen < 20 * _MOST_FILES:
        try:
            entries = sorted(waiting.pop().iterdir())
        except OSError:
            continue
        for path in entries:
            seen += 1
            if path.name.startswith("."):
                continue
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
            elif path.is_file():
                yield path
