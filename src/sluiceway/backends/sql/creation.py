"""Makes the tables of a new database as they are now, without the way on which they became so."""

import importlib
import pkgutil

from sqlalchemy import insert, text

from sluiceway.backends.sql import tables
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.metadata import METADATA
from sluiceway.backends.sql.tables.changes import CHANGES


async def create_tables(database: Database, revision: str) -> None:
    """Make every table of an empty database, which has *revision* then: all of it or nothing.

    A test holds what is made against what the migrations make.

    Raises:
        DatabaseUnavailableError: It cannot be written, or has tables already.
    """
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")
    async with database.write(touches_caches=False) as connection:
        await connection.run_sync(METADATA.create_all, checkfirst=False)
        await connection.execute(insert(CHANGES).values(changes_id=1, counter=0))
        # As Alembic makes it, which reads it when there is something to upgrade.
        await connection.execute(
            text(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
                " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            )
        )
        await connection.execute(
            text("INSERT INTO alembic_version (version_num) VALUES (:revision)"),
            {"revision": revision},
        )
