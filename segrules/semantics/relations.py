"""Relations of the catalogue: columns of the related row, and conditions on the customers who share its key."""

from collections.abc import Callable

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Relation
from segrules.semantics.symbols import Symbols
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import IntegerType, UnknownType

BindCondition = Callable[[nodes.Expr], ir.Condition]
"""Binds a condition on one of the customers who share the key."""


class Relations:
    """Binds what is said of relations; `findings` gathers mistakes."""

    def __init__(self, symbols: Symbols, findings: list[Finding]) -> None:
        self._symbols = symbols
        self._catalogue = symbols.catalogue
        self._findings = findings

    def _report(self, code: Code, message: str, span: Span, help_: str | None = None) -> None:
        self._findings.append(finding(code, message, span, help=help_))

    def column(self, name: nodes.Name, column: nodes.Name, span: Span) -> ir.Value:
        """`account.plan`: a column of the related row."""
        relation = self._catalogue.relations[name.text]
        table = self._catalogue.tables[relation.table]
        of = table.columns.get(column.text)
        if of is None:
            self._no_column(relation, column, span)
            return ir.Literal(0, UnknownType(), span)
        if of.deprecated is not None:
            message = f"`{name.text}.{column.text}` is deprecated"
            self._report(codes.DEPRECATED_COLUMN, message, span, of.deprecated)
        return ir.RelatedColumn(name.text, column.text, of.type, span)

    def _no_column(self, relation: Relation, column: nodes.Name, span: Span) -> None:
        table = self._catalogue.tables[relation.table]
        if column.text == relation.back:
            message = f"`{relation.members}` are customers, where a value or a condition was expected"
            help_ = f"write `any of {relation.members} (…)`, `none of …`, `all of …`, or `number of {relation.members}`"
            self._report(codes.WRONG_KIND, message, span, help_)
            return
        expected = f"a column of the table `{table.name}`"
        found = self._symbols.unknown(column.text, column.span, expected, table.columns)
        if found is not None:
            self._findings.append(found)

    def how_to_write(self, node: nodes.Ref) -> str:
        """What to write for a relation alone, or for more behind it than there is."""
        relation = self._catalogue.relations[node.parts[0].text]
        table = self._catalogue.tables[relation.table]
        columns = (item.name for item in table.columns.values() if item.name != table.key and item.deprecated is None)
        if len(node.parts) > 2 and node.parts[1].text == relation.back:
            rest = ".".join(part.text for part in node.parts[2:])
            return f"write a condition on each of them, such as `any of {relation.members} ({rest} …)`"
        return f"write one of its columns, such as `{relation.name}.{next(columns, 'COLUMN')}`"

    def quantified(self, node: nodes.RelatedExpr, condition: BindCondition) -> ir.Condition:
        """`none of account.users (…)`."""
        relation = self._shared(node.target)
        if relation is None:
            return ir.Fixed(False, node.span)
        return ir.Quantified(ir.Quantifier(node.quantifier), relation.name, condition(node.test), node.span)

    def number(self, node: nodes.NumberOfRelatedExpr, condition: BindCondition) -> ir.Value:
        """`number of account.users (…)`; without a condition all of them count."""
        relation = self._shared(node.target)
        if relation is None:
            return ir.Literal(0, UnknownType(), node.span)
        test = ir.Fixed(True, node.span) if node.test is None else condition(node.test)
        return ir.NumberOfRelated(relation.name, test, IntegerType(), node.span)

    def _shared(self, target: nodes.Ref) -> Relation | None:
        """The relation whose customers a name means; None, with a finding, where it means none."""
        first, *rest = target.parts
        relation = self._catalogue.relations.get(first.text)
        if relation is None and first.text == "customer" and rest and rest[0].text in self._catalogue.relations:
            bare = target.text.removeprefix("customer.")
            message = f"`{target.text}` found where a relation was expected"
            self._report(codes.WRONG_KIND, message, target.span, f"write `{bare}`, inside an event's `where` too")
            return None
        if relation is None:
            found = self._symbols.unknown(first.text, first.span, "a relation", self._catalogue.relations)
            self._findings += [found] if found else []
            return None
        if len(rest) != 1 or rest[0].text != relation.back:
            help_ = f"write `{relation.members}`" if relation.back else "declare `back` in the catalogue"
            self._report(codes.UNKNOWN_NAME, f"`{target.text}` leads to no customers", target.span, help_)
            return None
        return relation

    def outer(self, node: nodes.Ref, members: str) -> None:
        """Report `customer.x` where each of a relation's customers is tested by itself."""
        bare = node.text.removeprefix("customer.")
        message = f"`{node.text}` found inside `{members} (…)`, where one of these customers is tested at a time"
        help_ = f"write `{bare}` for that customer's own; the one from whom the relation starts cannot be named here"
        self._report(codes.WRONG_KIND, message, node.span, help_)

    def no_aggregate(self, node: nodes.AggregateExpr, name: nodes.Name) -> None:
        """Report `total of account.users.spend` and the like."""
        relation = self._catalogue.relations[name.text]
        edge = node.kind in ("distinct", "most frequent", "first", "last")
        words = node.kind if edge else f"{node.kind} of"
        message = f"`{words}` found before the relation `{name.text}`, where an event was expected"
        help_ = f"let a column of the table `{relation.table}` hold it"
        if relation.back:
            help_ += f"; `number of {relation.members} (…)` counts customers"
        self._report(codes.WRONG_KIND, message, node.span, help_)
