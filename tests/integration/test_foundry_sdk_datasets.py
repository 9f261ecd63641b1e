"""``foundry_sdk`` against a real server: datasets, branches, transactions and files."""

from typing import Any

import pytest
from foundry_sdk import BadRequestError
from foundry_sdk.v2.core.errors import InvalidFilePath, InvalidParameterCombination
from foundry_sdk.v2.datasets import errors

from fixtures.api import Api, unique
from fixtures.clients import Sdk, answer, every

# The blocking form of the client; the other one makes the same requests.
pytestmark = pytest.mark.parametrize("sdk", ["sync"], indirect=True)


@pytest.fixture(scope="session")
def folder(api: Api) -> str:
    """A project for all datasets."""
    return api.new_project()


@pytest.fixture
async def rid(client: Any, folder: str) -> str:
    """A new dataset."""
    made = await answer(
        client.datasets.Dataset.create(name=unique("dataset"), parent_folder_rid=folder)
    )
    found: str = made.rid
    return found


@pytest.fixture
def files(client: Any) -> Any:
    return client.datasets.Dataset.File


@pytest.fixture
def transactions(client: Any) -> Any:
    return client.datasets.Dataset.Transaction


@pytest.fixture
def branches(client: Any) -> Any:
    return client.datasets.Dataset.Branch


async def paths(files: Any, rid: str, **selection: Any) -> list[str]:
    """Give the paths of a view."""
    return [one.path for one in await every(await answer(files.list(rid, **selection)))]


async def test_a_dataset_is_what_it_was_created_as(client: Any, folder: str):
    name = unique("dataset")

    made = await answer(client.datasets.Dataset.create(name=name, parent_folder_rid=folder))

    found = await answer(client.datasets.Dataset.get(made.rid))
    assert (found.rid, found.name, found.parent_folder_rid) == (made.rid, name, folder)
    with pytest.raises(errors.DatasetNotFound):
        await answer(client.datasets.Dataset.get(folder))


async def test_a_file_comes_back_as_it_was_sent(files: Any, transactions: Any, rid: str):
    content = bytes(range(256)) * 5_000
    path = "Zähler/part 1 100%.bin"

    made = await answer(files.upload(rid, path, content))

    assert (made.path, made.size_bytes) == (path, len(content))
    assert await answer(files.content(rid, path)) == content
    assert await answer(files.get(rid, path)) == made
    assert await every(await answer(files.list(rid))) == [made]
    committed = await answer(transactions.get(rid, made.transaction_rid))
    assert (committed.transaction_type, committed.status) == ("UPDATE", "COMMITTED")
    assert committed.created_time <= committed.closed_time


async def test_an_empty_file_is_a_file(files: Any, rid: str):
    made = await answer(files.upload(rid, "empty", b""))

    assert made.size_bytes == 0
    assert await answer(files.content(rid, "empty")) == b""


async def test_a_transaction_is_seen_once_it_is_committed(
    files: Any, transactions: Any, branches: Any, rid: str
):
    opened = await answer(transactions.create(rid, transaction_type="APPEND"))
    await answer(files.upload(rid, "a", b"1", transaction_rid=opened.rid))
    await answer(files.upload(rid, "b", b"2", transaction_rid=opened.rid))
    before = await paths(files, rid)
    itself = await paths(
        files, rid, start_transaction_rid=opened.rid, end_transaction_rid=opened.rid
    )
    of_branch = await answer(branches.get(rid, "master"))

    closed = await answer(transactions.commit(rid, opened.rid))

    assert (before, itself) == ([], ["a", "b"])
    assert of_branch.transaction_rid == opened.rid
    assert await paths(files, rid) == ["a", "b"]
    assert closed.status == "COMMITTED"
    with pytest.raises(errors.TransactionNotOpen):
        await answer(transactions.commit(rid, opened.rid))
    with pytest.raises(errors.TransactionNotOpen):
        await answer(files.upload(rid, "c", b"3", transaction_rid=opened.rid))


