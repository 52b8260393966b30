"""Two versions of a rule set into what changes for customers: proofs and customers who show it."""
