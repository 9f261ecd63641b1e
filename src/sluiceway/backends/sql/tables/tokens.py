"""The table of tokens."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, String, Table, Text

from sluiceway.backends.sql.metadata import METADATA

TOKENS: Final = Table(
    "tokens",
    METADATA,
    Column("token_id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("sha256", LargeBinary(32), nullable=False, unique=True),
    Column("last_four", String(4), nullable=False),
    Column("principal_id", String(36), nullable=False),
    Column("client_id", String(255)),
    Column("grant_id", String(36)),
    Column("name", String(255), nullable=False),
    Column("description", Text, nullable=False),
    Column("operations", JSON(none_as_null=True)),
    Column("state", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("used_ms", BigInteger),
    Index("ix_tokens_principal_id", "principal_id", "kind", "token_id"),
    Index("ix_tokens_client_id", "client_id"),
    Index("ix_tokens_grant_id", "grant_id"),
    Index("ix_tokens_expires_ms", "expires_ms"),
)
