"""Aggregates over event rows: chunks of rows go in, one value per customer comes out, as the reference has it."""
