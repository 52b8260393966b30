"""Ranges instead of formulas: they settle many pairs of segments without a solver."""