async def test_what_is_aborted_never_was(
    client: Any, files: Any, transactions: Any, branches: Any, rid: str
):
    kept = await answer(files.upload(rid, "kept", b"1"))
    opened = await answer(transactions.create(rid, transaction_type="SNAPSHOT"))
    await answer(files.upload(rid, "dropped", b"2", transaction_rid=opened.rid))

    closed = await answer(transactions.abort(rid, opened.rid))

    assert closed.status == "ABORTED"
    assert await paths(files, rid) == ["kept"]
    assert (await answer(branches.get(rid, "master"))).transaction_rid == kept.transaction_rid
    with pytest.raises(BadRequestError) as caught:
        await paths(files, rid, end_transaction_rid=opened.rid)
    assert caught.value.name == "TransactionNotCommitted"
    everything = client.datasets.Dataset.transactions(rid, preview=True)
    assert [one.rid for one in await every(await answer(everything))] == [
        opened.rid,
        kept.transaction_rid,
    ]


async def test_a_branch_has_one_open_transaction(files: Any, transactions: Any, rid: str):
    await answer(transactions.create(rid, transaction_type="UPDATE"))

    with pytest.raises(errors.OpenTransactionAlreadyExists):
        await answer(transactions.create(rid, transaction_type="UPDATE"))
    with pytest.raises(errors.OpenTransactionAlreadyExists):
        await answer(files.upload(rid, "a", b""))


async def test_each_type_of_transaction_does_its_own_to_the_view(files: Any, rid: str):
    async def upload(path: str, content: bytes, kind: str) -> str:
        made = await answer(
            files.upload(rid, path, content, branch_name="master", transaction_type=kind)
        )
        transaction: str = made.transaction_rid
        return transaction

    first = await upload("a", b"old", "SNAPSHOT")
    await upload("b", b"1", "APPEND")
    with pytest.raises(errors.FileAlreadyExists):
        await upload("a", b"new", "APPEND")
    third = await upload("a", b"new", "UPDATE")
    updated = await answer(files.content(rid, "a"))
    await answer(files.delete(rid, "b"))
    with pytest.raises(errors.FileNotFoundOnBranch):
        await answer(files.content(rid, "b"))
    deleted = await paths(files, rid)
    last = await upload("c", b"2", "SNAPSHOT")

    assert (updated, deleted) == (b"new", ["a"])
    assert await paths(files, rid) == ["c"]
    assert await answer(files.content(rid, "a", end_transaction_rid=first)) == b"old"
    assert await paths(files, rid, end_transaction_rid=third) == ["a", "b"]
    assert await paths(files, rid, start_transaction_rid=third, end_transaction_rid=third) == ["a"]
    assert await paths(files, rid, start_transaction_rid=first, end_transaction_rid=last) == ["c"]
    with pytest.raises(BadRequestError):
        await paths(files, rid, start_transaction_rid=last, end_transaction_rid=third)
    with pytest.raises(errors.FileNotFoundOnTransactionRange):
        await answer(files.get(rid, "c", end_transaction_rid=third))


async def test_files_are_deleted_in_a_transaction_of_that_type_only(
    files: Any, transactions: Any, rid: str
):
    await answer(files.upload(rid, "a", b"1"))
    await answer(files.upload(rid, "b", b"1"))
    opened = await answer(transactions.create(rid, transaction_type="DELETE"))

    with pytest.raises(BadRequestError) as caught:
        await answer(files.upload(rid, "c", b"1", transaction_rid=opened.rid))
    await answer(files.delete(rid, "a", transaction_rid=opened.rid))
    await answer(transactions.commit(rid, opened.rid))

    assert caught.value.name == "InvalidTransactionType"
    assert await paths(files, rid) == ["b"]
    update = await answer(transactions.create(rid, transaction_type="UPDATE"))
    with pytest.raises(errors.InvalidTransactionType):
        await answer(files.delete(rid, "b", transaction_rid=update.rid))


