"""Which files of a table can be opened here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyarrow.parquet
import pytest

from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.files import ArchiveFiles, local_path
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.backends.remote.archive import ArchiverLink, RemoteTables


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


async def test_a_table_tells_its_files_and_how_far_they_go(
    streams: Streams, tmp_path: Path
) -> None:
    tables = iceberg_tables(tmp_path)
    view = await streams.create(partitions=2)
    mover = mover_of(streams, tables, ArchiveSettings())
    files = ArchiveFiles(LocalTables(tables), mover.store)
    assert await files.of_view(view.view_rid) is None

    await streams.append(view, "a", "b", partition=1)
    await mover.move(view.view_rid)
    found = await files.of_view(view.view_rid)

    assert found is not None
    assert found.next_offsets == {1: 2}
    assert [pyarrow.parquet.read_table(path).num_rows for path in found.paths] == [2]
    tables.close()


async def test_an_archiver_that_is_away_has_none(streams: Streams, tmp_path: Path) -> None:
    tables = iceberg_tables(tmp_path)
    view = await streams.create()
    mover = mover_of(streams, tables, ArchiveSettings())
    await streams.append(view, "a")
    await mover.move(view.view_rid)
    tables.close()

    async def away() -> ArchiverLink:
        raise ArchiveUnavailableError("its process ended")

    assert await ArchiveFiles(RemoteTables(away), mover.store).of_view(view.view_rid) is None


def test_a_file_is_here_or_elsewhere() -> None:
    assert local_path("/data/one.parquet") == "/data/one.parquet"
    assert local_path("file:///data/one.parquet") == "/data/one.parquet"
    assert local_path("s3://bucket/one.parquet") is None
