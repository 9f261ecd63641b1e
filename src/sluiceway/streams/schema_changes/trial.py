"""Stored records, held against a schema that they were not stored with."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sluiceway.schema.fitting import LineCheck
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import RecordReader, StoredRecord
from sluiceway.streams.schema_changes.types import StoredMisfit, StoredRecords
from sluiceway.streams.types import View

RECORDS_MAX: Final = 10_000
BYTES_MAX: Final = 16 * 1_048_576
"""What one trial looks at, at most."""
EXAMPLES_MAX: Final = 20
_RECORDS_AT_ONCE: Final = 1_000
_BYTES_AT_ONCE: Final = 4 * 1_048_576


async def try_stored(reader: RecordReader, view: View, schema: StreamSchema) -> StoredRecords:
    """Tell which of the newest records of each partition do not fit *schema*.

    Raises:
        SluicewayError: They cannot be read now.
    """
    trial = _Trial(LineCheck(schema))
    starts, ends = (
        await reader.start_offsets(view.view_rid),
        await reader.end_offsets(view.view_rid),
    )
    partitions = [one for one in sorted(ends) if ends[one] > starts[one]]
    for at, partition in enumerate(partitions):
        share = max((RECORDS_MAX - trial.looked_at) // (len(partitions) - at), 1)
        bytes_end = trial.bytes + (BYTES_MAX - trial.bytes) // (len(partitions) - at)
        start = max(starts[partition], ends[partition] - share)
        while start < ends[partition] and trial.bytes < bytes_end:
            found = await reader.read(
                view.view_rid,
                partition,
                start,
                limit=min(_RECORDS_AT_ONCE, ends[partition] - start),
                bytes_max=min(_BYTES_AT_ONCE, bytes_end - trial.bytes),
            )
            if not found:
                break  # Retention has deleted them meanwhile.
            await asyncio.to_thread(trial.look_at, partition, found)
            start = found[-1].offset + 1
    return StoredRecords(
        records=sum(ends[one] - starts[one] for one in partitions),
        looked_at=trial.looked_at,
        misfits=trial.misfits,
        examples=trial.examples,
    )


class _Trial:
    """Counts what was looked at."""

    def __init__(self, check: LineCheck) -> None:
        self._check = check
        self.looked_at = 0
        self.bytes = 0
        self.misfits = 0
        self.examples: list[StoredMisfit] = []

    def look_at(self, partition: int, records: Sequence[StoredRecord]) -> None:
        for record in records:
            self.looked_at += 1
            self.bytes += len(record.value)
            misfit = self._check.misfit(record.value)
            if misfit is None:
                continue
            self.misfits += 1
            if len(self.examples) < EXAMPLES_MAX:
                self.examples.append(
                    StoredMisfit(
                        partition_id=str(partition),
                        offset=record.offset,
                        field=misfit.field,
                        description=misfit.reason,
                    )
                )
