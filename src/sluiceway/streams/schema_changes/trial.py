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
_FIRST_RUN: Final = 16
"""Records that are looked at before anything is known of their size."""


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
        left = len(partitions) - at
        records_max = trial.looked_at + max((RECORDS_MAX - trial.looked_at) // left, 1)
        bytes_max = trial.bytes + (BYTES_MAX - trial.bytes) // left
        end = ends[partition]
        # From the end back, a run at a time, as many as fit into what is left.
        while end > starts[partition] and trial.is_below(records_max, bytes_max):
            start = max(starts[partition], end - trial.next_run(records_max, bytes_max))
            await _look_at(reader, view, partition, range(start, end), trial, bytes_max)
            end = start
    return StoredRecords(
        records=sum(ends[one] - starts[one] for one in partitions),
        looked_at=trial.looked_at,
        misfits=trial.misfits,
        examples=trial.examples,
    )


async def _look_at(
    reader: RecordReader, view: View, partition: int, run: range, trial: "_Trial", bytes_max: int
) -> None:
    """Look at the records of a run of offsets, until there were *bytes_max* bytes in all."""
    start = run.start
    while start < run.stop and (start == run.start or trial.bytes < bytes_max):
        found = await reader.read(
            view.view_rid, partition, start, limit=run.stop - start, bytes_max=_BYTES_AT_ONCE
        )
        if not found:
            return  # Retention has deleted them meanwhile.
        await asyncio.to_thread(trial.look_at, partition, found)
        start = found[-1].offset + 1


class _Trial:
    """Counts what was looked at."""

    def __init__(self, check: LineCheck) -> None:
        self._check = check
        self.looked_at = 0
        self.bytes = 0
        self.misfits = 0
        self.examples: list[StoredMisfit] = []

    def is_below(self, records_max: int, bytes_max: int) -> bool:
        return self.looked_at < records_max and self.bytes < bytes_max

    def next_run(self, records_max: int, bytes_max: int) -> int:
        """Tell how many records to look at next: those before were about as large."""
        if not self.looked_at:
            return min(_FIRST_RUN, records_max)
        fitting = (bytes_max - self.bytes) * self.looked_at // max(self.bytes, 1)
        return max(1, min(fitting, records_max - self.looked_at, _RECORDS_AT_ONCE))

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
