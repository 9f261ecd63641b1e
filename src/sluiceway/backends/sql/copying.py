"""Copying the metadata while a server uses them."""

import asyncio
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from sluiceway.backends.sql.database import Database, reason_of
from sluiceway.backends.sql.errors import DatabaseUnavailableError


def is_a_file(database: Database) -> bool:
    """Tell whether the database is a file that can be copied, and not a server of its own."""
    return database.engine.dialect.name == "sqlite"


async def copy_database(database: Database, target: Path) -> None:
    """Write all of a database that is a file to *target*, as it is at one moment of the call.

    What was in *target* is replaced.

    Raises:
        DatabaseUnavailableError: The database cannot be read, or *target* not written.
    """
    await asyncio.to_thread(target.unlink, missing_ok=True)
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text("VACUUM INTO :target"), {"target": str(target)})
    except DatabaseError as error:
        raise DatabaseUnavailableError(reason_of(error)) from error
