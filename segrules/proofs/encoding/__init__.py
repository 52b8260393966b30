"""Typed rules into formulas: conditions, values, event rows, and all that always holds of what a question speaks of."""
