"""The archive, as datasets ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.types import (
    ArchiveTransaction,
    CurrentDescription,
    FileMark,
    Offsets,
    TableDescription,
    TableName,
)
from sluiceway.archive.types import TableFile as ArchiveFile
from sluiceway.archive.types import TransactionType as ArchiveTransactionType
from sluiceway.datasets.errors import DatasetReadNotSupportedError
from sluiceway.datasets.stream_tables import StreamRows
from sluiceway.datasets.tables import CurrentRows, OffsetRanges, OffsetRows, TableFile
from sluiceway.datasets.types import (
    DatasetFile,
    StreamTransaction,
    TransactionStatus,
    TransactionType,
)
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.schema.own_columns import own_columns
from sluiceway.streams.store import StreamStore
from sluiceway.streams.types import View


@dataclass(frozen=True, slots=True)
class ArchivedStreams:
    """`StreamTables` of the archive."""

    streams: StreamStore
    store: ArchiveStore
    tables: ArchiveTables
    is_enabled: bool
    """Whether records are archived at all."""

    async def transactions(
        self, views: Sequence[View], *, before: TransactionRid | None = None, limit: int
    ) -> list[StreamTransaction]:
        """Give transactions, the latest first; see `StreamTables.transactions`."""
        by_rid = {view.view_rid: view for view in views}
        found = await self.store.transactions(by_rid.keys(), before=before, limit=limit)
        return [_of_stream(by_rid[view_rid], one) for view_rid, one in found]

    async def transaction(
        self, dataset_rid: DatasetRid, rid: TransactionRid
    ) -> tuple[View, StreamTransaction] | None:
        """Give a transaction; see `StreamTables.transaction`."""
        found = await self.store.transaction(rid)
        if found is None:
            return None
        for view in await self.streams.active_of([found[0]]):
            if view.dataset_rid == dataset_rid:
                return view, _of_stream(view, found[1])
        return None

    async def files(self, view: View) -> list[DatasetFile]:
        """Give the files of the table; see `StreamTables.files`."""
        table = await self._table(view)
        latest = await self.store.transactions([view.view_rid], limit=1)
        if table is None or not latest:
            return []
        head = latest[0][1]
        found = []
        for file in (await self.tables.describe(table)).files:
            # Of files that others have written, only that they have nothing later is known.
            written = file.written or FileMark(head.started_ms, head.rid)
            found.append(
                DatasetFile(
                    transaction_rid=written.transaction,
                    path=file.path,
                    content_id=file.location,
                    size_bytes=file.stored_bytes,
                    updated_ms=written.started_ms,
                )
            )
        return sorted(found, key=lambda file: file.path)

    async def rows(self, view: View, ranges: OffsetRanges | None) -> StreamRows:
        """Tell where the rows of a view are; see `StreamTables.rows`."""
        table = await self._table(view)
        if table is None:
            return StreamRows([], None)
        described = await self.tables.describe(table)
        if described.current is not None:
            return _current(described, described.current, ranges)
        return StreamRows(_files(described.files), OffsetRows(own_columns(view.schema), ranges))

    async def _table(self, view: View) -> TableName | None:
        """Give the table of a view; ``None`` when nothing was ever put into one."""
        if not self.is_enabled:
            reason = "its streams are not archived: archive.enabled is false"
            raise DatasetReadNotSupportedError(view.dataset_rid, reason)
        found = await self.store.of_view(view.view_rid)
        return None if found is None or not found.next_offsets else found.table


def _files(files: Sequence[ArchiveFile]) -> list[TableFile]:
    return [TableFile(file.path, file.location) for file in files]


def _current(
    described: TableDescription, current: CurrentDescription, ranges: OffsetRanges | None
) -> StreamRows:
    """Tell where the current state is: of all rows, or of those in a range.

    A range that has all rows before its end is read from the state, if that is not ahead of it.
    """
    starts, ends = current.next_offsets, None
    state, changes = current.files, current.changes
    if ranges is not None:
        ends = {partition: end for partition, (_, end) in ranges.items()}
        is_ahead = any(at > ends.get(partition, 0) for partition, at in starts.items())
        if is_ahead or any(first for first, _ in ranges.values()):
            starts = {partition: first for partition, (first, _) in ranges.items()}
            state, changes = [], described.files
    rows = CurrentRows(rule=current.rule, state=_files(state), starts=starts, ends=ends)
    return StreamRows(_files(changes), None, rows)


def _of_stream(view: View, transaction: ArchiveTransaction) -> StreamTransaction:
    return StreamTransaction(
        transaction_rid=transaction.rid,
        dataset_rid=view.dataset_rid,
        branch_name=view.branch_name,
        type=TransactionType(transaction.transaction_type),
        status=TransactionStatus.COMMITTED,
        created_ms=transaction.started_ms,
        closed_ms=transaction.closed_ms,
        view_rid=view.view_rid,
        first_offsets=_firsts(transaction),
        next_offsets=transaction.next_offsets,
    )


def _firsts(transaction: ArchiveTransaction) -> Offsets:
    """Tell from where on records came with a transaction or later: none came with a deletion."""
    if transaction.transaction_type is ArchiveTransactionType.DELETE:
        return transaction.next_offsets
    return {one: first for one, (first, _) in transaction.ranges.items()}
