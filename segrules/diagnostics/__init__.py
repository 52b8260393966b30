"""Findings: what segrules has to say about rules, catalogues and data."""
