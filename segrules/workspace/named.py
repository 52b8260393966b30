"""One definition of a rule set in hand: what can be asked of it by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from segrules.ir.rules import Rules

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Named:
    """A segment, partition, score or define, by its name; `kind` says which."""

    name: str
    kind: str
    _rules: Callable[[], Rules] = field(repr=False, compare=False)

    def show(self) -> str:
        """What it means in plain English, with the columns and events that it reads.

        Raises:
            BadRules: the rules have errors.
        """
        from segrules.explain.english import explain

        explanation = explain(self._rules(), self.name)
        return "\n".join((*explanation.lines, *explanation.reads)) + "\n"

    def to_arrow_expression(
        self, as_of: str | date | datetime | None = None, schema: "pa.Schema | None" = None
    ) -> Any:  # pyarrow has no types: a `pyarrow.compute.Expression`
        """Who qualifies, as a filter for tables and datasets of pyarrow over the customers' own table.

        It is true exactly where it is known that a customer qualifies. Consent, suppression lists and holdout are no
        part of it: who qualifies may still not be contacted.

        Args:
            as_of: the instant, as `RuleSet.run` takes it; needed only where a window counts from it.
            schema: how the columns are stored; without it they are taken to be stored as the catalogue's types are
                by themselves.

        Raises:
            BadInput: it cannot be told exactly (it reads events or scores, say), or would be too large.
            BadRules: the rules have errors.
        """
        # The engine and its data library are loaded here and nowhere else.
        from segrules.backends.arrow.expression import arrow_expression
        from segrules.evaluation.as_of import resolve_as_of

        rules = self._rules()
        moment = None if as_of is None else resolve_as_of(as_of, rules.catalogue.zone).instant
        return arrow_expression(rules, self.name, moment, schema)


def kind_of(rules: Rules, name: str) -> str | None:
    """What a name stands for: `segment`, `partition`, `score`, `define`, or nothing."""
    kinds = {
        "segment": rules.segments,
        "partition": rules.partitions,
        "score": rules.scores,
        "define": rules.definitions,
    }
    return next((kind for kind, names in kinds.items() if name in names), None)
