"""Records of a real log in real tables: each exactly once, whatever fails when."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.access import TurnableClock
from fixtures.archive import iceberg_tables, log_rows, mover_of, rows_of
from fixtures.faults import FAULTY_FILE_IO, Fault
from fixtures.streams import Streams, open_streams
from sluiceway.archive.errors import ArchiveCorruptError, ArchiveUnavailableError
from sluiceway.archive.moving import Mover
from sluiceway.archive.retention.types import RetentionPolicy
from sluiceway.archive.service import ArchiveService
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.trimming import Trimmer
from sluiceway.archive.types import ArchiveTransaction, Offsets
from sluiceway.archive.waiting import Waiting
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.backends.sql.archive import SqlArchiveStore
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.types import ResetStreamRequest, View

SMALL = ArchiveSettings(commit_bytes=1 << 20)


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    Fault.arm(None)
    opened = iceberg_tables(tmp_path, catalog_properties={"py-io-impl": FAULTY_FILE_IO})
    commit_table = opened.catalogue.commit_table
    opened.catalogue.commit_table = lambda *given: Fault.around(  # type: ignore[method-assign,assignment]
        "commit", commit_table, *given
    )
    yield opened
    opened.close()


@pytest.fixture
def mover(streams: Streams, tables: IcebergTables) -> Mover:
    return mover_of(streams, tables, SMALL)


class DeafStore(SqlArchiveStore):
    """Hears of no transaction, as if the server ended right before."""

    async def committed(
        self,
        view_rid: ViewRid,
        transactions: Sequence[ArchiveTransaction],
        next_offsets: Offsets,
        start_offsets: Offsets | None = None,
    ) -> list[ArchiveTransaction]:
        if transactions:
            raise ArchiveUnavailableError("killed before the database was told")
        return await super().committed(view_rid, transactions, next_offsets, start_offsets)


class Noted(Waiting):
    """Keeps what it was told."""

    def __init__(self, **of: Any) -> None:
        super().__init__(**of)
        self.left: list[float | None] = []
        self.nothing_left = asyncio.Event()

    def moved(
        self, view: ViewRid, archived: Offsets, ends: Offsets, left_seconds: float | None = None
    ) -> None:
        self.left.append(left_seconds)
        if left_seconds is None:
            self.nothing_left.set()
        super().moved(view, archived, ends, left_seconds)


async def no_policies() -> dict[ViewRid, RetentionPolicy]:
    return {}


async def all_moved(mover: Mover, view: View) -> None:
    """Move until nothing is left."""
    while True:
        moved = await mover.move(view.view_rid)
        assert moved is not None
        if moved.transaction is None:
            assert moved.left_seconds is None
            return


async def told_of(mover: Mover, view: ViewRid) -> list[ArchiveTransaction]:
    """Give what the database was told of a view's table, oldest first."""
    found = await mover.store.transactions([view], limit=1_000)
    return [transaction for _, transaction in reversed(found)]


async def assert_archived(
    streams: Streams, tables: IcebergTables, mover: Mover, view: View
) -> None:
    """Check that the table has what the log has, and the database its transactions."""
    (known,) = [one for one in await mover.store.tables() if one.view_rid == view.view_rid]
    assert rows_of(tables.catalogue, known.table) == await log_rows(streams.log, view.view_rid)
    told = await told_of(mover, view.view_rid)
    assert told == tables.open(known.table, view.view_rid, view.schema).transactions
    places: dict[int, int] = {}
    for transaction in told:
        for partition, (first, end) in transaction.ranges.items():
            assert first == places.get(partition, 0)
            places[partition] = end
        assert transaction.next_offsets == places
    assert places == known.next_offsets


