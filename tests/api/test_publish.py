"""Publishing by the calls of today, through both doors."""

import base64

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.doors import OCTETS, Door

READING = {"sensor_id": "sensor4", "temperature": 4.132, "created_at": 7}


def test_what_is_published_is_read_back(door: Door, stream: StreamUnderTest):
    answer = door.publish(stream, READING, {"sensor_id": "sensor5"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert stream.records() == [
        {"offset": 0, "value": READING},
        {"offset": 1, "value": {"sensor_id": "sensor5", "temperature": None, "created_at": None}},
    ]


def test_one_record_is_published_by_itself(door: Door, stream: StreamUnderTest):
    answer = door.send(stream, "publishRecord", {"record": READING})

    assert (answer.status_code, answer.content) == (204, b"")
    assert stream.records() == [{"offset": 0, "value": READING}]


def test_bytes_are_published_to_a_stream_of_one_binary_field(door: Door, api: Api):
    stream = api.new_stream(schema(field("payload", "binary")))
    data = bytes(range(256))

    answer = door.post(api, f"{stream.fast}/publishBinaryRecord", data, OCTETS)

    assert (answer.status_code, answer.content) == (204, b"")
    assert stream.values() == [{"payload": base64.b64encode(data).decode()}]


def test_no_bytes_are_a_record_of_a_binary_stream(door: Door, api: Api):
    stream = api.new_stream(schema(field("payload", "binary")))

    answer = door.post(api, f"{stream.fast}/publishBinaryRecord", b"", OCTETS)

    assert answer.status_code == 204
    assert stream.values() == [{"payload": ""}]


def test_bytes_do_not_fit_any_other_stream(door: Door, stream: StreamUnderTest):
    answer = door.post(stream.api, f"{stream.fast}/publishBinaryRecord", b"abc", OCTETS)

    parameters = assert_error(answer, 500, "FailedToProcessBinaryRecord")
    assert parameters["datasetRid"] == stream.rid


def test_the_preview_flag_is_tolerated(door: Door, stream: StreamUnderTest):
    path = f"{stream.fast}/publishRecord?preview=true"

    answer = door.post(stream.api, path, b'{"record": {"sensor_id": "a"}}')

    assert answer.status_code == 204


def test_one_bad_record_keeps_out_the_whole_request(door: Door, stream: StreamUnderTest):
    answer = door.publish(stream, READING, {"sensor_id": 5}, READING)

    assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    assert stream.values() == []


def test_one_bad_record_keeps_out_the_others_from_every_partition(door: Door, api: Api):
    keyed = schema(field("key", "integer"), field("text", "string"), keys=["key"])
    stream = api.new_stream(keyed, partitionsCount=4)
    good = [{"key": key} for key in range(50)]

    answer = door.publish(stream, *good, {"key": "no number"})

    assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    assert stream.ends() == {"0": 0, "1": 0, "2": 0, "3": 0}


def test_a_request_over_all_partitions_is_stored_whole(door: Door, api: Api):
    stream = api.new_stream(schema(field("key", "integer"), keys=["key"]), partitionsCount=4)

    answer = door.publish(stream, *({"key": key} for key in range(200)))

    assert answer.status_code == 204
    stored = [stream.values(partition) for partition in range(4)]
    assert all(stored)
    assert sorted(value["key"] for part in stored for value in part) == list(range(200))


def test_the_view_may_be_named(door: Door, stream: StreamUnderTest):
    view = stream.describe()["viewRid"]

    answer = door.publish(stream, READING, viewRid=view)

    assert answer.status_code == 204
    assert len(stream.values()) == 1


@pytest.mark.parametrize(
    "wrong", ["ri.foundry-streaming.main.view.3f0ba9b5-2b2f-4a35-9d21-1f2b9d4bd7a3", "x" * 400, ""]
)
def test_another_view_is_refused(door: Door, stream: StreamUnderTest, wrong: str):
    answer = door.publish(stream, READING, viewRid=wrong)

    assert assert_error(answer, 404, "ViewNotFound") == {"viewRid": wrong[:255]}
    assert stream.values() == []


def test_a_view_from_before_a_reset_is_refused(door: Door, stream: StreamUnderTest):
    old = stream.describe()["viewRid"]
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    answer = door.publish(stream, READING, viewRid=old)

    assert assert_error(answer, 404, "ViewNotFound") == {"viewRid": old}
    assert stream.values() == []


def test_a_binary_record_names_its_view_in_the_query(door: Door, api: Api):
    stream = api.new_stream(schema(field("payload", "binary")))
    view = stream.describe()["viewRid"]
    path = f"{stream.fast}/publishBinaryRecord"

    right = door.post(api, f"{path}?viewRid={view}", b"1", OCTETS)
    wrong = door.post(api, f"{path}?viewRid=ri.foundry-streaming.main.view.x", b"2", OCTETS)

    assert right.status_code == 204
    assert assert_error(wrong, 404, "ViewNotFound") == {
        "viewRid": "ri.foundry-streaming.main.view.x"
    }
    assert len(stream.values()) == 1


@pytest.mark.parametrize("branch", ["feat/x", "a b", "größe", "100%", "...", "a?b#c", "%2F"])
def test_a_branch_of_any_name_is_published_to(door: Door, api: Api, branch: str):
    stream = api.new_stream(branchName=branch)

    answer = door.publish(stream, READING)

    assert answer.status_code == 204, answer.text
    assert stream.values() == [READING]


def test_records_stay_in_the_order_of_their_requests(door: Door, stream: StreamUnderTest):
    for first in range(0, 100, 10):
        answer = door.publish(stream, *({"sensor_id": str(first + n)} for n in range(10)))
        assert answer.status_code == 204

    assert [value["sensor_id"] for value in stream.values()] == [str(n) for n in range(100)]
