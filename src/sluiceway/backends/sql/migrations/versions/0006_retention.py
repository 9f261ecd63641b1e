"""Retention of streams; deletions are transactions, and tables need not begin at 0."""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Make the table of retention, and say of transactions what they did."""
    op.create_table(
        "retention",
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("branch_name", sa.String(length=255), nullable=False),
        sa.Column("hot_seconds", sa.BigInteger(), nullable=True),
        sa.Column("hot_bytes", sa.BigInteger(), nullable=True),
        sa.Column("cold_seconds", sa.BigInteger(), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("hold_by", sa.String(length=255), nullable=True),
        sa.Column("hold_by_name", sa.String(length=255), nullable=True),
        sa.Column("hold_ms", sa.BigInteger(), nullable=True),
        sa.Column("trimmed_view", sa.String(length=255), nullable=True),
        sa.Column("trimmed_before", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("dataset_rid", "branch_name", name=op.f("pk_retention")),
    )
    op.add_column(
        "archive_transactions",
        sa.Column(
            "transaction_type", sa.String(length=16), nullable=False, server_default="APPEND"
        ),
    )
    op.add_column(
        "archive_tables",
        sa.Column("start_offsets", sa.JSON(), nullable=False, server_default="{}"),
    )
