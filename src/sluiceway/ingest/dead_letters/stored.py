"""Reading dead letters from the log."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.ingest.dead_letters.types import LETTERS, KeptLetter
from sluiceway.streams.log import RecordLog, StoredRecord

decode_letter: Final = msgspec.json.Decoder(KeptLetter).decode


async def read_letter(log: RecordLog, log_rid: ViewRid, number: int) -> StoredRecord | None:
    """Read one letter; ``None`` if it was trimmed."""
    records = await log.read(log_rid, LETTERS, number, limit=1, bytes_max=1)
    return records[0] if records and records[0].offset == number else None


async def read_letters(
    log: RecordLog, log_rid: ViewRid, numbers: Sequence[int], bytes_max: int
) -> tuple[list[StoredRecord], int | None]:
    """Read letters in the order of *numbers*, at least one, until they have *bytes_max* bytes.

    The last one may go beyond. Gives those that were not trimmed, and the last of *numbers* that
    was looked for.
    """
    found: list[StoredRecord] = []
    last = None
    left = bytes_max
    for first, end in _runs(numbers):
        start = first
        while start < end and left > 0:
            read = await log.read(log_rid, LETTERS, start, limit=end - start, bytes_max=left)
            # Where the log was trimmed meanwhile, it gives what comes behind.
            here = [record for record in read if record.offset < end]
            found += here
            left -= sum(len(record.value) for record in here)
            start = here[-1].offset + 1 if here else end
            last = start - 1
    return found, last


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give the runs of consecutive *numbers*: the first of each, and what comes behind its last."""
    start = end = -1
    for number in numbers:
        if number != end:
            if start >= 0:
                yield start, end
            start = number
        end = number + 1
    if start >= 0:
        yield start, end
