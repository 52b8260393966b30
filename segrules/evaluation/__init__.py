"""Running a rule set over data, and writing what comes out."""
