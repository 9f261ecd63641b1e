"""The SQLite file of the embedded log: its tables, its connections, what it holds at the start.

The file is ``records.db`` in the log's folder, with ``records.db-wal`` and ``records.db-shm``
beside it while it is open.
"""

import logging
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.rows import Row, verify
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log_errors import LogCorruptError, LogVersionError

_logger: Final = logging.getLogger(__name__)

FILE_NAME: Final = "records.db"
FORMAT_VERSION: Final = 1
PAGE_BYTES: Final = 4096
"""Measured with bench/log.py: larger pages write more for small groups and gain nothing for
large ones."""

_BUSY_SECONDS: Final = 1.0
"""How long a connection waits for another one's lock; none is held for more than a read."""

# partitions.end_offset is written when the log is closed and by a trim; the ordinary commit writes
# rows and nothing else. The end is at least there: rows that a damaged page hides are missed by it,
# and a partition without rows knows where it goes on.
#
# One tree, ordered by partition and offset: a group that fills one row touches one leaf page,
# and a read finds its place with one descent. The bytes come last, so that the facts before them
# are read without following a row's overflow pages.
_TABLES: Final = (
    """CREATE TABLE views (
        number INTEGER PRIMARY KEY,
        rid TEXT UNIQUE,
        compressed INTEGER NOT NULL
    )""",
    """CREATE TABLE partitions (
        number INTEGER PRIMARY KEY,
        view_number INTEGER NOT NULL,
        partition INTEGER NOT NULL,
        start_offset INTEGER NOT NULL,
        end_offset INTEGER NOT NULL,
        UNIQUE (view_number, partition)
    )""",
    """CREATE TABLE batches (
        partition_number INTEGER NOT NULL,
        base_offset INTEGER NOT NULL,
        count INTEGER NOT NULL,
        time_ms INTEGER NOT NULL,
        codec INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (partition_number, base_offset)
    ) WITHOUT ROWID""",
    f"PRAGMA user_version = {FORMAT_VERSION}",
)

_ROWS_MISSING: Final = "rows at its end are missing"

_PARTITIONS: Final = """
    SELECT p.number, v.rid, v.compressed, p.partition, p.start_offset, p.end_offset
    FROM partitions p JOIN views v ON v.number = p.view_number
    ORDER BY v.number, p.partition"""


class Remains(msgspec.Struct, frozen=True):
    """Rows that nobody can read any more and that are still to be deleted."""

    partition_number: int
    below: int | None
    """Rows whose base offset is lower; ``None``: all rows, and the partition itself."""


class Contents(msgspec.Struct, frozen=True):
    """What the file held when it was opened."""

    views: dict[ViewRid, tuple[Partition, ...]]
    remains: list[Remains]
    time_ms: int
    """The newest commit time that any row carries."""


def open_writer(folder: Path, settings: EmbeddedLogSettings) -> sqlite3.Connection:
    """Open the file for writing; make folder and file where there are none.

    Raises:
        LogVersionError: A newer program wrote the file.
        sqlite3.Error: The file cannot be opened, or is no such file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    connection = _connect(str(path), cache_bytes=settings.cache_bytes)
    try:
        _prepare(connection, path, settings)
    except BaseException:
        connection.close()
        raise
    _sync_folder(folder)
    _sync_folder(folder.parent)
    return connection


def open_reader(folder: Path, settings: EmbeddedLogSettings) -> sqlite3.Connection:
    """Open the file, which a writer has open already, for reading only."""
    uri = f"{(folder / FILE_NAME).absolute().as_uri()}?mode=ro"
    return _connect(uri, cache_bytes=settings.cache_bytes // 4, is_uri=True)


def load_contents(connection: sqlite3.Connection) -> Contents:
    """Find out all views and the ends of their partitions; reads one row of each."""
    views: dict[ViewRid, list[Partition]] = {}
    remains: list[Remains] = []
    newest_ms = 0
    for number, rid, compressed, index, start, end in connection.execute(_PARTITIONS).fetchall():
        if rid is None:
            remains.append(Remains(number, None))
            continue
        first = connection.execute(
            "SELECT base_offset FROM batches WHERE partition_number = ?"
            " ORDER BY base_offset LIMIT 1",
            (number,),
        ).fetchone()
        if first is not None and first[0] < start:
            remains.append(Remains(number, start))
        partition = Partition(
            number, ViewRid(rid), index, compressed=bool(compressed), start=start, end=end
        )
        newest_ms = max(newest_ms, _load_end(connection, partition))
        views.setdefault(partition.view, []).append(partition)
    by_rid: dict[ViewRid, tuple[Partition, ...]] = {rid: tuple(all_) for rid, all_ in views.items()}
    return Contents(by_rid, remains, newest_ms)


def _load_end(connection: sqlite3.Connection, partition: Partition) -> int:
    """Take the end of *partition* from its last row; give that row's time, 0 without one."""
    columns = connection.execute(
        "SELECT * FROM batches WHERE partition_number = ? ORDER BY base_offset DESC LIMIT 1",
        (partition.number,),
    ).fetchone()
    if columns is None:
        if partition.start_offset < partition.end_offset:
            _take_out(partition, _ROWS_MISSING)
        return 0
    row = Row(*columns)
    try:
        verify(row, partition)
    except LogCorruptError as error:
        # Where the partition ends is not known then: it takes nothing more, and gives what is
        # before this row.
        _take_out(partition, error.reason)
        if isinstance(row.base_offset, int):  # what is damaged may be of any type
            partition.end_offset = max(partition.end_offset, row.base_offset)
        return 0
    end = row.base_offset + row.record_count
    if end < partition.end_offset and partition.start_offset < partition.end_offset:
        _take_out(partition, _ROWS_MISSING)
    else:
        partition.end_offset = partition.next_offset = max(partition.end_offset, end)
    return row.time_ms


