"""What segrules says into the types of the protocol."""

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from segrules.diagnostics.codes import (
    DEPRECATED_COLUMN,
    IDLE_CLAUSE,
    STAGE_NEVER_WINS,
    UNUSED_DEFINITION,
    UNUSED_SILENCER,
)
from segrules.diagnostics.finding import Code, Finding, Severity
from segrules.editor.complete import Completion
from segrules.editor.outline import Entry
from segrules.editor.positions import Units
from segrules.resources import finding_page_path
from segrules.text.source import Source
from segrules.text.span import Span

SOURCE = "segrules"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_NEEDLESS = (UNUSED_DEFINITION, UNUSED_SILENCER, IDLE_CLAUSE, STAGE_NEVER_WINS)
_COMPLETED = {
    "attribute": types.CompletionItemKind.Field,
    "property": types.CompletionItemKind.Property,
    "related": types.CompletionItemKind.Field,
    "event": types.CompletionItemKind.Event,
    "relation": types.CompletionItemKind.Interface,
    "back": types.CompletionItemKind.Interface,
    "define": types.CompletionItemKind.Function,
    "score": types.CompletionItemKind.Struct,
    "rank": types.CompletionItemKind.Property,
    "segment": types.CompletionItemKind.Class,
    "partition": types.CompletionItemKind.Enum,
    "stage": types.CompletionItemKind.EnumMember,
    "value": types.CompletionItemKind.Value,
    "keyword": types.CompletionItemKind.Keyword,
    "list": types.CompletionItemKind.File,
    "step": types.CompletionItemKind.Variable,
}
_SYMBOLS = {
    "ruleset": types.SymbolKind.Package,
    "define": types.SymbolKind.Function,
    "score": types.SymbolKind.Struct,
    "rank": types.SymbolKind.Property,
    "segment": types.SymbolKind.Class,
    "partition": types.SymbolKind.Enum,
    "stage": types.SymbolKind.EnumMember,
    "group": types.SymbolKind.Interface,
    "policy": types.SymbolKind.Interface,
    "fixture": types.SymbolKind.Object,
    "test": types.SymbolKind.Method,
}


def path_of(uri: str) -> Path | None:
    """The file that an editor names; None for what is no file, such as a text that was never saved."""
    found = to_fs_path(uri)
    return Path(found) if found and "\0" not in found else None


def uri_of(path: Path) -> str:
    """How the protocol names a file."""
    return str(from_fs_path(str(path)))


def range_of(units: Units, source: Source | None, span: Span | None) -> types.Range:
    """A place as a range; that of a file as a whole is its very start."""
    if span is None or span.line < 1:
        return types.Range(types.Position(0, 0), types.Position(0, 0))
    start = units.to_editor(source, span.line, span.column)
    end = units.to_editor(source, span.end_line, span.end_column)
    return types.Range(types.Position(*start), types.Position(*max(start, end)))


def diagnostic(
    found: Finding, units: Units, sources: Mapping[str, Source], uris: Mapping[str, str]
) -> types.Diagnostic:
    """A finding as an editor shows it; `uris` name the files of `sources`."""
    span = found.span
    source = None if span is None else sources.get(span.path)
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uris[item.span.path], range_of(units, sources.get(item.span.path), item.span)), item.message
        )
        for item in found.related
        if item.span.path in uris
    ]
    lines = [found.message, *found.examples]
    if found.help:
        lines.append(f"help: {found.help}")
    return types.Diagnostic(
        range=range_of(units, source, span),
        message="\n".join(lines),
        severity=_SEVERITIES[found.severity],
        code=found.code.number,
        code_description=_page(found.code),
        source=SOURCE,
        tags=_tags(found.code),
        related_information=related or None,
    )


def _page(code: Code) -> types.CodeDescription | None:
    try:
        return types.CodeDescription(uri_of(finding_page_path(code.number)))
    except LookupError:
        return None


def _tags(code: Code) -> list[types.DiagnosticTag] | None:
    if code in _NEEDLESS:
        return [types.DiagnosticTag.Unnecessary]
    return [types.DiagnosticTag.Deprecated] if code is DEPRECATED_COLUMN else None


def markdown(text: str) -> types.MarkupContent:
    """Text that an editor may lay out."""
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def completion(item: Completion, number: int, units: Units, source: Source) -> types.CompletionItem:
    """One completion; `number` keeps the order."""
    return types.CompletionItem(
        label=item.label,
        kind=_COMPLETED.get(item.kind, types.CompletionItemKind.Text),
        detail=None if item.kind == "keyword" else item.kind,
        documentation=None if item.about is None else markdown(item.about),
        sort_text=f"{number:05}",
        filter_text=item.insert if item.insert.startswith(("`", '"')) else item.label,
        text_edit=types.TextEdit(range_of(units, source, item.span), item.insert),
    )


def symbol(entry: Entry, units: Units, source: Source) -> types.DocumentSymbol:
    """A part of the outline with its own parts."""
    return types.DocumentSymbol(
        name=entry.name,
        kind=_SYMBOLS.get(entry.kind, types.SymbolKind.Object),
        detail=entry.title or entry.kind,
        range=range_of(units, source, entry.span),
        selection_range=range_of(units, source, entry.name_span),
        children=[symbol(part, units, source) for part in entry.parts],
    )
