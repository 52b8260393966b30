"""Rule text through the parser, in one line."""

from segrules.diagnostics.finding import Finding
from segrules.syntax import nodes
from segrules.syntax.parse import parse_expression, parse_file
from segrules.text.source import Source
from segrules.text.span import NOWHERE

PATH = "rules.seg"


def file_of(text: str) -> tuple[nodes.File, list[Finding]]:
    """The tree and the findings of a rule file."""
    return parse_file(Source(PATH, text))


def findings_of(text: str) -> list[Finding]:
    """The findings of a rule file."""
    return file_of(text)[1]


def expression(text: str) -> nodes.Expr:
    """The tree of an expression that has no mistake."""
    found, findings = parse_expression(text, NOWHERE)
    assert found is not None, (text, [item.message for item in findings])
    assert not findings
    return found
