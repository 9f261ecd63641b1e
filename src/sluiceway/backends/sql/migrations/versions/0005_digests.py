"""What each commit to an open table was given."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Add the column; nobody knows it of the commits that there are."""
    op.add_column("archive_transactions", sa.Column("digests", sa.JSON(), nullable=True))
