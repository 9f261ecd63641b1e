"""Which row group of which file has which offsets of a table."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyarrow import parquet
from pyiceberg.io import FileIO
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from sluiceway.backends.iceberg.layout import Layout


class Group(NamedTuple):
    """Rows of one partition, in the order of their offsets."""

    first: int
    last: int
    location: str
    number: int
    """Of the row group in its file."""
    rows: int
    oldest_us: int
    newest_us: int
    """When its first and its last row were ingested, in epoch microseconds."""


class Index:
    """The row groups of one snapshot, by partition in the order of their offsets."""

    def __init__(self) -> None:
        self._groups: dict[int, list[Group]] = {}

    @property
    def partitions(self) -> list[int]:
        """The partitions that have rows, in order."""
        return sorted(self._groups)

    def add(self, location: str, footer: parquet.FileMetaData, layout: Layout) -> None:
        """Add a file whose footer says what it has.

        Raises:
            ValueError: A row group has rows of several partitions: another program wrote it.
        """
        names = [footer.schema.column(at).path for at in range(footer.num_columns)]
        partition_at, offset_at, time_at = map(names.index, layout.own)
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            partitions = group.column(partition_at).statistics
            if partitions.min != partitions.max:
                name = location.rpartition("/")[2]
                raise ValueError(f"{name} was not written by us: its row groups mix partitions")
            partition = partitions.min
            offsets = group.column(offset_at).statistics
            groups = self._groups.setdefault(partition, [])
            times = group.column(time_at).statistics
            groups.append(
                Group(
                    first=offsets.min,
                    last=offsets.max,
                    location=location,
                    number=number,
                    rows=group.num_rows,
                    oldest_us=times.min_raw,
                    newest_us=times.max_raw,
                )
            )
            if len(groups) > 1 and groups[-2] > groups[-1]:
                groups.sort()

    def since(self, partition: int, offset: int) -> Iterator[Group]:
        """Give the row groups that have rows from *offset* on, also while others are added."""
        groups = self._groups.get(partition, [])
        for at in range(bisect_left(groups, offset, key=lambda group: group.last), len(groups)):
            yield groups[at]

    def within(self, partition: int, first: int, count: int) -> list[str]:
        """Give the locations of the files that have rows of *count* offsets, each once."""
        found: dict[str, None] = {}
        for group in self.since(partition, first):
            if group.first >= first + count:
                break
            found[group.location] = None
        return list(found)


def data_files(table: Table) -> Iterator[DataFile]:
    """Give the files of a table's current snapshot."""
    snapshot = table.current_snapshot()
    if snapshot is None:
        return
    for manifest in snapshot.manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
            yield entry.data_file


def index_of(io: FileIO, files: Iterable[DataFile], layout: Layout) -> Index:
    """Read the footers of files."""
    index = Index()
    for file in files:
        with io.new_input(file.file_path).open() as opened:
            index.add(file.file_path, parquet.read_metadata(opened), layout)
    return index
