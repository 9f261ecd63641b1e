"""Runs migrations; Alembic loads this module by its path."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from sluiceway.backends.sql.database import open_database
from sluiceway.backends.sql.metadata import METADATA


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def _migrate() -> None:
    database = open_database(context.config.attributes["url"])
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await database.close()


asyncio.run(_migrate())
