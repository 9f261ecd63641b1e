"""Subscribers: readers whose place the server keeps."""

import datetime as dt
import uuid
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema

COUNT = 1_200


class Subscriber:
    """A subscriber of a stream, and short ways to its calls."""

    def __init__(self, stream: StreamUnderTest, name: str | None = None) -> None:
        self.stream = stream
        self.name = name or uuid.uuid4().hex
        self.path = f"{stream.fast}/subscribers/{self.name}"

    def create(self, position: Any = None, stream: StreamUnderTest | None = None) -> httpx.Response:
        body: dict[str, Any] = {"subscriberId": self.name}
        if position is not None:
            body["readPosition"] = position
        path = f"{(stream or self.stream).path}/subscribers?preview=true"
        return self.stream.api.post(path, json=body)

    def delete(self) -> httpx.Response:
        path = f"{self.stream.path}/subscribers/{self.name}?preview=true"
        return self.stream.api.delete(path)

    def position(self, **query: str) -> httpx.Response:
        params = {"preview": "true", **query}
        return self.stream.api.get(f"{self.path}/getReadPosition", params=params)

    def read(self, **body: Any) -> httpx.Response:
        return self.stream.api.post(f"{self.path}/readRecords?preview=true", json=body)

    def offsets(self, **body: Any) -> dict[str, list[int]]:
        answer = self.read(**body)
        assert answer.is_success, answer.text
        found = answer.json()["recordsByPartition"]
        return {part: [one["offset"] for one in records] for part, records in found.items()}

    def commit(self, offsets: dict[str, Any], **body: Any) -> httpx.Response:
        path = f"{self.path}/commitOffsets?preview=true"
        return self.stream.api.post(path, json={"offsets": offsets, **body})

    def reset(self, position: Any) -> httpx.Response:
        path = f"{self.path}/resetOffsets?preview=true"
        return self.stream.api.post(path, json={"position": position})


@pytest.fixture(scope="module")
def filled(api: Api) -> StreamUnderTest:
    stream = api.new_stream(schema(field("n", "integer")))
    assert stream.publish(*({"n": n} for n in range(COUNT))).is_success
    return stream


@pytest.fixture
def subscriber(filled: StreamUnderTest) -> Subscriber:
    made = Subscriber(filled)
    assert made.create().is_success
    return made


def test_a_subscriber_is_described_when_it_is_created(filled: StreamUnderTest):
    subscriber = Subscriber(filled)
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)

    answer = subscriber.create()

    assert answer.status_code == 200
    described = answer.json()
    created = dt.datetime.fromisoformat(described.pop("createdTime"))
    assert before <= created <= dt.datetime.now(dt.UTC)
    assert described == {
        "subscriberId": subscriber.name,
        "readPosition": {"type": "earliest"},
        "datasetRid": filled.rid,
        "branchName": "master",
        "viewRid": filled.view(),
        "startOffsets": {"0": 0},
    }


def test_creating_a_subscriber_again_gives_the_same_one(subscriber: Subscriber):
    subscriber.commit({"0": 99})

    first, again = subscriber.create(), subscriber.create({"type": "latest"})

    assert first.json() == again.json()
    assert again.json()["readPosition"] == {"type": "earliest"}
    assert subscriber.position().json() == {"0": 100}


def test_an_id_belongs_to_one_stream(api: Api, subscriber: Subscriber):
    answer = subscriber.create(stream=api.new_stream())

    assert assert_error(answer, 409, "SubscriberAlreadyExists") == {
        "subscriberId": subscriber.name,
        "existingDatasetRid": subscriber.stream.rid,
        "existingBranchName": "master",
    }


@pytest.mark.parametrize(
    ("position", "start"),
    [
        (None, 0),
        ({"type": "earliest"}, 0),
        ({"type": "latest"}, COUNT),
        ({"type": "specific", "offsets": {"0": 17}}, 17),
        ({"type": "specific", "offsets": {"0": COUNT}}, COUNT),
        ({"type": "specific", "offsets": {}}, 0),
    ],
)
def test_a_subscriber_starts_where_it_is_told(filled: StreamUnderTest, position: Any, start: int):
    created, moved = Subscriber(filled), Subscriber(filled)

    assert created.create(position).json()["startOffsets"] == {"0": start}
    moved.create({"type": "specific", "offsets": {"0": 500}})
    told = moved.reset(position or {"type": "earliest"})

    assert told.json() == {"0": start}
    for one in (created, moved):
        assert one.position().json() == {"0": start}
        assert one.offsets(limit=2)["0"] == list(range(start, min(start + 2, COUNT)))


