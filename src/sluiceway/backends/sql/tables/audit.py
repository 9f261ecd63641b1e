"""The table of the audit trail."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table

from sluiceway.backends.sql.metadata import METADATA

AUDIT_EVENTS: Final = Table(
    "audit_events",
    METADATA,
    Column("event_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("time_ms", BigInteger, nullable=False),
    Column("actor_id", String(36)),
    Column("actor_name", String(255), nullable=False),
    Column("token_id", String(36)),
    Column("origin", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_audit_events_subject", "subject", "event_id"),
)
