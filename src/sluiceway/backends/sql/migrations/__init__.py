"""Brings the database to the form that this program knows."""

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from sluiceway.backends.sql.creation import create_tables
from sluiceway.backends.sql.database import Database, reason_of
from sluiceway.backends.sql.errors import DatabaseUnavailableError

HEAD: Final = "0008"
"""The newest revision in ``versions``; a test keeps this true."""


class DatabaseVersionError(Exception):
    """A newer program wrote the database."""


async def migrate(database: Database) -> None:
    """Create or upgrade the tables; nothing when they are as they should be.

    Raises:
        DatabaseVersionError: The database has a revision that this program does not know.
        DatabaseUnavailableError: It cannot be opened, read or written.
    """
    try:
        async with database.engine.connect() as connection:
            current = await connection.run_sync(_current)
        if current is None:
            await create_tables(database, HEAD)
        elif current != HEAD:
            url = database.engine.url.render_as_string(hide_password=False)
            await asyncio.to_thread(_upgrade, url, current)
    except (DBAPIError, OSError) as error:
        raise DatabaseUnavailableError(reason_of(error)) from error


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _upgrade(url: str, current: str) -> None:
    # Imported only when there is something to do: it would be a third of the start-up time.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current not in known:
        raise DatabaseVersionError(
            f"the database has revision {current}, this program knows up to {HEAD};"
            " start the newer program that wrote it"
        )
    command.upgrade(config, "head")
