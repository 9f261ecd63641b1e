"""Reading records from the file, in threads of their own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TypeVar

import msgspec

from sluiceway.backends.embedded.file import open_reader
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.rows import Row, records
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.log_errors import (
    LogCorruptError,
    LogUnavailableError,
    LogViewNotFoundError,
)

T = TypeVar("T")

_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
    }
)
"""Errors that say nothing about what is stored."""

_ROWS: Final = """
    SELECT partition_number, base_offset, count, time_ms, codec, crc, data FROM batches
    WHERE partition_number = ?1 AND base_offset >= coalesce(
        (SELECT base_offset FROM batches WHERE partition_number = ?1 AND base_offset <= ?2
            ORDER BY base_offset DESC LIMIT 1), 0)
    ORDER BY base_offset"""


class ReadRequest(msgspec.Struct, frozen=True):
    """Which records to read; everything that the reading thread needs to know."""

    partition: Partition
    start: int
    """At or after the first kept record."""
    end: int
    """Where the partition ended when the read was asked for: up to here nothing may be missing."""
    limit: int
    bytes_max: int


class ReaderPool:
    """A few read-only connections, each used by one thread at a time."""

    def __init__(self, folder: Path, settings: EmbeddedLogSettings) -> None:
        self._is_closed = False
        self._threads = ThreadPoolExecutor(settings.readers, thread_name_prefix="log-reader")
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._connections = [open_reader(folder, settings) for _ in range(settings.readers)]
        for connection in self._connections:
            self._idle.put(connection)

    async def read(self, request: ReadRequest) -> list[StoredRecord]:
        """Read the records of *request*.

        Raises:
            LogCorruptError: What is stored is not what was written.
            LogUnavailableError: The file cannot be read.
            LogViewNotFoundError: The view was deleted meanwhile.
        """
        return await self._run(lambda connection: read_records(connection, request))

    async def _run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if self._is_closed:
            raise LogUnavailableError("it is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._with_connection, job)

    def _with_connection(self, job: Callable[[sqlite3.Connection], T]) -> T:
        # There are as many connections as threads, so this never waits.
        connection = self._idle.get_nowait()
        try:
            return job(connection)
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """Refuse further reads, wait for those that were asked for, close the connections."""
        self._is_closed = True
        self._threads.shutdown(wait=True)
        for connection in self._connections:
            connection.close()


def read_records(connection: sqlite3.Connection, request: ReadRequest) -> list[StoredRecord]:
    """Read the records of *request*; see `ReaderPool.read`."""
    partition = request.partition
    try:
        return _read(connection, request)
    except (sqlite3.Error, TypeError) as error:
        if isinstance(error, sqlite3.Error) and _primary_code(error) in _PASSING:
            raise LogUnavailableError(f"reading failed: {error}") from error
        # A damaged page may also turn a number into another type.
        raise LogCorruptError(partition.view, partition.index, request.start, str(error)) from error


def _read(connection: sqlite3.Connection, request: ReadRequest) -> list[StoredRecord]:
    partition = request.partition
    found: list[StoredRecord] = []
    size = 0
    expected = request.start
    cursor = connection.execute(_ROWS, (partition.number, request.start))
    try:
        for columns in cursor:
            row = Row(*columns)
            # Only the first row may begin before what is asked for.
            lowest = 0 if expected == request.start else expected
            if not lowest <= row.base_offset <= expected < row.base_offset + row.record_count:
                _check_gap(connection, request, expected, row.base_offset)
            for record in records(row, partition, request.start, request.limit - len(found)):
                size += len(record.value)
                if size > request.bytes_max and found:
                    return found
                found.append(record)
            expected = row.base_offset + row.record_count
            if len(found) >= request.limit:
                return found
    finally:
        cursor.close()
    if expected < request.end:
        _check_gap(connection, request, expected, request.end)
    return found


def _check_gap(
    connection: sqlite3.Connection, request: ReadRequest, expected: int, found: int
) -> None:
    """Accept that the records from *expected* to *found* are not there only if they were trimmed."""
    partition = request.partition
    start = connection.execute(
        "SELECT p.start_offset FROM partitions p JOIN views v ON v.number = p.view_number"
        " WHERE p.number = ? AND v.rid IS NOT NULL",
        (partition.number,),
    ).fetchone()
    if start is None:
        raise LogViewNotFoundError(partition.view, partition.index)
    if not expected < found <= start[0]:
        raise LogCorruptError(partition.view, partition.index, expected, "its records are missing")


def _primary_code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