@pytest.mark.parametrize(
    ("position", "error"),
    [
        ({"type": "specific", "offsets": {"0": -1}}, "InvalidOffset"),
        ({"type": "specific", "offsets": {"0": COUNT + 1}}, "InvalidOffset"),
        ({"type": "specific", "offsets": {"1": 0}}, "InvalidPartitionId"),
        ({"type": "specific", "offsets": {"x": 0}}, "InvalidPartitionId"),
        ({"type": "specific"}, "Conjure:InvalidArgument"),
        ({"type": "yesterday"}, "Conjure:InvalidArgument"),
        ({}, "Conjure:InvalidArgument"),
        ("earliest", "Conjure:InvalidArgument"),
    ],
)
def test_a_position_that_is_not_in_the_stream_is_refused(
    filled: StreamUnderTest, subscriber: Subscriber, position: Any, error: str
):
    new = Subscriber(filled)

    assert_error(new.create(position), 400, error)
    assert_error(subscriber.reset(position), 400, error)
    assert_error(new.position(), 404, "SubscriberNotFound")
    assert subscriber.position().json() == {"0": 0}


def test_reading_does_not_move_a_subscriber(subscriber: Subscriber):
    assert subscriber.offsets(limit=3) == {"0": [0, 1, 2]}
    assert subscriber.offsets(limit=3, autoCommit=False) == {"0": [0, 1, 2]}
    assert subscriber.position().json() == {"0": 0}


def test_what_is_committed_is_the_last_that_was_processed(subscriber: Subscriber):
    answer = subscriber.commit({"0": 50})

    assert (answer.status_code, answer.json()) == (200, {"0": 51})
    assert subscriber.position().json() == {"0": 51}
    assert subscriber.offsets(limit=1) == {"0": [51]}


def test_a_subscriber_may_go_back_by_a_commit(subscriber: Subscriber):
    subscriber.commit({"0": 50})

    assert subscriber.commit({"0": 10}).json() == {"0": 11}


def test_the_last_record_may_be_committed_and_no_further(subscriber: Subscriber):
    last = subscriber.commit({"0": COUNT - 1})
    beyond = subscriber.commit({"0": COUNT})

    assert last.json() == {"0": COUNT}
    assert assert_error(beyond, 400, "InvalidOffset") == {
        "partitionId": "0",
        "offset": COUNT,
        "offsetMax": COUNT - 1,
    }
    assert subscriber.offsets() == {"0": []}


@pytest.mark.parametrize(
    ("offsets", "error"),
    [
        ({"0": -1}, "InvalidOffset"),
        ({"1": 0}, "InvalidPartitionId"),
        ({"0": "x"}, "Conjure:InvalidArgument"),
        ({"0": 1.5}, "Conjure:InvalidArgument"),
        ({"0": 10**400}, None),
        (None, "Conjure:InvalidArgument"),
    ],
)
def test_a_commit_that_makes_no_sense_is_refused(
    subscriber: Subscriber, offsets: Any, error: str | None
):
    answer = subscriber.commit(offsets)

    assert_error(answer, 400, error or answer.json()["errorName"])
    assert subscriber.position().json() == {"0": 0}


def test_auto_commit_moves_behind_what_is_given(subscriber: Subscriber):
    assert subscriber.offsets(limit=3, autoCommit=True) == {"0": [0, 1, 2]}
    assert subscriber.position().json() == {"0": 3}
    assert subscriber.offsets(limit=2, autoCommit=True) == {"0": [3, 4]}


@pytest.mark.parametrize(
    ("limit", "given"), [(None, 100), (1, 1), (1_000, 1_000), (1_001, 1_000), (10**9, 1_000)]
)
def test_a_read_gives_100_records_and_at_most_1000(
    subscriber: Subscriber, limit: int | None, given: int
):
    body = {} if limit is None else {"limit": limit}

    assert subscriber.offsets(**body) == {"0": list(range(given))}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"limit": 0}, "Conjure:InvalidArgument"),
        ({"limit": -5}, "Conjure:InvalidArgument"),
        ({"limit": "many"}, "Conjure:InvalidArgument"),
        ({"partitionIds": ["1"]}, "InvalidPartitionId"),
        ({"partitionIds": [0]}, "Conjure:InvalidArgument"),
        ({"autoCommit": "yes"}, "Conjure:InvalidArgument"),
        ({"unknown": 1}, "Conjure:InvalidArgument"),
    ],
)
def test_a_read_that_makes_no_sense_is_refused(
    subscriber: Subscriber, body: dict[str, Any], error: str
):
    assert_error(subscriber.read(**body), 400, error)


def test_the_limit_is_over_all_partitions_and_shared_fairly(api: Api):
    stream = api.new_stream(schema(field("n", "integer"), keys=["n"]), partitionsCount=4)
    stream.publish(*({"n": n} for n in range(400)))
    subscriber = Subscriber(stream)
    subscriber.create()

    shared = subscriber.offsets(limit=40)
    two = subscriber.offsets(limit=40, partitionIds=["1", "3", "1"])
    none = subscriber.offsets(partitionIds=[])

    assert {part: len(found) for part, found in shared.items()} == {str(n): 10 for n in range(4)}
    assert {part: len(found) for part, found in two.items()} == {"1": 20, "3": 20}
    assert none == {}


