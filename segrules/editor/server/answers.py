"""What an editor asks about a place, each into one answer."""

from collections.abc import Iterator

from lsprotocol import types

from segrules.diagnostics.errors import BadRules, SegrulesError
from segrules.editor.complete import complete
from segrules.editor.edits import Edit
from segrules.editor.fixes import Fix, fixes
from segrules.editor.hover import hover, uses_at
from segrules.editor.outline import folds, outline
from segrules.editor.project import State, alone, tree
from segrules.editor.rename import rename, renamed_at
from segrules.editor.server.convert import completion, diagnostic, markdown, range_of, symbol
from segrules.editor.server.session import Place, Session
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.files import SUFFIX
from segrules.workspace.layout import format_text


class Answers:
    """The answers of one session. None, or an empty list, says that there is nothing to say."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What the name or the word under the pointer means."""
        place = self._rules_at(params)
        if place is None:
            return None
        found = hover(self._session.state(place), place.source, place.line, place.column)
        if found is None:
            return None
        return types.Hover(markdown(found.text), range_of(self._session.units, place.source, found.span))

    def complete(self, params: types.CompletionParams) -> types.CompletionList:
        """What can be typed."""
        place = self._rules_at(params)
        if place is None:
            return types.CompletionList(is_incomplete=False, items=[])
        state = None if place.view is None else place.view.last(self._session.today())
        found = complete(state, place.source, place.line, place.column)
        context = params.context
        if context is not None and context.trigger_character == " ":
            # Nobody asked: what is offered must not be taken by the next line break where the rule could end here.
            found = tuple(item for item in found if item.kind != "keyword")
        units = self._session.units
        items = [completion(item, number, units, place.source) for number, item in enumerate(found)]
        return types.CompletionList(is_incomplete=False, items=items)

    def definition(self, params: types.DefinitionParams) -> list[types.Location]:
        """Where the name is made: in a rule file or in the catalogue; of a list file, the file."""
        place = self._rules_at(params)
        state = None if place is None else self._session.state(place)
        if place is None or state is None:
            return []
        found = uses_at(state, place.source.path, place.line, place.column)
        targets = {use.target for use in found}
        spans = [use.span for use in state.uses if use.defines and use.target in targets]
        spans += [Span(target.name, 0, 0, 0, 0) for target in targets if target.kind == "list"]
        spans += self._of_back(state, place)
        return [self._location(state, span) for span in spans]

    def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Everywhere that the name stands."""
        place = self._rules_at(params)
        state = None if place is None else self._session.state(place)
        if place is None or state is None:
            return []
        targets = {use.target for use in uses_at(state, place.source.path, place.line, place.column)}
        whole = params.context.include_declaration
        spans = {use.span for use in state.uses if use.target in targets and (whole or not use.defines)}
        return [self._location(state, span) for span in sorted(spans)]

    def prepare_rename(self, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        """Which name would be renamed.

        Raises:
            BadInput: none can be.
        """
        place = self._rules_at(params)
        state = None if place is None else self._session.state(place)
        if place is None or state is None:
            return None
        use = renamed_at(state, place.source.path, place.line, place.column)
        where = range_of(self._session.units, place.source, use.span)
        return types.PrepareRenamePlaceholder(where, use.target.name)

    def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """The name a new one, everywhere.

        Raises:
            BadInput: the name cannot be given.
        """
        place = self._rules_at(params)
        state = None if place is None else self._session.state(place)
        if place is None or state is None:
            return None
        buffers = self._session.buffers
        made = rename(state, buffers, place.source.path, place.line, place.column, params.new_name)
        changes = {
            self._session.uri(state.path(shown)): self._edits(edits, state.sources[shown])
            for shown, edits in made.items()
        }
        return types.WorkspaceEdit(changes=changes)

    def format(self, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        """The file in the one layout; nothing where it cannot be read."""
        place = self._rules_at(params)
        if place is None:
            return []
        source = place.source
        try:
            after = format_text(source.text, path=source.path)
        except BadRules:
            return []  # its findings are shown already
        if after == source.text:
            return []
        whole = Span(source.path, 1, 1, len(source.lines), len(source.lines[-1]) + 1)
        return self._edits((Edit(whole, after),), source)

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """The outline of a file."""
        place = self._rules_at(params)
        if place is None:
            return []
        return [symbol(entry, self._session.units, place.source) for entry in outline(tree(place.source))]

    def folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        """What can be folded."""
        place = self._rules_at(params)
        if place is None:
            return []
        return [
            types.FoldingRange(
                fold.line - 1, fold.end_line - 1, kind=types.FoldingRangeKind.Comment if fold.comment else None
            )
            for fold in folds(tree(place.source))
        ]

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the findings in a stretch of text."""
        place = self._session.place(params.text_document.uri)
        if place is None:
            return []
        return list(self._actions(place, params))

    def _actions(self, place: Place, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        session, source = self._session, place.source
        state = session.state(place)
        if state is not None and source.path in state.sources:
            found, sources, uris = session.findings(state), state.sources, session.uris(state)
        else:
            found, sources, uris = alone(source, None), {source.path: source}, {source.path: params.text_document.uri}
        for item in found:
            if item.span is None or item.span.path != source.path:
                continue
            if not _touch(range_of(session.units, source, item.span), params.range):
                continue
            told = diagnostic(item, session.units, sources, uris)
            for fix in fixes(item, source, session.today()):
                yield self._action(fix, told, params.text_document.uri, source)

    def _action(self, fix: Fix, told: types.Diagnostic, uri: str, source: Source) -> types.CodeAction:
        return types.CodeAction(
            title=fix.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[told],
            is_preferred=fix.preferred or None,
            edit=types.WorkspaceEdit(changes={uri: self._edits(fix.edits, source)}),
        )

    # --- what several need

    def _rules_at(self, params: object) -> Place | None:
        """The place in a rule file that a message means; None for other files."""
        uri = params.text_document.uri  # type: ignore[attr-defined]  # all messages about a document have it
        place = self._session.place(uri, getattr(params, "position", None))
        return place if place is not None and place.path.suffix.lower() == SUFFIX else None

    def _location(self, state: State, span: Span) -> types.Location:
        source = state.sources.get(span.path)
        return types.Location(self._session.uri(state.path(span.path)), range_of(self._session.units, source, span))

    def _of_back(self, state: State, place: Place) -> list[Span]:
        """The way back of a relation is written where the relation is."""
        owners = {
            use.target.owner
            for use in uses_at(state, place.source.path, place.line, place.column)
            if use.target.kind == "back"
        }
        return [
            use.span
            for use in state.uses
            if use.defines and use.target.kind == "relation" and use.target.name in owners
        ]

    def _edits(self, edits: tuple[Edit, ...], source: Source) -> list[types.TextEdit]:
        return [types.TextEdit(range_of(self._session.units, source, edit.span), edit.text) for edit in edits]


def told(error: SegrulesError) -> str:
    """What went wrong, in a sentence or two for whoever asked."""
    return f"{error}; {error.help}" if error.help else str(error)


def _touch(one: types.Range, other: types.Range) -> bool:
    def key(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)
