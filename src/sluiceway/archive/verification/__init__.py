"""Proof that a table has what was pushed."""
