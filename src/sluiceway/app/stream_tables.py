"""The archive, as datasets ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.types import ArchiveTransaction
from sluiceway.datasets.types import StreamTransaction, TransactionStatus, TransactionType
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.streams.store import StreamStore
from sluiceway.streams.types import View


@dataclass(frozen=True, slots=True)
class ArchivedStreams:
    """`StreamTables` of the archive."""

    streams: StreamStore
    store: ArchiveStore

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


def _of_stream(view: View, transaction: ArchiveTransaction) -> StreamTransaction:
    return StreamTransaction(
        transaction_rid=transaction.rid,
        dataset_rid=view.dataset_rid,
        branch_name=view.branch_name,
        type=TransactionType.APPEND,
        status=TransactionStatus.COMMITTED,
        created_ms=transaction.started_ms,
        closed_ms=transaction.closed_ms,
        view_rid=view.view_rid,
        first_offsets={one: first for one, (first, _) in transaction.ranges.items()},
        next_offsets=transaction.next_offsets,
    )
