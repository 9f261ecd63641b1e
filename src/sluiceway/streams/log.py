"""The record log: what publishing, reading and archiving need from hot storage."""

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.backlog import Backlog
from sluiceway.streams.pending import PendingAppend


class Batch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Records of one request for one partition of one view, in their canonical form."""

    view: ViewRid
    partition: int
    count: int
    """How many records, at least 1: exactly the newlines in ``lines``. No log checks this."""
    lines: bytes
    """The records: each one compact JSON object followed by a newline."""

    @property
    def size(self) -> int:
        """Bytes of the records."""
        return len(self.lines)


class Counted(Protocol):
    """Of a batch what is counted: all but its records."""

    @property
    def partition(self) -> int:
        """Where they went."""
        ...

    @property
    def count(self) -> int:
        """How many records."""
        ...

    @property
    def size(self) -> int:
        """Their bytes."""
        ...


class StoredRecord(msgspec.Struct, frozen=True, gc=False):
    """One record as the log gives it back."""

    offset: int
    value: bytes
    """The canonical JSON object, without the newline."""
    time_ms: int
    """When the record's group was committed, in epoch milliseconds."""


class StoredBatch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Consecutive records of one partition that were committed together, as they are stored."""

    start: int
    """The offset of the first; the others follow it without a gap."""
    count: int
    """How many records, at least 1: exactly the newlines in ``lines``."""
    time_ms: int
    """When they were committed, in epoch milliseconds."""
    lines: bytes
    """The records: each one compact JSON object followed by a newline."""

    @property
    def end(self) -> int:
        """The offset after the last."""
        return self.start + self.count


NOTE_NAME_BYTES_MAX: Final = 512
NOTE_VALUE_BYTES_MAX: Final = 4096


class NoteKind(enum.IntEnum):
    """What a note is about. The notes of one kind push out only each other."""

    KEY = 1
    """The outcome of a request that carried a key of its own."""
    PRODUCER = 2
    """Where an ordered producer is."""


class Note(msgspec.Struct, frozen=True, gc=False):
    """A small fact that becomes durable with the records of one append, or not at all."""

    view: ViewRid
    kind: NoteKind
    name: bytes
    """1 to `NOTE_NAME_BYTES_MAX` bytes."""
    value: bytes
    """Up to `NOTE_VALUE_BYTES_MAX` bytes."""


class KeptNote(msgspec.Struct, frozen=True, gc=False):
    """A note as the log gives it back."""

    value: bytes
    time_ms: int
    """When it was made durable, in epoch milliseconds."""
    places: tuple[tuple[int, int, int], ...]
    """Partition, first offset and count of each batch of the append, in their order."""


class LogHealth(msgspec.Struct, frozen=True):
    """Whether the log takes writes, and how loaded it is."""

    is_writable: bool
    reason: str | None
    """Why the log takes no writes; ``None`` while it does."""
    queued_batches: int
    queued_bytes: int


Listener = Callable[[Mapping[int, int] | None], None]
"""Told where the partitions of a view that have more durable records end now; ``None``: it is gone.

It is called on the event loop, must not wait, and should not raise.
"""


class RecordAppender(Protocol):
    """The one half of a record log that publishing needs: a worker has only that."""

    @property
    def backlog(self) -> Backlog:
        """What was appended and is not settled."""
        ...

    def append(self, batches: Sequence[Batch], note: Note | None = None) -> PendingAppend:
        """Store all of *batches* and *note*, or nothing of them; done once they are durable.

        The result is the first offset of each batch, in the order of *batches*. Batches that
        were appended to one partition earlier have lower offsets, and are settled earlier. A note
        takes the place of the older one of the same view, kind and name; it needs no batches.
        Never raises and never waits: it belongs on the event loop.

        It fails with:
            LogViewNotFoundError: The log has no such view or partition; nothing was written.
            LogBusyError: Too many bytes wait to become durable; nothing was written.
            LogNotesFullError: All notes of this kind are too young to be forgotten for this one;
                nothing was written.
            LogUnavailableError: The log takes no writes; nothing was written.
            LogOutcomeUnknownError: The log stopped while it made these records durable; a kind
                of LogUnavailableError whose ``wrote_nothing`` is false.
        """
        ...


class RecordReader(Protocol):
    """The half of a record log that gives records back."""

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

    def listen(self, view: ViewRid, listener: Listener) -> Callable[[], None]:
        """Have *listener* called whenever records of *view* became durable, until it is deleted.

        Once for all that became durable together, when `end_offsets` and `read` already know them
        and their appends are settled; and once when the view is deleted. Who listens first and asks
        for the ends then misses nothing. A view that the log does not have is silent: ask.
        Gives what ends it; ending it twice changes nothing.
        """
        ...


class RecordLog(RecordAppender, RecordReader, Protocol):
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

    def note(self, view: ViewRid, kind: NoteKind, name: bytes) -> KeptNote | None:
        """Give the newest durable note of that name; from memory, at once.

        A note is kept for a day or as long as the log is set to, less when there are too many of
        its kind, but no less than ten minutes or what is set. It goes with its view. That of an
        append is known no later than the append is settled.
        """
        ...

    async def read_batches(
        self, view: ViewRid, partition: int, start: int, *, bytes_max: int
    ) -> list[StoredBatch]:
        """Give the records from offset *start* on as they are stored, in order.

        Only the first batch is cut, when *start* falls inside of it. Stops before the batch whose
        lines would exceed *bytes_max*, but gives at least one when there is one. A *start* before
        the first kept record begins there; one at or past the end gives an empty list.

        Raises:
            LogViewNotFoundError: The log has no such view or partition.
            LogCorruptError: The stored bytes do not match their checksum, or are not there.
            LogUnavailableError: The log cannot be read.
        """
        ...

    async def stored_bytes(self, view: ViewRid, partition: int, start: int, end: int) -> int:
        """Give about how many bytes the records from offset *start* to before *end* take.

        Those that are stored together with one of them count too. Nothing that was trimmed counts.

        Raises:
            LogViewNotFoundError: The log has no such view or partition.
            LogUnavailableError: The log cannot be read.
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
