"""The store of the archive's metadata: what is read is what was kept."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from fixtures.databases import open_tables
from sluiceway.archive.types import ArchiveTable, ArchiveTransaction, TableName
from sluiceway.backends.sql.archive import SqlArchiveStore
from sluiceway.backends.sql.streams import SqlStreamStore
from sluiceway.foundation.rids import (
    DatasetRid,
    Rid,
    TransactionRid,
    ViewRid,
    new_transaction_rid,
    new_view_rid,
)
from sluiceway.schema.types import Field, FieldSchema, LongType, StreamSchema
from sluiceway.streams.types import StreamType, View

RID = DatasetRid(Rid("ri.foundry.main.dataset.a"))


@pytest.fixture
async def store(metadata_url: str) -> AsyncIterator[SqlArchiveStore]:
    """A store with nothing in it."""
    async with open_tables(metadata_url) as database:
        yield SqlArchiveStore(database)


def commit(number: int, closed_ms: int) -> ArchiveTransaction:
    return ArchiveTransaction(
        rid=new_transaction_rid(),
        snapshot_id=number,
        started_ms=closed_ms - 1,
        closed_ms=closed_ms,
        rows=10,
        stored_bytes=1_000,
        ranges={0: (number * 10, number * 10 + 10), 7: (0, 1)},
        next_offsets={0: number * 10 + 10, 7: 1},
    )


async def of_view(
    store: SqlArchiveStore, name: str, *commits: ArchiveTransaction
) -> tuple[ViewRid, list[ArchiveTransaction]]:
    """Keep a table with commits."""
    view = new_view_rid()
    await store.add(
        ArchiveTable(
            view_rid=view,
            dataset_rid=RID,
            branch_name=name,
            table=TableName("sluiceway", name),
            next_offsets={},
            created_ms=1,
        )
    )
    await store.committed(view, commits, commits[-1].next_offsets if commits else {})
    return view, list(commits)


async def test_transactions_come_in_pages_the_latest_first(store: SqlArchiveStore) -> None:
    view, commits = await of_view(store, "a", *(commit(at, 1_000 + at) for at in range(5)))
    other, others = await of_view(store, "b", *(commit(at, 1_000 + at) for at in (1, 3, 9)))
    empty, _ = await of_view(store, "c")

    found, before = list[ArchiveTransaction](), None
    while page := await store.transactions([view], before=before, limit=2):
        assert len(page) <= 2
        found += [one for _, one in page]
        before = page[-1][1].rid
    both, before = list[tuple[ViewRid, ArchiveTransaction]](), None
    while page := await store.transactions([view, other], before=before, limit=1):
        both += page
        before = page[-1][1].rid

    assert found == commits[::-1]
    expected = [(view, one) for one in commits] + [(other, one) for one in others]
    assert both == sorted(expected, key=lambda one: (one[1].closed_ms, one[1].rid), reverse=True)
    assert await store.transactions([empty], limit=2) == []
    assert await store.transactions([], limit=2) == []
    unknown = TransactionRid(Rid("ri.foundry.main.transaction.x"))
    assert await store.transactions([view], before=unknown, limit=2) == []


async def test_a_transaction_is_found_until_its_table_is_removed(store: SqlArchiveStore) -> None:
    view, (first, second) = await of_view(store, "a", commit(0, 1_000), commit(1, 2_000))

    found = await store.transaction(second.rid)
    await store.remove(view)

    assert found == (view, second)
    assert await store.transaction(first.rid) is None


async def test_a_table_is_behind_until_it_was_given_the_newest_schema(metadata_url: str) -> None:
    async with open_tables(metadata_url) as database:
        store, streams = SqlArchiveStore(database), SqlStreamStore(database)
        rid, _ = await of_view(store, "a")
        view = View(
            view_rid=rid,
            dataset_rid=RID,
            branch_name="a",
            schema=StreamSchema(fields=[]),
            partitions=1,
            stream_type=StreamType.LOW_LATENCY,
            compressed=False,
            created_ms=1,
        )
        await streams.add(view)
        assert await store.behind() == []

        fields = [Field(name="f", schema=FieldSchema(nullable=True, data_type=LongType()))]
        grown = msgspec.structs.replace(view, schema=StreamSchema(fields=fields), schema_version=2)
        await streams.change_schema(grown)

        assert await streams.active(RID, "a") == grown
        assert await store.behind() == [rid]
        await store.evolved(rid, 1)
        assert await store.behind() == [rid]
        await store.evolved(rid, 2)
        await store.evolved(rid, 1)
        assert await store.behind() == []
        found = await store.of_view(rid)
        assert found is not None
        assert found.schema_version == 2
