"""What archiving needs from the metadata."""

from collections.abc import Collection, Sequence
from typing import Protocol

from sluiceway.archive.types import ArchiveTable, ArchiveTransaction, Offsets
from sluiceway.foundation.rids import TransactionRid, ViewRid


class ArchiveStore(Protocol):
    """Keeps which view has which table, and the transactions, which outlive the snapshots."""

    async def tables(self) -> list[ArchiveTable]:
        """Give every table there is."""
        ...

    async def of_view(self, view_rid: ViewRid) -> ArchiveTable | None:
        """Give the table of a view, if it has one."""
        ...

    async def gone(self) -> list[ArchiveTable]:
        """Give the tables of views that are not active any more."""
        ...

    async def behind(self) -> list[ViewRid]:
        """Give the active views whose tables were not yet given the newest schema."""
        ...

    async def evolved(self, view_rid: ViewRid, schema_version: int) -> None:
        """Keep that a table was given a schema of its view; an older one changes nothing."""
        ...

    async def add(self, table: ArchiveTable) -> None:
        """Keep that a view has a table; before the table is made, so that none is forgotten."""
        ...

    async def committed(
        self,
        view_rid: ViewRid,
        transactions: Sequence[ArchiveTransaction],
        next_offsets: Offsets,
        start_offsets: Offsets | None = None,
    ) -> list[ArchiveTransaction]:
        """Keep transactions of a table, those that are new, and where it begins and ends.

        Without *start_offsets* it begins as before. Gives those that were new.
        """
        ...

    async def transactions(
        self,
        view_rids: Collection[ViewRid],
        *,
        before: TransactionRid | None = None,
        limit: int,
    ) -> list[tuple[ViewRid, ArchiveTransaction]]:
        """Give transactions of the tables of some views, newest first, from behind *before* on."""
        ...

    async def transaction(self, rid: TransactionRid) -> tuple[ViewRid, ArchiveTransaction] | None:
        """Give a transaction, and the view whose table it is of."""
        ...

    async def remove(self, view_rid: ViewRid) -> None:
        """Forget a table that was dropped, and its transactions."""
        ...
