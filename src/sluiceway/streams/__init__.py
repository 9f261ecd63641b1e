"""Streams: streaming datasets, their branches and views, and what keeps their records."""
