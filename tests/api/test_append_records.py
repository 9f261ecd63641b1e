"""``POST /api/v1/streams/…/records``: our own call, with a receipt for an answer."""

import gzip
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import zstandard

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, assert_error, field, schema
from fixtures.doors import Door

NDJSON = {"Content-Type": "application/x-ndjson"}
KEYED = schema(field("key", "string", nullable=False), field("n", "integer"), keys=["key"])


def path(stream: StreamUnderTest) -> str:
    return f"/api/v1/streams/{stream.rid}/{quote(stream.branch, safe='')}/records"


def append(
    door: Door, stream: StreamUnderTest, *records: Any, query: str = "", **headers: str
) -> httpx.Response:
    body = json.dumps(list(records)).encode()
    sent = {"Content-Type": "application/json"} | headers
    return door.post(stream.api, path(stream) + query, body, sent)


def test_the_answer_is_a_receipt(door: Door, stream: StreamUnderTest):
    append(door, stream, {"sensor_id": "a"})

    receipt = append(door, stream, {"sensor_id": "b"}, {"sensor_id": "c"})

    assert receipt.status_code == 200
    body = receipt.json()
    assert body.pop("receiptId")
    assert body.pop("time").endswith("Z")
    assert body == {
        "viewRid": stream.view(),
        "durability": "fsynced",
        "recordCount": 2,
        "partitions": [{"partition": 0, "firstOffset": 1, "lastOffset": 2, "recordCount": 2}],
        "duplicate": False,
    }
    assert [value["sensor_id"] for value in stream.values()] == ["a", "b", "c"]


def test_a_receipt_names_each_partition(door: Door, api: Api):
    stream = api.new_stream(KEYED, partitionsCount=4)
    records = [{"key": f"k{number}", "n": number} for number in range(40)]

    body = append(door, stream, *records).json()

    assert body["recordCount"] == 40
    for one in body["partitions"]:
        values = stream.values(one["partition"])
        assert one["recordCount"] == len(values) == one["lastOffset"] - one["firstOffset"] + 1
    assert sum(one["recordCount"] for one in body["partitions"]) == 40


def test_a_receipt_says_later_where_the_records_are(door: Door, stream: StreamUnderTest):
    receipt = append(door, stream, {"sensor_id": "a"}).json()

    found = stream.api.get(
        path(stream).removesuffix("records") + f"receipts/{receipt['receiptId']}"
    )

    assert found.status_code == 200
    body = found.json()
    assert body["time"] == receipt["time"]
    assert body["partitions"] == [
        {
            "partition": 0,
            "firstOffset": 0,
            "lastOffset": 0,
            "whereabouts": "HOT",
            "archived": False,
        }
    ]


def test_a_receipt_of_another_stream_is_refused(door: Door, api: Api, stream: StreamUnderTest):
    receipt = append(door, api.new_stream(), {"sensor_id": "a"}).json()

    found = api.get(path(stream).removesuffix("records") + f"receipts/{receipt['receiptId']}")

    assert_error(found, 400, "InvalidReceipt")


def test_a_receipt_is_shown_only_to_those_who_may_publish(api: Api, stream: StreamUnderTest):
    receipt = append(Door.FAST, stream, {"sensor_id": "a"}).json()
    user_id, other = api.new_user()
    where = path(stream).removesuffix("records") + f"receipts/{receipt['receiptId']}"

    assert_error(other.get(where), 404, "StreamNotFound")
    api.grant(stream.rid, user_id, "viewer")
    assert_error(other.get(where), 403, "PublishRecordsToStreamPermissionDenied")
    api.grant(stream.rid, user_id, "editor")
    assert other.get(where).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"sensor_id": "a"}\n{"sensor_id": "b"}\n',
        b'{"sensor_id": "a"}\n{"sensor_id": "b"}',
        b'{"sensor_id": "a"}\r\n\r\n{"sensor_id": "b"}\r\n\n',
        b'\n  {"sensor_id": "a"}\n\t{"sensor_id": "b"}  \n',
    ],
)
def test_records_may_come_in_lines(door: Door, stream: StreamUnderTest, body: bytes):
    answer = door.post(stream.api, path(stream), body, NDJSON)

    assert answer.json()["recordCount"] == 2
    assert [value["sensor_id"] for value in stream.values()] == ["a", "b"]


