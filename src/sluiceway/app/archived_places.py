"""The archive, as receipts ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluiceway.archive.errors import ArchiveTableNotFoundError, ArchiveUnavailableError
from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.foundation.rids import ViewRid
from sluiceway.ingest.archived import ArchivedFile
from sluiceway.ingest.once import Places


@dataclass(frozen=True, slots=True)
class ArchivedRecords:
    """`ArchivedPlaces` of the archive."""

    store: ArchiveStore
    tables: ArchiveTables

    async def next_offsets(self, view: ViewRid) -> Mapping[int, int]:
        """Give how far the table is, as the database was told; see `ArchivedPlaces`."""
        table = await self.store.of_view(view)
        return {} if table is None else table.next_offsets

    async def files(self, view: ViewRid, places: Places) -> Sequence[Sequence[ArchivedFile]] | None:
        """Give the files that have records of each place; see `ArchivedPlaces.files`."""
        table = await self.store.of_view(view)
        if table is None:
            return None
        try:
            found = await self.tables.locate(table.table, places)
        except (ArchiveUnavailableError, ArchiveTableNotFoundError):
            return None
        return [
            [
                ArchivedFile(
                    path=one.path,
                    transaction_rid=None if one.written is None else one.written.transaction,
                )
                for one in files
            ]
            for files in found
        ]
