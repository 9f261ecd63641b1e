"""What ranges of rows are, read back as the lines that were stored."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import pyarrow as pa
from pyarrow import compute, parquet
from pyiceberg.io import FileIO

from sluiceway.archive.types import RowsDigest
from sluiceway.backends.iceberg.index import Group
from sluiceway.backends.iceberg.layout import Layout

_ROWS_AT_ONCE: Final = 10_000


def digest(
    io: FileIO, groups: Iterable[Group], layout: Layout, bounds: Sequence[int]
) -> list[RowsDigest]:
    """Give a digest of the rows from each of *bounds* to the next, exclusive.

    *groups* are those of one partition from the first of *bounds* on, in order. One of them is held at a
    time, and read from its file: what is in memory proves nothing.

    Raises:
        FileNotFoundError: A file was removed meanwhile, as others took its place.
    """
    ranges = [_Range(first, end) for first, end in pairwise(bounds)]
    for group in groups:
        if group.first >= bounds[-1]:
            break
        with io.new_input(group.location).open() as opened:
            rows = parquet.ParquetFile(opened).read_row_group(group.number)
        for one in ranges:
            if one.first <= group.last and group.first < one.end:
                one.add(rows, layout)
    return [one.digest() for one in ranges]


class _Range:
    """The rows of one range, as they are read."""

    def __init__(self, first: int, end: int) -> None:
        self.first = first
        self.end = end
        self._rows = 0
        self._last = -1
        self._is_ordered = True
        self._hash = hashlib.sha256()

    def add(self, rows: pa.Table, layout: Layout) -> None:
        """Add those rows that are in it."""
        for part in self._within(rows, layout):
            offsets = part[layout.own.offset].combine_chunks()
            if isinstance(offsets, pa.ChunkedArray):
                offsets = pa.concat_arrays(offsets.chunks)
            rising = compute.all(compute.less(offsets[:-1], offsets[1:])).as_py()
            self._is_ordered &= rising is not False and offsets[0].as_py() > self._last
            self._last = offsets[-1].as_py()
            self._rows += part.num_rows
            self._hash.update(b"".join(line + b"\n" for line in layout.lines(part)))

    def _within(self, rows: pa.Table, layout: Layout) -> Iterator[pa.Table]:
        offsets = rows[layout.own.offset]
        skipped = compute.sum(compute.less(offsets, self.first)).as_py() or 0
        end = compute.sum(compute.less(offsets, self.end)).as_py() or 0
        for at in range(skipped, end, _ROWS_AT_ONCE):
            yield rows.slice(at, min(_ROWS_AT_ONCE, end - at))

    def digest(self) -> RowsDigest:
        """Tell what was added."""
        return RowsDigest(
            rows=self._rows, is_ordered=self._is_ordered, sha256=self._hash.hexdigest()
        )
