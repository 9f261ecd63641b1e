"""Files that maintenance takes away while a streaming dataset is being read."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.app.stream_tables import ArchivedStreams
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import TableDescription, TableName
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.backends.tables.pool import TablePool
from sluiceway.datasets.errors import DatasetReadNotSupportedError
from sluiceway.datasets.file_errors import FileNotFoundOnBranchError
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.stream_files import StreamFiles
from sluiceway.datasets.streaming import Streaming
from sluiceway.datasets.tables import TableFaultError, TableFaultKind, TableFormat, TableQuery
from sluiceway.datasets.types import Selection
from sluiceway.foundation.paging import PageRequest
from sluiceway.streams.types import View

ALL = Selection()
QUERY = TableQuery(format=TableFormat.ARROW, columns=None, row_limit=None)


class BusyTables(LocalTables):
    """Do something right after they were asked what they have."""

    def __init__(self, tables: IcebergTables) -> None:
        super().__init__(tables)
        self.then: Callable[[], object] = lambda: None

    async def describe(self, table: TableName) -> TableDescription:
        found = await super().describe(table)
        self.then()
        return found


class Archived:
    """A stream with eight commits, and what reads it."""

    def __init__(self, streams: Streams, view: View, tables: IcebergTables, name: TableName):
        self.view = view
        self.tables = tables
        self.name = name
        self.busy = BusyTables(tables)
        self.store = mover_of(streams, tables, ArchiveSettings()).store
        self.pool = TablePool(DatasetSettings())
        archived = ArchivedStreams(streams.store, self.store, self.busy, is_enabled=True)
        self.streaming = Streaming(streams.store, archived, "master")
        self.files = StreamFiles(self.streaming, self.pool, DatasetSettings(table_files_max=8))

    def merge(self) -> None:
        """Merge what is small, and remove the files at once."""
        maintain(self.tables, self.name, 0)

    async def rows(self) -> list[str]:
        """Read the table."""
        pieces = await self.files.rows(self.view.dataset_rid, ALL, QUERY)
        content = b"".join([piece async for piece in pieces])
        found: list[str] = pa.ipc.open_stream(content).read_all()["n"].to_pylist()
        return found

    async def paths(self) -> list[str]:
        """List the files."""
        found = await self.files.list(
            self.view.dataset_rid, ALL, prefix="", page=PageRequest(100, None)
        )
        return [one.path for one in found.data]


@pytest.fixture
async def archived(tmp_path: Path) -> AsyncIterator[Archived]:
    async with open_streams(tmp_path) as streams:
        tables = iceberg_tables(tmp_path)
        mover = mover_of(streams, tables, ArchiveSettings())
        view = await streams.create()
        for at in range(8):
            await streams.append(view, str(at))
            await mover.move(view.view_rid)
        (known,) = await mover.store.tables()
        made = Archived(streams, view, tables, known.table)
        yield made
        await made.pool.close()
        tables.close()


async def test_a_table_is_asked_anew_when_its_files_are_gone(archived: Archived) -> None:
    archived.busy.then = archived.merge

    assert await archived.rows() == [str(at) for at in range(8)]
    assert len(await archived.paths()) == 1


async def test_a_table_whose_files_are_always_gone_is_not_read_for_ever(
    archived: Archived,
) -> None:
    asked = []
    (folder,) = {Path(one.location).parent for one in archived.tables.describe(archived.name).files}
    archived.busy.then = lambda: asked.append([one.unlink() for one in folder.iterdir()])

    with pytest.raises(TableFaultError) as caught:
        await archived.rows()

    assert caught.value.kind is TableFaultKind.GONE
    assert len(asked) == 3


async def test_a_file_that_was_merged_away_is_not_found(archived: Archived) -> None:
    dataset_rid = archived.view.dataset_rid
    path = (await archived.paths())[3]
    file, pieces = await archived.files.content(dataset_rid, path, ALL)
    archived.busy.then = archived.merge

    with pytest.raises(FileNotFoundOnBranchError):
        await archived.files.content(dataset_rid, path, ALL)

    # Who had begun to read it reads it to its end.
    assert len(b"".join([piece async for piece in pieces])) == file.size_bytes
    with pytest.raises(FileNotFoundOnBranchError):
        await archived.files.get(dataset_rid, path, ALL)
    ((merged,), last) = (
        await archived.paths(),
        await archived.streaming.branch(dataset_rid, "master"),
    )
    assert (await archived.files.get(dataset_rid, merged, ALL)).transaction_rid == last.head_rid


async def test_more_files_than_a_table_may_have_are_refused(archived: Archived) -> None:
    assert len(await archived.rows()) == 8
    archived.files = StreamFiles(
        archived.streaming, archived.pool, DatasetSettings(table_files_max=7)
    )

    with pytest.raises(DatasetReadNotSupportedError, match="7 files"):
        await archived.rows()


async def test_files_of_another_program_count_for_the_last_transaction(archived: Archived) -> None:
    found = archived.tables.describe(archived.name)
    foreign = [msgspec.structs.replace(one, written=None) for one in found.files]

    async def describe(_: TableName) -> TableDescription:
        return msgspec.structs.replace(found, files=foreign)

    archived.busy.describe = describe  # type: ignore[method-assign]
    page = PageRequest(100, None)
    listed = await archived.files.list(archived.view.dataset_rid, ALL, prefix="", page=page)
    head = (await archived.streaming.branch(archived.view.dataset_rid, "master")).head_rid

    assert {one.transaction_rid for one in listed.data} == {head}
