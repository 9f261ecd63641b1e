"""One commit: a range of offsets of one view, from the log into its table."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from sluiceway.archive.errors import ArchiveCorruptError, ArchiveUnavailableError
from sluiceway.archive.naming import table_name
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.telling import Teller
from sluiceway.archive.types import (
    ArchiveTable,
    ArchiveTransaction,
    CommitStart,
    Folded,
    Maintained,
    Offsets,
    Piece,
    TableState,
    begun,
)
from sluiceway.filesystem.store import ResourceStore
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid, new_transaction_rid
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.log import RecordLog
from sluiceway.streams.types import View

_log: Final = logging.getLogger("sluiceway.archive")
PIECE_BYTES_MAX: Final = 4 * 1_048_576
"""Bytes of records that are handed over at once; one larger batch goes alone."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a commit did."""

    next_offsets: Offsets
    """What the table, or nobody, has of the view."""
    ends: Offsets
    """Where the log ended when the commit began."""
    transaction: ArchiveTransaction | None
    """Nothing, when the table had everything already."""
    line_bytes: int
    """Bytes of the records, as they lie in the log."""
    has_current: bool
    """Whether the table has a current state."""
    left_seconds: float | None = None
    """How long at most the oldest record waits that was there when the commit began and did not fit
    into it; ``None`` when all did."""


@dataclass(slots=True)
class Mover:
    """Moves what the log has and the table has not."""

    log: RecordLog
    tables: ArchiveTables
    teller: Teller
    directory: StreamDirectory
    resources: ResourceStore
    settings: ArchiveSettings
    clock: Clock
    _known: dict[ViewRid, ArchiveTable] = field(default_factory=dict)
    """Every table, once ``load`` was called."""
    _opened: dict[ViewRid, tuple[Offsets, int]] = field(default_factory=dict)
    """How far the tables are that have told so themselves, and that had no failure since; and the
    version of the schema that they were given."""

    @property
    def store(self) -> ArchiveStore:
        """What the database knows of tables."""
        return self.teller.store

    async def load(self) -> dict[ViewRid, Offsets]:
        """Read which tables there are; give how far each was when that was last known."""
        self._known = {one.view_rid: one for one in await self.store.tables()}
        return {view: one.next_offsets for view, one in self._known.items()}

    async def offsets_of(self, view_rid: ViewRid) -> Offsets:
        """Ask the table of a view how far it is; nothing when the view has none, or is gone.

        Raises:
            SluicewayError: It cannot be asked now.
        """
        stream, known = await self.directory.view(view_rid), self._known.get(view_rid)
        if stream is None or known is None:
            return {}
        return (await self.tables.open(known.table, view_rid, stream.view.schema)).next_offsets

    async def found(self, view_rid: ViewRid) -> tuple[ArchiveTable, TableState] | None:
        """Give the table of an active view, and ask it how far it is; ``None`` when it has none.

        Raises:
            SluicewayError: It cannot be asked now.
        """
        stream, known = await self.directory.view(view_rid), await self.store.of_view(view_rid)
        if stream is None or known is None:
            return None
        return known, await self._open(known, stream.view)

    async def delete(self, table: ArchiveTable, before_ms: int) -> ArchiveTransaction | None:
        """Delete from a table what was ingested before *before_ms*; see `ArchiveTables.delete`.

        Raises:
            SluicewayError: It failed, or nobody knows; ``found`` tells of it if it happened.
        """
        begin = CommitStart(
            transaction=new_transaction_rid(), started_ms=self.clock.now_ms(), next_offsets={}
        )
        await self._fold_all(table, before_ms)
        transaction = await self.tables.delete(table.table, begin, before_ms)
        if transaction is not None:
            await self.found(table.view_rid)
        return transaction

    async def move(self, view_rid: ViewRid) -> Moved | None:
        """Add to the table what fits into one commit; ``None`` when the view is not active.

        Raises:
            SluicewayError: It failed, or nobody knows; the next call looks where the table is.
        """
        if await self.directory.view(view_rid) is None:
            return None
        # In this order: no record before these ends is of a newer schema than what is found next.
        ends = await self.log.end_offsets(view_rid)
        stream = await self.directory.view(view_rid)
        if stream is None:
            return None
        table = await self._table(stream.view)
        version = stream.view.schema_version
        start, opened_version = self._opened.pop(view_rid, ({}, None))
        if opened_version != version:
            start = (await self._open(table, stream.view)).next_offsets
        has_current = stream.view.schema.change_data_capture is not None
        if any(end < start.get(partition, 0) for partition, end in ends.items()):
            raise ArchiveCorruptError(
                str(table.table),
                "it has records that the log has not, which was restored or replaced",
            )
        kept = await self._kept(view_rid, start)
        reading = _Reading(self.log, view_rid, kept, ends, self.settings.commit_bytes)
        transaction = None
        if reading.partitions:
            begin = CommitStart(
                transaction=new_transaction_rid(),
                started_ms=self.clock.now_ms(),
                next_offsets=start,
            )
            transaction = await self.tables.append(table.table, begin, reading.pieces())
        if transaction is None:
            self._opened[view_rid] = start, version
            return Moved(kept, ends, None, 0, has_current)
        after = start | transaction.ends
        await self.teller.committed(table, [transaction], after)
        if begun(start, transaction.ranges):
            await self._open(table, stream.view)
        self._opened[view_rid] = after, version
        left_since, taken_bytes = reading.left_since_ms, reading.taken_bytes
        left = None if left_since is None else max(self.clock.now_ms() - left_since, 0) / 1_000
        return Moved(kept | transaction.ends, ends, transaction, taken_bytes, has_current, left)

    async def _kept(self, view_rid: ViewRid, start: Offsets) -> Offsets:
        """Give where the table is, or where the log begins, if that is later."""
        starts = await self.log.start_offsets(view_rid)
        lost = {one: first for one, first in starts.items() if first > start.get(one, 0)}
        if lost:
            _log.error("records of %s were trimmed before they were archived: %s", view_rid, lost)
        return start | lost

    async def maintain(self, view_rid: ViewRid) -> Maintained | None:
        """Keep the table of a view small; ``None`` when it has none.

        Raises:
            SluicewayError: It failed; what was done is done.
        """
        stream, known = await self.directory.view(view_rid), self._known.get(view_rid)
        if stream is None or known is None:
            return None
        await self._open(known, stream.view)
        return await self.tables.maintain(known.table)

    async def evolve(self) -> list[ViewRid]:
        """Give tables that are behind the newest schema of their streams; give their views.

        Raises:
            SluicewayError: It failed for one; the others were done, and it is found again.
        """
        done, failure = list[ViewRid](), None
        for view_rid in await self.store.behind():
            stream, known = await self.directory.view(view_rid), await self.store.of_view(view_rid)
            if stream is None or known is None:
                continue
            try:
                await self._open(known, stream.view)
            except SluicewayError as error:
                failure = error
            else:
                done.append(view_rid)
        if failure is not None:
            raise failure
        return done

    async def fold(self, view_rid: ViewRid) -> Folded | None:
        """Take changes into the current state of a view; ``None`` when it has none, or is gone.

        Raises:
            SluicewayError: It failed, or nobody knows; nothing is lost or taken twice.
        """
        stream, known = await self.directory.view(view_rid), self._known.get(view_rid)
        if stream is None or known is None:
            return None
        return await self.tables.fold(known.table)

    async def _fold_all(self, table: ArchiveTable, before_ms: int) -> None:
        """See to it that the current state, if there is one, knows what is about to be deleted."""
        ends = (await self.tables.due(table.table, before_ms)).ends
        known: Offsets | None = None
        while ends:
            folded = await self.tables.fold(table.table, is_forced=True)
            if folded is None or all(folded.next_offsets.get(one, 0) >= ends[one] for one in ends):
                return
            if folded.next_offsets == known:
                raise ArchiveUnavailableError(f"the current state of {table.table} is behind")
            known = folded.next_offsets

    async def drop_gone(self) -> list[ViewRid]:
        """Remove the tables of views that are not active any more; give those views.

        Raises:
            SluicewayError: It failed; those that are left are found again.
        """
        dropped = []
        for gone in await self.store.gone():
            self._opened.pop(gone.view_rid, None)
            await self.tables.drop(gone.table)
            await self.store.remove(gone.view_rid)
            self._known.pop(gone.view_rid, None)
            dropped.append(gone.view_rid)
        return dropped

    async def _table(self, view: View) -> ArchiveTable:
        known = self._known.get(view.view_rid)
        if known is None:
            known = ArchiveTable(
                view_rid=view.view_rid,
                dataset_rid=view.dataset_rid,
                branch_name=view.branch_name,
                table=table_name(self.settings.namespace, await self._display_name(view), view),
                next_offsets={},
                created_ms=self.clock.now_ms(),
            )
            await self.store.add(known)
            self._known[view.view_rid] = known
        return known

    async def _display_name(self, view: View) -> str:
        found = (await self.resources.with_ancestors([view.dataset_rid])).get(view.dataset_rid)
        return "" if found is None else found.display_name

    async def _open(self, table: ArchiveTable, view: View) -> TableState:
        """Ask the table how far it is, and keep the transactions that were not told before."""
        state = await self.tables.open(table.table, view.view_rid, view.schema)
        await self.teller.committed(
            table, state.transactions, state.next_offsets, state.start_offsets
        )
        if table.schema_version != view.schema_version:
            await self.store.evolved(view.view_rid, view.schema_version)
            if view.view_rid in self._known:
                known = msgspec.structs.replace(table, schema_version=view.schema_version)
                self._known[view.view_rid] = known
        return state


