"""The typed tree: what rules and catalogue mean, for every engine and everybody downstream."""
