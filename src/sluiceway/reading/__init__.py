"""Reading: records by offset, end offsets, subscribers."""
