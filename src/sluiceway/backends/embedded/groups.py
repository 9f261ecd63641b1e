"""Laying out a group of appends as rows."""

from collections.abc import Iterable, Sequence

import msgspec

from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.rows import Row, Sealer, pieces
from sluiceway.streams.log import Batch
from sluiceway.streams.pending import PendingAppend


class Append(PendingAppend):
    """Batches that are stored together or not at all, with where each goes."""

    __slots__ = ("placed", "size")

    def __init__(self, placed: Sequence[tuple[Partition, Batch]], size: int) -> None:
        super().__init__()
        self.placed = placed
        self.size = size
        """What it counts for in the bounds: its bytes and a share for what surrounds them."""


class GroupLayout(msgspec.Struct, frozen=True):
    """What one commit writes, and what is true once it is durable."""

    rows: list[Row]
    first_offsets: list[list[int]]
    """For each append the first offset of each of its batches."""
    ends: dict[Partition, int]
    """The offset after the last record, for each partition that got records."""


class _OpenRow:
    """A row that still takes records."""

    __slots__ = ("base_offset", "chunks", "count", "size")

    def __init__(self, base_offset: int) -> None:
        self.base_offset = base_offset
        self.count = 0
        self.size = 0
        self.chunks: list[bytes] = []


def lay_out(
    group: Iterable[Append], sealer: Sealer, *, time_ms: int, row_bytes_max: int
) -> GroupLayout:
    """Give each record of *group* its offset, in order, and merge the batches of a partition."""
    open_rows: dict[Partition, _OpenRow] = {}
    rows: list[Row] = []
    first_offsets: list[list[int]] = []

    def close(partition: Partition, row: _OpenRow) -> None:
        lines = row.chunks[0] if len(row.chunks) == 1 else b"".join(row.chunks)
        rows.append(sealer.seal(partition, row.base_offset, row.count, time_ms, lines))

    for append in group:
        offsets = []
        for partition, batch in append.placed:
            row = open_rows.get(partition)
            if row is None:
                row = open_rows[partition] = _OpenRow(partition.next_offset)
            offsets.append(row.base_offset + row.count)
            parts: Iterable[tuple[int, bytes]] = ((batch.count, batch.lines),)
            if len(batch.lines) > row_bytes_max:
                parts = pieces(batch.lines, row_bytes_max)
            for count, lines in parts:
                if row.count and row.size + len(lines) > row_bytes_max:
                    close(partition, row)
                    row = open_rows[partition] = _OpenRow(row.base_offset + row.count)
                row.chunks.append(lines)
                row.count += count
                row.size += len(lines)
        first_offsets.append(offsets)
    for partition, row in open_rows.items():
        close(partition, row)
    ends = {partition: row.base_offset + row.count for partition, row in open_rows.items()}
    return GroupLayout(rows, first_offsets, ends)
