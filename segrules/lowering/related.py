"""Conditions on the customers who share a key, as counts of them: engines count, and compare like any number.

    any of account.users (X)     number of account.users (X) >= 1
    none of account.users (X)    not any of account.users (X)
    all of account.users (X)     none of account.users (not X)

A count with customers of whom X is unknown stands for several numbers, so that these are Kleene's quantifiers.
"""

from segrules.ir import nodes as ir
from segrules.ir.build import negation
from segrules.types.types import IntegerType

_COUNT = IntegerType()


def number_of(node: ir.Quantified) -> ir.NumberOfRelated:
    """The number that decides a quantifier."""
    condition = negation(node.condition) if node.quantifier is ir.Quantifier.ALL else node.condition
    return ir.NumberOfRelated(node.relation, condition, _COUNT)


def as_comparison(node: ir.Quantified) -> ir.Condition:
    """A quantifier as a comparison of that number."""
    some = ir.Compare(ir.CompareOp.GE, number_of(node), ir.Literal(1, _COUNT))
    return some if node.quantifier is ir.Quantifier.ANY else ir.Not(some)
