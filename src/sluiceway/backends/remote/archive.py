"""The open tables as the server has them: another process writes and reads them."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.types import (
    ArchiveTransaction,
    CommitStart,
    DueRows,
    Folded,
    FoundFile,
    Maintained,
    Piece,
    RowsDigest,
    TableDescription,
    TableName,
    TableState,
)
from sluiceway.backends.remote.archive_failures import put_together
from sluiceway.backends.remote.archive_wire import (
    AbortCommit,
    AddPiece,
    Answer,
    BeginCommit,
    Call,
    DeleteRows,
    DescribeTable,
    DigestRows,
    DropTable,
    FindDue,
    FinishCommit,
    FoldTable,
    LocateRecords,
    MaintainTable,
    OpenTable,
    ReadRecords,
    Request,
    SearchRecords,
    Stop,
)
from sluiceway.backends.remote.channel import Channel
from sluiceway.foundation.rids import ViewRid
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.search import Found, Wanted

T = TypeVar("T")
_GONE: Final = "its process ended"


class ArchiverLink:
    """The way to one archiver, over a connected Unix socket."""

    def __init__(self) -> None:
        self.channel: Channel[Answer] = Channel(Answer, self._receive, self._lose)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self.is_lost = False

    async def call(self, request: Request, result: Any) -> Any:  # noqa: ANN401 - of the type *result*
        """Ask, and wait for an answer of the type *result*.

        Raises:
            SluicewayError: What the archiver answered; see `ArchiveTables`.
            ArchiveUnavailableError: It ended before it answered.
        """
        if self.is_lost:
            raise ArchiveUnavailableError(_GONE)
        number = next(self._numbers)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            self.channel.send(Call(number, request))
            answer = await answered
        finally:
            self._waiting.pop(number, None)
        if answer.error:
            raise put_together(answer.error, answer.facts)
        return msgspec.msgpack.decode(answer.result, type=result)

    def tell(self, request: Request) -> None:
        """Ask for something whose answer nobody needs."""
        self.channel.send(Call(0, request))

    def stop(self) -> None:
        """Tell the archiver to finish and end."""
        self.channel.send(Stop())

    def _receive(self, answer: Answer) -> None:
        waiting = self._waiting.get(answer.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _lose(self) -> None:
        self.is_lost = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ArchiveUnavailableError(_GONE))


class RemoteTables:
    """`ArchiveTables` in the process to which *link* leads, which starts it when need be."""

    def __init__(self, link: Callable[[], Awaitable[ArchiverLink]]) -> None:
        self._link = link
        self._commits = itertools.count(1)

    async def open(self, table: TableName, view: ViewRid, schema: StreamSchema) -> TableState:
        """Make the table if it is missing, and tell how far it is; see `ArchiveTables.open`."""
        state: TableState = await self._call(OpenTable(table, view, schema), TableState)
        return state

    async def append(
        self, table: TableName, start: CommitStart, pieces: AsyncIterator[Piece]
    ) -> ArchiveTransaction | None:
        """Add records in one snapshot; see `ArchiveTables.append`.

        A piece is taken when the archiver has made columns of the one before.
        """
        link, commit = await self._link(), next(self._commits)
        await link.call(BeginCommit(commit, table, start), None)
        try:
            async for piece in pieces:
                await link.call(AddPiece(commit, piece), None)
            made: ArchiveTransaction | None = await link.call(
                FinishCommit(commit), ArchiveTransaction | None
            )
        except BaseException:
            link.tell(AbortCommit(commit))
            raise
        return made

    async def read(
        self, table: TableName, partition: int, start: int, *, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give records in order; see `ArchiveTables.read`."""
        request = ReadRecords(table, partition, start, limit, bytes_max)
        found: list[StoredRecord] = await self._call(request, list[StoredRecord])
        return found

    async def search(
        self, table: TableName, wanted: Wanted, *, limit: int, bytes_max: int
    ) -> Found:
        """Look through records; see `ArchiveTables.search`."""
        found: Found = await self._call(SearchRecords(table, wanted, limit, bytes_max), Found)
        return found

    async def digest(
        self, table: TableName, partition: int, bounds: Sequence[int]
    ) -> list[RowsDigest]:
        """Give digests of ranges of rows; see `ArchiveTables.digest`."""
        request = DigestRows(table, partition, list(bounds))
        found: list[RowsDigest] = await self._call(request, list[RowsDigest])
        return found

    async def locate(
        self, table: TableName, places: Sequence[tuple[int, int, int]]
    ) -> list[list[FoundFile]]:
        """Find files by offsets; see `ArchiveTables.locate`."""
        request = LocateRecords(table, list(places))
        found: list[list[FoundFile]] = await self._call(request, list[list[FoundFile]])
        return found

    async def describe(self, table: TableName) -> TableDescription:
        """Tell what the table has now; see `ArchiveTables.describe`."""
        found: TableDescription = await self._call(DescribeTable(table), TableDescription)
        return found

    async def fold(self, table: TableName, *, is_forced: bool = False) -> Folded | None:
        """Take changes into the current state; see `ArchiveTables.fold`."""
        done: Folded | None = await self._call(FoldTable(table, is_forced), Folded | None)
        return done

    async def due(self, table: TableName, before_ms: int) -> DueRows:
        """Tell what ``delete`` would take away; see `ArchiveTables.due`."""
        found: DueRows = await self._call(FindDue(table, before_ms), DueRows)
        return found

    async def delete(
        self, table: TableName, start: CommitStart, before_ms: int
    ) -> ArchiveTransaction | None:
        """Take old records away in one snapshot; see `ArchiveTables.delete`."""
        made: ArchiveTransaction | None = await self._call(
            DeleteRows(table, start, before_ms), ArchiveTransaction | None
        )
        return made

    async def maintain(self, table: TableName) -> Maintained:
        """Keep the table small; see `ArchiveTables.maintain`."""
        done: Maintained = await self._call(MaintainTable(table), Maintained)
        return done

    async def drop(self, table: TableName) -> None:
        """Remove a table and its files; see `ArchiveTables.drop`."""
        await self._call(DropTable(table), None)

    async def _call(self, request: Request, result: Any) -> Any:  # noqa: ANN401 - of the type *result*
        link = await self._link()
        return await link.call(request, result)
