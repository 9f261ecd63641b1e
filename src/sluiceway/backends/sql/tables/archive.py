"""The tables of the archive."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from sluiceway.backends.sql.metadata import METADATA

ARCHIVE_TABLES: Final = Table(
    "archive_tables",
    METADATA,
    Column("view_rid", String(255), primary_key=True),
    Column("dataset_rid", String(255), nullable=False),
    Column("branch_name", String(255), nullable=False),
    Column("namespace", String(255), nullable=False),
    Column("name", String(255), nullable=False),
    Column("next_offsets", JSON, nullable=False),
    Column("start_offsets", JSON, nullable=False, server_default="{}"),
    Column("created_ms", BigInteger, nullable=False),
    Column("schema_version", Integer, nullable=False, server_default="0"),
    UniqueConstraint("namespace", "name"),
)
"""The open table of each view that has one, until its files are removed."""

ARCHIVE_TRANSACTIONS: Final = Table(
    "archive_transactions",
    METADATA,
    Column("rid", String(255), primary_key=True),
    Column("view_rid", String(255), nullable=False),
    Column("snapshot_id", BigInteger, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("stored_bytes", BigInteger, nullable=False),
    Column("ranges", JSON, nullable=False),
    Column("digests", JSON, nullable=True),  # There were none before revision 0005.
    Column("next_offsets", JSON, nullable=False),
    Column("transaction_type", String(16), nullable=False, server_default="APPEND"),
    Index("ix_archive_transactions_view", "view_rid", "closed_ms"),
)
"""Each commit to an open table; they outlive the table's snapshots."""
