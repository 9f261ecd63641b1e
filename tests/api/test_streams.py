"""Creating, describing, branching and resetting streams, and how records find partitions."""

import uuid
import zlib
from typing import Any

import httpx
import msgspec
import pytest

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, assert_error, field, schema, unique
from fixtures.doors import Door

CREATE = "/api/v2/streams/datasets/create"


def create(api: Api, folder: str, **body: Any) -> httpx.Response:
    full = {"name": unique("stream"), "parentFolderRid": folder, "schema": SENSOR_SCHEMA} | body
    return api.post(f"{CREATE}?preview=true", json=full)


def branch(stream: StreamUnderTest, name: Any, **body: Any) -> httpx.Response:
    path = f"{stream.path.rpartition('/')[0]}?preview=true"
    return stream.api.post(path, json={"branchName": name, "schema": SENSOR_SCHEMA} | body)


def reset(stream: StreamUnderTest, **body: Any) -> httpx.Response:
    return stream.api.post(f"{stream.path}/reset?preview=true", json=body)


@pytest.fixture(scope="module")
def folder(api: Api) -> str:
    return api.new_project()


def test_a_new_streaming_dataset_is_described_and_empty(api: Api, folder: str):
    answer = create(api, folder, name="the name of it")

    made = answer.json()
    assert set(made) == {"rid", "name", "parentFolderRid"}
    assert (made["name"], made["parentFolderRid"]) == ("the name of it", folder)
    stream = StreamUnderTest(api, made["rid"], "master")
    described = stream.describe()
    assert described.pop("viewRid").startswith("ri.foundry-streaming.main.view.")
    assert described == {
        "branchName": "master",
        "schema": SENSOR_SCHEMA,
        "partitionsCount": 1,
        "streamType": "LOW_LATENCY",
        "compressed": False,
    }
    assert stream.ends() == {"0": 0}


def test_a_stream_is_as_it_was_asked_for(api: Api, folder: str):
    made = create(
        api,
        folder,
        branchName="develop",
        partitionsCount=3,
        streamType="HIGH_THROUGHPUT",
        compressed=True,
    )

    described = StreamUnderTest(api, made.json()["rid"], "develop").describe()
    assert described["partitionsCount"] == 3
    assert described["streamType"] == "HIGH_THROUGHPUT"
    assert described["compressed"] is True


@pytest.mark.parametrize("partitions", [1, 256])
def test_a_stream_has_1_to_256_partitions(api: Api, folder: str, partitions: int):
    made = create(api, folder, partitionsCount=partitions)

    stream = StreamUnderTest(api, made.json()["rid"], "master")
    assert stream.ends() == {str(number): 0 for number in range(partitions)}


@pytest.mark.parametrize("partitions", [0, -1, 257, 10**6])
def test_another_number_of_partitions_is_refused(api: Api, folder: str, partitions: int):
    parameters = assert_error(
        create(api, folder, partitionsCount=partitions), 400, "InvalidPartitionsCount"
    )

    assert parameters == {"partitionsCount": partitions, "partitionsCountMax": 256}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"streamType": "FAST"}, "InvalidStreamType"),
        ({"streamType": "low_latency"}, "InvalidStreamType"),
        ({"schema": {"fields": []}}, "InvalidSchema"),
        ({"schema": schema(field("a", "nothing"))}, "Conjure:InvalidArgument"),
        ({"schema": schema(field('a"', "string"))}, "InvalidFieldSchema"),
        ({"schema": schema(field("a", "double"), keys=["a"])}, "InvalidSchema"),
        ({"name": ""}, "InvalidDisplayName"),
        ({"unknown": 1}, "Conjure:InvalidArgument"),
        ({"partitionsCount": "three"}, "Conjure:InvalidArgument"),
        ({"schema": None}, "Conjure:InvalidArgument"),
    ],
)
def test_a_stream_that_cannot_be_is_refused(
    api: Api, folder: str, body: dict[str, Any], error: str
):
    assert_error(create(api, folder, **body), 400, error)


def test_a_name_is_given_once_in_a_folder(api: Api, folder: str):
    name = unique("twice")

    assert create(api, folder, name=name).is_success
    assert_error(create(api, folder, name=name), 409, "ResourceNameAlreadyExists")


