"""Open tables in a folder: one commit once, durable, and read as it was stored."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.archive import (
    SENSORS,
    TABLE,
    add,
    commit_at,
    iceberg_tables,
    line,
    rows_of,
    stored,
)
from sluiceway.archive.errors import (
    ArchiveConflictError,
    ArchiveCorruptError,
    ArchiveTableNotFoundError,
    ArchiveUnavailableError,
)
from sluiceway.archive.types import Offsets, Piece
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.foundation.rids import new_view_rid

VIEW = new_view_rid()


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    opened = iceberg_tables(tmp_path)
    opened.open(TABLE, VIEW, SENSORS)
    yield opened
    opened.close()


def offsets_of(tables: IcebergTables) -> dict[int, list[int]]:
    return {one: [at for at, _ in rows] for one, rows in rows_of(tables.catalogue, TABLE).items()}


def test_a_new_table_is_empty_and_opening_it_again_changes_nothing(tables: IcebergTables) -> None:
    state = tables.open(TABLE, VIEW, SENSORS)

    assert (state.next_offsets, state.transactions) == ({}, [])


def test_a_commit_adds_its_records_and_says_what_it_added(tables: IcebergTables) -> None:
    made = add(
        tables,
        {},
        Piece(0, [stored(0, 3), stored(3, 2)]),
        Piece(0, [stored(5, 1)]),
        Piece(2, [stored(0, 4)]),
    )

    assert made is not None
    assert (made.rows, made.ranges) == (10, {0: (0, 6), 2: (0, 4)})
    assert made.stored_bytes > 0
    state = tables.open(TABLE, VIEW, SENSORS)
    assert state.next_offsets == {0: 6, 2: 4}
    assert state.transactions == [made]
    expected = {one: [(at, line(at)[:-1]) for at in range(end)] for one, end in ((0, 6), (2, 4))}
    assert rows_of(tables.catalogue, TABLE) == expected


def test_a_commit_without_records_commits_nothing(tables: IcebergTables) -> None:
    assert add(tables, {}) is None

    assert tables.open(TABLE, VIEW, SENSORS).transactions == []


@pytest.mark.parametrize("start", [{}, {0: 4}, {0: 6}, {0: 5, 1: 1}])
def test_a_commit_that_starts_elsewhere_adds_nothing(tables: IcebergTables, start: Offsets) -> None:
    add(tables, {}, Piece(0, [stored(0, 5)]))

    with pytest.raises(ArchiveConflictError) as raised:
        add(tables, start, Piece(0, [stored(start.get(0, 0), 1)]))

    assert raised.value.next_offsets == {0: 5}
    assert offsets_of(tables) == {0: [0, 1, 2, 3, 4]}


def test_of_two_commits_from_one_place_one_happens(tables: IcebergTables) -> None:
    first, second = tables.begin(TABLE, commit_at({})), tables.begin(TABLE, commit_at({}))
    first.add(Piece(0, [stored(0, 3)]))
    second.add(Piece(0, [stored(0, 5)]))

    first.finish()
    with pytest.raises(ArchiveConflictError):
        second.finish()

    assert offsets_of(tables) == {0: [0, 1, 2]}


def test_of_two_processes_that_commit_from_one_place_one_succeeds(
    tables: IcebergTables, tmp_path: Path
) -> None:
    other = iceberg_tables(tmp_path)
    add(tables, {}, Piece(0, [stored(0, 1)]))
    stale = other.begin(TABLE, commit_at({0: 1}))
    stale.add(Piece(0, [stored(1, 5)]))

    add(tables, {0: 1}, Piece(0, [stored(1, 2)]))
    with pytest.raises(ArchiveConflictError) as raised:
        stale.finish()

    other.close()
    assert raised.value.next_offsets == {0: 3}
    assert offsets_of(tables) == {0: [0, 1, 2]}


def test_records_before_where_the_table_is_are_refused(tables: IcebergTables) -> None:
    add(tables, {}, Piece(0, [stored(0, 5)]))

    with pytest.raises(ArchiveConflictError):
        add(tables, {0: 5}, Piece(0, [stored(4, 5)]))

    assert offsets_of(tables) == {0: [0, 1, 2, 3, 4]}


@pytest.mark.parametrize(
    "pieces",
    [
        (Piece(1, [stored(0, 1)]), Piece(0, [stored(0, 1)])),
        (Piece(0, [stored(0, 2)]), Piece(0, [stored(1, 2)])),
    ],
)
def test_records_out_of_order_are_refused(
    tables: IcebergTables, pieces: tuple[Piece, Piece]
) -> None:
    with pytest.raises(ArchiveCorruptError, match="out of their order"):
        add(tables, {}, *pieces)


def test_a_gap_that_the_log_has_is_a_gap_in_the_table(tables: IcebergTables) -> None:
    add(tables, {}, Piece(0, [stored(4, 2), stored(9, 1)]))

    assert offsets_of(tables) == {0: [4, 5, 9]}
    assert [one.offset for one in tables.read(TABLE, 0, 6, 10, 10_000)] == [9]


def test_a_table_of_another_view_is_refused(tables: IcebergTables) -> None:
    with pytest.raises(ArchiveCorruptError, match="not the table of"):
        tables.open(TABLE, new_view_rid(), SENSORS)


def test_dropping_removes_every_file_and_twice_changes_nothing(
    tables: IcebergTables, tmp_path: Path
) -> None:
    add(tables, {}, Piece(0, [stored(0, 5)]))
    (tmp_path / "warehouse" / TABLE.namespace / TABLE.name / "data" / "orphan.parquet").touch()

    tables.drop(TABLE)
    tables.drop(TABLE)

    assert list((tmp_path / "warehouse" / TABLE.namespace).iterdir()) == []
    with pytest.raises(ArchiveTableNotFoundError):
        add(tables, {}, Piece(0, [stored(0, 5)]))


def test_own_columns_make_way_for_those_of_the_stream(
    tables: IcebergTables, tmp_path: Path
) -> None:
    add(tables, {}, Piece(3, [stored(0, 5, time_ms=1_764_000_000_123)]))

    files = tmp_path / "warehouse" / TABLE.namespace / TABLE.name / "data" / "*.parquet"
    assert duckdb.read_parquet(str(files)).columns == [
        *("sensor_id", "temperature", "_offset"),
        *("_partition", "__offset", "_ingested_at"),
    ]
    found = duckdb.read_parquet(str(files)).select("_partition, __offset, epoch_ms(_ingested_at)")
    assert found.fetchall() == [(3, at, 1_764_000_000_123) for at in range(5)]


def test_row_groups_hold_one_partition_and_statistics_of_all_columns(
    tables: IcebergTables,
) -> None:
    add(tables, {}, *(Piece(one, [stored(0, 10)]) for one in range(4)))

    (task,) = tables.load(TABLE).table.scan().plan_files()
    assert len(task.file.split_offsets) == 4
    assert set(task.file.lower_bounds) == set(range(1, 7))
    assert set(task.file.null_value_counts.values()) == {0}


def test_files_and_folders_are_synced_before_the_catalogue_knows_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    fsync = os.fsync

    def note(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    monkeypatch.setattr(os, "fsync", note)
    tables = iceberg_tables(tmp_path)
    commit_table, unsynced = tables.catalogue.commit_table, list[Path]()

    def commit(*arguments: object) -> object:
        made = commit_table(*arguments)  # type: ignore[arg-type]
        there = [*(tmp_path / "warehouse").rglob("*"), tmp_path / "warehouse"]
        unsynced.extend(path for path in there if str(path) not in synced)
        return made

    tables.catalogue.commit_table = commit  # type: ignore[method-assign,assignment]
    tables.open(TABLE, VIEW, SENSORS)
    add(tables, {}, Piece(0, [stored(0, 5)]))

    tables.close()
    assert len(synced) > 6
    assert unsynced == []


def test_records_are_read_as_they_were_stored(tables: IcebergTables) -> None:
    add(tables, {}, Piece(0, [stored(0, 10)]), Piece(1, [stored(0, 3, time_ms=7)]))
    before = tables.read(TABLE, 0, 0, 100, 1 << 20)  # The index is made here,
    add(tables, {0: 10, 1: 3}, Piece(0, [stored(10, 2_500)]))  # and added to here.

    assert len(before) == 10
    found = tables.read(TABLE, 0, 0, 10_000, 1 << 20)
    assert [(one.offset, one.value) for one in found] == [
        (at, line(at)[:-1]) for at in range(2_510)
    ]
    assert [one.time_ms for one in tables.read(TABLE, 1, 1, 5, 1 << 20)] == [7, 7]
    assert tables.read(TABLE, 0, 2_510, 5, 1 << 20) == []
    assert tables.read(TABLE, 5, 0, 5, 1 << 20) == []


SIZE = len(line(0)) - 1


@pytest.mark.parametrize(
    ("limit", "bytes_max", "count"),
    [(3, 1 << 20, 3), (9, 1, 1), (9, 2 * SIZE - 1, 1), (9, 2 * SIZE, 2), (9, 2 * SIZE + 1, 2)],
)
def test_reading_stops_at_the_limit_and_before_the_bytes_are_exceeded(
    tables: IcebergTables, limit: int, bytes_max: int, count: int
) -> None:
    add(tables, {}, Piece(0, [stored(0, 5)]))
    add(tables, {0: 5}, Piece(0, [stored(5, 5)]))

    assert len(tables.read(TABLE, 0, 3, limit, bytes_max)) == count


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    commits=st.lists(
        st.dictionaries(st.integers(0, 3), st.lists(st.integers(1, 40), min_size=1, max_size=4)),
        max_size=4,
    ),
    start=st.integers(0, 60),
)
def test_what_is_read_is_what_was_added(
    tables: IcebergTables, commits: list[dict[int, list[int]]], start: int
) -> None:
    tables.drop(TABLE)
    tables.open(TABLE, VIEW, SENSORS)
    ends: Offsets = {}
    for commit in commits:
        pieces, before = [], dict(ends)
        for partition, sizes in sorted(commit.items()):
            for size in sizes:
                at = ends.get(partition, 0)
                pieces.append(Piece(partition, [stored(at, size)]))
                ends[partition] = at + size
        add(tables, before, *pieces)

    assert tables.open(TABLE, VIEW, SENSORS).next_offsets == ends
    for partition, end in ends.items():
        found = tables.read(TABLE, partition, start, 1_000, 1 << 20)
        assert [(one.offset, one.value) for one in found] == [
            (at, line(at)[:-1]) for at in range(start, end)
        ]


def test_row_groups_that_mix_partitions_are_not_read_for_those_of_one(
    tables: IcebergTables,
) -> None:
    add(tables, {}, Piece(0, [stored(0, 10)]), Piece(1, [stored(0, 10)]))
    table = tables.catalogue.load_table((TABLE.namespace, TABLE.name))
    table.overwrite(table.scan().to_arrow())
    tables.forget(TABLE)

    with pytest.raises(ArchiveUnavailableError, match="mix partitions"):
        tables.read(TABLE, 1, 0, 10, 1_000)
