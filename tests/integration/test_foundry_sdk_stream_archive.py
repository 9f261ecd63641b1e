"""``foundry_sdk`` against a real server: the archive of a stream is read as a dataset."""

import io
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from foundry_sdk import BadRequestError, NotFoundError
from foundry_sdk.v2.datasets import errors

from fixtures.api import Api, StreamUnderTest
from fixtures.clients import Sdk
from fixtures.pages import ROOT
from fixtures.server import ServerProcess, sign_in, wait_until

SENSOR_COLUMNS = ["sensor_id", "temperature", "created_at"]
ARCHIVING = {"SLUICEWAY_ARCHIVE__ENABLED": "true", "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1"}


@pytest.fixture(scope="module")
def archiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that archives."""
    process = ServerProcess(tmp_path_factory.mktemp("archive") / "data", ARCHIVING).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def api(archiving: ServerProcess) -> Iterator[Api]:
    with Api(archiving.url, sign_in(archiving.url)) as administrator:
        yield administrator


@pytest.fixture(scope="module")
def sdk(archiving: ServerProcess) -> Sdk:
    return Sdk(archiving.url, is_async=False)


@pytest.fixture(scope="module")
def dataset(sdk: Sdk, api: Api) -> Any:
    """The calls about datasets, as the administrator."""
    return sdk.as_(api.token).datasets.Dataset


def archived(stream: StreamUnderTest) -> None:
    """Wait until the table has what the stream has."""
    branch = quote(stream.branch, safe="")
    path = f"/api/v1/streams/{stream.rid}/{branch}/description"
    ends = stream.ends()
    wait_until(lambda: stream.api.ok("GET", path)["archivedThrough"] == ends, 30)


class Archived:
    """A stream of two partitions with three commits, and the numbers of each."""

    def __init__(self, api: Api) -> None:
        self.stream = api.new_stream(partitionsCount=2)
        self.commits = [range(5), range(5, 6), range(6, 40)]
        for numbers in self.commits:
            records = [{"sensor_id": f"s-{one % 3}", "temperature": one / 4} for one in numbers]
            assert self.stream.publish(*records).is_success
            archived(self.stream)
        self.rid = self.stream.rid


@pytest.fixture(scope="module")
def given(api: Api) -> Archived:
    return Archived(api)


def test_commits_are_transactions_of_the_branch(dataset: Any, given: Archived) -> None:
    listed = list(dataset.transactions(given.rid, preview=True))
    of_branch = list(dataset.Branch.transactions(given.rid, "master", page_size=1, preview=True))
    branch = dataset.Branch.get(given.rid, "master")

    assert len(listed) == len(given.commits)
    assert of_branch == listed
    assert {(one.transaction_type, one.status) for one in listed} == {("APPEND", "COMMITTED")}
    times = [(one.created_time, one.closed_time) for one in listed]
    assert times == sorted(times, reverse=True)
    assert all(created <= closed for created, closed in times)
    assert branch.transaction_rid == listed[0].rid
    assert list(dataset.Branch.list(given.rid)) == [branch]
    assert dataset.Transaction.get(given.rid, listed[1].rid) == listed[1]


def test_each_stream_of_a_dataset_is_a_branch_with_its_own_transactions(
    api: Api, dataset: Any
) -> None:
    stream = api.new_stream()
    path = f"/api/v2/streams/datasets/{stream.rid}/streams?preview=true"
    other = api.new_stream()
    schema = {"fields": [{"name": "n", "schema": {"nullable": True, "dataType": {"type": "long"}}}]}
    for name in ("a", "b/c"):
        api.ok("POST", path, json={"branchName": name, "schema": schema})
    branch = StreamUnderTest(api, stream.rid, "b/c")
    assert branch.publish({"n": 1}).is_success
    archived(branch)
    assert stream.publish({"sensor_id": "s"}).is_success
    archived(stream)

    listed = [(one.name, one.transaction_rid) for one in dataset.Branch.list(stream.rid)]
    paged = list(dataset.Branch.list(stream.rid, page_size=1))
    everything = [one.rid for one in dataset.transactions(stream.rid, page_size=1, preview=True)]

    assert [(one.name, one.transaction_rid) for one in paged] == listed
    assert [name for name, _ in listed] == ["a", "b/c", "master"]
    assert listed[0][1] is None
    assert everything == [listed[2][1], listed[1][1]]
    assert dataset.get_schema(stream.rid, branch_name="b/c").end_transaction_rid == everything[1]
    with pytest.raises(errors.BranchNotFound):
        dataset.Branch.get(stream.rid, "none")
    with pytest.raises(errors.BranchNotFound):
        dataset.Branch.transactions(stream.rid, "none", preview=True)
    with pytest.raises(errors.TransactionNotFound):
        dataset.Transaction.get(other.rid, everything[0])
    with pytest.raises(NotFoundError, match="has no transaction"):
        dataset.get_schema(stream.rid, branch_name="master", end_transaction_rid=everything[1])
    with pytest.raises(errors.DatasetViewNotFound):
        dataset.get_schema(stream.rid, branch_name="a")
    assert list(dataset.Branch.transactions(stream.rid, "a", preview=True)) == []


def test_the_schema_is_that_of_the_table(dataset: Any, given: Archived) -> None:
    found = dataset.get_schema(given.rid)
    head = dataset.Branch.get(given.rid, "master").transaction_rid
    first = list(dataset.transactions(given.rid, preview=True))[-1].rid

    columns = [(one.name, one.type, one.nullable) for one in found.schema_.field_schema_list]
    assert columns == [
        ("sensor_id", "STRING", False),
        ("temperature", "DOUBLE", True),
        ("created_at", "TIMESTAMP", True),
        ("_partition", "INTEGER", False),
        ("_offset", "LONG", False),
        ("_ingested_at", "TIMESTAMP", False),
    ]
    assert (found.branch_name, found.end_transaction_rid) == ("master", head)
    assert dataset.get_schema(given.rid, version_id=found.version_id) == found
    earlier = dataset.get_schema(given.rid, end_transaction_rid=first)
    assert (earlier.version_id, earlier.end_transaction_rid) == (found.version_id, first)
    with pytest.raises(errors.SchemaNotFound):
        dataset.get_schema(given.rid, version_id=str(uuid.uuid4()))


def rows_of(content: bytes) -> pa.Table:
    with pa.ipc.open_stream(content) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return table


def test_the_table_has_what_was_pushed_by_partition_and_offset(
    dataset: Any, given: Archived
) -> None:
    table = rows_of(dataset.read_table(given.rid, format="ARROW"))
    some = rows_of(
        dataset.read_table(
            given.rid, format="ARROW", columns=["_offset", "temperature"], row_limit=7
        )
    )
    text = dataset.read_table(given.rid, format="CSV", columns=["sensor_id"], row_limit=1)

    expected = [
        (partition, one["offset"], one["value"]["sensor_id"], one["value"]["temperature"])
        for partition in range(2)
        for one in given.stream.records(partition)
    ]
    names = ("_partition", "_offset", "sensor_id", "temperature")
    assert list(zip(*(table[name].to_pylist() for name in names), strict=True)) == expected
    assert len(expected) == 40
    assert table.schema.names == [*SENSOR_COLUMNS, "_partition", "_offset", "_ingested_at"]
    assert table["_ingested_at"].null_count == 0
    assert some.schema.names == ["_offset", "temperature"]
    assert list(zip(*some.to_pydict().values(), strict=True)) == [
        (one[1], one[3]) for one in expected[:7]
    ]
    assert text == f'"sensor_id"\n"{expected[0][2]}"\n'.encode()


def test_transactions_choose_the_rows_that_they_moved(dataset: Any, given: Archived) -> None:
    rids = [one.rid for one in dataset.transactions(given.rid, preview=True)][::-1]

    def numbers(**selection: str) -> list[float]:
        content = dataset.read_table(
            given.rid, format="ARROW", columns=["temperature"], **selection
        )
        return sorted(one * 4 for one in rows_of(content)["temperature"].to_pylist())

    for first in range(3):
        for last in range(first, 3):
            found = numbers(start_transaction_rid=rids[first], end_transaction_rid=rids[last])
            assert found == list(range(given.commits[first].start, given.commits[last].stop))
    assert numbers(end_transaction_rid=rids[1]) == list(range(6))
    assert numbers(start_transaction_rid=rids[1]) == list(range(5, 40))
    with pytest.raises(BadRequestError, match="does not come before"):
        numbers(start_transaction_rid=rids[1], end_transaction_rid=rids[0])


def test_files_are_those_of_the_table(dataset: Any, given: Archived) -> None:
    rids = [one.rid for one in dataset.transactions(given.rid, preview=True)][::-1]

    listed = list(dataset.File.list(given.rid, page_size=2))
    contents = [dataset.File.content(given.rid, one.path) for one in listed]

    assert [one.transaction_rid for one in listed] == rids
    assert [one.path for one in listed] == sorted(one.path for one in listed)
    assert all(one.path.startswith("data/") for one in listed)
    assert [one.size_bytes for one in listed] == [len(content) for content in contents]
    rows = [pq.read_table(io.BytesIO(content)).num_rows for content in contents]
    assert rows == [len(numbers) for numbers in given.commits]
    assert dataset.File.get(given.rid, listed[1].path) == listed[1]
    prefix = listed[2].path[:-3]
    assert list(dataset.File.list(given.rid, path_prefix=prefix)) == [listed[2]]
    between = {"start_transaction_rid": rids[1], "end_transaction_rid": rids[1]}
    assert list(dataset.File.list(given.rid, **between)) == [listed[1]]
    for path in ("data/none.parquet", "../warehouse.db", listed[0].path.upper()):
        with pytest.raises(errors.FileNotFoundOnBranch):
            dataset.File.content(given.rid, path)
    with pytest.raises(errors.FileNotFoundOnTransactionRange):
        dataset.File.get(given.rid, listed[0].path, **between)


def test_an_empty_stream_is_an_empty_table(api: Api, dataset: Any) -> None:
    stream = api.new_stream()

    table = rows_of(dataset.read_table(stream.rid, format="ARROW"))

    assert table.num_rows == 0
    assert table.schema.names == [*SENSOR_COLUMNS, "_partition", "_offset", "_ingested_at"]
    assert list(dataset.File.list(stream.rid)) == []
    with pytest.raises(BadRequestError, match="there is no column"):
        dataset.read_table(stream.rid, format="ARROW", columns=["none"])
    with pytest.raises(BadRequestError, match="less than 0"):
        dataset.read_table(stream.rid, format="ARROW", row_limit=-1)


def test_a_receipt_names_the_files_that_have_its_records(api: Api, dataset: Any) -> None:
    stream = api.new_stream()
    path = f"/api/v1/streams/{stream.rid}/master"
    receipts = []
    for numbers in (range(3), range(3, 5)):
        records = [{"sensor_id": f"s-{one}"} for one in numbers]
        receipts.append(api.ok("POST", f"{path}/records", json=records)["receiptId"])
        if numbers.start == 0:
            archived(stream)
    found = [api.ok("GET", f"{path}/receipts/{one}")["partitions"] for one in receipts]
    archived(stream)
    later = api.ok("GET", f"{path}/receipts/{receipts[1]}")["partitions"]

    files = list(dataset.File.list(stream.rid))
    assert [(one["firstOffset"], one["archived"]) for (one,) in found] == [(0, True), (3, False)]
    assert "files" not in found[1][0]
    (first,), (second,) = found[0][0]["files"], later[0]["files"]
    assert [first["path"], second["path"]] == [one.path for one in files]
    assert [first["transactionRid"], second["transactionRid"]] == [
        one.transaction_rid for one in files
    ]
    rows = pq.read_table(io.BytesIO(dataset.File.content(stream.rid, second["path"])))
    assert rows["_offset"].to_pylist() == [3, 4]


def test_a_reset_begins_a_new_history(api: Api, dataset: Any) -> None:
    stream = api.new_stream()
    assert stream.publish({"sensor_id": "s"}).is_success
    archived(stream)
    (before,) = dataset.transactions(stream.rid, preview=True)
    version = dataset.get_schema(stream.rid).version_id

    api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    assert list(dataset.transactions(stream.rid, preview=True)) == []
    with pytest.raises(errors.TransactionNotFound):
        dataset.Transaction.get(stream.rid, before.rid)
    assert dataset.Branch.get(stream.rid, "master").transaction_rid is None
    assert stream.publish({"sensor_id": "s"}).is_success
    archived(stream)

    (after,) = dataset.transactions(stream.rid, preview=True)
    assert after.rid != before.rid
    assert dataset.get_schema(stream.rid).version_id != version


def test_all_that_writes_is_refused(dataset: Any, given: Archived) -> None:
    found = dataset.get_schema(given.rid)
    for attempt in (
        lambda: dataset.put_schema(given.rid, schema=found.schema_),
        lambda: dataset.Transaction.create(given.rid, transaction_type="APPEND"),
        lambda: dataset.Transaction.abort(given.rid, found.end_transaction_rid),
        lambda: dataset.Branch.create(given.rid, name="other"),
        lambda: dataset.Branch.delete(given.rid, "master"),
        lambda: dataset.File.upload(given.rid, "a", b"1"),
        lambda: dataset.File.delete(given.rid, "a"),
    ):
        with pytest.raises(BadRequestError) as caught:
            attempt()
        assert caught.value.name == "StreamingDatasetNotWritable"


def test_a_viewer_reads_and_others_do_not(api: Api, sdk: Sdk, given: Archived) -> None:
    user_id, person = api.new_user()
    theirs = sdk.as_(person.token).datasets.Dataset
    with pytest.raises(errors.DatasetNotFound):
        theirs.get_schema(given.rid)
    api.grant(given.rid, user_id, "discoverer")
    with pytest.raises(errors.GetDatasetSchemaPermissionDenied):
        theirs.get_schema(given.rid)
    with pytest.raises(errors.GetBranchTransactionHistoryPermissionDenied):
        theirs.Branch.transactions(given.rid, "master", preview=True)
    with pytest.raises(errors.ReadTableDatasetPermissionDenied):
        theirs.read_table(given.rid, format="CSV")
    with pytest.raises(errors.GetFileContentPermissionDenied):
        theirs.File.content(given.rid, "data/a")
    for hidden in (theirs.transactions, theirs.File.list, theirs.Branch.list):
        with pytest.raises(NotFoundError):
            hidden(given.rid, **({"preview": True} if hidden == theirs.transactions else {}))

    api.grant(given.rid, user_id, "viewer")

    assert len(list(theirs.transactions(given.rid, preview=True))) == len(given.commits)
    assert theirs.get_schema(given.rid).branch_name == "master"
    assert rows_of(theirs.read_table(given.rid, format="ARROW")).num_rows == 40


def test_the_guide_reads_back_what_it_pushes(
    api: Api, sdk: Sdk, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (ROOT / "docs" / "guides" / "datasets.md").read_text()
    code = guide.partition("## The archive of a stream")[2].split("```")[1].removeprefix("python")
    client = sdk.as_(api.token)

    names = {"client": client, "Dataset": client.datasets.Dataset, "FOLDER": api.new_project()}
    exec(code, names)  # noqa: S102 - our own guide

    assert capsys.readouterr().out.splitlines()[-1] == "1000"
