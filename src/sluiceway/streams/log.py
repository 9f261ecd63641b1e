"""The record log: what publishing, reading and archiving need from hot storage."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.pending import PendingAppend


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Records of one request for one partition of one view, in their canonical form."""

    view: ViewRid
    partition: int
    count: int
    """How many records, at least 1: exactly the newlines in ``lines``. No log checks this."""
    lines: bytes
    """The records: each one compact JSON object followed by a newline."""


class StoredRecord(msgspec.Struct, frozen=True, gc=False):
    """One record as the log gives it back."""

    offset: int
    value: bytes
    """The canonical JSON object, without the newline."""
    time_ms: int
    """When the record's group was committed, in epoch milliseconds."""


class LogHealth(msgspec.Struct, frozen=True):
    """Whether the log takes writes, and how loaded it is."""

    is_writable: bool
    reason: str | None
    """Why the log takes no writes; ``None`` while it does."""
    queued_batches: int
    queued_bytes: int


class RecordLog(Protocol):
    """An append-only log for each partition of each view.

    Offsets start at 0 in each partition and are dense in the embedded log; a reader must not
    rely on that. Every backend passes ``tests/contract/test_record_log.py``.
    """

    async def create_view(self, view: ViewRid, *, partitions: int, compressed: bool) -> None:
        """Make an empty log for *view*; durable on return. Creating it twice changes nothing.

        Raises:
            LogUnavailableError: The log takes no writes.
        """
        ...

    async def views(self) -> set[ViewRid]:
        """Give every view that has a log."""
        ...

    async def delete_view(self, view: ViewRid) -> None:
        """Remove *view* and all its records. Deleting it twice changes nothing.

        Appends from this call on fail. On return nobody finds the view any more, nor after a
        restart; the space may be given back later.

        Raises:
            LogUnavailableError: The log takes no writes.
        """
        ...

    def append(self, batches: Sequence[Batch]) -> PendingAppend:
        """Store all of *batches* or none of them; done once they are durable.

        The result is the first offset of each batch, in the order of *batches*. Batches that
        were appended to one partition earlier have lower offsets, and are settled earlier. Never
        raises and never waits: it belongs on the event loop.

        It fails with:
            LogViewNotFoundError: The log has no such view or partition; nothing was written.
            LogBusyError: Too many bytes wait to become durable; nothing was written.
            LogUnavailableError: The log takes no writes; nothing was written.
            LogOutcomeUnknownError: The log stopped while it made these records durable; a kind
                of LogUnavailableError whose ``wrote_nothing`` is false.
        """
        ...

    async def read(
        self, view: ViewRid, partition: int, start: int, *, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give up to *limit* records from offset *start* on, in order.

        Stops before the record that would exceed *bytes_max*, but gives at least one when there
        is one. A *start* before the first kept record begins at that record; one at or past the
        end gives an empty list.

        Raises:
            LogViewNotFoundError: The log has no such view or partition.
            LogCorruptError: The stored bytes do not match their checksum, or are not there.
            LogUnavailableError: The log cannot be read.
        """
        ...

    async def start_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the offset of the first kept record of each partition (its end when empty).

        Raises:
            LogViewNotFoundError: The log has no such view.
        """
        ...

    async def end_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the offset that the next record of each partition will get.

        Raises:
            LogViewNotFoundError: The log has no such view.
        """
        ...

    async def trim(self, view: ViewRid, partition: int, before: int) -> None:
        """Forget records of *partition* whose offset is below *before*, at least whole batches.

        A record at or past *before* is never lost; what is stored together with one is kept.
        The end stays, also when nothing is left and after a restart.

        Raises:
            LogViewNotFoundError: The log has no such view or partition.
            LogUnavailableError: The log takes no writes.
        """
        ...

    def health(self) -> LogHealth:
        """Tell whether writes are taken; costs nothing."""
        ...

    async def close(self) -> None:
        """Finish what was appended, then release the files. Later appends and reads fail."""
        ...
