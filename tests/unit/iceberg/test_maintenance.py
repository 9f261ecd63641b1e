"""Maintenance: fewer files and snapshots, the same rows, and nothing taken away from a reader."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyiceberg.table.snapshots import Operation

from fixtures.archive import SENSORS, TABLE, add, commit_at, iceberg_tables, rows_of, stored
from fixtures.faults import FAULTY_FILE_IO, Fault
from sluiceway.archive.errors import ArchiveTableNotFoundError, ArchiveUnavailableError
from sluiceway.archive.types import Offsets, Piece, TableName
from sluiceway.backends.iceberg import merging
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.foundation.rids import new_view_rid

VIEW = new_view_rid()
LONG = 3_600


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    Fault.arm(None)
    opened = iceberg_tables(tmp_path, catalog_properties={"py-io-impl": FAULTY_FILE_IO})
    opened.open(TABLE, VIEW, SENSORS)
    yield opened
    Fault.arm(None)
    opened.close()


def fill(tables: IcebergTables, commits: int, start: int = 0) -> Offsets:
    """Make commits of two partitions, ten records each."""
    at = start
    for _ in range(commits):
        place = {0: at, 1: at} if at else {}
        add(tables, place, *(Piece(one, [stored(at, 10)]) for one in range(2)))
        at += 10
    return {0: at, 1: at}


def files_of(tables: IcebergTables) -> list[str]:
    return [file.location for file in tables.describe(TABLE).files]


def test_eight_small_files_become_one_with_the_same_rows(tables: IcebergTables) -> None:
    ends = fill(tables, 8)
    before = rows_of(tables.catalogue, TABLE)

    done = maintain(tables, TABLE, LONG)

    assert (done.merged_files, done.expired_snapshots, done.removed_files) == (8, 0, 0)
    (merged,) = tables.describe(TABLE).files
    last = tables.open(TABLE, VIEW, SENSORS).transactions[-1]
    assert merged.written == (last.started_ms, last.rid)
    assert merged.location == f"{tables.location(TABLE)}/{merged.path}"
    assert rows_of(tables.catalogue, TABLE) == before
    state = tables.open(TABLE, VIEW, SENSORS)
    assert state.next_offsets == ends
    assert len(state.transactions) == 8
    snapshot = tables.load(TABLE).table.current_snapshot()
    assert snapshot is not None
    assert snapshot.summary is not None
    assert snapshot.summary.operation is Operation.REPLACE
    assert [record.offset for record in tables.read(TABLE, 1, 25, 3, 10_000)] == [25, 26, 27]


def test_seven_files_are_left_as_they_are(tables: IcebergTables) -> None:
    fill(tables, 7)

    assert maintain(tables, TABLE, LONG).merged_files == 0

    assert len(files_of(tables)) == 7


def test_rows_are_in_order_and_row_groups_of_one_partition_after_a_merge(
    tables: IcebergTables,
) -> None:
    fill(tables, 9)
    maintain(tables, TABLE, LONG)

    (task,) = tables.load(TABLE).table.scan().plan_files()
    columns = tables.load(TABLE).table.scan().to_arrow()

    assert len(task.file.split_offsets) == 2
    places = list(
        zip(columns["_partition"].to_pylist(), columns["__offset"].to_pylist(), strict=True)
    )
    assert places == [(one, at) for one in range(2) for at in range(90)]


def test_records_are_read_in_order_when_a_file_between_those_that_are_merged_stays(
    tables: IcebergTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_SMALL_BYTES", 20_000)
    at = 0
    for count in (10, 10, 10, 10, 20_000, 10, 10, 10, 10):
        add(tables, {0: at} if at else {}, Piece(0, [stored(at, count)]))
        at += count

    assert maintain(tables, TABLE, LONG).merged_files == 8

    assert len(files_of(tables)) == 2
    large, merged = sorted(one.path for one in tables.describe(TABLE).files)
    places = [(0, 39, 1), (0, 39, 2), (0, 40, 20_000), (0, 20_039, 2), (0, 20_080, 9), (1, 0, 1)]
    located = [[one.path for one in files] for files in tables.locate(TABLE, places)]
    assert located == [[merged], [merged, large], [large], [large, merged], [], []]
    for start in (0, 35, 40, 20_035, 20_040, 20_075):
        found = [one.offset for one in tables.read(TABLE, 0, start, 100, 1 << 20)]
        assert found == list(range(start, min(start + 100, at)))


def test_commits_go_on_after_a_merge_and_one_that_began_before_it_is_right(
    tables: IcebergTables,
) -> None:
    ends = fill(tables, 8)
    begun = tables.begin(TABLE, commit_at(ends))
    begun.add(Piece(0, [stored(80, 5)]))

    maintain(tables, TABLE, LONG)
    begun.finish()

    assert [at for at, _ in rows_of(tables.catalogue, TABLE)[0]] == list(range(85))
    assert tables.open(TABLE, VIEW, SENSORS).next_offsets == {0: 85, 1: 80}


def test_a_snapshot_that_is_not_expired_can_be_read_and_one_that_is_not(
    tables: IcebergTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tables, 8)
    old = tables.load(TABLE).table.current_snapshot()
    assert old is not None
    maintain(tables, TABLE, LONG)
    table = tables.load(TABLE).table
    assert table.scan(snapshot_id=old.snapshot_id).to_arrow().num_rows == 160

    later = time.time() + 2 * LONG
    monkeypatch.setattr(time, "time", lambda: later)
    done = maintain(tables, TABLE, LONG)

    assert done.expired_snapshots == 8
    assert done.removed_files >= 8 + 8 + 8
    metadata = tables.load(TABLE).table.metadata
    assert [one.snapshot_id for one in metadata.snapshots] == [metadata.current_snapshot_id]
    assert len(rows_of(tables.catalogue, TABLE)[0]) == 80
    assert tables.open(TABLE, VIEW, SENSORS).next_offsets == {0: 80, 1: 80}


def test_an_old_file_that_nothing_refers_to_is_removed_and_a_young_one_kept(
    tables: IcebergTables, tmp_path: Path
) -> None:
    fill(tables, 1)
    data = tmp_path / "warehouse" / TABLE.namespace / TABLE.name / "data"
    for name, age in (("old", 86_401), ("young", 86_000)):
        (data / name).touch()
        os.utime(data / name, (0, time.time() - age))

    done = maintain(tables, TABLE, 1)

    assert done.removed_files == 1
    assert not (data / "old").exists()
    assert (data / "young").exists()


def test_a_file_of_a_commit_in_the_making_is_kept(
    tables: IcebergTables,
) -> None:
    ends = fill(tables, 8)
    begun = tables.begin(TABLE, commit_at(ends))
    begun.add(Piece(0, [stored(80, 5)]))

    maintain(tables, TABLE, 1)
    begun.finish()

    assert len(rows_of(tables.catalogue, TABLE)[0]) == 85


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_failure_at_any_step_changes_no_row(tables: IcebergTables) -> None:
    fill(tables, 8)
    Fault.arm(None)
    maintain(tables, TABLE, LONG)
    steps = Fault.steps
    kinds = {kind: steps.index(kind) for kind in steps}
    assert {"write parquet", "close avro", "close list.avro", "close json"} <= kinds.keys()

    for number, at in enumerate([*kinds.values(), len(steps) - 1]):
        tables.drop(TABLE)
        tables.open(TABLE, VIEW, SENSORS)
        fill(tables, 8)

        Fault.arm(at, after=number % 2 == 1)
        with contextlib.suppress(ArchiveUnavailableError):
            maintain(tables, TABLE, LONG)
        assert Fault.happened
        Fault.arm(None)

        assert tables.open(TABLE, VIEW, SENSORS).next_offsets == {0: 80, 1: 80}
        rows = rows_of(tables.catalogue, TABLE)
        assert [[place for place, _ in rows[one]] for one in (0, 1)] == [list(range(80))] * 2
        maintain(tables, TABLE, LONG)
        assert len(files_of(tables)) == 1


def test_a_table_that_is_not_there_cannot_be_maintained(tables: IcebergTables) -> None:
    with pytest.raises(ArchiveTableNotFoundError):
        maintain(tables, TableName("sluiceway", "none"), LONG)