@pytest.mark.parametrize(
    "name",
    [
        "ri.foundry.main.dataset.3f0ba9b5-2b2f-4a35-9d21-1f2b9d4bd7a3",
        "3f0ba9b5-2b2f-4a35-9d21-1f2b9d4bd7a3",
        "3F0BA9B5-2B2F-4A35-9D21-1F2B9D4BD7A3",
        "x" * 256,
        "",
        " ",
        ".",
        "..",
        "a\nb",
        "a\x00b",
    ],
)
def test_a_branch_name_that_cannot_be_is_refused(
    api: Api, folder: str, stream: StreamUnderTest, name: str
):
    of_dataset = create(api, folder, branchName=name)
    of_stream = branch(stream, name)

    for answer in (of_dataset, of_stream):
        parameters = assert_error(answer, 400, "InvalidBranchName")
        assert parameters["branchName"] == name[:100]


@pytest.mark.parametrize(
    "name", ["feat/x", "x" * 255, "ri.foundry", "ünicode", "a b", "-", "a/../b"]
)
def test_a_branch_is_a_stream_of_its_own(stream: StreamUnderTest, name: str):
    made = branch(stream, name, schema=schema(field("other", "string")))

    assert made.json()["branchName"] == name
    other = StreamUnderTest(stream.api, stream.rid, name)
    assert other.describe() == made.json()
    assert other.publish({"other": "here"}).is_success
    assert other.values() == [{"other": "here"}]
    assert stream.values() == []


def test_a_branch_that_exists_is_refused(stream: StreamUnderTest):
    assert_error(branch(stream, "master"), 409, "BranchAlreadyExists")


@pytest.mark.parametrize("flag", ["", "?preview=false", "?preview=1"])
def test_changing_streams_is_in_preview(stream: StreamUnderTest, flag: str):
    paths = [CREATE, stream.path.rpartition("/")[0], f"{stream.path}/reset"]

    for path in paths:
        answer = stream.api.post(f"{path}{flag}", json={})
        assert_error(answer, 400, "ApiFeaturePreviewUsageOnly")
    assert stream.api.get(f"{stream.path}{flag}").is_success


def test_a_reset_gives_a_new_view_and_the_old_records_are_gone(door: Door, stream: StreamUnderTest):
    old = stream.describe()
    door.publish(stream, *({"sensor_id": str(n)} for n in range(10)))

    answer = reset(stream)

    new = answer.json()
    assert new["viewRid"] != old["viewRid"]
    assert {**new, "viewRid": ""} == {**old, "viewRid": ""}
    assert stream.values() == []
    assert stream.ends() == {"0": 0}
    by_old_view = stream.api.get(
        f"{stream.fast}/getRecords",
        params={"partitionId": 0, "limit": 1, "preview": "true", "viewRid": old["viewRid"]},
    )
    assert_error(by_old_view, 404, "ViewNotFound")
    assert door.publish(stream, {"sensor_id": "new"}).is_success
    assert [record["offset"] for record in stream.records()] == [0]


def test_a_reset_may_change_what_a_stream_is(door: Door, stream: StreamUnderTest):
    assert door.publish(stream, {"sensor_id": "old"}).is_success
    changed = {
        "schema": schema(field("n", "integer"), keys=["n"]),
        "partitionsCount": 2,
        "streamType": "HIGH_THROUGHPUT",
        "compressed": True,
    }

    new = reset(stream, **changed).json()

    assert {name: new[name] for name in changed} == changed
    assert_error(door.publish(stream, {"sensor_id": "old"}), 400, "RecordDoesNotMatchStreamSchema")
    assert door.publish(stream, {"n": 1}).is_success


def test_what_a_reset_cannot_do_leaves_the_stream_as_it_was(stream: StreamUnderTest):
    stream.publish({"sensor_id": "kept"})

    refused = [
        reset(stream, partitionsCount=0),
        reset(stream, streamType="FAST"),
        reset(stream, schema={"fields": []}),
        reset(stream, unknown=1),
        StreamUnderTest(stream.api, stream.rid, "none").api.post(
            f"{stream.path.rpartition('/')[0]}/none/reset?preview=true", json={}
        ),
    ]

    assert [answer.status_code for answer in refused] == [400, 400, 400, 400, 404]
    assert [value["sensor_id"] for value in stream.values()] == ["kept"]


def test_the_records_of_other_branches_survive_a_reset(stream: StreamUnderTest):
    branch(stream, "other")
    other = StreamUnderTest(stream.api, stream.rid, "other")
    other.publish({"sensor_id": "kept"})

    assert reset(stream).is_success

    assert [value["sensor_id"] for value in other.values()] == ["kept"]


