"""Where the table of a view was after each transaction."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"

_BATCH_ROWS = 1_000
_TRANSACTIONS = sa.table(
    "archive_transactions",
    sa.column("rid", sa.String),
    sa.column("view_rid", sa.String),
    sa.column("snapshot_id", sa.BigInteger),
    sa.column("closed_ms", sa.BigInteger),
    sa.column("ranges", sa.JSON),
    sa.column("next_offsets", sa.JSON),
)


def upgrade() -> None:
    """Add the column; of transactions that there are, their ranges tell."""
    op.add_column("archive_transactions", sa.Column("next_offsets", sa.JSON(), nullable=True))
    connection, columns = op.get_bind(), _TRANSACTIONS.c
    query = sa.select(columns.rid, columns.view_rid, columns.ranges).order_by(
        columns.view_rid, columns.closed_ms, columns.snapshot_id
    )
    change = (
        sa.update(_TRANSACTIONS)
        .where(columns.rid == sa.bindparam("of_rid"))
        .values(next_offsets=sa.bindparam("offsets", type_=sa.JSON))
    )
    view_rid, place = None, dict[str, int]()
    batch: list[dict[str, Any]] = []
    for row in connection.execute(query).all():
        if row.view_rid != view_rid:
            view_rid, place = row.view_rid, {}
        place = place | {partition: end for partition, (_, end) in row.ranges.items()}
        batch.append({"of_rid": row.rid, "offsets": place})
        if len(batch) == _BATCH_ROWS:
            connection.execute(change, batch)
            batch = []
    if batch:
        connection.execute(change, batch)
    with op.batch_alter_table("archive_transactions") as table:
        table.alter_column("next_offsets", existing_type=sa.JSON(), nullable=False)
