"""Text of files and places in it."""