async def test_a_branch_goes_on_from_a_transaction(
    files: Any, transactions: Any, branches: Any, rid: str
):
    first = await answer(files.upload(rid, "a", b"1"))
    second = await answer(files.upload(rid, "b", b"2"))
    name = "feature/x y"

    made = await answer(branches.create(rid, name=name, transaction_rid=first.transaction_rid))
    third = await answer(files.upload(rid, "c", b"3", branch_name=name))

    assert (made.name, made.transaction_rid) == (name, first.transaction_rid)
    assert await paths(files, rid, branch_name=name) == ["a", "c"]
    assert await paths(files, rid) == ["a", "b"]
    listed = await every(await answer(branches.list(rid)))
    assert [one.name for one in listed] == [name, "master"]
    history = await every(await answer(branches.transactions(rid, name, preview=True, page_size=1)))
    assert [one.rid for one in history] == [third.transaction_rid, first.transaction_rid]
    with pytest.raises(errors.BranchAlreadyExists):
        await answer(branches.create(rid, name=name))
    with pytest.raises(errors.TransactionNotFound):
        await answer(
            branches.create(rid, name="other", transaction_rid=f"{second.transaction_rid}x")
        )
    opened = await answer(transactions.create(rid, transaction_type="UPDATE", branch_name=name))
    with pytest.raises(errors.TransactionNotCommitted):
        await answer(branches.create(rid, name="other", transaction_rid=opened.rid))

    await answer(branches.delete(rid, name))

    with pytest.raises(errors.BranchNotFound):
        await answer(branches.get(rid, name))
    assert (await answer(transactions.get(rid, opened.rid))).status == "ABORTED"
    assert await answer(files.content(rid, "c", end_transaction_rid=third.transaction_rid)) == b"3"


async def test_lists_come_in_pages_and_by_prefix(files: Any, transactions: Any, rid: str):
    opened = await answer(transactions.create(rid, transaction_type="UPDATE"))
    long = "é" * 512
    for path in ("x/1", "x/2", "x_3", "y", long):
        await answer(files.upload(rid, path, b"", transaction_rid=opened.rid))
    await answer(transactions.commit(rid, opened.rid))

    assert sorted(await paths(files, rid, page_size=1)) == sorted(["x/1", "x/2", "x_3", "y", long])
    assert await paths(files, rid, path_prefix="x/") == ["x/1", "x/2"]
    assert await paths(files, rid, path_prefix="y") == ["y"]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/a", "a/../b", "a//b", "a/", "a/.", "a\x00b", "é" * 512 + "x"]
)
async def test_a_path_that_leads_elsewhere_is_refused(files: Any, rid: str, path: str):
    with pytest.raises(InvalidFilePath):
        await answer(files.upload(rid, path, b"x"))

    assert await paths(files, rid) == []


async def test_a_transaction_and_a_branch_do_not_go_together(
    files: Any, transactions: Any, rid: str
):
    opened = await answer(transactions.create(rid, transaction_type="UPDATE"))

    with pytest.raises(InvalidParameterCombination):
        await answer(files.upload(rid, "a", b"", transaction_rid=opened.rid, branch_name="master"))
    with pytest.raises(InvalidParameterCombination):
        await answer(
            files.upload(rid, "a", b"", transaction_rid=opened.rid, transaction_type="UPDATE")
        )
    with pytest.raises(InvalidParameterCombination):
        await answer(files.delete(rid, "a", transaction_rid=opened.rid, branch_name="master"))


async def test_what_is_not_there_is_named(files: Any, transactions: Any, rid: str):
    with pytest.raises(errors.BranchNotFound):
        await answer(files.upload(rid, "a", b"", branch_name="none"))
    with pytest.raises(errors.FileNotFoundOnBranch):
        await answer(files.content(rid, "a"))
    with pytest.raises(errors.TransactionNotFound):
        await answer(transactions.get(rid, "ri.foundry.main.transaction.none"))


