"""The current state beside a table: what any fold leaves is what the changes come to."""

import contextlib
import gc
import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.archive import SENSORS, TABLE, add, iceberg_tables, stored
from fixtures.changes import CAPTURED, Change, changes_batch, current_of, read_current
from fixtures.faults import FAULTY_FILE_IO, Fault
from sluiceway.archive.errors import (
    ArchiveConflictError,
    ArchiveCorruptError,
    ArchiveUnavailableError,
)
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import Offsets, Piece
from sluiceway.backends.iceberg import current, folding
from sluiceway.backends.iceberg.current import CurrentTables
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.foundation.rids import new_view_rid

VIEW = new_view_rid()
FEW = ArchiveSettings(fold_records=10, snapshots_keep_seconds=0)
PARTITIONS = 3


class Stream:
    """A table with change data capture, and all changes that were put into it."""

    def __init__(self, tables: IcebergTables) -> None:
        self.tables = tables
        self.folds = CurrentTables(FEW)
        self.changes: list[Change] = []
        self.ends: Offsets = {}
        tables.drop(TABLE)
        tables.open(TABLE, VIEW, CAPTURED)

    def add(self, changes: list[Change]) -> None:
        """Commit changes, each to the partition of its key."""
        parts: dict[int, list[Change]] = {}
        for change in changes:
            parts.setdefault((change[0] or 0) % PARTITIONS, []).append(change)
        pieces = [
            Piece(one, [changes_batch(self.ends.get(one, 0), parts[one])]) for one in sorted(parts)
        ]
        add(self.tables, self.ends, *pieces)
        added = {one: self.ends.get(one, 0) + len(some) for one, some in parts.items()}
        self.ends = self.ends | added
        self.changes += changes

    def fold(self) -> Offsets:
        """Take every change into the state."""
        done = self.folds.fold(self.tables, TABLE, True)
        assert done is not None
        return done.next_offsets

    def files(self) -> list[str]:
        described = self.folds.describe(self.tables, TABLE)
        assert described.current is not None
        return [file.location for file in described.current.files]

    def check(self) -> None:
        described = self.folds.describe(self.tables, TABLE)
        assert read_current(described) == current_of(self.changes)


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    Fault.arm(None)
    opened = iceberg_tables(tmp_path, catalog_properties={"py-io-impl": FAULTY_FILE_IO})
    yield opened
    Fault.arm(None)
    opened.close()


@pytest.fixture
def stream(tables: IcebergTables) -> Stream:
    return Stream(tables)


def some(count: int, start: int = 0) -> list[Change]:
    """Give changes of as many keys."""
    return [(start + number, 1, None, f"text {number}") for number in range(count)]


CHANGES = st.lists(
    st.tuples(
        st.none() | st.integers(0, 12),
        st.none() | st.integers(-3, 3),
        st.sampled_from([None, False, True]),
        st.none() | st.text(max_size=2),
    ),
    min_size=1,
    max_size=12,
)
STEPS = st.lists(
    CHANGES
    | st.just("fold")
    | st.just("maintain")
    | st.just("restart")
    | st.tuples(st.just("fault"), st.integers(0, 30), st.booleans()),
    max_size=10,
)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=STEPS, rows=st.integers(1, 4))
def test_whatever_happens_in_between_the_state_is_what_the_changes_come_to(
    tables: IcebergTables, steps: list[object], rows: int
) -> None:
    stream = Stream(tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "FILE_BYTES", rows * 500)
        for step in steps:
            match step:
                case "fold":
                    assert stream.fold() == stream.ends
                case "maintain":
                    maintain(tables, TABLE, 0)
                case "restart":
                    tables.forget(TABLE)
                    tables.forget(TABLE.current)
                    stream.folds = CurrentTables(FEW)
                case ("fault", int(at), bool(after)):
                    Fault.arm(at, after=after)
                    with contextlib.suppress(ArchiveUnavailableError):
                        stream.fold()
                    Fault.arm(None)
                case list():
                    stream.add(step)
            stream.check()
        gc.collect()


# PyIceberg leaves it to the garbage collector to close a file that it could not begin.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_failure_at_any_step_of_a_fold_takes_each_change_once(stream: Stream) -> None:
    happened, chance = [], random.Random(1)
    stream.add(some(20))
    stream.fold()
    # Every other step, which ones is for chance to say: all of them are tried over a few runs.
    for at in range(random.randrange(2), 100, 2):
        if at % 8 < 2:
            maintain(stream.tables, TABLE, 0)
        stream.add([(chance.randrange(20), chance.randrange(5), chance.random() < 0.3, str(at))])
        Fault.arm(at, after=at % 4 >= 2)
        with contextlib.suppress(ArchiveUnavailableError):
            stream.fold()
        happened.append(Fault.happened)
        Fault.arm(None)
        stream.check()
        assert stream.fold() == stream.ends
        if not happened[-1]:
            break

    gc.collect()
    stream.check()
    assert {name.partition(" ")[0] for name in happened} >= {"open", ""}
    assert len(happened) > 10


def test_a_fold_waits_until_it_is_worth_it(stream: Stream) -> None:
    stream.add(some(9))
    early = stream.folds.fold(stream.tables, TABLE, False)
    stream.add([(9, 1, None, None)])
    done = stream.folds.fold(stream.tables, TABLE, False)

    assert early is not None
    assert done is not None
    assert (early.next_offsets, early.rows, early.changes_left) == ({}, 0, 1)
    assert (done.next_offsets, done.rows, done.changes_left) == (stream.ends, 10, 10)


