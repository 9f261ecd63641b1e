"""The tables of datasets of files."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table

from sluiceway.backends.sql.metadata import METADATA

DATASET_BRANCHES: Final = Table(
    "dataset_branches",
    METADATA,
    Column("dataset_rid", String(255), primary_key=True),
    Column("branch_name", String(255), primary_key=True),
    Column("head_rid", String(255)),
    Column("open_rid", String(255)),
)

DATASET_SCHEMAS: Final = Table(
    "dataset_schemas",
    METADATA,
    Column("version_id", String(36), primary_key=True),
    Column("dataset_rid", String(255), nullable=False),
    Column("schema", JSON, nullable=False),
    Column("dataframe_reader", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("ix_dataset_schemas_dataset_rid", "dataset_rid"),
)
"""Every schema that was ever put on a dataset."""

DATASET_TRANSACTIONS: Final = Table(
    "dataset_transactions",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("transaction_rid", String(255), nullable=False),
    Column("dataset_rid", String(255), nullable=False),
    Column("branch_name", String(255), nullable=False),
    Column("type", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("parent_rid", String(255)),
    Column("view_length", Integer, nullable=False),
    Column("schema_version_id", String(36)),
    Column("created_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Index("ix_dataset_transactions_transaction_rid", "transaction_rid", unique=True),
    Index("ix_dataset_transactions_dataset", "dataset_rid", "number"),
)
"""Their numbers tell which came later."""

DATASET_FILES: Final = Table(
    "dataset_files",
    METADATA,
    Column(
        "transaction_rid",
        ForeignKey(DATASET_TRANSACTIONS.c.transaction_rid, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("path", String(1024), primary_key=True),
    Column("content_id", String(36)),
    Column("size_bytes", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
)

UNWANTED_CONTENTS: Final = Table(
    "unwanted_contents",
    METADATA,
    Column("content_id", String(36), primary_key=True),
)
"""Contents that no file has, until they are removed from where contents are kept."""
