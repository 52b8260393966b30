"""Findings into the formats that reviewers' tools read: each is `render`, from a report to text, in its own module."""
