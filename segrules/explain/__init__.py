"""The typed tree in plain English."""
