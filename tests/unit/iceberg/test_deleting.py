"""Deleting the oldest rows: those, once, in one snapshot, whatever fails."""

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.table.snapshots import Operation

from fixtures.archive import SENSORS, TABLE, add, commit_at, iceberg_tables, rows_of, stored
from fixtures.faults import FAULTY_FILE_IO, Fault
from sluiceway.archive.errors import ArchiveConflictError, ArchiveUnavailableError
from sluiceway.archive.types import Piece, TransactionType
from sluiceway.backends.iceberg import deleting
from sluiceway.backends.iceberg.deleting import delete_rows, due_rows
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.foundation.rids import new_view_rid

VIEW = new_view_rid()
START_MS = 1_764_000_000_000
LONG = 3_600


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    Fault.arm(None)
    opened = iceberg_tables(tmp_path, catalog_properties={"py-io-impl": FAULTY_FILE_IO})
    opened.open(TABLE, VIEW, SENSORS)
    yield opened
    Fault.arm(None)
    opened.close()


def fill(tables: IcebergTables, commits: int, *, partitions: int = 2) -> None:
    """Make commits of ten records of each partition, of five moments each, 10 ms apart."""
    for number in range(commits):
        at = number * 10
        place = dict.fromkeys(range(partitions), at) if at else {}
        pieces = [
            Piece(one, [stored(at + two, 2, moment(at + two)) for two in range(0, 10, 2)])
            for one in range(partitions)
        ]
        add(tables, place, *pieces)


def moment(offset: int) -> int:
    return START_MS + offset * 10


def offsets_of(tables: IcebergTables) -> dict[int, list[int]]:
    rows = rows_of(tables.catalogue, TABLE)
    return {partition: [offset for offset, _ in found] for partition, found in rows.items()}


def files_of(tables: IcebergTables) -> list[str]:
    return [file.location for file in tables.describe(TABLE).files]


def operation_of(tables: IcebergTables) -> Operation:
    snapshot = tables.load(TABLE).table.current_snapshot()
    assert snapshot is not None
    assert snapshot.summary is not None
    return snapshot.summary.operation


def test_whole_files_are_dropped_and_nothing_is_written(tables: IcebergTables) -> None:
    fill(tables, 3)
    files = files_of(tables)

    due = due_rows(tables, TABLE, moment(20))
    start = commit_at({})
    done = delete_rows(tables, TABLE, start, moment(20))

    assert done is not None
    assert (done.rid, done.transaction_type) == (start.transaction, TransactionType.DELETE)
    assert (done.rows, done.ranges) == (40, {0: (0, 20), 1: (0, 20)})
    assert (due.records, due.ranges, due.files) == (40, done.ranges, 2)
    assert (due.oldest_ms, due.newest_ms) == (moment(0), moment(18))
    assert due.stored_bytes == done.stored_bytes > 0
    assert len(files_of(tables)) == 1
    assert set(files_of(tables)) <= set(files)
    assert operation_of(tables) is Operation.DELETE
    assert offsets_of(tables) == {0: list(range(20, 30)), 1: list(range(20, 30))}


@pytest.mark.parametrize(
    ("before_ms", "first"),
    [(moment(14), 14), (moment(14) + 1, 16), (moment(16), 16)],
    ids=["at a moment", "right after it", "at the next"],
)
def test_a_file_in_which_the_line_falls_is_written_anew(
    tables: IcebergTables, before_ms: int, first: int
) -> None:
    fill(tables, 3)
    kept = rows_of(tables.catalogue, TABLE)

    due = due_rows(tables, TABLE, before_ms)
    done = delete_rows(tables, TABLE, commit_at({}), before_ms)

    assert done is not None
    assert done.ranges == due.ranges == {0: (0, first), 1: (0, first)}
    assert done.rows == due.records == 2 * first
    assert operation_of(tables) is Operation.OVERWRITE
    assert rows_of(tables.catalogue, TABLE) == {one: rows[first:] for one, rows in kept.items()}
    state = tables.open(TABLE, VIEW, SENSORS)
    assert (state.start_offsets, state.next_offsets) == ({0: first, 1: first}, {0: 30, 1: 30})
    assert state.transactions[-1] == done
    assert [one.offset for one in tables.read(TABLE, 1, 0, 2, 1_000)] == [first, first + 1]
    assert tables.describe(TABLE).start_offsets == state.start_offsets


def test_what_is_not_old_enough_stays_and_nothing_is_committed(tables: IcebergTables) -> None:
    fill(tables, 2)
    before = tables.describe(TABLE).snapshot_id

    assert delete_rows(tables, TABLE, commit_at({}), moment(0)) is None
    assert due_rows(tables, TABLE, moment(0)).records == 0
    assert delete_rows(tables, TABLE, commit_at({}), moment(2)) is not None
    assert delete_rows(tables, TABLE, commit_at({}), moment(2)) is None

    assert tables.describe(TABLE).snapshot_id != before
    assert len(tables.open(TABLE, VIEW, SENSORS).transactions) == 3


def test_a_table_of_which_everything_went_is_still_where_it_was(tables: IcebergTables) -> None:
    fill(tables, 2)
    delete_rows(tables, TABLE, commit_at({}), moment(1_000))
    assert files_of(tables) == []

    add(tables, {0: 20, 1: 20}, Piece(0, [stored(20, 5)]))

    state = tables.open(TABLE, VIEW, SENSORS)
    assert (state.start_offsets, state.next_offsets) == ({0: 20, 1: 20}, {0: 25, 1: 20})
    assert offsets_of(tables) == {0: list(range(20, 25))}


