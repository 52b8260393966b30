"""Which rules ask for the other customers, too: tests of these are evaluated by themselves, all others together."""

from collections.abc import Iterable
from typing import assert_never

from segrules.evaluation.needed import Root, nodes_of
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules


def asks_for_others(rules: Rules, reached: Iterable[Root]) -> bool:
    """Whether anything in what is reached depends on who else there is, or on the customer's own key."""
    return any(_of_population(node, rules.catalogue) for root in reached for node in nodes_of(rules, root))


def _of_population(node: ir.Node, catalogue: Catalogue) -> bool:
    match node:
        case ir.RelatedColumn(relation):
            # Where a relation leads to customers, these are the customers of the test.
            return catalogue.relations[relation].table == catalogue.customers.table
        case ir.Band() | ir.Figure() | ir.Top() | ir.Quantified() | ir.NumberOfRelated():
            return True
        case (
            ir.Literal()
            | ir.Attribute()
            | ir.Property()
            | ir.StepProperty()
            | ir.ConsentState()
            | ir.DefinedValue()
            | ir.Events()
            | ir.Link()
            | ir.Aggregate()
            | ir.EventTime()
            | ir.UnitsOf()
            | ir.UnitsWith()
            | ir.DaysBetween()
            | ir.DaysSince()
            | ir.YearsSince()
            | ir.PartOf()
            | ir.Arithmetic()
        ):
            return False
        case (
            ir.Fixed()
            | ir.IsTrue()
            | ir.Compare()
            | ir.Between()
            | ir.OneOf()
            | ir.InListFile()
            | ir.TextTest()
            | ir.ListTest()
            | ir.IsKnown()
            | ir.InWindow()
            | ir.Anniversary()
            | ir.Did()
            | ir.EdgeRow()
            | ir.KnownFor()
            | ir.InSample()
            | ir.Defined()
            | ir.InSegment()
            | ir.InStage()
            | ir.Not()
            | ir.And()
            | ir.Or()
        ):
            return False
        case _:
            assert_never(node)