def test_publishing_goes_on_while_a_stream_is_reset(door: Door, stream: StreamUnderTest):
    for _ in range(10):
        assert door.publish(stream, {"sensor_id": "before"}).is_success
        assert reset(stream).is_success
        assert door.publish(stream, {"sensor_id": "after"}).is_success

        assert [value["sensor_id"] for value in stream.values()] == ["after"]


KEYED = schema(
    field("sensor", "string"), field("site", "long"), field("n", "integer"), keys=["sensor", "site"]
)


def partition_of(partitions: int, *key: Any) -> int:
    """Find a partition by the rule of docs/reference/schemas.md."""
    return zlib.crc32(msgspec.json.encode(key)) % partitions


@pytest.mark.parametrize("partitions", [1, 2, 7, 256])
def test_the_partition_of_a_key_follows_the_documented_rule(
    api: Api, folder: str, door: Door, partitions: int
):
    made = create(api, folder, schema=KEYED, partitionsCount=partitions).json()
    stream = StreamUnderTest(api, made["rid"], "master")
    keys = [("s1", 1), ("s2", 1), ('ü/"', -5), (None, None), ("", 2**63 - 1), ("\u2028\t", 0)]

    answer = door.send(
        stream,
        "jsonRecords",
        [{"value": {"sensor": sensor, "site": site, "n": 1}} for sensor, site in keys],
    )

    places = answer.json()["offsetAndPartitionIds"]
    assert [place["partitionId"] for place in places] == [
        partition_of(partitions, *key) for key in keys
    ]


def test_the_rule_for_keys_has_not_changed(api: Api, folder: str):
    """The figures themselves: a stream that has records depends on them."""
    made = create(api, folder, schema=schema(field("s", "string"), keys=["s"]), partitionsCount=256)
    stream = StreamUnderTest(api, made.json()["rid"], "master")

    answers = [
        stream.api.ok("POST", f"{stream.proxy}/jsonRecord", json={"s": key})
        for key in ("sensor4", "", "ü")
    ]

    assert [answer["partitionId"] for answer in answers] == [
        zlib.crc32(b'["sensor4"]') % 256,
        zlib.crc32(b'[""]') % 256,
        zlib.crc32(b'["\xc3\xbc"]') % 256,
    ]


def test_records_of_a_key_stay_in_order(api: Api, folder: str):
    made = create(api, folder, schema=KEYED, partitionsCount=5).json()
    stream = StreamUnderTest(api, made["rid"], "master")
    for n in range(0, 300, 3):
        door = list(Door)[n % 2]
        records = [{"sensor": f"s{n % 7}", "site": 1, "n": n + more} for more in range(3)]
        assert door.publish(stream, *records).is_success

    of_sensor: dict[str, list[int]] = {}
    for partition in range(5):
        for value in stream.values(partition):
            of_sensor.setdefault(value["sensor"], []).append(value["n"])
    assert sum(map(len, of_sensor.values())) == 300
    for numbers in of_sensor.values():
        assert numbers == sorted(numbers)


def test_a_batch_without_keys_goes_to_each_partition_in_turn(api: Api, folder: str, door: Door):
    made = create(api, folder, partitionsCount=4).json()
    stream = StreamUnderTest(api, made["rid"], "master")

    batches = []
    for turn in range(9):
        if turn % 2:  # a change somewhere: all that is in memory is looked up anew
            create(api, folder)
        batches.append(door.send(stream, "jsonRecords", [{"value": {"sensor_id": "a"}}] * 3).json())

    used = [{one["partitionId"] for one in batch["offsetAndPartitionIds"]} for batch in batches]
    assert all(len(partitions) == 1 for partitions in used)
    turns = [partitions.pop() for partitions in used]
    assert turns == [(turns[0] + turn) % 4 for turn in range(9)]


def test_an_unknown_stream_is_not_found(api: Api):
    rid = f"ri.foundry.main.dataset.{uuid.uuid4()}"

    answer = api.get(f"/api/v2/streams/datasets/{rid}/streams/master")

    assert assert_error(answer, 404, "StreamNotFound") == {
        "datasetRid": rid,
        "streamBranchName": "master",
    }


@pytest.mark.parametrize("rid", ["nonsense", "x" * 3_000, "%00", "%F0%9F%A6%84", "%22%27--"])
def test_what_is_no_rid_is_not_found(api: Api, rid: str):
    answer = api.get(f"/api/v2/streams/datasets/{rid}/streams/master")

    assert_error(answer, 404, "StreamNotFound")