async def test_roles_say_who_reads_and_who_writes(
    sdk: Sdk, api: Api, client: Any, files: Any, rid: str
):
    made = await answer(files.upload(rid, "a", b"1"))
    user_id, user = api.new_user()
    theirs = sdk.as_(user.token).datasets.Dataset

    with pytest.raises(errors.DatasetNotFound):
        await answer(theirs.File.content(rid, "a"))
    api.grant(rid, user_id, "discoverer")
    assert (await answer(theirs.get(rid))).rid == rid
    with pytest.raises(errors.GetFileContentPermissionDenied):
        await answer(theirs.File.content(rid, "a"))
    with pytest.raises(errors.DatasetNotFound):
        await every(await answer(theirs.File.list(rid)))
    with pytest.raises(errors.GetBranchTransactionHistoryPermissionDenied):
        await every(await answer(theirs.Branch.transactions(rid, "master", preview=True)))
    api.grant(rid, user_id, "viewer")
    assert await answer(theirs.File.content(rid, "a")) == b"1"
    with pytest.raises(errors.CreateTransactionPermissionDenied):
        await answer(theirs.File.upload(rid, "b", b"2"))
    with pytest.raises(errors.CreateTransactionPermissionDenied):
        await answer(theirs.Transaction.create(rid, transaction_type="UPDATE"))
    with pytest.raises(errors.UploadFilePermissionDenied):
        await answer(theirs.File.upload(rid, "b", b"2", transaction_rid=made.transaction_rid))
    with pytest.raises(errors.DeleteFilePermissionDenied):
        await answer(theirs.File.delete(rid, "a"))
    with pytest.raises(errors.CreateBranchPermissionDenied):
        await answer(theirs.Branch.create(rid, name="x"))
    with pytest.raises(errors.DeleteBranchPermissionDenied):
        await answer(theirs.Branch.delete(rid, "master"))
    with pytest.raises(errors.CommitTransactionPermissionDenied):
        await answer(theirs.Transaction.commit(rid, made.transaction_rid))
    with pytest.raises(errors.AbortTransactionPermissionDenied):
        await answer(theirs.Transaction.abort(rid, made.transaction_rid))
    api.grant(rid, user_id, "editor")
    await answer(theirs.File.upload(rid, "b", b"2"))
    assert await paths(files, rid) == ["a", "b"]
    with pytest.raises(errors.CreateDatasetPermissionDenied):
        folder = api.new_project()
        api.grant(folder, user_id, "viewer")
        await answer(theirs.create(name="x", parent_folder_rid=folder))


async def test_a_dataset_in_the_trash_is_read_and_not_written(
    client: Any, files: Any, transactions: Any, rid: str
):
    await answer(files.upload(rid, "a", b"1"))
    opened = await answer(transactions.create(rid, transaction_type="UPDATE"))

    await answer(client.filesystem.Resource.delete(rid))

    assert await answer(files.content(rid, "a")) == b"1"
    with pytest.raises(BadRequestError) as caught:
        await answer(transactions.commit(rid, opened.rid))
    assert caught.value.name == "DatasetInTrash"


async def test_a_streaming_dataset_is_seen_and_says_how_it_is_written_and_read(
    api: Api, client: Any, files: Any, transactions: Any, branches: Any
):
    stream = api.new_stream()
    dataset = client.datasets.Dataset

    assert (await answer(dataset.get(stream.rid))).rid == stream.rid
    for name, attempt in (
        ("StreamingDatasetNotWritable", lambda: files.upload(stream.rid, "a", b"1")),
        (
            "StreamingDatasetNotWritable",
            lambda: transactions.create(stream.rid, transaction_type="APPEND"),
        ),
        ("DatasetReadNotSupported", lambda: files.content(stream.rid, "a")),
        ("DatasetReadNotSupported", lambda: dataset.read_table(stream.rid, format="CSV")),
    ):
        with pytest.raises(BadRequestError) as caught:
            await answer(attempt())
        assert caught.value.name == name
    branch = await answer(branches.get(stream.rid, "master"))
    assert (branch.name, branch.transaction_rid) == ("master", None)
