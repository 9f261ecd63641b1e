"""What the stream page shows of the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sluiceway.app.archiving import Archive
from sluiceway.archive.errors import ArchiveTableNotFoundError
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.overview.types import ArchivedTable


@dataclass(frozen=True, slots=True)
class ArchiveOverview:
    """`ArchivedTables` of the archive."""

    archive: Archive
    data_folder: Path

    def archived(self, view: ViewRid) -> Mapping[int, int]:
        """Give how far the table is; see `ArchivedTables.archived`."""
        return self.archive.archived(view)

    def behind_seconds(self, view: ViewRid) -> float | None:
        """Tell how late the table is; see `ArchivedTables.behind_seconds`."""
        if not self.archive.settings.enabled:
            return None
        return self.archive.service.waiting.behind_seconds(view)

    async def table(self, view: ViewRid) -> ArchivedTable | None:
        """Describe the table; see `ArchivedTables.table`."""
        known = await self.archive.store.of_view(view)
        if known is None:
            return None
        try:
            described = await self.archive.tables.describe(known.table)
        except ArchiveTableNotFoundError:
            return None
        settings = self.archive.settings
        return ArchivedTable(
            table=str(known.table),
            catalog_type=settings.catalog_properties.get("type", "sql"),
            catalog_uri=settings.own_catalog_uri(self.data_folder),
            metadata_location=described.metadata_location,
            columns=described.columns,
            files_count=len(described.files),
            rows_count=sum(file.rows for file in described.files),
            stored_bytes=sum(file.stored_bytes for file in described.files),
        )
