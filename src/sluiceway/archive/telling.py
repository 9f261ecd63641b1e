"""Telling the database what tables did; deletions also go into the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import Actor
from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.types import ArchiveTable, ArchiveTransaction, Offsets, TransactionType
from sluiceway.foundation.transactions import Transactions

RETENTION: Final = Actor(None, "retention")
"""Who deletes when it is time."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Keeps transactions of tables that were not told before."""

    store: ArchiveStore
    transactions: Transactions
    audit: AuditTrail

    async def committed(
        self,
        table: ArchiveTable,
        transactions: Sequence[ArchiveTransaction],
        next_offsets: Offsets,
        start_offsets: Offsets | None = None,
    ) -> None:
        """Keep transactions, and where the table begins and ends; see ``ArchiveStore.committed``.

        A deletion and its event in the audit trail are kept together, and once.
        """
        async with self.transactions.begin():
            new = await self.store.committed(
                table.view_rid, transactions, next_offsets, start_offsets
            )
            for one in new:
                if one.transaction_type is TransactionType.DELETE:
                    await self.audit.record(
                        RETENTION,
                        "retention.deleted",
                        table.dataset_rid,
                        branchName=table.branch_name,
                        viewRid=table.view_rid,
                        transactionRid=one.rid,
                        records=one.rows,
                        storedBytes=one.stored_bytes,
                        ranges=ranges_text(one.ranges),
                    )


def ranges_text(ranges: dict[int, tuple[int, int]]) -> dict[str, list[int]]:
    """Write ranges for the audit trail: by partition the first offset and the one after the last."""
    return {str(partition): list(ends) for partition, ends in sorted(ranges.items())}
