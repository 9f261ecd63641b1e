"""The table of the change counter."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table

from sluiceway.backends.sql.metadata import METADATA

CHANGES: Final = Table(
    "changes",
    METADATA,
    Column("changes_id", Integer, primary_key=True),
    Column("counter", BigInteger, nullable=False),
)
"""One row, whose counter is raised by every change that caches must hear of."""
