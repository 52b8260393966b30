"""Rule files and a catalogue into every place where a name stands, with what it names there.

Works on what could be read: a clause with a mistake has no names, and a name that nobody defines names nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass

from segrules.editor.positions import place
from segrules.ir.catalogue import Catalogue, Column
from segrules.syntax import nodes
from segrules.syntax.terminals import BLOCK_HEAD
from segrules.text.source import Source
from segrules.text.span import Span

MADE = ("define", "score", "segment", "partition", "group", "policy", "fixture")
"""What rule files make that other rules can name, beside parts of these."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a name stands for; `owner` is the event of a property, the score of a rank, the step's place of an alias."""

    kind: str
    name: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a name stands; `defines` where the name is made there."""

    target: Target
    span: Span
    defines: bool = False


Steps = Mapping[str, tuple[Target | None, tuple[str, ...]]]
"""Earlier steps of a chain by name: the alias, if that is one, and the events of the row."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What bare names mean: properties of a row of `events`, or with None what is said of a customer."""

    events: tuple[str, ...] | None = None
    steps: Steps = field(default_factory=dict)


_CUSTOMER = _Scope()


def uses(files: Sequence[nodes.File], catalogue: Catalogue | None, sources: Mapping[str, Source]) -> tuple[Use, ...]:
    """Every name of the rule files, in order of place, those of the catalogue where it makes them included.

    `sources` are the texts of the files: of a block that cannot be read, its name still can.
    """
    broken = [use for file in files if file.broken for use in _broken(file, sources[file.path])]
    finder = _Finder({use.target.name: use.target.kind for use in broken} | _kinds(files, catalogue), catalogue)
    found = [*broken, *(use for file in files for block in file.blocks for use in finder.block(block))]
    found += _catalogue_names(catalogue) if catalogue is not None else ()
    return tuple(sorted(set(found), key=lambda use: (use.span, use.target.kind, use.target.name)))


def _kinds(files: Sequence[nodes.File], catalogue: Catalogue | None) -> dict[str, str]:
    """What each name of the one namespace is; of a name that clashes, the first."""
    kinds: dict[str, str] = {}
    if catalogue is not None:
        kinds |= dict.fromkeys(catalogue.relations, "relation")
        kinds |= dict.fromkeys(catalogue.events, "event")
        kinds |= dict.fromkeys(catalogue.customers.attributes, "attribute")
    for file in files:
        for block in file.blocks:
            if not isinstance(block, nodes.TestBlock | nodes.RulesetBlock):
                kinds.setdefault(block.name.text, kind_of_block(block))
    return kinds


def kind_of_block(block: nodes.Block) -> str:
    """What a block makes, in the word that it begins with."""
    return type(block).__name__.removesuffix("Block").lower()


def _broken(file: nodes.File, source: Source) -> Iterator[Use]:
    """The names of blocks that were left out, since something in them cannot be read."""
    read = {block.name.text for block in file.blocks if not isinstance(block, nodes.TestBlock)}
    for match in BLOCK_HEAD.finditer(source.text):
        name = match["name"].strip("`")
        if name in file.broken - read and match["kind"] != "test":
            start, end = (place(source, at) for at in match.span("name"))
            yield Use(Target(match["kind"], name), Span(source.path, *start, *end), defines=True)


def _catalogue_names(catalogue: Catalogue) -> Iterator[Use]:
    """The names that the catalogue makes, where it makes them."""

    def made(kind: str, name: str, span: Span, owner: str = "") -> Use:
        return Use(Target(kind, name, owner), span, defines=True)

    for name, column in catalogue.customers.attributes.items():
        yield made("attribute", name, column.span)
    for event in catalogue.events.values():
        yield made("event", event.name, event.span)
        for name, column in event.properties.items():
            yield made("property", name, column.span, event.name)
    for relation in catalogue.relations.values():
        yield made("relation", relation.name, relation.span)
        for name, column in catalogue.tables[relation.table].columns.items():
            yield made("related", name, column.span, relation.name)


