"""Customers who show something: made of a model, confirmed by the interpreter, made small, written as a test."""
