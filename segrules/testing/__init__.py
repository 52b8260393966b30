"""Tests written in the language, run on both engines."""