class _Finder:
    """Finds the names of blocks, over one set of kinds."""

    def __init__(self, kinds: Mapping[str, str], catalogue: Catalogue | None) -> None:
        self._kinds = kinds
        self._events: Mapping[str, Mapping[str, Column]] = {}
        self._backs: frozenset[str] = frozenset()
        if catalogue is not None:
            self._events = {name: event.properties for name, event in catalogue.events.items()}
            self._backs = frozenset(relation.members for relation in catalogue.relations.values() if relation.back)

    def block(self, block: nodes.Block) -> Iterator[Use]:
        """The names in a block: its own, those of its parts, and all that it refers to."""
        if not isinstance(block, nodes.TestBlock):
            kind = kind_of_block(block)
            yield Use(Target(kind, block.name.text), block.name.span, defines=True)
        match block:
            case nodes.ScoreBlock(ranks=ranks):
                for rank in ranks:
                    yield Use(Target("rank", rank.name.text, block.name.text), rank.name.span, defines=True)
            case nodes.PartitionBlock(stages=stages, otherwise=otherwise):
                made = [stage.name for stage in stages] + ([otherwise] if otherwise else [])
                for name in made:
                    yield Use(Target("stage", name.text, block.name.text), name.span, defines=True)
            case _:
                pass
        yield from self._within(block, _CUSTOMER)

    def _within(self, root: object, scope: _Scope) -> Iterator[Use]:
        """The names below a node. Without recursion but for rows, which nest as deep as conditions may."""
        stack: list[tuple[object, _Scope]] = [(root, scope)]
        while stack:
            node, scope = stack.pop()
            match node:
                case nodes.Ref():
                    yield from self._ref(node.parts, scope)
                case nodes.ConsentRef(channel):
                    yield Use(Target("channel", channel.text), channel.span)
                case nodes.InSegmentExpr(target):
                    yield from self._ref(target.parts, _CUSTOMER)
                case nodes.InListFileExpr(value, path):
                    stack.append((value, scope))
                    yield Use(Target("list", path.value), path.span)
                case nodes.EventNames(names=names):
                    yield from (Use(Target("event", name.text), name.span) for name in names)
                case nodes.Rows():
                    yield from self._rows(node)
                case nodes.PopulationExpr(rows=rows, among=among):
                    stack.append((among, _CUSTOMER))
                    yield from self._rows(rows)
                case nodes.TopExpr(by=by, among=among):
                    stack += [(among, _CUSTOMER), (by, _CUSTOMER)]
                case nodes.DidExpr():
                    yield from self._did(node, scope)
                case nodes.RowTestExpr(value, test):
                    stack += [(test, _Scope(self._events_of(value))), (value, scope)]
                case nodes.RelatedExpr(target=target, test=test) | nodes.NumberOfRelatedExpr(target=target, test=test):
                    stack += [(test, _CUSTOMER), (target, _CUSTOMER)]
                case nodes.GrantedText(channel=channel):
                    yield Use(Target("channel", channel.text), channel.span)
                case nodes.CapClause(channels=channels, test=test):
                    stack.append((test, scope))
                    yield from (Use(Target("channel", name.text), name.span) for name in channels)
                case nodes.NamesClause(keyword, names):
                    yield from (Use(Target(_singular(keyword), name.text), name.span) for name in names)
                case nodes.Scope(kind, names, refs):
                    stack.append((refs, _CUSTOMER))
                    yield from (Use(Target(kind, name.text), name.span) for name in names)
                case nodes.ForbidText(labels=labels):
                    yield from (Use(Target("label", name.text), name.span) for name in labels)
                case nodes.GivenEventText() | nodes.GivenConsentText() | nodes.GivenRowText():
                    yield from self._given(node)
                case nodes.GivenListText(path=path):
                    yield Use(Target("list", path.value), path.span)
                case nodes.GivenFixtureText(name=name):
                    yield Use(Target("fixture", name.text), name.span)
                case Span() | nodes.Name() | str() | int() | bool() | None:
                    pass
                case tuple():
                    stack.extend((item, scope) for item in reversed(node))
                case _ if is_dataclass(node):
                    stack.extend((getattr(node, item.name), scope) for item in reversed(fields(node)))
                case _:
                    pass

    # --- references

    def _ref(self, parts: Sequence[nodes.Name], scope: _Scope) -> Iterator[Use]:
        first, *rest = parts
        if first.text == "customer" and rest:
            yield from self._ref(rest, _CUSTOMER)
            return
        if scope.events is not None:
            yield from self._row_ref(first, rest, scope)
            return
        kind = self._kinds.get(first.text)
        if kind is None:
            return
        yield Use(Target(kind, first.text), first.span)
        part = {"event": "property", "score": "rank", "partition": "stage", "relation": "related"}.get(kind)
        if rest and kind == "relation" and f"{first.text}.{rest[0].text}" in self._backs:
            part = "back"
        if rest and part is not None:
            yield Use(Target(part, rest[0].text, first.text), rest[0].span)

    def _row_ref(self, first: nodes.Name, rest: Sequence[nodes.Name], scope: _Scope) -> Iterator[Use]:
        if not rest:
            yield from self._properties(scope.events or (), first)
            return
        alias, events = scope.steps.get(first.text, (None, ()))
        if alias is not None:
            yield Use(alias, first.span)
        elif first.text in self._events:
            yield Use(Target("event", first.text), first.span)
        yield from self._properties(events, rest[0])

    def _properties(self, events: Iterable[str], name: nodes.Name) -> Iterator[Use]:
        """A property belongs to every event that may be meant; where none has it, the name stands for nothing."""
        for event in events:
            if name.text in self._events.get(event, {}):
                yield Use(Target("property", name.text, event), name.span)

    # --- rows

    def _rows(self, node: nodes.Rows) -> Iterator[Use]:
        yield from self._within(node.events, _CUSTOMER)
        yield from self._within(node.where, _Scope(self._events_of(node)))

    def _did(self, node: nodes.DidExpr, scope: _Scope) -> Iterator[Use]:
        yield from self._within(node.events, scope)
        names = tuple(name.text for name in node.events.names)
        alias = self._alias(node.alias)
        yield from (Use(made, node.alias.span, defines=True) for made in (alias,) if made and node.alias)
        yield from self._within(node.where, _Scope(names))
        steps = self._with_step({}, alias, names)
        for link in node.chain:
            event = (link.event.text,)
            yield Use(Target("event", link.event.text), link.event.span)
            made = self._alias(link.alias)
            if made is not None and link.alias is not None:
                yield Use(made, link.alias.span, defines=True)
            yield from self._within(link.where, _Scope(event, steps))
            for name in link.same:
                yield from self._properties((*event, *names), name)
            steps = self._with_step(steps, made, event)

    def _alias(self, name: nodes.Name | None) -> Target | None:
        return None if name is None else Target("step", name.text, str(name.span))

    def _with_step(self, steps: Steps, alias: Target | None, events: tuple[str, ...]) -> Steps:
        if alias is not None:
            return {**steps, alias.name: (alias, events)}
        return {**steps, **dict.fromkeys(events, (None, events))}

    def _events_of(self, root: object) -> tuple[str, ...]:
        """The events of whose rows a value is taken: those of its outermost rows."""
        stack = [root]
        while stack:
            match stack.pop():
                case nodes.Rows(events=nodes.EventNames(names=names)):
                    return tuple(name.text for name in names)
                case nodes.Rows(events=nodes.Ref(parts=parts)):
                    return (parts[0].text,)
                case Span() | nodes.Name():
                    pass
                case tuple() as items:
                    stack.extend(reversed(items))
                case node if is_dataclass(node):
                    stack.extend(getattr(node, item.name) for item in reversed(fields(node)))
                case _:
                    pass
        return ()

    # --- tests

    def _given(self, node: nodes.GivenEventText | nodes.GivenConsentText | nodes.GivenRowText) -> Iterator[Use]:
        match node:
            case nodes.GivenEventText(event=event):
                yield Use(Target("event", event.text), event.span)
                for item in node.assignments:
                    yield from self._properties((event.text,), item.target.parts[0])
            case nodes.GivenConsentText(channel=channel):
                yield Use(Target("channel", channel.text), channel.span)
            case nodes.GivenRowText(relation=relation):
                yield Use(Target("relation", relation.text), relation.span)
                for item in node.assignments:
                    name = item.target.parts[0]
                    yield Use(Target("related", name.text, relation.text), name.span)


def _singular(keyword: str) -> str:
    """A clause with names into what each of them is: `tags` hold a `tag`."""
    return keyword.removesuffix("s") if keyword == "tags" else keyword
