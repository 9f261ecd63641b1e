"""The open tables: what archiving and reading need from cold storage."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

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
from sluiceway.foundation.rids import ViewRid
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.search import Found, Wanted


class ArchiveTables(Protocol):
    """A table for each view, to which ranges of offsets are added.

    Every call may fail with:
        ArchiveUnavailableError: The files, the catalogue or the process that has them are away.
        ArchiveCorruptError: The table is not what was written.
        ArchiveTableNotFoundError: There is no such table; not raised by ``open`` and ``drop``.
    """

    async def open(self, table: TableName, view: ViewRid, schema: StreamSchema) -> TableState:
        """Make the table if it is missing, and tell how far it is.

        Raises:
            ArchiveCorruptError: It is the table of another view.
        """
        ...

    async def append(
        self, table: TableName, start: CommitStart, pieces: AsyncIterator[Piece]
    ) -> ArchiveTransaction | None:
        """Add the records of *pieces* in one snapshot; they are durable on return.

        Without any piece nothing is committed, and ``None`` given.

        The pieces come in the order of their partitions, those of one partition in the order of
        their offsets, the first of a partition at or after where the table is. When it fails with
        anything but `ArchiveConflictError`, it may still have happened: ``open`` then tells.

        Raises:
            ArchiveConflictError: The table is not at ``start.next_offsets``; nothing was added.
        """
        ...

    async def read(
        self, table: TableName, partition: int, start: int, *, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give up to *limit* records from offset *start* on, in order, as the log would.

        Stops before the record that would exceed *bytes_max*, but gives at least one when there
        is one.
        """
        ...

    async def search(
        self, table: TableName, wanted: Wanted, *, limit: int, bytes_max: int
    ) -> Found:
        """Look through records that the table has; see `RecordSearcher.search`."""
        ...

    async def digest(
        self, table: TableName, partition: int, bounds: Sequence[int]
    ) -> list[RowsDigest]:
        """Read the rows from each of *bounds* to the next, exclusive, and give a digest of each range.

        *bounds* rise.
        """
        ...

    async def locate(
        self, table: TableName, places: Sequence[tuple[int, int, int]]
    ) -> list[list[FoundFile]]:
        """Give the files that have records of each place: a partition, an offset, how many from there."""
        ...

    async def describe(self, table: TableName) -> TableDescription:
        """Tell what the table has now: its files, and which records are in them."""
        ...

    async def fold(self, table: TableName, *, is_forced: bool = False) -> Folded | None:
        """Take changes into the current state, if they are many enough; ``None`` if it has none.

        One call takes so many as fit into memory; ``changes_left`` says whether to call again.
        Forced, it takes them however few they are. What fails changes nothing.
        """
        ...

    async def due(self, table: TableName, before_ms: int) -> DueRows:
        """Tell what ``delete`` would take away; changes nothing."""
        ...

    async def delete(
        self, table: TableName, start: CommitStart, before_ms: int
    ) -> ArchiveTransaction | None:
        """Take away in one snapshot what was ingested before *before_ms*, in epoch milliseconds.

        Of each partition those go that come before the first that stays. Without any, nothing is
        committed, and ``None`` given. Of *start* the identifier and the time count alone. When it
        fails with anything but `ArchiveConflictError`, it may still have happened: ``open`` tells.
        A current state keeps what it knows, so ``fold`` comes first.

        Raises:
            ArchiveConflictError: Another program changed the table meanwhile; nothing was deleted.
        """
        ...

    async def maintain(self, table: TableName) -> Maintained:
        """Merge small files, expire old snapshots and remove files that none has.

        Those of its current state too, but its files, which are ranges of keys, are not merged.

        No row changes, and commits go on meanwhile. ``open`` comes first, so that the
        transactions of the snapshots that expire are known.
        """
        ...

    async def drop(self, table: TableName) -> None:
        """Remove the table, its current state and all files of both. Dropping it twice changes nothing."""
        ...