async def test_the_table_gets_what_the_log_has(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await streams.create("Orders", partitions=3)
    await streams.append(view, *map(str, range(50)))
    await streams.append(view, "x", partition=2)

    await all_moved(mover, view)
    await streams.append(view, "later", partition=2)
    await all_moved(mover, view)

    await assert_archived(streams, tables, mover, view)
    (known,) = await mover.store.tables()
    assert known.table.name.startswith("orders_master_")
    assert known.next_offsets == {0: 50, 2: 2}
    assert [one.ranges for one in await told_of(mover, view.view_rid)] == [
        {0: (0, 50), 2: (0, 1)},
        {2: (1, 2)},
    ]


async def test_a_commit_takes_its_share_of_every_partition(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await streams.create(partitions=2)
    for _ in range(12):
        await streams.append(view, *["x" * 1_000] * 200)
    await streams.append(view, *["y" * 1_000] * 200, partition=1)
    far_off = TurnableClock(4_000_000_000_000)

    moved = await replace(mover, clock=far_off).move(view.view_rid)

    assert moved is not None
    assert moved.transaction is not None
    assert moved.next_offsets[1] == 200
    last = moved.next_offsets[0] - 1
    (batch,) = await streams.log.read_batches(view.view_rid, 0, last, bytes_max=1)
    assert moved.left_seconds == (far_off.time_ms - batch.time_ms) / 1_000
    assert 400 <= moved.next_offsets[0] < 1_200
    assert SMALL.commit_bytes * 0.5 < moved.line_bytes < SMALL.commit_bytes * 1.5
    await all_moved(mover, view)
    await assert_archived(streams, tables, mover, view)


async def test_how_late_a_table_is_follows_from_what_each_commit_left(
    streams: Streams, mover: Mover
) -> None:
    view = await streams.create()
    for _ in range(20):
        await streams.append(view, *["x" * 1_000] * 200)
    noted = Noted(age_seconds=1, commit_bytes=SMALL.commit_bytes, now=time.monotonic)
    trimmer = Trimmer(streams.log, mover.offsets_of, no_policies, 60, 60, mover.clock, noted.now)
    service = ArchiveService(streams.log, mover, noted, trimmer, maintain_commits=32)

    running = asyncio.create_task(service.run())
    async with asyncio.timeout(30):
        await noted.nothing_left.wait()
    service.stop()
    await running

    assert len(noted.left) > 2
    assert all(left is not None and 0 <= left < 30 for left in noted.left[:-1])
    assert noted.lag_records == 0


async def test_what_is_no_active_view_is_left_alone(mover: Mover) -> None:
    assert await mover.move(new_view_rid()) is None


async def test_a_new_start_goes_on_where_the_table_is(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await streams.create()
    await streams.append(view, "1", "2")
    await all_moved(mover, view)
    await streams.append(view, "3")

    again = mover_of(streams, tables, SMALL)
    known = await again.load()
    await all_moved(again, view)

    assert known == {view.view_rid: {0: 2}}
    await assert_archived(streams, tables, again, view)


# PyIceberg leaves it to the garbage collector to close a file that it could not begin.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("after", [False, True])
async def test_a_failure_at_any_step_leaves_each_record_in_the_table_once(
    streams: Streams,
    tables: IcebergTables,
    mover: Mover,
    after: bool,  # noqa: FBT001 - a parameter
) -> None:
    view = await streams.create(partitions=2)
    happened = []
    for at in range(100):
        await streams.append(view, str(at), "more", partition=at % 2)

        Fault.arm(at, after=after)
        with contextlib.suppress(ArchiveUnavailableError):
            await all_moved(mover, view)
        happened.append(Fault.happened)
        Fault.arm(None)
        await all_moved(mover, view)

        if not happened[-1]:
            break
    kinds = {name.partition(" ")[0] for name in happened}
    assert kinds >= {"create", "write", "close", "open", "commit", ""}
    await assert_archived(streams, tables, mover, view)


async def test_a_commit_of_which_the_database_did_not_hear_is_told_later(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await streams.create()
    await streams.append(view, "1")
    mover.teller = replace(mover.teller, store=DeafStore(streams.tree.database))
    with pytest.raises(ArchiveUnavailableError):
        await mover.move(view.view_rid)
    again = mover_of(streams, tables, SMALL)
    await again.load()
    assert await told_of(again, view.view_rid) == []

    await all_moved(again, view)

    assert len(await told_of(again, view.view_rid)) == 1
    await assert_archived(streams, tables, again, view)


async def test_a_table_that_is_ahead_of_its_log_is_not_trusted(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await streams.create()
    await streams.append(view, "1", "2")
    await all_moved(mover, view)
    await streams.log.delete_view(view.view_rid)
    await streams.log.create_view(view.view_rid, partitions=1, compressed=False)
    await streams.append(view, "other")

    with pytest.raises(ArchiveCorruptError, match="records that the log has not"):
        await mover.move(view.view_rid)


async def test_records_that_were_trimmed_too_early_are_left_out(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await streams.create()
    for number in range(4):
        await streams.append(view, str(number))
    await streams.log.trim(view.view_rid, 0, 2)

    await all_moved(mover, view)

    (known,) = await mover.store.tables()
    assert [at for at, _ in rows_of(tables.catalogue, known.table)[0]] == [2, 3]


async def test_the_tables_of_views_that_are_gone_are_dropped(
    streams: Streams, tables: IcebergTables, mover: Mover, tmp_path: Path
) -> None:
    view, other = await streams.create("one"), await streams.create("two")
    for each in (view, other):
        await streams.append(each, "1")
        await all_moved(mover, each)
    await streams.service.reset(streams.owner, view.dataset_rid, "master", ResetStreamRequest())

    # A crash in the middle: the next start finds what is left.
    tables.drop(next(one.table for one in await mover.store.gone()))
    dropped = await mover_of(streams, tables, SMALL).drop_gone()

    assert dropped == [view.view_rid]
    assert [one.view_rid for one in await mover.store.tables()] == [other.view_rid]
    assert await told_of(mover, view.view_rid) == []
    assert await mover.drop_gone() == []
    assert len(list((tmp_path / "warehouse" / "sluiceway").iterdir())) == 1