def test_a_large_state_waits_for_a_sixteenth_of_its_rows(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.add(some(320))
    stream.fold()
    stream.add(some(19))
    early = stream.folds.fold(stream.tables, TABLE, False)
    monkeypatch.setattr(current, "_WAITING_BYTES", 1)
    done = stream.folds.fold(stream.tables, TABLE, False)

    assert early is not None
    assert early.changes_left == 1
    assert done is not None
    assert done.next_offsets == stream.ends


def test_only_files_whose_keys_changed_are_written_anew(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "FILE_BYTES", 1_500)
    stream.add(some(200))
    stream.fold()
    before = stream.files()

    stream.add([(100, 2, None, "new")])
    stream.fold()
    middle = stream.files()
    stream.add([(500, 2, None, "beyond all")])
    stream.fold()

    assert len(before) > 2
    assert len(set(before) - set(middle)) == 1
    assert set(middle) - set(stream.files()) == {middle[-1]}
    stream.check()


def test_a_fold_takes_so_many_changes_as_fit_and_the_next_goes_on(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "_CHANGES_BYTES", 1)
    stream.add(some(30))

    first = stream.folds.fold(stream.tables, TABLE, False)
    stream.check()
    assert first is not None
    assert (first.next_offsets, first.changes_left) == ({0: 10}, 0)
    for _ in range(2):
        last = stream.fold()

    assert last == stream.ends
    stream.check()


def test_of_two_folds_from_one_place_one_happens(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.add(some(3))
    stream.fold()
    stream.add(some(3))
    run = folding.Fold.run
    beaten = []

    def slow(fold: folding.Fold, *arguments: object) -> None:
        run(fold, *arguments)  # type: ignore[arg-type]
        if not beaten:
            beaten.append(True)
            stream.fold()

    monkeypatch.setattr(folding.Fold, "run", slow)
    with pytest.raises(ArchiveConflictError):
        stream.fold()

    stream.check()
    assert len(stream.files()) == 1
    folder = Path(stream.tables.location(TABLE.current)) / "data"
    assert len(list(folder.iterdir())) == 1, "what lost was removed"


def test_a_state_that_does_not_fit_its_table_is_made_anew(stream: Stream) -> None:
    stream.add(some(5))
    stream.fold()
    stream.tables.drop_only(TABLE)
    stream.tables.open(TABLE, VIEW, CAPTURED)
    stream.changes, stream.ends = [], {}
    stream.add([(1, 0, None, "restored")])

    stream.check()
    assert stream.fold() == stream.ends
    stream.check()


def test_a_state_that_another_program_wrote_to_is_made_anew(stream: Stream) -> None:
    stream.add(some(5))
    stream.fold()
    state = stream.tables.catalogue.load_table(("sluiceway", TABLE.current.name))
    state.overwrite(state.scan().to_arrow().slice(0, 1))
    stream.tables.forget(TABLE.current)

    stream.check()
    assert stream.fold() == stream.ends
    stream.check()
    assert len(stream.files()) == 1


def test_a_state_that_cannot_be_made_anew_is_not_dropped(stream: Stream) -> None:
    stream.add(some(5))
    stream.fold()
    before = stream.files()
    stream.tables.drop_only(TABLE)
    stream.tables.open(TABLE, VIEW, CAPTURED)
    add(stream.tables, {}, Piece(0, [changes_batch(1, [(3, 9, None, "what was left")])]))

    with pytest.raises(ArchiveCorruptError, match="has lost changes"):
        stream.fold()
    with pytest.raises(ArchiveCorruptError, match="has lost changes"):
        stream.folds.describe(stream.tables, TABLE)

    state = stream.tables.catalogue.load_table(("sluiceway", TABLE.current.name))
    assert [task.file.file_path for task in state.scan().plan_files()] == before


def test_old_snapshots_and_orphans_of_the_state_are_removed(stream: Stream) -> None:
    folder = Path(stream.tables.location(TABLE.current)) / "data"
    stream.folds = CurrentTables(ArchiveSettings())
    for number in range(3):
        stream.add([(1, number, None, str(number))])
        stream.fold()
    before = len(list(folder.iterdir()))

    done = maintain(stream.tables, TABLE, 0)

    assert before == 3
    assert done.expired_snapshots >= 2
    assert [str(one) for one in folder.iterdir()] == stream.files()
    stream.check()


def test_what_was_removed_by_earlier_folds_is_not_remembered_for_ever(stream: Stream) -> None:
    counts = []
    for number in range(5):
        stream.add([(1, number, None, str(number))])
        stream.fold()
        snapshot = stream.tables.load(TABLE.current).table.current_snapshot()
        assert snapshot is not None
        counts.append(len(snapshot.manifests(stream.tables.load(TABLE.current).table.io)))

    assert max(counts) == 2, "what was added, and what was removed by this fold"


def test_dropping_a_table_drops_its_state(stream: Stream) -> None:
    stream.add(some(3))
    stream.fold()

    stream.tables.drop(TABLE)

    assert stream.tables.catalogue.list_tables("sluiceway") == []
    assert not Path(stream.tables.location(TABLE.current)).exists()


def test_a_table_without_change_data_capture_has_no_state(tables: IcebergTables) -> None:
    tables.open(TABLE, VIEW, SENSORS)
    add(tables, {}, Piece(0, [stored(0, 5)]))
    folds = CurrentTables(FEW)

    assert folds.fold(tables, TABLE, True) is None
    assert folds.describe(tables, TABLE).current is None


def test_another_engine_reads_the_state(stream: Stream) -> None:
    stream.add([*some(5), (2, 2, True, "gone"), (3, 2, False, None)])
    stream.fold()

    files = duckdb.read_parquet(stream.files())
    found = duckdb.sql("SELECT id, text FROM files WHERE gone IS NOT TRUE ORDER BY id").fetchall()

    assert files.columns[:1] == ["id"]
    assert found == [(one[0], one[3]) for one in current_of(stream.changes)]
