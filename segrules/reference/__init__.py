"""The reference interpreter: the definition of what rules mean, row by row."""
