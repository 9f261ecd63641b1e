"""Finding the frame of an offset over all segments."""

from bisect import bisect_left
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


def size_of(segments: Segments, partition: Partition, start: int, end: int) -> int:
    """Give how many bytes the frames take that have offsets from *start* to before *end*.

    Raises:
        OSError: A file cannot be opened.
    """
    size, offset = 0, start
    while offset < end:
        found = _run_part(segments, partition, offset, end)
        if found is None:
            break  # It was trimmed meanwhile.
        offset, part = found
        size += part
    return size


def _run_part(
    segments: Segments, partition: Partition, start: int, end: int
) -> tuple[int, int] | None:
    """Give where the frames end that lie together from *start* on, or reach *end*; and their size."""
    for segment in partition.run_segments(start):
        try:
            with segments.reading(segment) as reading:
                rows = reading.index.find(partition.number, start)
                if rows is None or _end(rows) <= start:
                    continue
                columns, first = rows.columns, rows.first
                run_end, _ = reading.index.run(partition.number, columns.bases[first])
                stop = bisect_left(columns.bases, min(end, run_end), first, rows.end)
                last = stop - 1
                stopped_at = columns.bases[last] + columns.counts[last]
                return stopped_at, sum(columns.sizes[first:stop])
        except SegmentGoneError:
            continue
    return None


def _end(rows: Rows) -> int:
    return rows.columns.bases[rows.first] + rows.columns.counts[rows.first]
