"""The table of retention."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, String, Table, Text

from sluiceway.backends.sql.metadata import METADATA

RETENTION: Final = Table(
    "retention",
    METADATA,
    Column("dataset_rid", String(255), primary_key=True),
    Column("branch_name", String(255), primary_key=True),
    Column("hot_seconds", BigInteger, nullable=True),
    Column("hot_bytes", BigInteger, nullable=True),
    Column("cold_seconds", BigInteger, nullable=True),
    Column("hold_reason", Text, nullable=True),
    Column("hold_by", String(255), nullable=True),
    Column("hold_by_name", String(255), nullable=True),
    Column("hold_ms", BigInteger, nullable=True),
    Column("trimmed_view", String(255), nullable=True),
    Column("trimmed_before", JSON, nullable=True),
)
"""What is set for each stream of which something was ever set, and the last deletion from its log."""
