"""Publishing by the older calls of the stream proxy, through both doors."""

import itertools

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.doors import Door

READING = {"sensor_id": "sensor4", "temperature": 4.132}
STORED = READING | {"created_at": None}


def by_view(door: Door, stream: StreamUnderTest, view: str, body: bytes, query: str = ""):
    path = f"/stream-proxy/api/streams/{stream.rid}/views/{view}/jsonRecords{query}"
    return door.post(stream.api, path, body)


def test_a_bare_record_is_published_and_its_place_told(door: Door, stream: StreamUnderTest):
    answers = [door.send(stream, "jsonRecord", READING) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.json() for answer in answers] == [
        {"offset": offset, "partitionId": 0} for offset in range(3)
    ]
    assert stream.values() == [STORED] * 3


def test_wrapped_records_are_published_and_their_places_told(door: Door, stream: StreamUnderTest):
    answer = door.send(stream, "jsonRecords", [{"value": READING}, {"value": READING}])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "topic": stream.view(),
        "offsetAndPartitionIds": [
            {"offset": 0, "partitionId": 0},
            {"offset": 1, "partitionId": 0},
        ],
    }
    assert stream.values() == [STORED] * 2


def test_records_are_published_to_a_view(door: Door, stream: StreamUnderTest):
    answer = by_view(
        door, stream, stream.view(), b'[{"value": {"sensor_id": "a"}}]', "?partitionId=0"
    )

    assert answer.status_code == 200
    assert answer.json()["offsetAndPartitionIds"] == [{"offset": 0, "partitionId": 0}]
    assert [value["sensor_id"] for value in stream.values()] == ["a"]


def test_a_view_of_before_a_reset_is_refused(door: Door, stream: StreamUnderTest):
    old = stream.view()
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    answer = by_view(door, stream, old, b'[{"value": {"sensor_id": "a"}}]')

    assert assert_error(answer, 404, "ViewNotFound") == {"viewRid": old}
    assert stream.values() == []


def test_a_view_of_another_stream_is_refused(door: Door, api: Api, stream: StreamUnderTest):
    other = api.new_stream().view()

    answer = by_view(door, stream, other, b'[{"value": {"sensor_id": "a"}}]')

    assert_error(answer, 404, "ViewNotFound")


def test_places_are_told_in_the_order_of_the_request(door: Door, api: Api):
    stream = api.new_stream(schema(field("key", "integer"), keys=["key"]), partitionsCount=8)
    keys = [5, 3, 5, 9, 3, 100, 5, 41, 9]

    answer = door.send(stream, "jsonRecords", [{"value": {"key": key}} for key in keys])

    places = answer.json()["offsetAndPartitionIds"]
    assert len({place["partitionId"] for place in places}) > 1
    for key, place in zip(keys, places, strict=True):
        (record,) = stream.records(place["partitionId"], limit=1, start=place["offset"])
        assert record == {"offset": place["offset"], "value": {"key": key}}


def test_equal_records_have_places_of_their_own(door: Door, api: Api):
    stream = api.new_stream(schema(field("flag", "boolean"), keys=["flag"]), partitionsCount=4)

    answer = door.send(stream, "jsonRecords", [{"value": {"flag": True}}] * 5)

    assert [place["offset"] for place in answer.json()["offsetAndPartitionIds"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("jsonRecord", [{"value": READING}]),
        ("jsonRecords", {"records": [READING]}),
        ("jsonRecords", [READING]),
        ("jsonRecords", [{"value": READING, "key": "a"}]),
        ("jsonRecords", [{}]),
        ("jsonRecords", []),
    ],
)
def test_a_body_of_another_shape_is_refused(
    door: Door, stream: StreamUnderTest, call: str, body: object
):
    answer = door.send(stream, call, body)

    assert answer.status_code == 400
    assert answer.json()["errorName"] in {
        "Conjure:InvalidArgument",
        "RecordDoesNotMatchStreamSchema",
    }
    assert stream.values() == []


def test_a_record_that_does_not_fit_is_refused_like_everywhere(door: Door, stream: StreamUnderTest):
    bare = door.send(stream, "jsonRecord", {"sensor_id": 5})
    wrapped = door.send(stream, "jsonRecords", [{"value": READING}, {"value": {"sensor_id": 5}}])

    problems = [
        assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")["invalidRecords"]
        for answer in (bare, wrapped)
    ]
    assert [[(one["index"], one["path"]) for one in each] for each in problems] == [
        [(0, "sensor_id")],
        [(1, "sensor_id")],
    ]
    assert stream.values() == []


def test_both_doors_and_both_families_share_one_stream(stream: StreamUnderTest):
    calls = {
        "publishRecord": lambda text: {"record": {"sensor_id": text}},
        "publishRecords": lambda text: {"records": [{"sensor_id": text}]},
        "jsonRecord": lambda text: {"sensor_id": text},
        "jsonRecords": lambda text: [{"value": {"sensor_id": text}}],
    }
    ways = list(itertools.product(calls, Door))

    for call, door in ways:
        assert door.send(stream, call, calls[call](f"{call} {door.value}")).is_success

    assert [value["sensor_id"] for value in stream.values()] == [
        f"{call} {door.value}" for call, door in ways
    ]


def test_the_newest_records_are_read_from_a_branch(stream: StreamUnderTest):
    for number in range(105):
        assert stream.publish({"sensor_id": str(number)}).is_success

    usual = stream.api.ok("GET", f"{stream.proxy}/records")
    three = stream.api.ok("GET", f"{stream.proxy}/records?limit=3")

    assert [one["value"]["sensor_id"] for one in usual["records"]] == [
        str(number) for number in range(5, 105)
    ]
    assert [one["value"]["sensor_id"] for one in three["records"]] == ["102", "103", "104"]
    assert set(three["records"][0]) == {"value"}


def test_the_newest_records_are_read_from_a_partition_of_a_view(stream: StreamUnderTest):
    stream.publish(*({"sensor_id": str(number)} for number in range(10)))
    view = f"/stream-proxy/api/streams/{stream.rid}/views/{stream.view()}"

    found = stream.api.ok("GET", f"{view}/partition/0/recordsV2?limit=2")
    missing = stream.api.get(f"{view}/partition/1/recordsV2")
    too_few = stream.api.get(f"{view}/partition/0/recordsV2?limit=0")

    assert [(one["offset"], one["value"]["sensor_id"]) for one in found["records"]] == [
        (8, "8"),
        (9, "9"),
    ]
    assert_error(missing, 400, "InvalidPartitionId")
    assert_error(too_few, 400, "Conjure:InvalidArgument")


def test_an_empty_stream_has_no_newest_records(stream: StreamUnderTest):
    view = f"/stream-proxy/api/streams/{stream.rid}/views/{stream.view()}"

    assert stream.api.ok("GET", f"{stream.proxy}/records") == {"records": []}
    assert stream.api.ok("GET", f"{view}/partition/0/recordsV2") == {"records": []}
