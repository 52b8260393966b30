"""Two versions of a project into what a reviewer has to know."""
