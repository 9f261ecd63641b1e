"""Deleting the oldest rows of a table, whole files first."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
from pyarrow import compute, parquet
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io import FileIO
from pyiceberg.manifest import DataFile

from sluiceway.archive.errors import ArchiveConflictError
from sluiceway.archive.types import (
    ArchiveTransaction,
    CommitStart,
    DueRows,
    Offsets,
    TableName,
    TransactionType,
)
from sluiceway.backends.iceberg.catalogue import translated
from sluiceway.backends.iceberg.file_names import merged_file
from sluiceway.backends.iceberg.index import Group, data_files
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.backends.iceberg.merging import alike, layout_of_file, merge
from sluiceway.backends.iceberg.rewriting import remove
from sluiceway.backends.iceberg.summaries import summary_of, transactions_of
from sluiceway.backends.iceberg.tables import IcebergTables, OpenTable
from sluiceway.backends.iceberg.writing import FileWriter

_MS: Final = 1_000
"""Microseconds of a millisecond."""


@dataclass(slots=True)
class _Plan:
    """Which rows go."""

    rows: dict[tuple[str, int], int] = field(default_factory=dict)
    """How many, the first ones, of each row group: its file and its number in it."""
    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    """By partition."""
    oldest_us: int = 0
    newest_us: int = 0
    dropped: list[DataFile] = field(default_factory=list)
    """Files of which nothing is left."""
    rewritten: list[DataFile] = field(default_factory=list)
    """Files of which something goes."""

    @property
    def ends(self) -> Offsets:
        return {partition: end for partition, (_, end) in self.ranges.items()}

    @property
    def files(self) -> list[DataFile]:
        return [*self.dropped, *self.rewritten]

    def of_file(self, file: DataFile) -> int:
        """Tell how many of its rows go."""
        return sum(rows for (place, _), rows in self.rows.items() if place == file.file_path)


def due_rows(tables: IcebergTables, name: TableName, before_ms: int) -> DueRows:
    """Tell what ``delete_rows`` would delete now; changes nothing.

    Raises:
        ArchiveUnavailableError: Files or catalogue are away.
        ArchiveTableNotFoundError: There is no such table.
    """
    with translated():
        with tables.locked(name):
            opened = tables.load(name)
        plan = _plan(opened, before_ms)
    return DueRows(
        ranges=plan.ranges,
        counts=plan.counts,
        stored_bytes=sum(
            file.file_size_in_bytes * plan.of_file(file) // max(file.record_count, 1)
            for file in plan.files
        ),
        files=len(plan.files),
        oldest_ms=plan.oldest_us // _MS if plan.rows else None,
        newest_ms=plan.newest_us // _MS if plan.rows else None,
    )


def delete_rows(
    tables: IcebergTables, name: TableName, start: CommitStart, before_ms: int
) -> ArchiveTransaction | None:
    """Delete in one snapshot what was ingested before *before_ms*; see `ArchiveTables.delete`.

    Raises:
        ArchiveConflictError: Another program changed the table meanwhile; nothing was deleted.
        ArchiveUnavailableError: It failed; ``open`` tells whether it happened.
    """
    with translated(), tables.rewriting(name):
        with tables.locked(name):
            opened = tables.load(name)
        plan = _plan(opened, before_ms)
        if not plan.rows:
            return None
        writers = _written(tables, opened, plan)
        with tables.locked(name):
            is_decided = False
            try:
                new = [writer.finish() for writer in writers]
                opened = tables.load(name)
                _check_there(opened, plan)
                is_decided = True
                _commit(opened, plan, new, start)
            except CommitFailedException:
                is_decided = False
                raise ArchiveConflictError(opened.next_offsets) from None
            finally:
                tables.forget(name)
                if not is_decided:
                    _abort(writers)
            return transactions_of(tables.load(name).table)[-1]


def _plan(opened: OpenTable, before_ms: int) -> _Plan:
    """Find the rows of each partition before the first one that stays."""
    plan, before_us = _Plan(), before_ms * _MS
    for partition in opened.index.partitions:
        for group in opened.index.since(partition, 0):
            rows, end, newest_us = _older(opened.table.io, opened.layout, group, before_us)
            if rows:
                first = plan.ranges.get(partition, (group.first, 0))[0]
                plan.oldest_us = min(plan.oldest_us or group.oldest_us, group.oldest_us)
                plan.newest_us = max(plan.newest_us, newest_us)
                plan.rows[group.location, group.number] = rows
                plan.ranges[partition] = (first, end)
                plan.counts[partition] = plan.counts.get(partition, 0) + rows
            if rows < group.rows:
                break
    places = {place for place, _ in plan.rows}
    for file in data_files(opened.table) if places else ():
        if file.file_path in places:
            is_whole = plan.of_file(file) == file.record_count
            (plan.dropped if is_whole else plan.rewritten).append(file)
    return plan


def _older(io: FileIO, layout: Layout, group: Group, before_us: int) -> tuple[int, int, int]:
    """Give how many of a group's first rows are older, the offset after them, and their newest."""
    if group.newest_us < before_us:
        return group.rows, group.last + 1, group.newest_us
    if group.oldest_us >= before_us:
        return 0, group.first, 0
    with io.new_input(group.location).open() as opened:
        columns = parquet.ParquetFile(opened).read_row_group(
            group.number, columns=[layout.own.offset, layout.own.ingested_at]
        )
    times = columns[layout.own.ingested_at].cast(pa.int64())
    rows = compute.index(compute.greater_equal(times, before_us), True).as_py()
    if rows <= 0:
        return 0, group.first, 0
    end: int = columns[layout.own.offset][rows - 1].as_py() + 1
    newest_us: int = compute.max(times.slice(0, rows)).as_py()
    return rows, end, newest_us


def _written(tables: IcebergTables, opened: OpenTable, plan: _Plan) -> list[FileWriter]:
    """Write what stays of files of which something goes, to one file for those that are alike."""
    table, writers = opened.table, list[FileWriter]()
    try:
        for files in alike(table, plan.rewritten) if plan.rewritten else ():
            layout = layout_of_file(table.io, files[0], opened.layout)
            writer = FileWriter(table, merged_file(files), layout, tables.compression_level)
            writers.append(writer)
            merge(table, layout, files, writer, plan.rows)
    except BaseException:
        _abort(writers)
        raise
    return writers


def _abort(writers: Iterable[FileWriter]) -> None:
    for writer in writers:
        with contextlib.suppress(OSError):
            writer.abort()


def _check_there(opened: OpenTable, plan: _Plan) -> None:
    """Refuse to take out files that are not there: their rows would be there twice."""
    there = {file.file_path for file in data_files(opened.table)}
    if not all(file.file_path in there for file in plan.files):
        raise ArchiveConflictError(opened.next_offsets)


def _commit(opened: OpenTable, plan: _Plan, rest: list[DataFile], start: CommitStart) -> None:
    summary = summary_of(start, opened.next_offsets, plan.ranges, {}, TransactionType.DELETE)
    remove(opened.table, plan.files, rest, summary, opened.starting_at(plan.ends))
