"""Queries in SQL, computed by DuckDB in a process of their own."""
