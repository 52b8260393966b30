"""Rule text into a syntax tree, with all mistakes of a file at once.

After a mistake the clause that holds it is blanked out and the file is read again, so that positions stay right and
the next mistake is found; where that does not help, the whole block is blanked out.
"""

import re
from typing import Literal

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.syntax import mistakes, nodes
from segrules.syntax.build import Builder
from segrules.syntax.depth import too_deep
from segrules.syntax.parser import parser
from segrules.syntax.terminals import BLOCK_HEAD, CLAUSE_HEAD, is_head
from segrules.text.source import Source
from segrules.text.span import Span

Start = Literal["file", "expr"]

MAX_MISTAKES = 20
"""How many mistakes of one file are looked for."""

_NOT_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`\n]*`|(?P<comment>#[^\n]*)')


def parse_file(source: Source) -> tuple[nodes.File, list[Finding]]:
    """Read one rule file: its tree, without what could not be read, and findings for that."""
    findings: list[Finding] = []
    broken: set[str] = set()
    blocks: tuple[nodes.Block, ...] = ()
    text = source.text
    while True:
        builder = Builder(source.path)
        try:
            tree = parser().parse(text, start="file")
            blocks = builder.transform(tree)
            break
        except UnexpectedInput as error:
            findings.append(_explain(source.path, text, error, "file"))
            if len(findings) >= MAX_MISTAKES:
                broken.update(_names(source.text))
                break
            text, gone = _blank(text, _offset(text, error))
            broken |= gone
    findings += builder.findings
    kept = []
    for block in blocks:
        # What a test gives and expects are single values.
        deep = [] if isinstance(block, nodes.TestBlock) else too_deep(block)
        findings += deep
        if deep:
            broken |= _names_of(block)
        else:
            kept.append(block)
    return nodes.File(source.path, tuple(kept), comments_of(source), frozenset(broken)), findings


def parse_expression(text: str, span: Span) -> tuple[nodes.Expr | None, list[Finding]]:
    """Read one expression that stands at `span` in another file, such as the catalogue.

    All nodes and findings get `span` shifted to their place, so far as it is on one line.
    """
    builder = Builder(span.path)
    try:
        expr: nodes.Expr = builder.transform(parser().parse(text, start="expr"))
    except UnexpectedInput as error:
        found = _explain(span.path, text, error, "expr")
        return None, [finding(found.code, found.message, span, help=found.help)]
    deep = too_deep(expr)
    findings = [finding(item.code, item.message, span, help=item.help) for item in [*builder.findings, *deep]]
    return (None if findings else expr), findings


def comments_of(source: Source) -> tuple[nodes.Comment, ...]:
    """Every comment of a file, in order."""
    found = []
    for number, line in enumerate(source.lines, start=1):
        for match in _NOT_CODE.finditer(line):
            if match["comment"] is not None:
                start, end = match.start() + 1, match.end() + 1
                found.append(nodes.Comment(match["comment"], Span(source.path, number, start, number, end)))
    return tuple(found)


# --- mistakes -------------------------------------------------------------------------------------


def _offset(text: str, error: UnexpectedInput) -> int:
    """Where the mistake lies: before a token that begins the next clause or block, which itself is well."""
    position = -1 if error.pos_in_stream is None else int(error.pos_in_stream)
    if position < 0 or _at_end(error):
        return len(text)
    return max(position - 1, 0) if is_head(text, position) else position


def _at_end(error: UnexpectedInput) -> bool:
    return isinstance(error, UnexpectedToken) and error.token.type == "$END"


def _explain(path: str, text: str, error: UnexpectedInput, start: Start) -> Finding:
    if _at_end(error):
        trimmed = text.rstrip()
        line, column, width = trimmed.count("\n") + 1, len(trimmed) - (trimmed.rfind("\n") + 1) + 1, 1
        shown = "the end of the file" if start == "file" else "the end"
    else:
        line, column = error.line, error.column
        token = error.token if isinstance(error, UnexpectedToken) else _rest(text, error.pos_in_stream or 0)
        shown, width = f"`{token}`", len(token)
    span = Span(path, line, column, line, column + width)
    code = codes.BAD_CHARACTER if isinstance(error, UnexpectedCharacters) else codes.SYNTAX
    message, help_ = mistakes.explain(parser(), error, start, shown)
    return finding(code, message, span, help=help_)


def _rest(text: str, at: int) -> str:
    """What stands at a place where no token begins: an unclosed string up to the line's end, else one character."""
    return text[at : text.find("\n", at) if "\n" in text[at:] else None].rstrip() if text[at] in '"`' else text[at]


def _blank(text: str, at: int) -> tuple[str, set[str]]:
    """Blank out the clause around `at`, or the block if the mistake is in its head; and the names that went with it."""
    heads = list(BLOCK_HEAD.finditer(text))
    head = max((match for match in heads if match.start() <= at), key=lambda match: match.start(), default=None)
    end = min((match.start() for match in heads if match.start() > at), default=len(text))
    begin = head.start() if head else 0
    clauses = [match.start() for match in CLAUSE_HEAD.finditer(text, begin, end) if match.start() > begin]
    first = max((place for place in clauses if place <= at), default=begin)
    if head and head["kind"] in ("define", "score", "test"):
        first = begin
    elif first != begin:
        end = min((place for place in clauses if place > at), default=end)
    if not text[first:end].strip():
        first = begin
    if not text[first:end].strip():
        first, end = 0, len(text)
    blanked = re.sub(r"[^\n]", " ", text[first:end])
    return text[:first] + blanked + text[end:], {head["name"].strip("`")} if head else set()


def _names(text: str) -> set[str]:
    return {match["name"].strip("`") for match in BLOCK_HEAD.finditer(text)}


def _names_of(block: nodes.Block) -> set[str]:
    return set() if isinstance(block, nodes.TestBlock) else {block.name.text}
