"""What datasets need from whoever has the tables of streams."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from sluiceway.datasets.tables import CurrentRows, OffsetRanges, OffsetRows, TableFile
from sluiceway.datasets.types import DatasetFile, StreamTransaction
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.streams.types import View


class StreamRows(msgspec.Struct, frozen=True):
    """Which files have the rows of a stream, and which of their rows they are."""

    files: list[TableFile]
    offsets: OffsetRows | None
    """``None``: all rows, one file after the other."""
    current: CurrentRows | None = None
    """With change data capture: the files have changes, and their current state is wanted."""


class StreamTables(Protocol):
    """What is archived of the active views of streams.

    ``files`` and ``rows`` may fail with:
        DatasetReadNotSupportedError: The archive is turned off.
        SluicewayError: The tables cannot be read now, which may be tried again, or are damaged.
    """

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

    async def files(self, view: View) -> list[DatasetFile]:
        """Give the files that the table of a view has now, by path.

        Where the reader of tables finds one is its ``content_id``.
        """
        ...

    async def rows(self, view: View, ranges: OffsetRanges | None) -> StreamRows:
        """Tell where the rows of a view are: those of some offsets, or all that are archived."""
        ...
