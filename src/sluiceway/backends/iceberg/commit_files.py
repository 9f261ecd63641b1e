"""The files of one commit: one, or one for each schema that its lines were stored with."""

import hashlib
from array import array
from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from sluiceway.archive.errors import ArchiveCorruptError
from sluiceway.archive.types import CommitStart, Piece
from sluiceway.backends.iceberg.file_names import commit_file, further_file
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.backends.iceberg.writing import FileWriter
from sluiceway.schema.arrow.errors import ColumnsError, ColumnsTooLargeError
from sluiceway.schema.older import Absent, runs
from sluiceway.streams.log import StoredBatch


class CommitFiles:
    """Takes records as they come, and gives files; no snapshot has them yet."""

    def __init__(
        self, table: Table, start: CommitStart, layout: Layout, compression_level: int
    ) -> None:
        self._table = table
        self._start = start
        self._layout = layout
        self._compression_level = compression_level
        self._writers: dict[Absent, FileWriter] = {}
        self._partition = -1
        self.ranges: dict[int, tuple[int, int]] = {}
        """By partition the first offset, and the one after the last."""
        self._hashes: dict[int, hashlib._Hash] = {}

    @property
    def digests(self) -> dict[int, str]:
        """By partition the SHA-256 of the lines that ``add`` was given."""
        return {partition: found.hexdigest() for partition, found in self._hashes.items()}

    @property
    def footers(self) -> list[tuple[str, parquet.FileMetaData]]:
        """Where the files are and what they say about themselves, once they are finished."""
        return [(writer.location, writer.footer) for writer in self._writers.values()]

    def add(self, piece: Piece) -> None:
        """Add batches, which come in the order of partition and offset.

        Raises:
            ArchiveCorruptError: They do not, or hold other than they say.
        """
        partition, batches = piece.partition, piece.batches
        first, end = batches[0].start, batches[-1].end
        begun = self.ranges.get(partition)
        if partition < self._partition or (begun is not None and first < begun[1]):
            raise self._corrupt("records came out of their order")
        self._partition = partition
        lines = b"".join(batch.lines for batch in batches)
        self._hashes.setdefault(partition, hashlib.sha256()).update(lines)
        offsets, times = _offsets(batches), _times(batches)
        rows_found = lines.count(b"\n")
        if rows_found != len(offsets):
            raise self._corrupt(f"{len(offsets)} records are {rows_found} lines")
        done = 0
        for absent, values in self._runs(lines):
            rows = values.num_rows
            own = [
                pa.repeat(pa.scalar(partition, pa.int32()), rows),
                offsets.slice(done, rows),
                times.slice(done, rows),
            ]
            self._write(absent, partition, [*values.columns, *own])
            done += rows
        self.ranges[partition] = (first if begun is None else begun[0], end)

    def _runs(self, lines: bytes) -> Iterator[tuple[Absent, pa.RecordBatch]]:
        """Turn *lines* into columns; those that were stored with another schema apart."""
        try:
            yield frozenset(), self._layout.columns.read_lines(lines)
        except ColumnsTooLargeError:
            raise
        except ColumnsError:
            for absent, part in runs(lines, self._layout.schema.fields):
                yield absent, self._layout.without(absent).columns.read_lines(part)

    def _write(self, absent: Absent, partition: int, columns: list[pa.Array]) -> None:
        writer = self._writers.get(absent)
        if writer is None:
            name = further_file(self._start) if self._writers else commit_file(self._start)
            layout = self._layout.without(absent)
            writer = FileWriter(self._table, name, layout, self._compression_level)
            self._writers[absent] = writer
        offsets = columns[-2]
        rows = pa.RecordBatch.from_arrays(columns, schema=writer.schema)
        ends = (offsets[0].as_py(), offsets[-1].as_py() + 1)
        writer.add_group(partition, pa.Table.from_batches([rows]), ends)

    def finish(self) -> list[DataFile]:
        """Write what is left and close the files; they are durable on return."""
        return [writer.finish() for writer in self._writers.values()]

    def abort(self) -> None:
        """Close and remove the files; what cannot be removed is an orphan."""
        for writer in self._writers.values():
            writer.abort()

    def _corrupt(self, reason: str) -> ArchiveCorruptError:
        return ArchiveCorruptError(".".join(self._table.name()), reason)


def _offsets(batches: Sequence[StoredBatch]) -> pa.Array:
    first, end = batches[0].start, batches[-1].end
    if end - first == sum(batch.count for batch in batches):
        return pa.arange(first, end)
    return pa.concat_arrays([pa.arange(batch.start, batch.end) for batch in batches])


def _times(batches: Sequence[StoredBatch]) -> pa.Array:
    times = array("q")
    for batch in batches:
        times.extend(array("q", (batch.time_ms * 1_000,)) * batch.count)
    kind = pa.timestamp("us", tz="UTC")
    return pa.Array.from_buffers(kind, len(times), [None, pa.py_buffer(times)])
