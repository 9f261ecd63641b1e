"""The tables of datasets of files."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make the tables of branches, transactions, files and schemas."""
    op.create_table(
        "dataset_branches",
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("branch_name", sa.String(length=255), nullable=False),
        sa.Column("head_rid", sa.String(length=255), nullable=True),
        sa.Column("open_rid", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("dataset_rid", "branch_name", name=op.f("pk_dataset_branches")),
    )
    op.create_table(
        "dataset_schemas",
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("schema", sa.JSON(), nullable=False),
        sa.Column("dataframe_reader", sa.String(length=16), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_dataset_schemas")),
    )
    op.create_index(
        "ix_dataset_schemas_dataset_rid", "dataset_schemas", ["dataset_rid"], unique=False
    )
    op.create_table(
        "dataset_transactions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transaction_rid", sa.String(length=255), nullable=False),
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("branch_name", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("parent_rid", sa.String(length=255), nullable=True),
        sa.Column("view_length", sa.Integer(), nullable=False),
        sa.Column("schema_version_id", sa.String(length=36), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_dataset_transactions")),
    )
    op.create_index(
        "ix_dataset_transactions_dataset",
        "dataset_transactions",
        ["dataset_rid", "number"],
        unique=False,
    )
    op.create_index(
        "ix_dataset_transactions_transaction_rid",
        "dataset_transactions",
        ["transaction_rid"],
        unique=True,
    )
    op.create_table(
        "unwanted_contents",
        sa.Column("content_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("content_id", name=op.f("pk_unwanted_contents")),
    )
    op.create_table(
        "dataset_files",
        sa.Column("transaction_rid", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("content_id", sa.String(length=36), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_rid"],
            ["dataset_transactions.transaction_rid"],
            name=op.f("fk_dataset_files_transaction_rid_dataset_transactions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transaction_rid", "path", name=op.f("pk_dataset_files")),
    )
