"""The archiver's process: every call to it, its errors, and its end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.archive import SENSORS, TABLE, commit_at, line, stored
from sluiceway.app.archiving import ArchiverProcess
from sluiceway.archive.errors import (
    ArchiveConflictError,
    ArchiveCorruptError,
    ArchiveTableNotFoundError,
    ArchiveUnavailableError,
)
from sluiceway.archive.types import Piece, TableName
from sluiceway.backends.remote.archive import RemoteTables
from sluiceway.foundation.rids import new_view_rid
from sluiceway.settings import load_settings


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[ArchiverProcess]:
    made = ArchiverProcess(load_settings(None, {}, {"server": {"data_dir": str(tmp_path)}}))
    yield made
    await made.stop(20)
    assert made.pid is None


async def pieces(*given: Piece) -> AsyncIterator[Piece]:
    for piece in given:
        yield piece


def threads_of(process_id: int) -> list[int]:
    return [int(one.name) for one in Path(f"/proc/{process_id}/task").iterdir()]


async def test_every_call_is_answered_and_every_error_carried(process: ArchiverProcess) -> None:
    tables, view = RemoteTables(process.link), new_view_rid()
    assert process.pid is None

    state = await tables.open(TABLE, view, SENSORS)
    assert (state.next_offsets, state.transactions) == ({}, [])
    start = commit_at({})
    made = await tables.append(TABLE, start, pieces(Piece(0, [stored(0, 5)])))
    assert made is not None
    assert (made.rid, made.ranges) == (start.transaction, {0: (0, 5)})
    assert await tables.append(TABLE, commit_at({0: 5}), pieces()) is None
    found = await tables.read(TABLE, 0, 3, limit=9, bytes_max=1_000)
    assert [(one.offset, one.value) for one in found] == [(at, line(at)[:-1]) for at in (3, 4)]
    described = await tables.describe(TABLE)
    assert [Path(file.location).suffix for file in described.files] == [".parquet"]
    assert described.next_offsets == {0: 5}
    assert described.own_columns == ("_partition", "__offset", "_ingested_at")
    assert described.metadata_location.endswith(".metadata.json")
    assert (await tables.maintain(TABLE)).merged_files == 0

    with pytest.raises(ArchiveConflictError) as conflict:
        await tables.append(TABLE, commit_at({0: 4}), pieces(Piece(0, [stored(4, 5)])))
    assert conflict.value.next_offsets == {0: 5}
    with pytest.raises(ArchiveCorruptError, match="out of their order"):
        await tables.append(
            TABLE, commit_at({0: 5}), pieces(Piece(0, [stored(5, 2)]), Piece(0, [stored(6, 1)]))
        )
    with pytest.raises(ArchiveTableNotFoundError):
        await tables.describe(TableName("sluiceway", "none"))

    assert (await tables.open(TABLE, view, SENSORS)).next_offsets == {0: 5}
    await tables.drop(TABLE)
    assert (await tables.open(TABLE, view, SENSORS)).next_offsets == {}


async def test_it_leaves_the_processor_to_the_server_from_its_start(
    process: ArchiverProcess,
) -> None:
    lower = os.getpriority(os.PRIO_PROCESS, 0) + 5
    link = await process.link()
    assert process.pid is not None

    # It has imported nothing yet: that alone would take a second from those who publish.
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == lower

    await RemoteTables(process.link).open(TABLE, new_view_rid(), SENSORS)
    threads = threads_of(process.pid)
    assert len(threads) > 1
    assert {os.getpriority(os.PRIO_PROCESS, one) for one in threads} == {lower}
    assert not link.is_lost


async def test_a_call_fails_when_the_process_is_killed_and_the_next_one_starts_another(
    process: ArchiverProcess,
) -> None:
    tables, view = RemoteTables(process.link), new_view_rid()
    await tables.open(TABLE, view, SENSORS)
    first = process.pid
    assert first is not None

    async def killing() -> AsyncIterator[Piece]:
        yield Piece(0, [stored(0, 5)])
        os.kill(first, signal.SIGKILL)
        yield Piece(0, [stored(5, 5)])

    with pytest.raises(ArchiveUnavailableError, match="ended"):
        await tables.append(TABLE, commit_at({}), killing())
    async with asyncio.timeout(30):
        while True:
            try:
                state = await tables.open(TABLE, view, SENSORS)
            except ArchiveUnavailableError:
                await asyncio.sleep(0.05)
            else:
                break

    assert state.next_offsets == {}
    assert process.pid not in {None, first}
