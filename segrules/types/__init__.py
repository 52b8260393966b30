"""The types of values that rules speak of."""
