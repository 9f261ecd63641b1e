"""What is looked for among the records of a stream, and what was found."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.schema.equality import Equality
from sluiceway.streams.log import StoredRecord


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which records of one partition; all conditions have to hold."""

    partition: int
    start: int
    """The first offset."""
    end: int
    """The offset after the last."""
    start_ms: int | None = None
    """Not durable before this, in epoch milliseconds."""
    end_ms: int | None = None
    """Durable before this."""
    equality: Equality | None = None

    def is_in_time(self, time_ms: int) -> bool:
        """Tell whether what became durable then is wanted."""
        return (self.start_ms is None or self.start_ms <= time_ms) and (
            self.end_ms is None or time_ms < self.end_ms
        )


class Found(msgspec.Struct, frozen=True):
    """Records in the order of their offsets, and how far was looked."""

    records: Sequence[StoredRecord]
    reached: int
    """Every wanted record before this offset was found; where to go on."""


class RecordSearcher(Protocol):
    """Looks through records, wherever they are."""

    async def search(self, view: ViewRid, wanted: Wanted, *, limit: int, bytes_max: int) -> Found:
        """Give up to *limit* wanted records, and up to *bytes_max* of them, but at least one.

        Looks through a bounded part of the records at a time: less than was wanted says nothing
        of what is behind ``reached``, which is past ``start`` unless there is nothing to look at.

        Raises:
            LogViewNotFoundError: The log has no such view or partition.
            LogCorruptError: The stored bytes do not match their checksum, or are not there.
            LogUnavailableError: The log cannot be read.
        And what the tables of old records raise.
        """
        ...

    async def narrowed(self, view: ViewRid, wanted: Wanted) -> Wanted:
        """Leave out offsets that are not in the wanted time, as far as is known at once."""
        ...
