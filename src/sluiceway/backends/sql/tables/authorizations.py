"""The tables of authorizations by users, and of the codes that come of them."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
)

from sluiceway.backends.sql.metadata import METADATA
from sluiceway.backends.sql.tables.applications import APPLICATIONS
from sluiceway.backends.sql.tables.tokens import TOKENS

AUTHORIZATIONS: Final = Table(
    "authorizations",
    METADATA,
    Column("principal_id", String(36), primary_key=True),
    Column(
        "client_id",
        String(32),
        ForeignKey(APPLICATIONS.c.client_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("scopes", JSON, nullable=False),
    Column("agreed", JSON, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger, nullable=False),
    Index("ix_authorizations_client_id", "client_id"),
)

AUTHORIZATION_CODES: Final = Table(
    "authorization_codes",
    METADATA,
    Column(
        "token_id",
        String(36),
        ForeignKey(TOKENS.c.token_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("redirect_uri", Text, nullable=False),
    Column("names_redirect_uri", Boolean, nullable=False),
    Column("scope", Text, nullable=False),
    Column("is_refreshable", Boolean, nullable=False),
    Column("code_challenge", String(43)),
)
