"""Typed rules into a flat program of few kinds of steps: what is worth sharing is shared, nothing is computed yet."""
