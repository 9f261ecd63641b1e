"""The stores of datasets of files: what is read is what was kept."""

import uuid
from collections.abc import AsyncIterator

import msgspec
import pytest

from fixtures.databases import open_tables
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.dataset_files import SqlDatasetFileStore
from sluiceway.backends.sql.datasets import SqlBranchStore, SqlTransactionStore
from sluiceway.datasets.schemas import (
    DataframeReader,
    DatasetFieldSchema,
    DatasetSchema,
    SchemaFieldType,
)
from sluiceway.datasets.types import (
    Branch,
    DatasetFile,
    FileView,
    SchemaVersion,
    Transaction,
    TransactionStatus,
    TransactionType,
)
from sluiceway.foundation.rids import DatasetRid, Rid, TransactionRid, new_transaction_rid
from sluiceway.streams.errors import BranchAlreadyExistsError

RID = DatasetRid(Rid("ri.foundry.main.dataset.a"))
OTHER = DatasetRid(Rid("ri.foundry.main.dataset.b"))


@pytest.fixture
async def database(metadata_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    async with open_tables(metadata_url) as opened:
        yield opened


def transaction(
    kind: TransactionType = TransactionType.APPEND,
    parent: Transaction | None = None,
    dataset_rid: DatasetRid = RID,
) -> Transaction:
    return Transaction(
        transaction_rid=new_transaction_rid(),
        dataset_rid=dataset_rid,
        branch_name="master",
        type=kind,
        status=TransactionStatus.OPEN,
        parent_rid=None if parent is None else parent.transaction_rid,
        view_length=1,
        schema_version_id=None,
        created_ms=1_764_000_000_000,
        closed_ms=None,
    )


def file(of: Transaction, path: str, *, gone: bool = False) -> DatasetFile:
    return DatasetFile(
        transaction_rid=of.transaction_rid,
        path=path,
        content_id=None if gone else str(uuid.uuid4()),
        size_bytes=2**40,
        updated_ms=1_764_000_000_001,
    )


async def test_branches_are_kept_changed_and_forgotten(database: Database):
    store = SqlBranchStore(database)
    empty = Branch(dataset_rid=RID, branch_name="master", head_rid=None, open_rid=None)
    full = Branch(
        dataset_rid=RID,
        branch_name="é/x",
        head_rid=new_transaction_rid(),
        open_rid=new_transaction_rid(),
    )
    await store.add(empty)
    await store.add(full)
    await store.add(msgspec.structs.replace(empty, dataset_rid=OTHER))

    with pytest.raises(BranchAlreadyExistsError):
        await store.add(empty)
    changed = msgspec.structs.replace(empty, head_rid=full.head_rid)
    await store.update(changed)

    assert await store.get(RID, "é/x") == full
    assert await store.count(RID) == 2
    first = await store.page(RID, after=None, limit=1)
    rest = await store.page(RID, after=first[0].branch_name, limit=10)
    assert sorted([*first, *rest], key=lambda one: one.branch_name) == [changed, full]
    await store.remove(RID, "master")
    assert await store.get(RID, "master") is None
    assert await store.get(OTHER, "master") is not None


async def test_transactions_come_the_latest_first(database: Database):
    store = SqlTransactionStore(database)
    first = transaction()
    second = transaction(parent=first)
    aside = transaction(parent=first)
    elsewhere = transaction(dataset_rid=OTHER)
    for one in (first, second, aside, elsewhere):
        await store.add(one)

    closed = msgspec.structs.replace(
        second, status=TransactionStatus.COMMITTED, schema_version_id="v", closed_ms=7
    )
    await store.update(closed)

    assert await store.get(RID, second.transaction_rid) == closed
    assert await store.get(OTHER, second.transaction_rid) is None
    assert await store.page(RID, before=None, limit=2) == [aside, closed]
    assert await store.page(RID, before=closed.transaction_rid, limit=2) == [first]
    assert await store.history(closed.transaction_rid, limit=10) == [closed, first]
    assert await store.history(closed.transaction_rid, limit=1) == [closed]
    for earlier, later, holds in (
        (first, closed, True),
        (closed, closed, True),
        (closed, first, False),
        (aside, closed, False),
    ):
        assert await store.precedes(earlier.transaction_rid, later.transaction_rid) is holds


async def test_a_schema_is_kept_as_it_was_put(database: Database):
    store = SqlTransactionStore(database)
    inner = DatasetFieldSchema(
        type=SchemaFieldType.DECIMAL, nullable=True, name="d", precision=5, scale=2
    )
    struct = DatasetFieldSchema(
        type=SchemaFieldType.STRUCT,
        nullable=False,
        name="s",
        sub_schemas=[inner],
        custom_metadata={"a": [1, None]},
    )
    version = SchemaVersion(
        version_id=str(uuid.uuid4()),
        dataset_rid=RID,
        schema=DatasetSchema(field_schema_list=[struct]),
        dataframe_reader=DataframeReader.CSV,
        created_ms=1,
    )

    await store.add_schema(version)

    assert await store.schema(RID, version.version_id) == version
    assert await store.schema(OTHER, version.version_id) is None


async def test_a_view_has_the_newest_file_of_each_path_since_the_snapshot(database: Database):
    history, store = SqlTransactionStore(database), SqlDatasetFileStore(database)
    old = transaction()
    snapshot = transaction(TransactionType.SNAPSHOT, old)
    update = transaction(TransactionType.UPDATE, snapshot)
    delete = transaction(TransactionType.DELETE, update)
    for one in (old, snapshot, update, delete):
        await history.add(one)
    before, a, b, newer = (
        file(old, "before"),
        file(snapshot, "x/a"),
        file(snapshot, "x/b"),
        file(update, "x/a"),
    )
    for kept in (before, a, b, newer, file(delete, "x/b", gone=True)):
        await store.put(kept)

    async def view(end: TransactionRid, start: TransactionRid | None = None, **more: object):
        chosen = FileView(end_rid=end, start_rid=start)
        return await store.view(chosen, limit=10, **more)  # type: ignore[arg-type]

    assert await view(old.transaction_rid) == [before]
    assert await view(update.transaction_rid) == [newer, b]
    assert await view(delete.transaction_rid) == [newer]
    assert await view(delete.transaction_rid, old.transaction_rid) == [newer]
    assert await view(update.transaction_rid, update.transaction_rid) == [newer]
    assert await view(update.transaction_rid, after="x/a") == [b]
    assert await view(update.transaction_rid, path="x/b") == [b]
    assert await view(update.transaction_rid, prefix="x_") == []
    assert await store.count(snapshot.transaction_rid) == 2


async def test_every_content_is_some_files_or_unwanted(database: Database):
    history, store = SqlTransactionStore(database), SqlDatasetFileStore(database)
    one, other = transaction(), transaction(dataset_rid=OTHER)
    await history.add(one)
    await history.add(other)
    first, second, third = file(one, "a"), file(one, "a"), file(other, "a")
    contents = [str(kept.content_id) for kept in (first, second, third)]
    await store.note_unwanted(contents)

    await store.put(first)
    await store.put(third)
    kept = await store.unwanted()
    await store.put(second)
    replaced = await store.unwanted()
    dropped = await store.drop(one.transaction_rid)

    assert (kept, replaced) == ([contents[1]], [contents[0]])
    assert dropped == [contents[1]]
    assert sorted(await store.unwanted()) == sorted(contents[:2])
    assert await store.unwanted([contents[2], contents[0]]) == [contents[0]]
    assert await store.purge([RID, OTHER]) == [contents[2]]
    assert await history.get(OTHER, other.transaction_rid) is None
    await store.forget_unwanted(contents)
    assert await store.unwanted() == []
