"""Expressions of the catalogue (`where`, `derive`) into typed conditions and values over one row of a table."""

from collections.abc import Mapping

from segrules.diagnostics.codes import BAD_LIST_FILE
from segrules.diagnostics.finding import Finding, finding, has_errors
from segrules.ir.catalogue import Catalogue, Column, Customers
from segrules.ir.nodes import Condition, Literal, Value
from segrules.semantics.events import RowScope
from segrules.semantics.expressions import Binder, Bound
from segrules.semantics.symbols import Symbols
from segrules.syntax.parse import parse_expression
from segrules.text.span import Span
from segrules.types.types import UnknownType


def bind_row_expression(
    text: str, span: Span, columns: Mapping[str, Column], table: str, zone: str = "UTC"
) -> tuple[Value | Condition | None, list[Finding]]:
    """Bind an expression that stands at `span` in the catalogue; names are columns of the row.

    Two columns may be multiplied, and `years since` may stand. Timestamps without an offset are local to `zone`.
    Gives None and findings, all at `span`, where the expression is wrong.
    """
    parsed, findings = parse_expression(text, span)
    if parsed is None:
        return None, findings
    key = Column("", UnknownType(), "")
    catalogue = Catalogue(span.path, zone, {}, Customers(key, {}))
    scope = RowScope((table,), dict(columns), {}, {})
    binder = Binder(Symbols(catalogue), Bound(), _no_lists, findings, row=scope, in_catalogue=True)
    bound = binder.expression(parsed)
    placed = [finding(item.code, item.message, span, help=item.help, severity=item.severity) for item in findings]
    broken = isinstance(bound, Literal) and isinstance(bound.type, UnknownType)
    return (None if broken or has_errors(placed) else bound), placed


def _no_lists(path: str) -> Finding:
    message = f"the list file `{path}` found in an expression of the catalogue"
    return finding(BAD_LIST_FILE, message, help="use `in list` in a rule, or `in [..]` here")
