"""How records become the rows of the file, and records again.

A row holds consecutive records of one partition: their lines, whole or as one zstd frame, and a
CRC32C over the stored bytes and everything the row says about them. So a row that was moved to
another offset or partition is found out like one whose bytes changed.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

import google_crc32c
import zstandard

from sluiceway.backends.embedded.partitions import Partition
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.log_errors import LogCorruptError

RAW: Final = 0
ZSTD: Final = 1

_HEADER: Final = struct.Struct("<QQQQB")


class Row(NamedTuple):
    """One row of the table ``batches``, its columns in their order."""

    partition_number: int
    base_offset: int
    record_count: int
    time_ms: int
    codec: int
    crc: int
    data: bytes


class Sealer:
    """Makes rows; for one thread, since a compressor has state."""

    def __init__(self, compression_level: int) -> None:
        self._compressor = zstandard.ZstdCompressor(level=compression_level)

    def seal(
        self, partition: Partition, base_offset: int, count: int, time_ms: int, lines: bytes
    ) -> Row:
        """Make the row for *lines*; compressed where the view asks for it and it saves bytes."""
        codec, data = RAW, lines
        if partition.compressed:
            frame = self._compressor.compress(lines)
            if len(frame) < len(lines):
                codec, data = ZSTD, frame
        crc = _checksum(partition.number, base_offset, count, time_ms, codec, data)
        return Row(partition.number, base_offset, count, time_ms, codec, crc, data)


def verify(row: Row, partition: Partition) -> None:
    """Check that *row* is what was stored.

    Raises:
        LogCorruptError: It is not.
    """
    try:
        crc = _checksum(*row[:5], row.data)
    except (TypeError, struct.error) as error:
        # Damage may also turn a number into another type, or out of its range.
        raise LogCorruptError(
            partition.view, partition.index, row.base_offset, f"a column is damaged: {error}"
        ) from error
    if crc != row.crc:
        raise LogCorruptError(
            partition.view, partition.index, row.base_offset, "the checksum does not match"
        )


def unseal(row: Row, partition: Partition) -> bytes:
    """Give the lines of *row*.

    Raises:
        LogCorruptError: They are not what was stored.
    """
    verify(row, partition)
    if row.codec == RAW:
        return row.data
    return zstandard.ZstdDecompressor().decompress(row.data)


def records(row: Row, partition: Partition, start: int, limit: int) -> Iterator[StoredRecord]:
    """Yield up to *limit* records of *row*, from offset *start* on."""
    lines = unseal(row, partition)
    skip = max(start - row.base_offset, 0)
    last = min(skip + limit, row.record_count)
    # Nothing past the last wanted line is split.
    values = lines.split(b"\n", last)
    if len(values) != last + 1:
        raise LogCorruptError(
            partition.view, partition.index, row.base_offset, f"it holds fewer than {last} records"
        )
    for position in range(skip, last):
        yield StoredRecord(row.base_offset + position, values[position], row.time_ms)


def pieces(lines: bytes, bytes_max: int) -> Iterator[tuple[int, bytes]]:
    """Cut *lines* after newlines into counted pieces of up to *bytes_max*, or one line each."""
    start = 0
    while start < len(lines):
        end = lines.rfind(b"\n", start, start + bytes_max) + 1
        if end <= start:
            end = lines.find(b"\n", start) + 1 or len(lines)
        yield lines.count(b"\n", start, end), lines[start:end]
        start = end


def _checksum(
    number: int, base_offset: int, count: int, time_ms: int, codec: int, data: bytes
) -> int:
    header = _HEADER.pack(number, base_offset, count, time_ms, codec)
    crc: int = google_crc32c.extend(google_crc32c.value(header), data)
    return crc
