"""Finding the frame of an offset over all segments."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sluiceway.backends.embedded.index import Rows
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import SegmentGoneError, Segments


class Found(NamedTuple):
    """Frames in a segment that is held open: the first holds the offset, the others follow it."""

    file: int
    rows: Rows


@contextmanager
def frames_from(segments: Segments, partition: Partition, offset: int) -> Iterator[Found | None]:
    """Find the frame that holds *offset*, and hold its segment open; ``None`` if there is none.

    Raises:
        OSError: A file cannot be opened.
    """
    for segment in partition.run_segments(offset):
        try:
            with segments.reading(segment) as reading:
                rows = reading.index.find(partition.number, offset)
                if rows is not None and _end(rows) > offset:
                    yield Found(reading.file, rows)
                    return
        except SegmentGoneError:
            continue
    yield None


def frame_before(segments: Segments, partition: Partition, offset: int) -> tuple[int, int] | None:
    """Give first offset and count of the last frame that begins at or before *offset*."""
    for segment in partition.run_segments(offset):
        try:
            with segments.reading(segment) as reading:
                rows = reading.index.find(partition.number, offset)
        except SegmentGoneError:
            continue
        if rows is not None:
            columns, first = rows.columns, rows.first
            return columns.bases[first], columns.counts[first]
    return None


def _end(rows: Rows) -> int:
    return rows.columns.bases[rows.first] + rows.columns.counts[rows.first]
