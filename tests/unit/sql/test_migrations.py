"""Migrations make exactly the tables that the code uses."""

import asyncio
import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text

from sluiceway.backends.sql import migrations, tables
from sluiceway.backends.sql.database import Database, open_database
from sluiceway.backends.sql.errors import DatabaseUnavailableError
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


async def test_a_database_that_came_all_the_way_is_as_a_new_one(database: Database):
    await asyncio.to_thread(upgrade, url_of(database), HEAD)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        upgraded = await connection.run_sync(shapes)
        await connection.run_sync(drop_all)
        await connection.commit()

    await migrate(database)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(shapes) == upgraded
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD


async def test_a_database_that_has_something_already_is_left_as_it_was(database: Database):
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE tokens (one INTEGER)"))

    with pytest.raises(DatabaseUnavailableError, match="tokens"):
        await migrate(database)

    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda one: inspect(one).get_table_names())
    assert names == ["tokens"]


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


async def test_where_a_table_was_is_worked_out_for_the_transactions_that_there_are(
    database: Database,
):
    await asyncio.to_thread(upgrade, url_of(database), "0003")
    insert = text(
        "INSERT INTO archive_transactions (rid, view_rid, snapshot_id, started_ms, closed_ms, rows,"
        " stored_bytes, ranges) VALUES (:rid, :view_rid, 1, :at, :at, 1, 1, :ranges)"
    )
    rows = [
        ("a", "v", 1, '{"0": [0, 5]}'),
        ("d", "w", 2, '{"0": [0, 1]}'),
        ("b", "v", 3, '{"1": [0, 2], "0": [5, 6]}'),
        ("c", "v", 4, '{"10": [3, 9]}'),
    ]
    names = ("rid", "view_rid", "at", "ranges")
    async with database.engine.begin() as connection:
        await connection.execute(insert, [dict(zip(names, row, strict=True)) for row in rows])

    await migrate(database)

    async with database.engine.connect() as connection:
        query = text("SELECT rid, next_offsets FROM archive_transactions ORDER BY rid")
        found = [(rid, as_json(offsets)) for rid, offsets in await connection.execute(query)]
    assert found == [
        ("a", {"0": 5}),
        ("b", {"0": 6, "1": 2}),
        ("c", {"0": 6, "1": 2, "10": 9}),
        ("d", {"0": 1}),
    ]


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def shapes(connection: Connection) -> dict[str, Any]:
    """Say what each table has: columns with their types, keys, indexes with what they leave out."""
    found = inspect(connection)
    return {
        name: repr(
            (
                sorted(map(str, found.get_columns(name))),
                found.get_pk_constraint(name),
                sorted(map(str, found.get_foreign_keys(name))),
                sorted(map(index_shape, found.get_indexes(name))),
                sorted(map(str, found.get_unique_constraints(name))),
                sorted(map(str, found.get_check_constraints(name))),
            )
        )
        for name in found.get_table_names()
    }


def index_shape(index: Any) -> str:
    """Say what is in an index, and by which condition."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def drop_all(connection: Connection) -> None:
    existing = MetaData()
    existing.reflect(connection)
    existing.drop_all(connection)


def upgrade(url: str, revision: str) -> None:
    """Make the tables of an older program."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def as_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
