"""The records that both the log and the table have, held against each other."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Final

from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.types import TableDescription, TableName
from sluiceway.archive.verification.findings import Expected, Findings
from sluiceway.archive.verification.places import InLog
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import RecordLog, StoredBatch

_PIECE_BYTES: Final = 4 * 1_048_576
_PIECES: Final = 16
"""What one part compares, at most."""


async def compare_log(
    log: RecordLog,
    tables: ArchiveTables,
    table: TableName,
    described: TableDescription,
    place: InLog,
    findings: Findings,
) -> InLog | None:
    """Compare the next records that both have; gives where to go on, ``None`` at the end.

    Raises:
        SluicewayError: One of the two cannot be read now.
    """
    through = described.next_offsets
    for _ in range(_PIECES):
        at = await _next(log, place, described)
        if at is None:
            return None
        batches = await log.read_batches(at.view, at.partition, at.offset, bytes_max=_PIECE_BYTES)
        # A commit moves whole batches, so what is past the table's end is all of a batch.
        both = [one for one in batches if one.end <= through[at.partition]]
        if not both:  # They were trimmed meanwhile.
            place = InLog(at.view, at.partition + 1, 0)
            continue
        expected = await asyncio.to_thread(_expected, at.partition, both)
        bounds = [expected.first, expected.end]
        (found,) = await tables.digest(table, at.partition, bounds)
        if findings.is_as_expected(expected, found):
            findings.compared[at.partition] += found.rows
        place = InLog(at.view, at.partition, expected.end)
    return place


async def _next(log: RecordLog, place: InLog, described: TableDescription) -> InLog | None:
    """Give the first place from *place* on of which both have records."""
    starts = await log.start_offsets(place.view)
    for partition in sorted(one for one in starts if one >= place.partition):
        offset = place.offset if partition == place.partition else 0
        first = max(offset, starts[partition], described.start_offsets.get(partition, 0))
        if first < described.next_offsets.get(partition, 0):
            return InLog(place.view, partition, first)
    return None


def _expected(partition: int, batches: Sequence[StoredBatch]) -> Expected:
    found = hashlib.sha256()
    for batch in batches:
        found.update(batch.lines)
    return Expected(partition, batches[0].start, batches[-1].end, found.hexdigest())


async def count_common(log: RecordLog, view: ViewRid, described: TableDescription) -> int:
    """Tell how many records both have."""
    starts = await log.start_offsets(view)
    begins = described.start_offsets
    return sum(
        max(described.next_offsets.get(one, 0) - max(start, begins.get(one, 0)), 0)
        for one, start in starts.items()
    )
