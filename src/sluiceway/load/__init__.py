"""A load generator: requests at their times, what became of them, and what the disk takes."""