def test_what_a_quiet_partition_leaves_over_goes_to_the_others(api: Api):
    stream = api.new_stream(partitionsCount=2)
    stream.publish(*({"sensor_id": str(n)} for n in range(50)))
    subscriber = Subscriber(stream)
    subscriber.create()

    found = subscriber.offsets(limit=30)

    assert sorted(len(records) for records in found.values()) == [0, 30]


def test_reading_by_a_subscriber_gives_every_record_once(api: Api):
    stream = api.new_stream(schema(field("n", "integer"), keys=["n"]), partitionsCount=3)
    stream.publish(*({"n": n} for n in range(1_000)))
    subscriber = Subscriber(stream)
    subscriber.create()

    seen = []
    while found := [
        one["value"]["n"]
        for records in subscriber.read(limit=77, autoCommit=True)
        .json()["recordsByPartition"]
        .values()
        for one in records
    ]:
        seen += found

    assert sorted(seen) == list(range(1_000))


def test_a_commit_of_one_partition_leaves_the_others(api: Api):
    stream = api.new_stream(schema(field("n", "integer"), keys=["n"]), partitionsCount=2)
    stream.publish(*({"n": n} for n in range(100)))
    subscriber = Subscriber(stream)
    subscriber.create()

    assert subscriber.commit({"1": 7}).json() == {"1": 8}

    assert subscriber.position().json() == {"0": 0, "1": 8}


def test_a_deleted_subscriber_is_gone_and_its_id_free(api: Api, subscriber: Subscriber):
    subscriber.commit({"0": 50})

    answer = subscriber.delete()

    assert (answer.status_code, answer.content) == (204, b"")
    for gone in (
        subscriber.position(),
        subscriber.read(),
        subscriber.commit({}),
        subscriber.reset({"type": "earliest"}),
        subscriber.delete(),
    ):
        assert assert_error(gone, 404, "SubscriberNotFound") == {"subscriberId": subscriber.name}
    other = Subscriber(api.new_stream(), subscriber.name)
    assert other.create().is_success
    assert other.position().json() == {"0": 0}


def test_a_subscriber_is_not_found_on_another_stream(api: Api, subscriber: Subscriber):
    elsewhere = Subscriber(api.new_stream(), subscriber.name)

    assert_error(elsewhere.position(), 404, "SubscriberNotFound")
    assert_error(elsewhere.delete(), 404, "SubscriberNotFound")
    assert subscriber.position().is_success


def test_after_a_reset_of_the_stream_a_subscriber_starts_anew(stream: StreamUnderTest):
    stream.publish(*({"sensor_id": str(n)} for n in range(10)))
    subscriber = Subscriber(stream)
    subscriber.create()
    subscriber.commit({"0": 7})
    old = stream.view()

    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={"partitionsCount": 2})
    stream.publish({"sensor_id": "new"})

    assert subscriber.position().json() == {"0": 0, "1": 0}
    assert sorted(subscriber.offsets().values()) == [[], [0]]
    assert subscriber.create().json()["viewRid"] == stream.view() != old
    assert_error(subscriber.position(viewRid=old), 404, "ViewNotFound")
    assert_error(subscriber.read(viewRid=old), 404, "ViewNotFound")
    assert_error(subscriber.commit({"0": 0}, viewRid=old), 404, "ViewNotFound")


def test_subscribers_go_with_their_dataset(api: Api, stream: StreamUnderTest):
    subscriber = Subscriber(stream)
    subscriber.create()
    resource = f"/api/v2/filesystem/resources/{stream.rid}"

    api.ok("DELETE", resource)
    api.ok("POST", f"{resource}/permanentlyDelete?preview=true")

    assert_error(subscriber.position(), 404, "StreamNotFound")
    assert Subscriber(api.new_stream(), subscriber.name).create().is_success


@pytest.mark.parametrize("name", ["", " ", "x" * 256])
def test_an_id_that_cannot_be_is_refused(filled: StreamUnderTest, name: str):
    subscriber = Subscriber(filled)
    subscriber.name = name

    assert_error(subscriber.create(), 400, "Conjure:InvalidArgument")


def test_ids_may_hold_what_a_path_must_quote(filled: StreamUnderTest):
    name = f"a/b ü%{uuid.uuid4()}"
    subscriber = Subscriber(filled, name)
    subscriber.path = f"{filled.fast}/subscribers/{name.replace('%', '%25').replace('/', '%2F')}"

    assert subscriber.create().is_success

    assert subscriber.position().json() == {"0": 0}


def test_subscribers_are_in_preview(subscriber: Subscriber):
    api, path = subscriber.stream.api, subscriber.path

    for answer in (
        api.post(f"{subscriber.stream.path}/subscribers", json={}),
        api.delete(f"{subscriber.stream.path}/subscribers/{subscriber.name}"),
        api.get(f"{path}/getReadPosition"),
        api.post(f"{path}/readRecords", json={}),
        api.post(f"{path}/commitOffsets", json={}),
        api.post(f"{path}/resetOffsets", json={}),
    ):
        assert_error(answer, 400, "ApiFeaturePreviewUsageOnly")
