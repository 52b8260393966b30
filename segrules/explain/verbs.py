"""Comparisons and tests of the typed tree into verbs."""

from segrules.ir.nodes import CompareOp, ListOp, Quantifier, TextOp

OPPOSITE = {
    CompareOp.EQ: CompareOp.NE,
    CompareOp.NE: CompareOp.EQ,
    CompareOp.LT: CompareOp.GE,
    CompareOp.GE: CompareOp.LT,
    CompareOp.GT: CompareOp.LE,
    CompareOp.LE: CompareOp.GT,
}
"""What holds where a comparison does not, and neither side is missing or none."""

AMOUNTS = {
    CompareOp.EQ: "is",
    CompareOp.NE: "is not",
    CompareOp.LT: "is less than",
    CompareOp.LE: "is at most",
    CompareOp.GT: "is more than",
    CompareOp.GE: "is at least",
}
"""Comparisons of numbers, money and texts."""

TIMES = AMOUNTS | {
    CompareOp.LT: "is before",
    CompareOp.LE: "is at or before",
    CompareOp.GT: "is after",
    CompareOp.GE: "is at or after",
}
"""Comparisons of days and instants."""

COUNTS = {
    CompareOp.EQ: "has exactly",
    CompareOp.NE: "has any number but",
    CompareOp.LT: "has fewer than",
    CompareOp.LE: "has at most",
    CompareOp.GT: "has more than",
    CompareOp.GE: "has at least",
}
"""How many events there are."""

TEXTS = {
    TextOp.CONTAINS: ("contains", "does not contain"),
    TextOp.STARTS: ("starts with", "does not start with"),
    TextOp.ENDS: ("ends with", "does not end with"),
    TextOp.MATCHES: ("matches the pattern", "does not match the pattern"),
}
"""Tests on text, and their negations."""

LISTS = {
    ListOp.ANY: ("has any of", "has none of"),
    ListOp.ALL: ("has all of", "lacks at least one of"),
    ListOp.NONE: ("has none of", "has any of"),
}
"""Tests on lists of text, and their negations."""

QUANTIFIERS = {
    Quantifier.ANY: ("at least one of", "none of"),
    Quantifier.ALL: ("all of", "not all of"),
    Quantifier.NONE: ("none of", "at least one of"),
}
"""Of how many customers something holds, and where that is not so."""