def test_a_table_that_begins_late_says_so(tables: IcebergTables) -> None:
    add(tables, {}, Piece(0, [stored(7, 3)]), Piece(1, [stored(0, 3)]))
    add(tables, {0: 10, 1: 3}, Piece(0, [stored(12, 3)]))

    assert tables.open(TABLE, VIEW, SENSORS).start_offsets == {0: 7}


def test_what_was_deleted_is_gone_from_the_disk_once_its_snapshots_expire(
    tables: IcebergTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tables, 2)
    old = files_of(tables)
    delete_rows(tables, TABLE, commit_at({}), moment(14))
    maintain(tables, TABLE, LONG)
    assert all(Path(one).exists() for one in old)

    later = time.time() + LONG + 1
    monkeypatch.setattr(time, "time", lambda: later)
    maintain(tables, TABLE, LONG)

    assert not any(Path(one).exists() for one in old)
    assert offsets_of(tables) == {0: list(range(14, 20)), 1: list(range(14, 20))}
    state = tables.open(TABLE, VIEW, SENSORS)
    assert (state.start_offsets, state.next_offsets) == ({0: 14, 1: 14}, {0: 20, 1: 20})


def test_a_commit_that_began_before_a_deletion_is_right(tables: IcebergTables) -> None:
    fill(tables, 2)
    begun = tables.begin(TABLE, commit_at({0: 20, 1: 20}))
    begun.add(Piece(0, [stored(20, 5)]))

    delete_rows(tables, TABLE, commit_at({}), moment(14))
    begun.finish()

    assert offsets_of(tables) == {0: list(range(14, 25)), 1: list(range(14, 20))}


def test_files_that_others_took_out_meanwhile_are_not_taken_out_again(
    tables: IcebergTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tables, 8)
    written = deleting._written

    def slow(*given: object) -> object:
        # As another program would: it knows nothing of our locks.
        tables._rewrites.clear()
        assert maintain(tables, TABLE, LONG).merged_files == 8
        return written(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(deleting, "_written", slow)
    with pytest.raises(ArchiveConflictError):
        delete_rows(tables, TABLE, commit_at({}), moment(14))
    monkeypatch.undo()
    assert offsets_of(tables) == {key: list(range(80)) for key in range(2)}

    delete_rows(tables, TABLE, commit_at({}), moment(14))

    assert offsets_of(tables) == {key: list(range(14, 80)) for key in range(2)}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_failure_at_any_step_deletes_all_of_it_or_nothing(tables: IcebergTables) -> None:
    fill(tables, 3)
    Fault.arm(None)
    delete_rows(tables, TABLE, commit_at({}), moment(14))
    kinds = {kind: Fault.steps.index(kind) for kind in Fault.steps}
    assert {"write parquet", "close parquet", "close avro", "close json"} <= kinds.keys()

    for number, at in enumerate([*kinds.values(), len(Fault.steps) - 1]):
        tables.drop(TABLE)
        tables.open(TABLE, VIEW, SENSORS)
        fill(tables, 3)

        Fault.arm(at, after=number % 2 == 1)
        with contextlib.suppress(ArchiveUnavailableError):
            delete_rows(tables, TABLE, commit_at({}), moment(14))
        assert Fault.happened
        Fault.arm(None)

        first = tables.open(TABLE, VIEW, SENSORS).start_offsets.get(0, 0)
        assert first in {0, 14}
        assert offsets_of(tables) == {key: list(range(first, 30)) for key in range(2)}
        delete_rows(tables, TABLE, commit_at({}), moment(14))
        assert offsets_of(tables) == {key: list(range(14, 30)) for key in range(2)}
        deletions = [
            one
            for one in tables.open(TABLE, VIEW, SENSORS).transactions
            if one.transaction_type is TransactionType.DELETE
        ]
        assert len(deletions) == 1


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_any_order_of_commits_merges_and_deletions_the_young_rows_are_there(
    data: st.DataObject,
) -> None:
    """The model is a list of offsets and moments for each partition."""
    Fault.arm(None)
    with tempfile.TemporaryDirectory() as folder:
        tables = iceberg_tables(Path(folder))
        tables.open(TABLE, VIEW, SENSORS)
        model: dict[int, list[tuple[int, int]]] = {0: [], 1: []}
        ends, time_ms = {0: 0, 1: 0}, START_MS
        for _ in range(data.draw(st.integers(8, 14))):
            pieces = []
            for partition in data.draw(st.sampled_from([(0,), (1,), (0, 1)])):
                batches = []
                for count in data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)):
                    time_ms += data.draw(st.integers(0, 5))
                    start = ends[partition]
                    batches.append(stored(start, count, time_ms))
                    model[partition] += [(start + at, time_ms) for at in range(count)]
                    ends[partition] += count
                pieces.append(Piece(partition, batches))
            place = {one: tables.load(TABLE).next_offsets.get(one, 0) for one in ends}
            add(tables, place, *pieces)
            deed = random.Random(data.draw(st.integers(0, 99))).randrange(4)
            if deed == 0:
                maintain(tables, TABLE, LONG)
            elif deed == 1:
                before_ms = data.draw(st.integers(START_MS, time_ms + 1))
                delete_rows(tables, TABLE, commit_at({}), before_ms)
                for partition, rows in model.items():
                    model[partition] = [row for row in rows if row[1] >= before_ms]

            expected = {one: [at for at, _ in rows] for one, rows in model.items() if rows}
            assert offsets_of(tables) == expected
            for partition, offsets in expected.items():
                found = tables.read(TABLE, partition, 0, 1_000, 1 << 20)
                assert [one.offset for one in found] == offsets
                starts = tables.open(TABLE, VIEW, SENSORS).start_offsets
                assert starts.get(partition, 0) == offsets[0]
        tables.close()
