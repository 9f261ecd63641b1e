"""The live tail: what is published now, for those who watch."""
