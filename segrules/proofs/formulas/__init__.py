"""Formulas over numbers and flags, what is always so of time, and the solver that decides them."""
