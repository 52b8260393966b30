"""Rule text into syntax trees."""
