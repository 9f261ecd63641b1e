"""Readiness when a part does not work."""

import time
from pathlib import Path

from sluiceway.app import operations
from sluiceway.archive.waiting import Waiting
from sluiceway.backends.embedded.log import open_log
from sluiceway.backends.sql.database import open_database
from sluiceway.backends.sql.migrations import migrate
from sluiceway.foundation.rids import new_view_rid


def nothing_waits() -> Waiting:
    return Waiting(age_seconds=5, commit_bytes=1, now=time.monotonic)


async def test_a_server_is_ready_with_a_log_and_metadata(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "log")
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'sluiceway.db'}")
    await migrate(database)

    answer = await operations.readyz.fn(log, database, nothing_waits())

    await log.close()
    await database.close()
    assert (answer.status_code, answer.content) == (200, operations.Readiness("ok", "writable"))


async def test_a_server_is_not_ready_while_its_metadata_cannot_be_read(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "log")
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'sluiceway.db'}")

    answer = await operations.readyz.fn(log, database, nothing_waits())

    await log.close()
    await database.close()
    assert (answer.status_code, answer.content.status) == (503, "unavailable")
    assert (answer.content.log, bool(answer.content.database)) == ("writable", True)


async def test_a_server_is_not_ready_once_its_log_takes_nothing(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "log")
    await log.close()
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'sluiceway.db'}")
    await migrate(database)

    answer = await operations.readyz.fn(log, database, nothing_waits())

    await database.close()
    assert answer.status_code == 503
    assert answer.content == operations.Readiness("unavailable", "it is closed")


async def test_a_server_that_cannot_archive_is_ready_and_says_why(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "log")
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'sluiceway.db'}")
    await migrate(database)
    waiting = nothing_waits()
    waiting.failed(new_view_rid(), "the bucket is away")

    answer = await operations.readyz.fn(log, database, waiting)

    await log.close()
    await database.close()
    assert answer.status_code == 200
    assert answer.content.archive == "1 streams wait: the bucket is away"
