"""Migrations make exactly the tables that the code uses."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from sluiceway.backends.sql import migrations, tables
from sluiceway.backends.sql.database import Database, open_database
from sluiceway.backends.sql.metadata import METADATA
from sluiceway.backends.sql.migrations import HEAD, DatabaseVersionError, migrate


@pytest.fixture
async def database(metadata_url: str):
    opened = open_database(metadata_url)
    yield opened
    await opened.close()


def differences(connection: Connection) -> list[object]:
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")
    return compare_metadata(MigrationContext.configure(connection), METADATA)


async def test_a_new_database_has_the_tables_of_the_code(database: Database):
    await migrate(database)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await database.change_counter() == 0


async def test_migrating_again_changes_nothing(database: Database):
    await migrate(database)
    async with database.begin(), database.write() as connection:
        await connection.execute(text("SELECT 1"))

    await migrate(database)

    assert await database.change_counter() == 1


async def test_a_database_of_a_newer_program_is_refused(database: Database):
    await migrate(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseVersionError, match="9999"):
        await migrate(database)


def test_the_newest_revision_is_the_one_that_the_start_looks_for():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
