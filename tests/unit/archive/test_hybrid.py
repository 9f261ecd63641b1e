"""One stream over a real log that is trimmed and the real table that has what it gave up."""

import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.archive.hybrid import HybridReader
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.foundation.rids import new_view_rid
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.log_errors import LogViewNotFoundError
from sluiceway.streams.types import View

APPENDS = 40
EACH = 25


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    opened = iceberg_tables(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def reader(streams: Streams, tables: IcebergTables) -> HybridReader:
    store = mover_of(streams, tables, ArchiveSettings()).store
    return HybridReader(streams.log, LocalTables(tables), store)


async def filled(streams: Streams, tables: IcebergTables) -> View:
    """Make a stream whose first part is in the table, in several commits."""
    view = await streams.create(partitions=2)
    mover = mover_of(streams, tables, ArchiveSettings())
    for at in range(APPENDS):
        await streams.append(view, *[f"{at}-{one}" for one in range(EACH)], partition=at % 2)
        if at in {9, 29}:
            await mover.move(view.view_rid)
    return view


async def read(
    reader: HybridReader, view: View, partition: int, start: int, limit: int, bytes_max: int
) -> list[StoredRecord]:
    return await reader.read(view.view_rid, partition, start, limit=limit, bytes_max=bytes_max)


@pytest.mark.parametrize("before", [0, 25, 110, 375], ids=lambda before: f"trimmed-{before}")
async def test_reading_is_the_same_however_far_the_log_is_trimmed(
    streams: Streams, tables: IcebergTables, reader: HybridReader, before: int
) -> None:
    view = await filled(streams, tables)
    whole = {
        partition: await streams.log.read(
            view.view_rid, partition, 0, limit=10_000, bytes_max=1 << 30
        )
        for partition in range(2)
    }
    for partition in range(2):
        await streams.log.trim(view.view_rid, partition, before)
    trimmed = await streams.log.start_offsets(view.view_rid)
    assert set(trimmed.values()) == {before // EACH * EACH}

    for partition, records in whole.items():
        assert await read(reader, view, partition, 0, 10_000, 1 << 30) == records
        for _ in range(40):
            start = random.randrange(len(records) + 5)
            limit, bytes_max = random.randint(1, 300), random.randint(1, 4_000)
            found = await read(reader, view, partition, start, limit, bytes_max)
            assert found == records[start : start + len(found)]
            assert len(found) <= limit
            assert len(found) == 1 or sum(len(one.value) for one in found) <= bytes_max
            assert found or start >= len(records)
    assert await reader.start_offsets(view.view_rid) == {0: 0, 1: 0}
    assert await reader.end_offsets(view.view_rid) == {0: 500, 1: 500}


async def test_one_answer_goes_from_the_table_into_the_log(
    streams: Streams, tables: IcebergTables, reader: HybridReader
) -> None:
    view = await filled(streams, tables)
    await streams.log.trim(view.view_rid, 0, 100)

    found = await read(reader, view, 0, 370, 100, 1 << 20)

    assert [one.offset for one in found] == list(range(370, 470))


async def test_without_a_table_it_is_the_log_alone(streams: Streams, reader: HybridReader) -> None:
    view = await streams.create()
    await streams.append(view, *map(str, range(30)))
    await streams.append(view, *map(str, range(30)))
    await streams.log.trim(view.view_rid, 0, 30)

    found = await read(reader, view, 0, 0, 100, 1 << 20)

    assert [one.offset for one in found] == list(range(30, 60))
    assert await reader.start_offsets(view.view_rid) == {0: 30}


async def test_what_is_past_the_end_or_no_view_is_as_in_the_log(
    streams: Streams, tables: IcebergTables, reader: HybridReader
) -> None:
    view = await filled(streams, tables)
    await streams.log.trim(view.view_rid, 0, 375)

    assert await read(reader, view, 0, 500, 10, 1_000) == []
    assert await read(reader, view, 0, 0, 0, 1_000) == []
    with pytest.raises(LogViewNotFoundError):
        await reader.read(new_view_rid(), 0, 0, limit=1, bytes_max=1)
