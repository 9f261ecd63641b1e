"""The tables of streams and subscribers."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from sluiceway.backends.sql.metadata import METADATA

VIEWS: Final = Table(
    "views",
    METADATA,
    Column("view_rid", String(255), primary_key=True),
    Column("dataset_rid", String(255), nullable=False),
    Column("branch_name", String(255), nullable=False),
    Column("schema", JSON, nullable=False),
    Column("partitions", Integer, nullable=False),
    Column("stream_type", String(32), nullable=False),
    Column("compressed", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("schema_version", Integer, nullable=False, server_default="0"),
    Column("added", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("dataset_rid", "branch_name"),
)
"""The active view of each branch; a view that was replaced is not kept."""

GONE_VIEWS: Final = Table(
    "gone_views",
    METADATA,
    Column("view_rid", String(255), primary_key=True),
)
"""Views that were replaced or removed, until their records are removed too."""

SUBSCRIBERS: Final = Table(
    "subscribers",
    METADATA,
    Column("subscriber_id", String(255), primary_key=True),
    Column("dataset_rid", String(255), nullable=False),
    Column("branch_name", String(255), nullable=False),
    Column("view_rid", String(255), nullable=False),
    Column("read_position", JSON, nullable=False),
    Column("start_offsets", JSON, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("ix_subscribers_stream", "dataset_rid", "branch_name"),
)

SUBSCRIBER_POSITIONS: Final = Table(
    "subscriber_positions",
    METADATA,
    Column(
        "subscriber_id",
        ForeignKey(SUBSCRIBERS.c.subscriber_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)
"""Where each subscriber reads next. A row of its own, so that two commits cannot lose one."""
