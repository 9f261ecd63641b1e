"""One fold: changes into the files of a current state, as far as these have their keys."""

import contextlib
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.io import FileIO
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from sluiceway.backends.iceberg.file_names import other_file
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.backends.iceberg.writing import FileWriter
from sluiceway.schema.arrow.current import Key, as_columns, key_at, merged
from sluiceway.schema.current import CurrentRule

FILE_BYTES: Final = 64 * 1_048_576
"""A file of a state is split when it would have more."""
_PART_ROWS: Final = 65_536


class Fold:
    """Files of a state that are written anew; no snapshot has them yet."""

    def __init__(self, state: Table, layout: Layout, rule: CurrentRule, compression: int) -> None:
        self._state = state
        self._layout = layout
        self._rule = rule
        self._compression = compression
        self._schema = layout.arrow_schema()
        self._writers: list[FileWriter] = []
        self.old: list[DataFile] = []
        self.new: list[DataFile] = []

    def run(
        self, files: Sequence[tuple[DataFile, Key]], changes: pa.Table, row_bytes: float
    ) -> None:
        """Write anew those of *files* that have keys of *changes*, and what has no place in any.

        *files* come with their last keys, and in the order of these. *row_bytes* is about what
        a row of the changes takes in a file.
        """
        done, places = 0, range(changes.num_rows)
        for at, (file, last) in enumerate(files, start=1):
            end = changes.num_rows
            if at < len(files):
                end = bisect_right(
                    places, last, done, key=lambda row: key_at(changes, self._rule, row)
                )
            if end > done:
                self.old.append(file)
                self._write(file, changes.slice(done, end - done), row_bytes)
            done = end
        if not files:
            self._write(None, changes, row_bytes)

    def _write(self, file: DataFile | None, changes: pa.Table, row_bytes: float) -> None:
        rows = changes.num_rows
        size = rows * row_bytes
        state: Iterator[pa.Table] = iter(())
        if file is not None:
            rows += file.record_count
            size += file.file_size_in_bytes
            state = parts(self._state.io, file, self._schema)
        # As many as it has to be, and of like size: the rest would stay a small file.
        rows_max = math.ceil(rows / max(1, math.ceil(size / FILE_BYTES)))
        writer, written = None, 0
        for part in merged(state, changes, self._rule):
            for batch in _cut(part, written, rows_max):
                if writer is None or written >= rows_max:
                    self._finish(writer)
                    writer, written = self._begin(), 0
                writer.add_rows(batch.cast(writer.schema))
                written += batch.num_rows
        self._finish(writer)

    def _begin(self) -> FileWriter:
        writer = FileWriter(self._state, other_file(), self._layout, self._compression)
        self._writers.append(writer)
        return writer

    def _finish(self, writer: FileWriter | None) -> None:
        if writer is not None:
            self.new.append(writer.finish())

    def abort(self) -> None:
        """Remove the new files; those that cannot be are orphans."""
        for writer in self._writers:
            with contextlib.suppress(OSError):
                writer.abort()


def _cut(part: pa.Table, written: int, rows_max: int) -> Iterator[pa.RecordBatch]:
    """Cut *part* where a file has *rows_max* rows; the one that is written to has *written*."""
    at, left = 0, rows_max - written or rows_max
    while at < part.num_rows:
        count = min(left, _PART_ROWS)
        yield from part.slice(at, count).to_batches()
        at += count
        left = left - count or rows_max


def parts(io: FileIO, file: DataFile, schema: pa.Schema) -> Iterator[pa.Table]:
    """Give the rows of a file as columns of *schema*, a row group at a time."""
    with io.new_input(file.file_path).open() as opened:
        reader = parquet.ParquetFile(opened)
        for number in range(reader.num_row_groups):
            yield as_columns(reader.read_row_group(number), schema)


def last_key(io: FileIO, file: DataFile, rule: CurrentRule) -> Key:
    """Read the last key of a file of a state; no file is without rows."""
    with io.new_input(file.file_path).open() as opened:
        reader = parquet.ParquetFile(opened)
        rows = reader.read_row_group(reader.num_row_groups - 1, columns=list(rule.keys))
    return key_at(rows, rule, rows.num_rows - 1)
