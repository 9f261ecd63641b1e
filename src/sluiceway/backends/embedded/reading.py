"""Reading records from the segments, in threads of their own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
import zstandard

from sluiceway.backends.embedded.frames import open_frame, records
from sluiceway.backends.embedded.lookup import Found, frames_from
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import Segments
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.log_errors import LogCorruptError, LogUnavailableError, LogViewNotFoundError

_GAP_LOOKS: Final = 3
"""How often an offset is looked for: its frame may be copied to another segment meanwhile."""


class ReadRequest(msgspec.Struct, frozen=True):
    """Which records to read; everything that the reading thread needs to know."""

    partition: Partition
    start: int
    """At or after the first kept record."""
    end: int
    """Where the partition ended when the read was asked for: up to here nothing may be missing."""
    limit: int
    bytes_max: int


class Reader:
    """A few threads that read."""

    def __init__(self, segments: Segments, readers: int) -> None:
        self._segments = segments
        self._is_closed = False
        self._threads = ThreadPoolExecutor(readers, thread_name_prefix="log-reader")

    async def read(self, request: ReadRequest) -> list[StoredRecord]:
        """Read the records of *request*.

        Raises:
            LogCorruptError: What is stored is not what was written.
            LogUnavailableError: A file cannot be read.
            LogViewNotFoundError: The view was deleted meanwhile.
        """
        if self._is_closed:
            raise LogUnavailableError("it is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, read_records, self._segments, request)

    def close(self) -> None:
        """Refuse further reads and wait for those that were asked for."""
        self._is_closed = True
        self._threads.shutdown(wait=True)


def read_records(segments: Segments, request: ReadRequest) -> list[StoredRecord]:
    """Read the records of *request*; see `Reader.read`."""
    reading = _Reading(segments, request)
    try:
        return reading.run()
    except OSError as error:
        raise LogUnavailableError(f"reading failed: {error}") from error
    except zstandard.ZstdError as error:
        partition = request.partition
        raise LogCorruptError(
            partition.view, partition.index, reading.expected, str(error)
        ) from error


class _Reading:
    """One read, from segment to segment."""

    def __init__(self, segments: Segments, request: ReadRequest) -> None:
        self._segments = segments
        self._request = request
        self._found: list[StoredRecord] = []
        self._size = 0
        self._is_full = False
        self.expected = request.start
        """The next offset."""

    def run(self) -> list[StoredRecord]:
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
        return self._found

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
            for record in records(
                header, lines, request.partition, self.expected, request.limit - len(self._found)
            ):
                self._size += len(record.value)
                if self._size > request.bytes_max and self._found:
                    self._is_full = True
                    return
                self._found.append(record)
            self.expected = base + header.record_count
            if self.expected >= request.end or len(self._found) >= request.limit:
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