def _take_out(partition: Partition, reason: str) -> None:
    """Let *partition* take no writes until somebody has looked at what is wrong with it."""
    partition.damage = reason
    _logger.error(
        "partition %d of %s takes no more writes: %s", partition.index, partition.view, reason
    )


def record_ends(connection: sqlite3.Connection, partitions: Iterable[Partition]) -> None:
    """Write down where *partitions* end, so that the next start misses rows that are gone."""
    with transaction(connection):
        connection.executemany(
            "UPDATE partitions SET end_offset = ?1 WHERE number = ?2 AND end_offset < ?1",
            [(one.next_offset, one.number) for one in partitions if one.damage is None],
        )


def insert_view(
    connection: sqlite3.Connection, view: ViewRid, partitions: int, *, compressed: bool
) -> tuple[Partition, ...]:
    """Add *view*, in a transaction of its own."""
    with transaction(connection):
        number = connection.execute(
            "INSERT INTO views (rid, compressed) VALUES (?, ?)", (view, compressed)
        ).lastrowid
        numbers = [
            connection.execute(
                "INSERT INTO partitions (view_number, partition, start_offset, end_offset)"
                " VALUES (?, ?, 0, 0)",
                (number, index),
            ).lastrowid
            or 0
            for index in range(partitions)
        ]
    return tuple(
        Partition(number, view, index, compressed=compressed, start=0, end=0)
        for index, number in enumerate(numbers)
    )


def forget_view(connection: sqlite3.Connection, view: ViewRid) -> None:
    """Take its name from *view*, so that nobody finds it; its rows remain to be deleted."""
    with transaction(connection):
        connection.execute("UPDATE views SET rid = NULL WHERE rid = ?", (view,))


class transaction:  # noqa: N801 - reads as a statement
    """A transaction that is committed at the end of the block, or rolled back on an error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        if error_type is None:
            self._connection.execute("COMMIT")
        else:
            roll_back(self._connection)


def roll_back(connection: sqlite3.Connection) -> None:
    """End the open transaction, if there is one, without its changes."""
    # SQLite itself has rolled back after some errors; a second time would be an error.
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def checkpoint(connection: sqlite3.Connection, *, wal_bytes_max: int) -> None:
    """Copy the write-ahead log into the main file.

    Frames that a running read still needs stay, and so the write-ahead log may grow for a while;
    past *wal_bytes_max* this waits for those reads, up to the connection's busy time.
    """
    _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if frames * PAGE_BYTES > wal_bytes_max:
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()


def _connect(path: str, *, cache_bytes: int, is_uri: bool = False) -> sqlite3.Connection:
    # Each connection is used by one thread at a time, but not always by the one that opened it.
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=is_uri
    )
    connection.execute(f"PRAGMA cache_size = -{cache_bytes // 1024}")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, settings: EmbeddedLogSettings) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT_VERSION:
        raise LogVersionError(str(path), version, FORMAT_VERSION)
    for statement in (
        f"PRAGMA page_size = {PAGE_BYTES}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        # The writer checkpoints between groups, after it has told whom it concerns.
        "PRAGMA wal_autocheckpoint = 0",
        f"PRAGMA journal_size_limit = {settings.wal_bytes_max}",
        # A group stays in memory until its commit, so an error before the commit wrote nothing.
        "PRAGMA cache_spill = OFF",
        # Some builds overwrite what is deleted, which makes a deletion write as much as it frees.
        "PRAGMA secure_delete = OFF",
    ):
        connection.execute(statement).fetchall()
    if settings.size_max_bytes:
        pages = max(settings.size_max_bytes // PAGE_BYTES, 1)
        connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    if version == 0:
        _run(connection, _TABLES)


def _run(connection: sqlite3.Connection, statements: Sequence[str]) -> None:
    with transaction(connection):
        for statement in statements:
            connection.execute(statement)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
