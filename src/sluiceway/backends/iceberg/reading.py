"""Reading records of a table by their offsets."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import pyarrow as pa
from pyarrow import compute, parquet
from pyiceberg.io import FileIO

from sluiceway.backends.iceberg.index import Group
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.streams.log import StoredRecord

_GROUPS_MAX: Final = 2
"""Row groups that are kept as columns: who reads on meets the same one again."""
_ROWS_AT_ONCE: Final = 1_000


class GroupCache:
    """The row groups that were last read."""

    def __init__(self) -> None:
        self._groups: OrderedDict[tuple[str, int], pa.Table] = OrderedDict()
        self._guard = threading.Lock()

    def read(self, io: FileIO, group: Group) -> pa.Table:
        """Give a row group as columns.

        Raises:
            FileNotFoundError: The file was removed meanwhile, as others took its place.
        """
        key = (group.location, group.number)
        with self._guard:
            found = self._groups.get(key)
            if found is not None:
                self._groups.move_to_end(key)
                return found
        with io.new_input(group.location).open() as opened:
            found = parquet.ParquetFile(opened).read_row_group(group.number)
        with self._guard:
            self._groups[key] = found
            while len(self._groups) > _GROUPS_MAX:
                self._groups.popitem(last=False)
        return found


def records(
    columns: pa.Table, layout: Layout, start: int, *, limit: int, bytes_max: int
) -> Iterator[StoredRecord]:
    """Give up to *limit* rows of one partition from offset *start* on, as they were stored.

    Stops after the record with which there are *bytes_max* bytes.
    """
    skipped = compute.sum(compute.less(columns[layout.own.offset], start)).as_py() or 0
    size, end = 0, min(columns.num_rows, skipped + limit)
    for at in range(skipped, end, _ROWS_AT_ONCE):
        rows = columns.slice(at, min(_ROWS_AT_ONCE, end - at))
        offsets = rows[layout.own.offset].to_pylist()
        times = compute.divide(rows[layout.own.ingested_at].cast(pa.int64()), 1_000).to_pylist()
        for offset, value, time_ms in zip(offsets, layout.lines(rows), times, strict=True):
            yield StoredRecord(offset, value, time_ms)
            size += len(value)
            if size >= bytes_max:
                return
