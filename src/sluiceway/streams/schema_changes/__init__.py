"""Schemas of streams that change while the records stay; see decision 37."""
