"""Privacy assessments: rules, packs and proofs into documents, and whether documents still fit the rules."""
