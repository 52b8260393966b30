"""Data: files into plain columns, checked against the catalogue."""
