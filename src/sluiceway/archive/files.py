"""The files of a stream's table, for those who can open them themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.archive.errors import ArchiveTableNotFoundError, ArchiveUnavailableError
from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.types import Offsets, TableFile
from sluiceway.foundation.rids import ViewRid

_FILE_SCHEME: Final = "file://"


@dataclass(frozen=True, slots=True)
class LocalState:
    """The current state of a stream with change data capture; see ``CurrentDescription``."""

    paths: Sequence[str]
    next_offsets: Offsets
    """By partition: the state knows every record before, and none after."""
    changes: Sequence[str]
    """The table's own files that may have records from there on."""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """What a table had at one moment."""

    paths: Sequence[str]
    """Of its Parquet files. One of them may be gone when it is opened: then ask anew."""
    next_offsets: Offsets
    """By partition: every record before is in one of the files, and none after."""
    current: LocalState | None = None


@dataclass(frozen=True, slots=True)
class ArchiveFiles:
    """Tells which files of this machine have a stream's records."""

    tables: ArchiveTables
    store: ArchiveStore

    async def of_view(self, view: ViewRid) -> LocalFiles | None:
        """Give what the table of *view* has now.

        ``None`` when there is no table, it cannot be asked, or its files are not on this machine:
        the records are then read through a `RecordReader`, or not at all.

        Raises:
            ArchiveCorruptError: The table is not what was written.
        """
        table = await self.store.of_view(view)
        if table is None:
            return None
        try:
            described = await self.tables.describe(table.table)
        except (ArchiveUnavailableError, ArchiveTableNotFoundError):
            return None
        current = described.current
        if any(local_path(file.location) is None for file in described.files):
            return None
        return LocalFiles(
            _paths(described.files),
            described.next_offsets,
            None
            if current is None
            else LocalState(_paths(current.files), current.next_offsets, _paths(current.changes)),
        )


def _paths(files: Sequence[TableFile]) -> list[str]:
    return [path for file in files if (path := local_path(file.location)) is not None]


def local_path(location: str) -> str | None:
    """Give the path of a file of this machine; ``None`` for one that is elsewhere."""
    path = location.removeprefix(_FILE_SCHEME)
    return path if path.startswith("/") else None
