"""What rules read that is sensitive, and what has to be kept in order about them: no proofs, no data."""
