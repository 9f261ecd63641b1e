"""Many small files into a larger one; no row changes."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyarrow import parquet
from pyiceberg.io import FileIO
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.typedef import EMPTY_DICT

from sluiceway.backends.iceberg.index import Group, Index, index_of
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.backends.iceberg.writing import FileWriter

_FILES_MIN: Final = 8
"""So many files of like size are merged."""
_SMALL_BYTES: Final = 1_048_576
"""Files up to this size are all of like size; from there on those within a factor of 8 are."""
FULL_BYTES: Final = 128 * 1_048_576
"""A file of this size is not merged any more."""


def mergeable(files: Sequence[DataFile]) -> list[DataFile]:
    """Choose files to merge, in their order; none where that would not pay.

    Only files of like size are merged, so that each byte is written anew a few times, not with
    each merge.
    """
    by_size: dict[int, list[DataFile]] = {}
    for file in files:
        if file.file_size_in_bytes < FULL_BYTES:
            by_size.setdefault(_size_class(file.file_size_in_bytes), []).append(file)
    for _, like in sorted(by_size.items()):
        if len(like) >= _FILES_MIN:
            return _up_to(like, FULL_BYTES)
    return []


def alike(table: Table, files: Iterable[DataFile]) -> list[list[DataFile]]:
    """Group *files* by the columns that they have, which say what the lines in them were.

    In a table whose schema never changed all are alike. In one that did, files that do not say what
    they have are left out.
    """
    if len(table.metadata.schemas) == 1:
        return [list(files)]
    groups: dict[frozenset[int], list[DataFile]] = {}
    for file in files:
        if file.column_sizes:
            groups.setdefault(frozenset(file.column_sizes), []).append(file)
    return list(groups.values())


def layout_of_file(io: FileIO, file: DataFile, layout: Layout) -> Layout:
    """Give those columns of a table that a file has, and that the files have that are alike."""
    with io.new_input(file.file_path).open() as opened:
        return layout.of_file(parquet.read_schema(opened))


def _size_class(size: int) -> int:
    return 0 if size <= _SMALL_BYTES else 1 + int(math.log(size / _SMALL_BYTES, 8))


def _up_to(files: Sequence[DataFile], bytes_max: int) -> list[DataFile]:
    chosen, size = list[DataFile](), 0
    for file in files:
        size += file.file_size_in_bytes
        if size > bytes_max and len(chosen) > 1:
            break
        chosen.append(file)
    return chosen


def merge(
    table: Table,
    layout: Layout,
    files: Sequence[DataFile],
    writer: FileWriter,
    left_out: Mapping[tuple[str, int], int] = EMPTY_DICT,
) -> None:
    """Write the rows of *files*, which are alike, in order; one row group of each partition is held at a time.

    Of a row group, named by its file and its number in it, so many first rows are *left_out*.
    """
    index = index_of(table.io, files, layout)
    for partition, group in _groups(index):
        first = left_out.get((group.location, group.number), 0)
        if first >= group.rows:
            continue
        with table.io.new_input(group.location).open() as opened:
            read = parquet.ParquetFile(opened).read_row_group(group.number)
        rows = read.slice(first).cast(writer.schema)
        writer.add_group(partition, rows, (group.first, group.last + 1))


def _groups(index: Index) -> Iterator[tuple[int, Group]]:
    for partition in index.partitions:
        for group in index.since(partition, 0):
            yield partition, group
