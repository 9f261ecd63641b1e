"""Transactions over several stores, and how caches hear of changes."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from sluiceway.backends.sql.database import Database, open_database
from sluiceway.backends.sql.errors import DatabaseUnavailableError, InvalidDatabaseUrlError
from sluiceway.backends.sql.migrations import migrate


@pytest.fixture
async def database(metadata_url: str):
    opened = open_database(metadata_url)
    await migrate(opened)
    async with opened.write() as connection:
        await connection.execute(text("CREATE TABLE notes (place INTEGER PRIMARY KEY, note TEXT)"))
    yield opened
    await opened.close()


@pytest.fixture
async def ended_threads():
    """Let the driver's threads end: they speak to the loop once more after a failure."""
    yield
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 10)


async def note(database: Database, words: str, *, touches_caches: bool = True) -> None:
    async with database.write(touches_caches=touches_caches) as connection:
        await connection.execute(
            text(
                "INSERT INTO notes (place, note) SELECT count(*), CAST(:words AS TEXT) FROM notes"
            ),
            {"words": words},
        )


async def notes(database: Database) -> list[str]:
    async with database.read() as connection:
        return list(await connection.scalars(text("SELECT note FROM notes ORDER BY place")))


class RefusalError(Exception):
    pass


async def test_what_raises_is_rolled_back_with_all_that_joined_it(database: Database):
    with pytest.raises(RefusalError):
        async with database.begin():
            await note(database, "one")
            async with database.begin():
                await note(database, "two")
            raise RefusalError

    assert await notes(database) == []


async def test_a_transaction_sees_its_own_changes_and_others_do_not(database: Database):
    async with database.begin():
        await note(database, "one")

        assert await notes(database) == ["one"]
        seen = await asyncio.create_task(_outside(database))
    assert seen == []
    assert await notes(database) == ["one"]


async def _outside(database: Database) -> list[str]:
    """Read as another request would: in a context that has no transaction."""
    async with database.engine.connect() as connection:
        return list(await connection.scalars(text("SELECT note FROM notes")))


async def test_caches_hear_of_a_change_after_it_is_committed_and_once(database: Database):
    heard: list[int] = []
    database.listeners.append(lambda: heard.append(1))
    before = await database.change_counter()

    async with database.begin():
        await note(database, "one")
        await note(database, "two")
        assert heard == []

    assert heard == [1]
    assert await database.change_counter() == before + 1


async def test_a_change_that_no_cache_depends_on_is_silent(database: Database):
    heard: list[int] = []
    database.listeners.append(lambda: heard.append(1))
    before = await database.change_counter()

    async with database.begin():
        await note(database, "one", touches_caches=False)

    assert heard == []
    assert await database.change_counter() == before


async def test_what_must_wait_for_the_commit_runs_after_it_or_never(database: Database):
    ran: list[str] = []

    async def run() -> None:
        ran.append("".join(await notes(database)))

    async with database.begin():
        database.after_commit(run)
        await note(database, "one")
        assert ran == []
    with pytest.raises(RefusalError):
        async with database.begin():
            database.after_commit(run)
            raise RefusalError

    assert ran == ["one"]


async def test_many_writers_at_once_all_get_their_turn(database: Database):
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(note(database, str(number)))

    assert sorted(await notes(database), key=int) == [str(number) for number in range(50)]


async def test_what_fails_after_the_commit_does_not_hide_that_it_is_committed(
    database: Database, caplog: pytest.LogCaptureFixture
):
    ran: list[str] = []

    async def fail() -> None:
        raise RefusalError

    async def run() -> None:
        ran.append("ran")

    async with database.begin():
        database.after_commit(fail)
        database.after_commit(run)
        await note(database, "one")

    assert await notes(database) == ["one"]
    assert ran == ["ran"]
    assert "failed" in caplog.text


@pytest.mark.usefixtures("ended_threads")
async def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path):
    missing = open_database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'x.db'}")

    with pytest.raises(DatabaseUnavailableError, match="unable to open"):
        await missing.change_counter()
    with pytest.raises(DatabaseUnavailableError, match="unable to open"):
        await note(missing, "one")
    with pytest.raises(DatabaseUnavailableError, match="unable to open"):
        await migrate(missing)
    await missing.close()


@pytest.mark.usefixtures("ended_threads")
async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path):
    path = tmp_path / "sluiceway.db"
    path.write_bytes(b"something else" * 100)
    broken = open_database(f"sqlite+aiosqlite:///{path}")

    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        await migrate(broken)
    await broken.close()


@pytest.mark.parametrize("url", ["sluiceway.db", "nosuch://u:secret@localhost/x", "://"])
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str):
    with pytest.raises(InvalidDatabaseUrlError) as raised:
        open_database(url)

    assert "server.database_url" in str(raised.value)
    assert "secret" not in str(raised.value)