def test_a_bad_line_is_named_and_nothing_is_stored(door: Door, stream: StreamUnderTest):
    body = b'{"sensor_id": "a"}\n{"sensor_id": \n{"sensor_id": "b", "temperature": "warm"}\n{}{}\n'

    answer = door.post(stream.api, path(stream), body, NDJSON)

    facts = assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    assert facts["invalidRecordCount"] == 3
    assert [(one["index"], one["path"], one["reason"]) for one in facts["invalidRecords"]] == [
        (1, "", "WRONG_TYPE"),
        (2, "temperature", "MALFORMED"),
        (3, "", "WRONG_TYPE"),
    ]
    assert stream.values() == []


@pytest.mark.parametrize("body", [b"\n", b" \r\n\n ", b"[]"])
def test_a_body_without_records_is_refused(door: Door, stream: StreamUnderTest, body: bytes):
    headers = {"Content-Type": "application/json"} if body == b"[]" else NDJSON

    assert_error(door.post(stream.api, path(stream), body, headers), 400, "Conjure:InvalidArgument")


@pytest.mark.parametrize(("lines", "status"), [(10_000, 200), (10_001, 413)])
def test_lines_are_counted(door: Door, stream: StreamUnderTest, lines: int, status: int):
    answer = door.post(stream.api, path(stream), b'{"sensor_id":"a"}\n' * lines, NDJSON)

    assert answer.status_code == status


@pytest.mark.parametrize("blank", [b"\n", b" " * 50_000 + b"\n"])
def test_blank_lines_do_not_count_and_cost_little(
    door: Door, stream: StreamUnderTest, blank: bytes
):
    body = blank * 20 + b'{"sensor_id":"a"}\n' + blank * 20 + b'{"sensor_id": "b"}'

    assert door.post(stream.api, path(stream), body, NDJSON).json()["recordCount"] == 2


def pack(encoding: str, body: bytes) -> bytes:
    return gzip.compress(body) if encoding == "gzip" else zstandard.compress(body)


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "GZIP"])
@pytest.mark.parametrize("records", [1, 5_000])
def test_bodies_may_be_compressed(door: Door, stream: StreamUnderTest, encoding: str, records: int):
    body = pack(encoding.lower(), b'{"sensor_id":"a"}\n' * records)

    answer = door.post(stream.api, path(stream), body, NDJSON | {"Content-Encoding": encoding})

    assert answer.json()["recordCount"] == records


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_foundry_calls_take_compressed_bodies_too(
    door: Door, stream: StreamUnderTest, encoding: str
):
    body = pack(encoding, b'{"record": {"sensor_id": "a"}}')
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}

    answer = door.post(stream.api, f"{stream.fast}/publishRecord", body, headers)

    assert answer.status_code == 204
    assert len(stream.values()) == 1


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_body_that_is_too_large_when_unpacked_is_refused(
    door: Door, stream: StreamUnderTest, encoding: str
):
    body = pack(encoding, b" " * (16 * 1024 * 1024 + 1))

    answer = door.post(stream.api, path(stream), body, NDJSON | {"Content-Encoding": encoding})

    assert_error(answer, 413, "Default:RequestEntityTooLarge")


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate"])
def test_other_encodings_are_refused(door: Door, stream: StreamUnderTest, encoding: str):
    answer = door.post(stream.api, path(stream), b"x", NDJSON | {"Content-Encoding": encoding})

    assert_error(answer, 415, "Conjure:UnsupportedMediaType")


def test_another_media_type_is_refused(door: Door, stream: StreamUnderTest):
    answer = door.post(stream.api, path(stream), b"x", {"Content-Type": "text/csv"})

    facts = assert_error(answer, 415, "Conjure:UnsupportedMediaType")
    assert "application/x-ndjson" in facts["expected"]


def test_the_view_may_be_pinned(door: Door, stream: StreamUnderTest):
    assert append(door, stream, {"sensor_id": "a"}, query=f"?viewRid={stream.view()}").is_success
    refused = append(door, stream, {"sensor_id": "a"}, query="?viewRid=ri.x.main.view.y")

    assert_error(refused, 404, "ViewNotFound")


def test_a_branch_may_have_a_slash(door: Door, api: Api):
    stream = api.new_stream(SENSOR_SCHEMA, branchName="feature/x")

    assert append(door, stream, {"sensor_id": "a"}).status_code == 200
