"""The archiver: one process that has the open tables, and does what the server asks."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec

from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.types import ArchiveTransaction
from sluiceway.backends.iceberg.current import CurrentTables
from sluiceway.backends.iceberg.deleting import delete_rows, due_rows
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.iceberg.tables import Commit, IcebergTables
from sluiceway.backends.remote.archive_failures import taken_apart
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
    ToArchiver,
)
from sluiceway.backends.remote.channel import Channel
from sluiceway.settings import Settings

_log: Final = logging.getLogger("sluiceway.archiver")
_THREADS: Final = 4
"""Calls that run at the same time: commits, and reads beside them."""


class Archiver:
    """Answers calls over the socket *link*; ends with the process at its other end."""

    def __init__(self, settings: Settings, link: socket.socket) -> None:
        self._settings = settings
        self._socket = link
        self._channel: Channel[ToArchiver] = Channel(ToArchiver, self._receive, self._lose)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="archiver")
        self._tables: IcebergTables | None = None
        self._current = CurrentTables(settings.archive)
        self._opening = asyncio.Lock()
        self._commits: dict[int, Commit] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Do what is asked until told to stop."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self._channel, sock=self._socket)
        await self._stopped.wait()
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._tables is not None:
            self._tables.close()
        self._channel.close()

    def _receive(self, message: ToArchiver) -> None:
        if isinstance(message, Call):
            task = asyncio.get_running_loop().create_task(self._answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._stopped.set()

    def _lose(self) -> None:
        """End at once, unless told to: another server may be about to start.

        A commit that goes through nevertheless is one that its table tells the next server of.
        """
        if not self._stopped.is_set():
            os._exit(1)

    async def _answer(self, call: Call) -> None:
        try:
            result = await self._do(call.request)
            answer = Answer(call.number, msgspec.msgpack.encode(result))
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            name, facts = taken_apart(error)
            answer = Answer(call.number, error=name, facts=facts)
        self._channel.send(answer)

    async def _do(self, request: Request) -> Any:  # noqa: ANN401 - what the request asks for
        tables = await self._ready()
        if isinstance(request, BeginCommit | AddPiece | FinishCommit | AbortCommit):
            return await self._commit(tables, request)
        if isinstance(request, FindDue | DeleteRows | FoldTable | MaintainTable):
            return await self._rewrite(tables, request)
        match request:
            case OpenTable(table, view, schema):
                return await self._run(tables.open, table, view, schema)
            case ReadRecords() | SearchRecords() | DigestRows() | LocateRecords():
                return await self._read(tables, request)
            case DescribeTable(table):
                return await self._run(self._current.describe, tables, table)
            case DropTable(table):
                return await self._run(tables.drop, table)

    async def _rewrite(
        self, tables: IcebergTables, request: FindDue | DeleteRows | FoldTable | MaintainTable
    ) -> Any:  # noqa: ANN401 - what the request asks for
        match request:
            case FindDue(table, before_ms):
                return await self._run(due_rows, tables, table, before_ms)
            case DeleteRows(table, start, before_ms):
                return await self._run(delete_rows, tables, table, start, before_ms)
            case FoldTable(table, is_forced):
                return await self._run(self._current.fold, tables, table, is_forced)
            case MaintainTable(table):
                keep_seconds = self._settings.archive.snapshots_keep_seconds
                return await self._run(maintain, tables, table, keep_seconds)

    async def _read(
        self,
        tables: IcebergTables,
        request: ReadRecords | SearchRecords | DigestRows | LocateRecords,
    ) -> Any:  # noqa: ANN401 - what the request asks for
        if isinstance(request, LocateRecords):
            return await self._run(tables.locate, request.table, request.places)
        if isinstance(request, SearchRecords):
            wanted = request.wanted
            return await self._run(
                tables.search, request.table, wanted, request.limit, request.bytes_max
            )
        table, partition = request.table, request.partition
        if isinstance(request, DigestRows):
            return await self._run(tables.digest, table, partition, request.bounds)
        limit, bytes_max = request.limit, request.bytes_max
        return await self._run(tables.read, table, partition, request.start, limit, bytes_max)

    async def _commit(
        self, tables: IcebergTables, request: BeginCommit | AddPiece | FinishCommit | AbortCommit
    ) -> ArchiveTransaction | None:
        if isinstance(request, BeginCommit):
            begun: Commit = await self._run(tables.begin, request.table, request.start)
            self._commits[request.commit] = begun
            return None
        commit = self._commits.get(request.commit)
        match request:
            case AbortCommit():
                self._commits.pop(request.commit, None)
                if commit is not None:
                    await self._run(commit.abort)
                return None
            case _ if commit is None:
                raise ArchiveUnavailableError(f"there is no commit {request.commit}")
            case AddPiece(_, piece):
                await self._run(commit.add, piece)
                return None
            case FinishCommit():
                made: ArchiveTransaction | None = await self._run(commit.finish)
                del self._commits[request.commit]
                return made

    async def _ready(self) -> IcebergTables:
        """Open the catalogue with the first call that needs it, and again while that fails."""
        async with self._opening:
            if self._tables is None:
                folder = Path(self._settings.server.data_dir)
                self._tables = await self._run(IcebergTables, self._settings.archive, folder)
        return self._tables

    async def _run(self, call: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - its own
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, call, *arguments)
