"""The table of third-party applications."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, String, Table

from sluiceway.backends.sql.metadata import METADATA

APPLICATIONS: Final = Table(
    "applications",
    METADATA,
    Column("client_id", String(32), primary_key=True),
    Column("client_type", String(16), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("secret_sha256", LargeBinary(32)),
    Column("service_user_id", String(36)),
    Column("installation", JSON(none_as_null=True)),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_by", String(36)),
    Column("used_ms", BigInteger),
)
