"""The records of a stream as a query reads them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.queries.engine import ColdFilesSource, Piece
from sluiceway.queries.types import NamedStream
from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    Field,
    MapFieldType,
    StructFieldType,
)
from sluiceway.streams.log import RecordLog, RecordReader, StoredBatch, StoredRecord
from sluiceway.streams.types import View

_READ_RECORDS_MAX: Final = 10_000
_READ_BYTES_MAX: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class StreamRelation:
    """A stream's records, up to where its partitions ended when it was opened."""

    view: View
    log: RecordLog
    reader: RecordReader
    starts: Mapping[int, int]
    """By partition: from where on the records are in none of the files; else from the first."""
    ends: Mapping[int, int]
    files: Sequence[str] = ()
    state: Sequence[str] = ()
    known: Mapping[int, int] | None = None

    async def pieces(self) -> AsyncIterator[Piece]:
        """Give every record that is in none of the files, once."""
        for partition, end in self.ends.items():
            start = self.starts.get(partition, 0)
            while start < end:
                piece = await self._piece(partition, start, end)
                if not piece.runs:
                    break
                first, count, _ = piece.runs[-1]
                start = first + count
                yield piece

    async def _piece(self, partition: int, start: int, end: int) -> Piece:
        """Give records from *start* on: whole batches, or single ones where the log has none."""
        batches = await self.log.read_batches(
            self.view.view_rid, partition, start, bytes_max=_READ_BYTES_MAX
        )
        if batches and batches[0].start == start:
            return _of_batches(partition, batches, end)
        records = await self.reader.read(
            self.view.view_rid,
            partition,
            start,
            limit=min(_READ_RECORDS_MAX, end - start),
            bytes_max=_READ_BYTES_MAX,
        )
        return _of_records(partition, [one for one in records if one.offset < end])


@dataclass(frozen=True, slots=True)
class StreamRelations:
    """Opens streams; *reader* has also what *log* gave up."""

    log: RecordLog
    reader: RecordReader
    cold: ColdFilesSource

    async def open(self, stream: NamedStream) -> StreamRelation:
        """Fix what of *stream* a query reads: all that is durable now.

        The files are asked for first: what they have was in the log by then, so that no record of
        theirs comes after the ends.
        """
        view, files = stream.view, None
        known: Mapping[int, int] | None = {} if stream.is_current else None
        if not _have_lookalikes(view.schema.fields):
            files = await self.cold.of_view(view.view_rid)
        ends = await self.log.end_offsets(view.view_rid)
        if files is None or any(
            offset > ends.get(partition, 0) for partition, offset in files.next_offsets.items()
        ):
            # Also of a log that was restored: its table has what the log does not know.
            return StreamRelation(view, self.log, self.reader, {}, ends, known=known)
        starts, paths, state = files.next_offsets, files.paths, files.current
        if not stream.is_current or state is None:
            return StreamRelation(view, self.log, self.reader, starts, ends, paths, known=known)
        return StreamRelation(
            view,
            self.log,
            self.reader,
            starts,
            ends,
            state.changes,
            state=state.paths,
            known={one: state.next_offsets.get(one, 0) for one in ends},
        )


def _have_lookalikes(fields: Sequence[Field]) -> bool:
    """Tell whether the engine, which reads files by name, would take two fields for one."""
    names = [field.name.casefold() for field in fields]
    return len(set(names)) < len(names) or any(
        _has_lookalikes(field.schema.data_type) for field in fields
    )


def _has_lookalikes(data_type: DataType) -> bool:
    match data_type:
        case StructFieldType(sub_fields=fields):
            return _have_lookalikes(fields)
        case ArrayFieldType(items_schema=items):
            return _has_lookalikes(items.data_type)
        case MapFieldType(value_schema=values):
            return _has_lookalikes(values.data_type)
    return False


def _of_batches(partition: int, batches: Sequence[StoredBatch], end: int) -> Piece:
    """Join what of *batches* lies before *end*."""
    runs, lines = [], []
    for batch in batches:
        count = min(batch.count, end - batch.start)
        if count > 0:
            runs.append((batch.start, count, batch.time_ms))
            lines.append(batch.lines if count == batch.count else _first(batch.lines, count))
    return Piece(partition, runs, b"".join(lines))


def _of_records(partition: int, records: Sequence[StoredRecord]) -> Piece:
    runs: list[tuple[int, int, int]] = []
    for record in records:
        if runs:
            first, count, time_ms = runs[-1]
            if (first + count, time_ms) == (record.offset, record.time_ms):
                runs[-1] = (first, count + 1, time_ms)
                continue
        runs.append((record.offset, 1, record.time_ms))
    return Piece(partition, runs, b"".join(record.value + b"\n" for record in records))


def _first(lines: bytes, count: int) -> bytes:
    return b"".join(line + b"\n" for line in lines.split(b"\n", count)[:count])
