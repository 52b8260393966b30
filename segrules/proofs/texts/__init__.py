"""Tests of text: which of them can hold together."""
