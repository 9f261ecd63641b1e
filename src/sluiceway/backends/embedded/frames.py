"""Frames: consecutive records of one partition, or one note, as they lie in a segment.

A frame says by itself what it is. Its CRC32C begins with the log's own seed and covers what the
frame says about its bytes and the bytes, so that one that was moved to another offset, partition
or log is found out like one whose bytes changed.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import google_crc32c
import zstandard

from sluiceway.backends.embedded.partitions import Partition
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.log_errors import LogCorruptError

RAW: Final = 0
ZSTD: Final = 1
NOTE: Final = 2
"""What the bytes of a frame are: lines, lines in one zstd frame, a note."""

_HEADER: Final = struct.Struct("<IIQQQIB3x")
_FACTS: Final = struct.Struct("<QQQIB3x")
_FIRST: Final = struct.Struct("<II")
FRAME_HEADER_BYTES: Final = _HEADER.size
_UNCHECKED_BYTES: Final = _FIRST.size
"""Length and checksum come first; the checksum covers what follows them."""
_JOINED_BYTES_MAX: Final = 64 * 1024
"""Lines of up to so many bytes in all are copied together before they are written."""


class FrameHeader(NamedTuple):
    """What a frame says about itself."""

    length: int
    """Bytes after the header."""
    crc: int
    number: int
    """Of the partition; for a note that of the view."""
    base_offset: int
    """Of the first record; for a note the sequence of the group that it came with."""
    time_ms: int
    record_count: int
    """For a note how many places."""
    kind: int


class Frame:
    """A frame that is to be written."""

    __slots__ = ("base_offset", "chunks", "count", "header", "kind", "number", "size", "time_ms")

    def __init__(
        self,
        number: int,
        base_offset: int,
        time_ms: int,
        count: int,
        kind: int,
        chunks: Sequence[bytes],
        seed: int,
    ) -> None:
        self.number = number
        self.base_offset = base_offset
        self.time_ms = time_ms
        self.count = count
        self.kind = kind
        self.chunks = chunks
        facts = _FACTS.pack(number, base_offset, time_ms, count, kind)
        crc = google_crc32c.extend(seed, facts)
        length = 0
        for chunk in chunks:
            crc = google_crc32c.extend(crc, chunk)
            length += len(chunk)
        self.header = _FIRST.pack(length, crc) + facts
        self.size = FRAME_HEADER_BYTES + length
        """Bytes with the header."""


def decode_header(data: bytes, position: int = 0) -> FrameHeader:
    """Take the header of a frame apart; it may be damaged."""
    return FrameHeader._make(_HEADER.unpack_from(data, position))


def is_intact(frame: bytes, seed: int) -> bool:
    """Tell whether *frame*, from header to end, is as it was written."""
    if len(frame) < FRAME_HEADER_BYTES:
        return False
    length, crc = _FIRST.unpack_from(frame)
    if FRAME_HEADER_BYTES + length != len(frame):
        return False
    return bool(google_crc32c.extend(seed, frame[_UNCHECKED_BYTES:]) == crc)


def split_frames(data: bytes) -> list[bytes]:
    """Take frames apart that lie one after the other."""
    frames = []
    at = 0
    while at < len(data):
        end = at + FRAME_HEADER_BYTES + decode_header(data, at).length
        frames.append(data[at:end])
        at = end
    return frames


class Sealer:
    """Makes frames of lines; for one thread, since a compressor has state."""

    def __init__(self, compression_level: int, seed: int) -> None:
        self._compressor = zstandard.ZstdCompressor(level=compression_level)
        self._seed = seed

    def seal(
        self,
        partition: Partition,
        base_offset: int,
        count: int,
        time_ms: int,
        chunks: Sequence[bytes],
    ) -> Frame:
        """Make the frame for the lines in *chunks*.

        It is compressed where the view asks for it and that saves bytes.
        """
        kind = RAW
        if len(chunks) > 1 and sum(map(len, chunks)) <= _JOINED_BYTES_MAX:
            # One checksum of all costs less than one after the other of a few bytes each.
            chunks = (b"".join(chunks),)
        if partition.compressed:
            lines = b"".join(chunks)
            packed = self._compressor.compress(lines)
            if len(packed) < len(lines):
                kind, chunks = ZSTD, (packed,)
        return Frame(partition.number, base_offset, time_ms, count, kind, chunks, self._seed)


def open_frame(
    frame: bytes, partition: Partition, base_offset: int, seed: int
) -> tuple[FrameHeader, bytes]:
    """Give header and lines of the frame that holds *base_offset* of *partition*.

    Raises:
        LogCorruptError: It is not what was stored there.
    """
    if not is_intact(frame, seed):
        raise LogCorruptError(
            partition.view, partition.index, base_offset, "the checksum does not match"
        )
    header = decode_header(frame)
    if header.number != partition.number or header.base_offset != base_offset:
        raise LogCorruptError(
            partition.view, partition.index, base_offset, "other records lie here"
        )
    data = frame[FRAME_HEADER_BYTES:]
    if header.kind == ZSTD:
        return header, zstandard.ZstdDecompressor().decompress(data)
    return header, data


def records(
    header: FrameHeader, lines: bytes, partition: Partition, start: int, limit: int
) -> Iterator[StoredRecord]:
    """Yield up to *limit* records of a frame, from offset *start* on."""
    base_offset, time_ms = header.base_offset, header.time_ms
    skip = max(start - base_offset, 0)
    last = min(skip + limit, header.record_count)
    # Nothing past the last wanted line is split.
    values = lines.split(b"\n", last)
    if len(values) != last + 1:
        raise LogCorruptError(
            partition.view, partition.index, base_offset, f"it holds fewer than {last} records"
        )
    for position in range(skip, last):
        yield StoredRecord(base_offset + position, values[position], time_ms)


def lines_after(header: FrameHeader, lines: bytes, partition: Partition, skipped: int) -> bytes:
    """Give the lines of a frame without its first *skipped*.

    Raises:
        LogCorruptError: It has no more than that.
    """
    *first, rest = lines.split(b"\n", skipped)
    if len(first) < skipped or not rest:
        raise LogCorruptError(
            partition.view,
            partition.index,
            header.base_offset,
            f"it holds no more than {len(first)} records",
        )
    return rest


def pieces(lines: bytes, bytes_max: int) -> Iterator[tuple[int, bytes]]:
    """Cut *lines* after newlines into counted pieces of up to *bytes_max*, or one line each."""
    start = 0
    while start < len(lines):
        end = lines.rfind(b"\n", start, start + bytes_max) + 1
        if end <= start:
            end = lines.find(b"\n", start) + 1 or len(lines)
        yield lines.count(b"\n", start, end), lines[start:end]
        start = end
