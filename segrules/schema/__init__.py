"""The catalogue file: YAML into checked models."""
