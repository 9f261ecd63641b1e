"""One stream over hot and cold: the log, and the table for what the log has given up."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.types import TableName
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import Listener, RecordReader, StoredRecord

_NAMES_MAX = 10_000


@dataclass(slots=True)
class HybridReader:
    """A `RecordReader` for which trimming the log changes nothing.

    Besides what a log raises, ``read`` raises:
        ArchiveUnavailableError: The records are in the table only, which cannot be read now.
        ArchiveCorruptError: The table is not what was written.
    """

    log: RecordReader
    tables: ArchiveTables
    store: ArchiveStore
    _names: dict[ViewRid, TableName] = field(default_factory=dict)
    """Tables that were asked for; a view's table keeps its name."""

    async def read(
        self, view: ViewRid, partition: int, start: int, *, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give up to *limit* records from offset *start* on; see `RecordReader.read`."""
        found: list[StoredRecord] = []
        if limit > 0 and start < (await self.log.start_offsets(view)).get(partition, 0):
            table = await self._table(view)
            if table is not None:
                found = await self.tables.read(
                    table, partition, start, limit=limit, bytes_max=bytes_max
                )
        if not found:
            return await self.log.read(view, partition, start, limit=limit, bytes_max=bytes_max)
        # The log goes on where the table ends, within what is left of one answer.
        bytes_left = bytes_max - sum(len(record.value) for record in found)
        start = found[-1].offset + 1
        starts = await self.log.start_offsets(view)
        if len(found) < limit and bytes_left > 0 and start >= starts[partition]:
            more = await self.log.read(
                view, partition, start, limit=limit - len(found), bytes_max=bytes_left
            )
            if sum(len(record.value) for record in more) <= bytes_left:
                found += more
        return found

    async def start_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the first offset that can be read; see `RecordReader.start_offsets`."""
        starts = await self.log.start_offsets(view)
        table = await self.store.of_view(view) if any(starts.values()) else None
        if table is None:
            return starts
        return {
            partition: min(start, table.start_offsets.get(partition, 0))
            if partition in table.next_offsets
            else start
            for partition, start in starts.items()
        }

    async def end_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the offset that comes next; see `RecordReader.end_offsets`."""
        return await self.log.end_offsets(view)

    def listen(self, view: ViewRid, listener: Listener) -> Callable[[], None]:
        """Have *listener* told of what becomes durable; see `RecordReader.listen`."""
        return self.log.listen(view, listener)

    async def _table(self, view: ViewRid) -> TableName | None:
        name = self._names.get(view)
        if name is None:
            table = await self.store.of_view(view)
            if table is None:
                return None
            if len(self._names) >= _NAMES_MAX:
                self._names.clear()
            name = self._names[view] = table.table
        return name
