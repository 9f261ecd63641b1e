"""How often the schema of a view changed, and of which change its table knows."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Add the columns; no schema ever changed before there were any."""
    for table in ("views", "archive_tables"):
        column = sa.Column("schema_version", sa.Integer(), nullable=False, server_default="0")
        op.add_column(table, column)
