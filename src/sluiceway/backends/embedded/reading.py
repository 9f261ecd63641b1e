"""Reading records from the segments, in threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

import msgspec
import zstandard

from sluiceway.backends.embedded.frames import FrameHeader, lines_after, open_frame, records
from sluiceway.backends.embedded.lookup import Found, frames_from, size_of
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import Segments
from sluiceway.streams.log import StoredBatch, StoredRecord
from sluiceway.streams.log_errors import LogCorruptError, LogUnavailableError, LogViewNotFoundError

T = TypeVar("T")

_GAP_LOOKS: Final = 3
"""How often an offset is looked for: its frame may be copied to another segment meanwhile."""


class ReadRequest(msgspec.Struct, frozen=True):
    """Which records to read; everything that the reading thread needs to know."""

    partition: Partition
    start: int
    """At or after the first kept record."""
    end: int
    """Where the partition ended when the read was asked for: up to here nothing may be missing."""
    bytes_max: int


class Reader:
    """A few threads that read."""

    def __init__(self, segments: Segments, readers: int) -> None:
        self._segments = segments
        self._is_closed = False
        self._threads = ThreadPoolExecutor(readers, thread_name_prefix="log-reader")

    async def read(self, request: ReadRequest, limit: int) -> list[StoredRecord]:
        """Read up to *limit* records of *request*.

        Raises:
            LogCorruptError: What is stored is not what was written.
            LogUnavailableError: A file cannot be read.
            LogViewNotFoundError: The view was deleted meanwhile.
        """
        return await self._run(request, _Records(request, limit))

    async def read_batches(self, request: ReadRequest) -> list[StoredBatch]:
        """Read the frames of *request*; raises what `read` does."""
        return await self._run(request, _Batches(request))

    async def stored_bytes(self, partition: Partition, start: int, end: int) -> int:
        """Give how many bytes the frames take that have offsets from *start* to before *end*.

        Raises:
            LogUnavailableError: A file cannot be read.
        """
        if self._is_closed:
            raise LogUnavailableError("it is closed")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._threads, size_of, self._segments, partition, start, end
            )
        except OSError as error:
            raise LogUnavailableError(f"reading failed: {error}") from error

    async def _run(self, request: ReadRequest, taking: "_Taking[T]") -> list[T]:
        if self._is_closed:
            raise LogUnavailableError("it is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _read, self._segments, request, taking)

    def close(self) -> None:
        """Refuse further reads and wait for those that were asked for."""
        self._is_closed = True
        self._threads.shutdown(wait=True)


class _Taking(Protocol[T]):
    """Takes frames one after the other, until it has enough."""

    found: list[T]

    def take(self, header: FrameHeader, lines: bytes, start: int) -> bool:
        """Take a frame from offset *start* on; tell whether there may be more."""
        ...


class _Records:
    """Takes single records."""

    def __init__(self, request: ReadRequest, limit: int) -> None:
        self._partition = request.partition
        self._bytes_max = request.bytes_max
        self._limit = limit
        self._size = 0
        self.found: list[StoredRecord] = []

    def take(self, header: FrameHeader, lines: bytes, start: int) -> bool:
        left = self._limit - len(self.found)
        for record in records(header, lines, self._partition, start, left):
            self._size += len(record.value)
            if self._size > self._bytes_max and self.found:
                return False
            self.found.append(record)
        return len(self.found) < self._limit


class _Batches:
    """Takes whole frames."""

    def __init__(self, request: ReadRequest) -> None:
        self._partition = request.partition
        self._bytes_max = request.bytes_max
        self._size = 0
        self.found: list[StoredBatch] = []

    def take(self, header: FrameHeader, lines: bytes, start: int) -> bool:
        first, count = max(start, header.base_offset), header.record_count
        if first > header.base_offset:
            skipped = first - header.base_offset
            count -= skipped
            lines = lines_after(header, lines, self._partition, skipped)
        self._size += len(lines)
        if self._size > self._bytes_max and self.found:
            return False
        self.found.append(StoredBatch(first, count, header.time_ms, lines))
        return self._size < self._bytes_max


def _read(segments: Segments, request: ReadRequest, taking: _Taking[T]) -> list[T]:
    reading = _Reading(segments, request, taking.take)
    try:
        reading.run()
    except OSError as error:
        raise LogUnavailableError(f"reading failed: {error}") from error
    except zstandard.ZstdError as error:
        partition = request.partition
        raise LogCorruptError(
            partition.view, partition.index, reading.expected, str(error)
        ) from error
    return taking.found


class _Reading:
    """One read, from segment to segment."""

    def __init__(
        self,
        segments: Segments,
        request: ReadRequest,
        take: Callable[[FrameHeader, bytes, int], bool],
    ) -> None:
        self._segments = segments
        self._request = request
        self._take_frame = take
        self._is_full = False
        self.expected = request.start
        """The next offset."""

    def run(self) -> None:
        request = self._request
        looks = 0
        while self.expected < request.end and not self._is_full:
            before = self.expected
            with frames_from(self._segments, request.partition, before) as found:
                if found is not None:
                    self._take(found)
            looks = 0 if self.expected > before else looks + 1
            if looks >= _GAP_LOOKS:
                self._skip_gap()
                looks = 0

    def _take(self, found: Found) -> None:
        """Take frames from one segment while they follow each other."""
        request, rows = self._request, found.rows
        columns = rows.columns
        for row in range(rows.first, rows.end):
            base = columns.bases[row]
            # Only the first frame may begin before what is asked for.
            if base > self.expected or base + columns.counts[row] <= self.expected:
                return
            frame = self._segments.files.read(
                found.file, columns.sizes[row], columns.positions[row]
            )
            header, lines = open_frame(frame, request.partition, base, self._segments.seed)
            has_room = self._take_frame(header, lines, self.expected)
            self.expected = base + header.record_count
            if not has_room or self.expected >= request.end:
                self._is_full = True
                return

    def _skip_gap(self) -> None:
        """Accept that records are not there only if they were trimmed, or with their view."""
        partition, expected = self._request.partition, self.expected
        if partition.is_deleted:
            raise LogViewNotFoundError(partition.view, partition.index)
        if partition.start_offset <= expected:
            raise LogCorruptError(
                partition.view, partition.index, expected, "its records are missing"
            )
        self.expected = partition.start_offset
