"""The open tables of views, and their transactions."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables of the archive."""
    op.create_table(
        "archive_tables",
        sa.Column("view_rid", sa.String(length=255), nullable=False),
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("branch_name", sa.String(length=255), nullable=False),
        sa.Column("namespace", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("next_offsets", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("view_rid", name=op.f("pk_archive_tables")),
        sa.UniqueConstraint("namespace", "name", name=op.f("uq_archive_tables_namespace")),
    )
    op.create_table(
        "archive_transactions",
        sa.Column("rid", sa.String(length=255), nullable=False),
        sa.Column("view_rid", sa.String(length=255), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("ranges", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_archive_transactions")),
    )
    op.create_index(
        "ix_archive_transactions_view",
        "archive_transactions",
        ["view_rid", "closed_ms"],
        unique=False,
    )
