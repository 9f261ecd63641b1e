"""What datasets need from whoever has the tables of streams."""

from collections.abc import Sequence
from typing import Protocol

from sluiceway.datasets.types import StreamTransaction
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.streams.types import View


class StreamTables(Protocol):
    """What is archived of the active views of streams."""

    async def transactions(
        self, views: Sequence[View], *, before: TransactionRid | None = None, limit: int
    ) -> list[StreamTransaction]:
        """Give the transactions of some views, the latest first, from behind *before* on."""
        ...

    async def transaction(
        self, dataset_rid: DatasetRid, rid: TransactionRid
    ) -> tuple[View, StreamTransaction] | None:
        """Give a transaction of one of the streams of a dataset, with the view that is active."""
        ...
