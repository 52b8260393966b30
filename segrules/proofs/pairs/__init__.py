"""All pairs of many segments: in layers, each leaving less to the next."""
