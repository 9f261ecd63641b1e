"""Applying policies to a real log and real tables: what goes is told once, whatever fails when."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fixtures.archive import TABLE, add, iceberg_tables, log_rows, mover_of, rows_of
from fixtures.changes import CAPTURED, Change, changes_batch, current_of, read_current
from fixtures.databases import open_tables
from fixtures.streams import Streams, open_streams
from sluiceway.access.audit.types import KeptEvent
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.hybrid import HybridReader
from sluiceway.archive.moving import Mover
from sluiceway.archive.retention.deleting import Deleter
from sluiceway.archive.retention.service import _changed
from sluiceway.archive.retention.types import ActiveRetention, PreviewRequest, RetentionPolicy
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import (
    ArchiveTable,
    ArchiveTransaction,
    Offsets,
    Piece,
    TransactionType,
)
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.backends.sql.archive import SqlArchiveStore
from sluiceway.backends.sql.retention import SqlRetentionStore
from sluiceway.foundation.clock import SystemClock
from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid, new_view_rid
from sluiceway.streams.errors import StreamOnLegalHoldError
from sluiceway.streams.types import LegalHold, ResetStreamRequest, View

ARCHIVED = ArchiveSettings(snapshots_keep_seconds=1)
DAY = 86_400
MONTH = RetentionPolicy(cold_seconds=30 * DAY)


class Clock:
    """The machine's, so far ahead."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return SystemClock().now_ms() + self.ahead_ms


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    opened = iceberg_tables(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def mover(streams: Streams, tables: IcebergTables) -> Mover:
    return mover_of(streams, tables, ARCHIVED)


def deleter_of(streams: Streams, mover: Mover, settings: ArchiveSettings = ARCHIVED) -> Deleter:
    return Deleter(
        log=streams.log,
        mover=mover,
        store=SqlRetentionStore(streams.tree.database),
        transactions=streams.tree.database,
        audit=streams.tree.audit,
        clock=Clock(),
        settings=settings,
        now=lambda: 0.0,
    )


def ahead(deleter: Deleter, seconds: float) -> None:
    assert isinstance(deleter.clock, Clock)
    deleter.clock.ahead_ms = round(seconds * 1_000)


async def set_policy(deleter: Deleter, view: View, policy: RetentionPolicy) -> None:
    await deleter.store.set_policy(view.dataset_rid, view.branch_name, policy)


def hold_on(view: View) -> LegalHold:
    return LegalHold(
        dataset_rid=view.dataset_rid,
        branch_name=view.branch_name,
        reason="case 7",
        set_by="u",
        set_by_name="Anna",
        set_ms=1_764_000_000_000,
    )


async def deletions(streams: Streams, view: View) -> list[KeptEvent]:
    events = await streams.tree.audit.store.of_subject(view.dataset_rid, limit=100)
    return [event for event in reversed(events) if event.action == "retention.deleted"]


async def archived(streams: Streams, mover: Mover, name: str = "orders") -> View:
    """Make a stream of two partitions, all of which is in its table."""
    view = await streams.create(name, partitions=2)
    for at in range(8):
        await streams.append(view, *map(str, range(5)), partition=at % 2)
    await mover.move(view.view_rid)
    return view


async def told(mover: Mover, view: View) -> list[ArchiveTransaction]:
    found = await mover.store.transactions([view.view_rid], limit=1_000)
    return [one for _, one in reversed(found) if one.transaction_type is TransactionType.DELETE]


async def test_what_is_older_than_the_policy_goes_from_table_and_log_and_is_told(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view, other = await archived(streams, mover), await archived(streams, mover, "kept")
    deleter = deleter_of(streams, mover)
    await set_policy(deleter, view, MONTH)
    reader = HybridReader(streams.log, mover.tables, mover.store)
    await deleter.apply()
    ahead(deleter, 29 * DAY)
    await deleter.apply()
    assert (await told(mover, view), deleter.counts.deletions) == ([], 0)

    ahead(deleter, 60 * DAY)
    await streams.append(view, "in no table yet")
    await deleter.apply()
    await deleter.apply()

    (transaction,) = await told(mover, view)
    (event,) = await deletions(streams, view)
    assert transaction.ranges == {0: (0, 20), 1: (0, 20)}
    assert event.actor_name == "retention"
    assert event.details == {
        "branchName": "master",
        "viewRid": view.view_rid,
        "transactionRid": transaction.rid,
        "records": 40,
        "storedBytes": transaction.stored_bytes,
        "ranges": {"0": [0, 20], "1": [0, 20]},
    }
    assert await reader.start_offsets(view.view_rid) == {0: 20, 1: 20}
    assert [at for at, _ in (await log_rows(streams.log, view.view_rid))[0]] == [20]
    assert (await reader.read(view.view_rid, 0, 0, limit=9, bytes_max=999))[0].offset == 20
    assert await reader.read(view.view_rid, 1, 0, limit=9, bytes_max=999) == []
    assert await reader.start_offsets(other.view_rid) == {0: 0, 1: 0}
    assert (deleter.counts.deletions, deleter.counts.records) == (1, 40)
    await mover.move(view.view_rid)
    found = await mover.store.of_view(view.view_rid)
    assert found is not None
    assert [at for at, _ in rows_of(tables.catalogue, found.table)[0]] == [20]


class DeafStore(SqlArchiveStore):
    """Hears of no deletion, as if the server ended right before."""

    async def committed(
        self,
        view_rid: ViewRid,
        transactions: Sequence[ArchiveTransaction],
        next_offsets: Offsets,
        start_offsets: Offsets | None = None,
    ) -> list[ArchiveTransaction]:
        if any(one.transaction_type is TransactionType.DELETE for one in transactions):
            raise ArchiveUnavailableError("killed before the database was told")
        return await super().committed(view_rid, transactions, next_offsets, start_offsets)


async def test_a_deletion_of_which_the_database_did_not_hear_is_told_later_and_once(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = await archived(streams, mover)
    deaf = mover_of(streams, tables, ARCHIVED)
    deaf.teller = replace(deaf.teller, store=DeafStore(streams.tree.database))
    deleter = deleter_of(streams, deaf)
    await set_policy(deleter, view, MONTH)
    ahead(deleter, 60 * DAY)
    await deleter.apply()
    assert (deleter.counts.failures, await deletions(streams, view)) == (1, [])

    again = deleter_of(streams, mover)
    ahead(again, 60 * DAY)
    for _ in range(2):
        await again.apply()

    assert len(await told(mover, view)) == len(await deletions(streams, view)) == 1
    reader = HybridReader(streams.log, mover.tables, mover.store)
    assert await reader.start_offsets(view.view_rid) == {0: 20, 1: 20}


async def test_while_the_table_cannot_be_reached_nothing_is_lost(
    streams: Streams, tables: IcebergTables, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await archived(streams, mover)
    deleter = deleter_of(streams, mover)
    await set_policy(deleter, view, MONTH)
    ahead(deleter, 60 * DAY)

    async def fail(*_: object) -> None:
        raise ArchiveUnavailableError("away")

    with monkeypatch.context() as away:
        away.setattr(type(mover.tables), "delete", fail)
        await deleter.apply()

    reader = HybridReader(streams.log, mover.tables, mover.store)
    found = await reader.read(view.view_rid, 0, 0, limit=100, bytes_max=1 << 20)
    assert [one.offset for one in found] == list(range(20))
    assert deleter.counts.failures == 1
    await deleter.apply()
    assert len(await told(mover, view)) == 1


WITHOUT = ArchiveSettings(enabled=False)


async def filled(streams: Streams) -> View:
    view = await streams.create(partitions=2)
    for at in range(8):
        await streams.append(view, *map(str, range(5)), partition=at % 2)
    return view


@pytest.mark.parametrize(
    "policy", [RetentionPolicy(hot_seconds=30 * DAY), MONTH], ids=["hot", "cold"]
)
async def test_without_an_archive_the_log_itself_is_trimmed_and_the_trail_has_the_numbers(
    streams: Streams, mover: Mover, policy: RetentionPolicy
) -> None:
    view, deleter = await filled(streams), deleter_of(streams, mover, WITHOUT)
    await deleter.apply()
    await set_policy(deleter, view, policy)
    ahead(deleter, 29 * DAY)
    await deleter.apply()
    assert await streams.log.start_offsets(view.view_rid) == {0: 0, 1: 0}

    ahead(deleter, 60 * DAY)
    due = await deleter.due(view.view_rid, policy)
    for _ in range(2):
        await deleter.apply()

    assert await streams.log.start_offsets(view.view_rid) == {0: 20, 1: 20}
    (event,) = await deletions(streams, view)
    assert event.details["records"] == due.deleted.records == 40
    assert event.details["storedBytes"] == due.deleted.stored_bytes > 40
    assert event.details["ranges"] == {"0": [0, 20], "1": [0, 20]}


async def test_a_deletion_from_the_log_that_a_crash_cut_off_is_finished_and_told_once(
    streams: Streams, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, deleter = await filled(streams), deleter_of(streams, mover, WITHOUT)
    await set_policy(deleter, view, MONTH)
    ahead(deleter, 60 * DAY)

    trim = Deleter._trim

    async def fail(self: Deleter, view: ViewRid, before: Mapping[int, int]) -> None:
        if before:
            raise ArchiveUnavailableError("killed before the log was trimmed")
        await trim(self, view, before)

    with monkeypatch.context() as crashed:
        crashed.setattr(Deleter, "_trim", fail)
        await deleter.apply()
    assert await streams.log.start_offsets(view.view_rid) == {0: 0, 1: 0}
    assert len(await deletions(streams, view)) == 1

    for _ in range(2):
        await deleter.apply()

    assert await streams.log.start_offsets(view.view_rid) == {0: 20, 1: 20}
    assert [one.details["records"] for one in await deletions(streams, view)] == [40]


async def test_a_stream_with_a_table_is_left_alone_while_the_archive_is_off(
    streams: Streams, mover: Mover
) -> None:
    view = await archived(streams, mover)
    await streams.append(view, "in no table yet")
    deleter = deleter_of(streams, mover, WITHOUT)
    await set_policy(deleter, view, RetentionPolicy(hot_seconds=1, cold_seconds=1))
    ahead(deleter, 60 * DAY)

    await deleter.apply()

    assert await streams.log.start_offsets(view.view_rid) == {0: 0, 1: 0}
    assert (await deleter.due(view.view_rid, MONTH)).deleted.records == 0


@pytest.mark.parametrize("settings", [ARCHIVED, WITHOUT], ids=["archive", "log"])
async def test_under_a_legal_hold_nothing_goes_until_it_is_lifted(
    streams: Streams, mover: Mover, settings: ArchiveSettings
) -> None:
    view = await (archived(streams, mover) if settings.enabled else filled(streams))
    deleter = deleter_of(streams, mover, settings)
    await set_policy(deleter, view, MONTH)
    await deleter.store.set_hold(view.dataset_rid, view.branch_name, hold_on(view))
    ahead(deleter, 60 * DAY)

    await deleter.apply()
    with pytest.raises(StreamOnLegalHoldError, match=r"Anna set at .*: case 7"):
        await streams.service.reset(streams.owner, view.dataset_rid, "master", ResetStreamRequest())
    with pytest.raises(StreamOnLegalHoldError):
        async with streams.tree.database.begin():
            await streams.service.purge([Rid("ri.foundry.main.dataset.x"), view.dataset_rid])

    assert await deletions(streams, view) == []
    assert await streams.log.start_offsets(view.view_rid) == {0: 0, 1: 0}
    await deleter.store.set_hold(view.dataset_rid, view.branch_name, None)
    await deleter.apply()
    assert len(await deletions(streams, view)) == 1
    await streams.service.reset(streams.owner, view.dataset_rid, "master", ResetStreamRequest())


async def test_a_policy_applies_to_the_new_view_after_a_reset(
    streams: Streams, mover: Mover
) -> None:
    old, deleter = await filled(streams), deleter_of(streams, mover, WITHOUT)
    await set_policy(deleter, old, MONTH)
    ahead(deleter, 60 * DAY)
    await deleter.apply()
    request = ResetStreamRequest()
    view = await streams.service.reset(streams.owner, old.dataset_rid, "master", request)
    await streams.append(view, "1", "2")

    (active,) = await deleter.store.active()
    await deleter.apply()

    assert active.view_rid == view.view_rid
    assert active.trimmed == {}
    assert [event.details["records"] for event in await deletions(streams, view)] == [40, 2]


async def test_the_current_state_knows_what_is_deleted_from_its_changes(
    streams: Streams, tables: IcebergTables, mover: Mover
) -> None:
    view = new_view_rid()
    tables.open(TABLE, view, CAPTURED)
    changes: list[Change] = [(number, 1, None, f"text {number}") for number in range(20)]
    add(tables, {}, Piece(0, [changes_batch(0, changes)]))
    table = ArchiveTable(
        view_rid=view,
        dataset_rid=DatasetRid(Rid("ri.foundry.main.dataset.1")),
        branch_name="master",
        table=TABLE,
        next_offsets={},
        created_ms=0,
    )

    done = await mover.delete(table, SystemClock().now_ms())

    assert done is not None
    assert done.rows == 20
    described = await mover.tables.describe(TABLE)
    assert read_current(described) == current_of(changes)


async def test_the_store_keeps_what_is_set(metadata_url: str) -> None:
    rid, branch = DatasetRid(Rid("ri.foundry.main.dataset.1")), "feat/x"
    async with open_tables(metadata_url) as database:
        store = SqlRetentionStore(database)
        nothing = await store.of_stream(rid, branch)
        assert (nothing.policy, nothing.hold) == (RetentionPolicy(), None)
        policy = RetentionPolicy(hot_seconds=1, hot_bytes=1 << 40, cold_seconds=3)
        hold = LegalHold(
            dataset_rid=rid,
            branch_name=branch,
            reason="ünïcode " * 100,
            set_by="u",
            set_by_name="Anna",
            set_ms=1_764_000_000_000,
        )

        await store.set_policy(rid, branch, policy)
        await store.set_hold(rid, branch, hold)
        await store.trimming(
            ActiveRetention(stream=nothing, view_rid=ViewRid(Rid("v")), trimmed={}), {0: 1 << 40}
        )

        found = await store.of_stream(rid, branch)
        assert (found.policy, found.hold) == (policy, hold)
        many = [DatasetRid(Rid(f"ri.foundry.main.dataset.x{at}")) for at in range(1_200)]
        assert await store.held([*many, rid]) == [hold]
        assert await store.held(many) == []
        assert await store.active() == []  # It has no view.
        await store.set_hold(rid, branch, None)
        assert await store.held([rid]) == []
        await store.remove([rid])
        assert await store.of_stream(rid, branch) == nothing


def test_of_what_a_preview_leaves_out_the_policy_counts() -> None:
    policy = RetentionPolicy(hot_seconds=600, cold_seconds=30)
    request = msgspec.json.decode(b'{"coldSeconds":null,"hotBytes":5}', type=PreviewRequest)

    assert _changed(policy, request) == RetentionPolicy(hot_seconds=600, hot_bytes=5)
