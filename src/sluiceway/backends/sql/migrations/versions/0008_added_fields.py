"""Which fields the last changes of a view's schema added."""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Add the column; requests from before are known by what they were."""
    op.add_column("views", sa.Column("added", sa.JSON(), nullable=False, server_default="[]"))
