"""Looking through one stream over hot and cold: the log, and the table for what it has given up."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import RecordLog, StoredBatch, StoredRecord
from sluiceway.streams.search import Found, Wanted

_PIECE_BYTES: Final = 4 * 1_048_576
"""Bytes of the log that are looked through in one call."""


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """A `RecordSearcher`. Besides what a log raises, ``search`` raises what `HybridReader` does."""

    log: RecordLog
    tables: ArchiveTables
    store: ArchiveStore

    async def search(self, view: ViewRid, wanted: Wanted, *, limit: int, bytes_max: int) -> Found:
        """Give wanted records; see `RecordSearcher.search`."""
        hot_start = (await self.log.start_offsets(view)).get(wanted.partition, 0)
        if wanted.start < min(hot_start, wanted.end):
            cold = msgspec.structs.replace(wanted, end=min(hot_start, wanted.end))
            table = await self.store.of_view(view)
            if table is None:
                return Found([], cold.end)
            return await self.tables.search(table.table, cold, limit=limit, bytes_max=bytes_max)
        batches = await self.log.read_batches(
            view, wanted.partition, wanted.start, bytes_max=_PIECE_BYTES
        )
        if not batches:
            return Found([], wanted.end)
        if (await self.log.start_offsets(view)).get(wanted.partition, 0) > wanted.start:
            return Found(
                [], wanted.start
            )  # Given up meanwhile: the next call finds it in the table.
        return await asyncio.to_thread(_among, batches, wanted, limit, bytes_max)

    async def narrowed(self, view: ViewRid, wanted: Wanted) -> Wanted:
        """Find the wanted time in the log; what it has given up the table finds by itself."""
        hot_start = (await self.log.start_offsets(view)).get(wanted.partition, 0)
        start, end = wanted.start, wanted.end
        hot = max(start, hot_start)
        if wanted.start_ms is not None:
            found = await self._first(view, wanted, hot, wanted.start_ms)
            if found > hot or start >= hot_start:
                start = found
        if wanted.end_ms is not None:
            end = min(end, await self._first(view, wanted, hot, wanted.end_ms))
        return msgspec.structs.replace(wanted, start=start, end=end)

    async def _first(self, view: ViewRid, wanted: Wanted, low: int, time_ms: int) -> int:
        """Give the first offset from *low* on that became durable at *time_ms* or later.

        Times of a partition never fall, so that halving finds it.
        """
        high = max(low, wanted.end)
        while low < high:
            middle = (low + high) // 2
            found = await self.log.read(view, wanted.partition, middle, limit=1, bytes_max=1)
            if found and found[0].time_ms < time_ms:
                low = middle + 1
            else:
                high = middle
        return low


def _among(batches: Sequence[StoredBatch], wanted: Wanted, limit: int, bytes_max: int) -> Found:
    """Give the wanted records of *batches*."""
    found: list[StoredRecord] = []
    size = 0
    for batch in batches:
        if batch.start >= wanted.end or not wanted.is_in_time(batch.time_ms):
            continue
        for number, line in _lines(batch, wanted):
            offset = batch.start + number
            if offset >= wanted.end:
                break
            size += len(line)
            if len(found) == limit or (found and size > bytes_max):
                return Found(found, found[-1].offset + 1)
            found.append(StoredRecord(offset, line, batch.time_ms))
    return Found(found, min(batches[-1].end, wanted.end))


def _lines(batch: StoredBatch, wanted: Wanted) -> Iterable[tuple[int, bytes]]:
    if wanted.equality is None:
        return enumerate(batch.lines.split(b"\n")[:-1])
    return wanted.equality.positions(batch.lines)
