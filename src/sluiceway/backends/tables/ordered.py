"""Rows of a stream's table in the order of partition and offset, over all of its files."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import pyarrow.compute as pc

from sluiceway.datasets.tables import OffsetRows, TableFaultError, TableFaultKind, TableFile

BATCH_ROWS: Final = 65_536


class RowGroup(NamedTuple):
    """A row group: rows of one partition, sorted by their offsets."""

    partition: int
    first: int
    last: int
    file: TableFile
    number: int


class OrderedRows:
    """The row groups with the wanted rows: ``add`` every file, then ``sort`` them."""

    def __init__(self, offsets: OffsetRows) -> None:
        self._own = offsets.own
        self._ranges = offsets.ranges
        self.groups: list[RowGroup] = []
        """Those that have wanted rows."""

    def add(self, file: TableFile, footer: Any) -> None:  # noqa: ANN401 - pyarrow has no types
        """Add a file, of which the footer is known.

        Raises:
            TableFaultError: It does not say which rows it has.
        """
        names = [footer.schema.column(at).path for at in range(footer.num_columns)]
        try:
            places = names.index(self._own.partition), names.index(self._own.offset)
        except ValueError:
            raise _fault(file, "it has not the columns of a stream's table") from None
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            partitions, found = (group.column(at).statistics for at in places)
            if partitions is None or found is None or not found.has_min_max:
                raise _fault(file, "it does not say which rows it has")
            if partitions.min != partitions.max:
                raise _fault(file, "a row group has rows of several partitions")
            first, end = self._range(partitions.min)
            if found.max >= first and found.min < end:
                self.groups.append(RowGroup(partitions.min, found.min, found.max, file, number))

    def _range(self, partition: int) -> tuple[int, int]:
        if self._ranges is None:
            return 0, 1 << 63
        return self._ranges.get(partition, (0, 0))

    def sort(self) -> None:
        """Put the row groups in order, once every file was added.

        Raises:
            TableFaultError: They overlap.
        """
        self.groups.sort(key=lambda group: group[:3])
        for before, after in zip(self.groups, self.groups[1:], strict=False):
            if before.partition == after.partition and before.last >= after.first:
                raise _fault(after.file, f"it has rows that {before.file.path!r} has, too")

    def batches(self, group: RowGroup, opened: Any, columns: Sequence[str]) -> Iterator[Any]:  # noqa: ANN401 - pyarrow has no types
        """Give the wanted rows of a row group, with those of the columns that its open file has."""
        there = [name for name in columns if name in opened.schema_arrow.names]
        first, end = self._range(group.partition)
        is_cut = group.first < first or group.last >= end
        read = dict.fromkeys([*there, self._own.offset] if is_cut else there)
        for batch in opened.iter_batches(BATCH_ROWS, row_groups=[group.number], columns=list(read)):
            rows = self._cut(batch, first, end) if is_cut else batch
            if rows.num_rows:
                yield rows

    def _cut(self, batch: Any, first: int, end: int) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Leave out what is not in the range; rows are sorted by their offsets."""
        offsets = batch.column(self._own.offset)
        before = pc.sum(pc.less(offsets, first)).as_py() or 0
        upto = pc.sum(pc.less(offsets, end)).as_py() or 0
        return batch.slice(before, max(upto - before, 0))


def _fault(file: TableFile, reason: str) -> TableFaultError:
    return TableFaultError(TableFaultKind.FILE, f"{file.path!r}: {reason}")
