"""The files and the rows of streaming datasets: what their tables have now.

Everything here is for those that have asked the gate.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.datasets.errors import DatasetReadNotSupportedError
from sluiceway.datasets.file_errors import (
    FileNotFoundOnBranchError,
    FileNotFoundOnTransactionRangeError,
    FileStoreUnavailableError,
)
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.stream_schemas import stream_schema_version
from sluiceway.datasets.streaming import Streaming, StreamRange
from sluiceway.datasets.tables import (
    FileJob,
    TableFaultError,
    TableFaultKind,
    TableJob,
    TableQuery,
    TableReader,
)
from sluiceway.datasets.types import DatasetFile, Selection
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.rids import DatasetRid

_TRIES: Final = 3
"""How often a table is asked where its files are, when those that it named are gone by then."""


@dataclass(frozen=True, slots=True)
class StreamFiles:
    """Reads the tables of streams, by file and by row."""

    streaming: Streaming
    reader: TableReader
    settings: DatasetSettings

    async def list(
        self, dataset_rid: DatasetRid, selection: Selection, *, prefix: str, page: PageRequest
    ) -> Page[DatasetFile]:
        """Give files by path.

        Raises:
            SluicewayError: Whatever ``Streaming.select``, or ``StreamTables.files``, raises.
        """
        selected, after = await self.streaming.select(dataset_rid, selection), page.after
        found = [
            one
            for one in await self._files(selected)
            if one.path.startswith(prefix) and (after is None or one.path > after)
        ][: page.size + 1]
        return page_of(found, page, [one.path for one in found])

    async def get(self, dataset_rid: DatasetRid, path: str, selection: Selection) -> DatasetFile:
        """Give a file.

        Raises:
            FileNotFoundOnBranchError: There is no such file, or not any more.
            FileNotFoundOnTransactionRangeError: There is none in the transactions asked for.
            SluicewayError: Whatever ``Streaming.select``, or ``StreamTables.files``, raises.
        """
        selected = await self.streaming.select(dataset_rid, selection)
        for file in await self._files(selected):
            if file.path == path:
                return file
        raise _not_found(path, selected)

    async def content(
        self, dataset_rid: DatasetRid, path: str, selection: Selection
    ) -> tuple[DatasetFile, AsyncIterator[bytes]]:
        """Give a file with its content, in pieces.

        Raises:
            FileStoreUnavailableError: The content cannot be read now.
            OverloadedError: Too many tables and files are being read.
            SluicewayError: Whatever ``get`` raises.
        """
        file = await self.get(dataset_rid, path, selection)
        assert file.content_id is not None
        try:
            return file, await self.reader.read(FileJob(path, file.content_id, file.size_bytes))
        except TableFaultError as error:
            if error.kind is TableFaultKind.GONE:
                selected = await self.streaming.select(dataset_rid, selection)
                raise _not_found(path, selected) from error
            raise FileStoreUnavailableError(error.message) from error

    async def rows(
        self, dataset_rid: DatasetRid, selection: Selection, query: TableQuery
    ) -> AsyncIterator[bytes]:
        """Begin to read the rows of a stream's table.

        Raises:
            TableFaultError: They cannot be read.
            DatasetReadNotSupportedError: There are too many files, or the archive is turned off.
            InvalidArgumentError: There is no such column.
            OverloadedError: Too many tables and files are being read.
            SluicewayError: Whatever ``Streaming.select``, or ``StreamTables.rows``, raises.
        """
        selected = await self.streaming.select(dataset_rid, selection)
        schema = stream_schema_version(selected.view).schema
        query.check(schema)
        for left in reversed(range(_TRIES)):
            rows = await self.streaming.tables.rows(selected.view, selected.ranges)
            files_max = self.settings.table_files_max
            state = [] if rows.current is None else rows.current.state
            if len(rows.files) + len(state) > files_max:
                reason = f"a table may have {files_max} files"
                raise DatasetReadNotSupportedError(dataset_rid, reason)
            job = TableJob(
                format=query.format,
                schema=schema,
                columns=query.columns,
                files=rows.files,
                row_limit=query.row_limit,
                rows_max=self.settings.table_rows_max,
                offsets=rows.offsets,
                current=rows.current,
            )
            try:
                return await self.reader.read(job)
            except TableFaultError as error:
                if error.kind is not TableFaultKind.GONE or not left:
                    raise
        raise AssertionError

    async def _files(self, selected: StreamRange) -> Sequence[DatasetFile]:
        found = await self.streaming.tables.files(selected.view)
        return [one for one in found if selected.has(one)]


def _not_found(path: str, selected: StreamRange) -> SluicewayError:
    view, start, end = selected.view, selected.start, selected.end
    if selected.is_whole or end is None:
        return FileNotFoundOnBranchError(view.dataset_rid, view.branch_name, path)
    return FileNotFoundOnTransactionRangeError(
        view.dataset_rid,
        None if start is None else start.transaction_rid,
        end.transaction_rid,
        path,
    )