class _Reading:
    """What one commit takes out of the log."""

    def __init__(
        self, log: RecordLog, view: ViewRid, start: Offsets, ends: Offsets, bytes_max: int
    ) -> None:
        self._log = log
        self._view = view
        self._start = start
        self._ends = ends
        self._bytes_max = bytes_max
        self.partitions = sorted(one for one, end in ends.items() if end > start.get(one, 0))
        self.taken_bytes = 0
        self.left_since_ms: int | None = None
        """Nothing that was left lay in the log before; ``None`` when nothing was left."""

    async def pieces(self) -> AsyncIterator[Piece]:
        """Give the records of each partition in turn.

        Each may have the same share of what is left, so that none waits for another for ever.
        """
        for at, partition in enumerate(self.partitions):
            share = (self._bytes_max - self.taken_bytes) // (len(self.partitions) - at)
            end_bytes = self.taken_bytes + max(share, 1)
            start, taken_until_ms = self._start.get(partition, 0), None
            while start < self._ends[partition] and self.taken_bytes < end_bytes:
                bytes_max = min(PIECE_BYTES_MAX, end_bytes - self.taken_bytes)
                batches = await self._log.read_batches(
                    self._view, partition, start, bytes_max=bytes_max
                )
                if not batches:
                    break  # All that was left was trimmed meanwhile.
                self.taken_bytes += sum(len(batch.lines) for batch in batches)
                start, taken_until_ms = batches[-1].end, batches[-1].time_ms
                yield Piece(partition, batches)
            if taken_until_ms is not None and start < self._ends[partition]:
                self.left_since_ms = min(self.left_since_ms or taken_until_ms, taken_until_ms)
