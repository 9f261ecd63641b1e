"""A request that is sent again is answered and not stored again, through both doors."""

import json
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.doors import JSON, Door

CALLS = ["publishRecord", "publishRecords", "jsonRecord", "jsonRecords", "records"]


def send(
    door: Door, stream: StreamUnderTest, call: str = "records", name: str = "a", **headers: str
) -> httpx.Response:
    """Send one record by any of the calls."""
    record: Any = {"sensor_id": name}
    bodies: dict[str, tuple[str, Any]] = {
        "publishRecord": (stream.fast, {"record": record}),
        "publishRecords": (stream.fast, {"records": [record]}),
        "jsonRecord": (stream.proxy, record),
        "jsonRecords": (stream.proxy, [{"value": record}]),
        "records": (f"/api/v1/streams/{stream.rid}/master", [record]),
    }
    base, body = bodies[call]
    names = {header.replace("_", "-"): value for header, value in headers.items()}
    return door.post(stream.api, f"{base}/{call}", json.dumps(body).encode(), JSON | names)


def produce(
    door: Door, stream: StreamUnderTest, seq: int, epoch: int = 0, name: str = "a", **more: str
) -> httpx.Response:
    position = {"Producer_Id": "p", "Producer_Epoch": str(epoch), "Producer_Seq": str(seq)}
    return send(door, stream, name=name, **position, **more)


@pytest.mark.parametrize("call", CALLS)
def test_a_request_with_a_key_is_stored_once(door: Door, stream: StreamUnderTest, call: str):
    first = send(door, stream, call, Idempotency_Key='"k-1"')
    again = send(door, stream, call, Idempotency_Key='"k-1"')

    assert first.is_success
    assert again.status_code == first.status_code
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(stream.values()) == 1


def test_the_receipt_of_a_repeated_request_is_that_of_the_first(
    door: Door, stream: StreamUnderTest
):
    send(door, stream, name="before")
    first = send(door, stream, Idempotency_Key="k").json()
    again = send(door, stream, Idempotency_Key="k").json()

    assert again == first | {"duplicate": True}


def test_the_doors_know_each_others_requests(stream: StreamUnderTest):
    send(Door.FAST, stream, Idempotency_Key="k")
    produce(Door.ORDINARY, stream, 0)

    assert send(Door.ORDINARY, stream, Idempotency_Key="k").json()["duplicate"]
    assert produce(Door.FAST, stream, 0).status_code == 204
    assert len(stream.values()) == 2


def test_the_same_key_with_other_records_is_refused(door: Door, stream: StreamUnderTest):
    send(door, stream, Idempotency_Key="k")

    answer = send(door, stream, name="b", Idempotency_Key="k")

    assert_error(answer, 422, "IdempotencyKeyReused")
    assert len(stream.values()) == 1


def test_a_refused_request_does_not_use_up_its_key(door: Door, stream: StreamUnderTest):
    bad = door.post(
        stream.api,
        f"/api/v1/streams/{stream.rid}/master/records",
        b'[{"sensor": 1}]',
        JSON | {"Idempotency-Key": "k"},
    )
    assert bad.status_code == 400

    assert send(door, stream, Idempotency_Key="k").status_code == 200


def test_another_callers_key_is_another_key(door: Door, api: Api, stream: StreamUnderTest):
    user_id, other = api.new_user()
    api.grant(stream.rid, user_id, "editor")

    send(door, stream, Idempotency_Key="k")
    send(door, stream.as_(other), Idempotency_Key="k")

    assert len(stream.values()) == 2


def test_a_reset_stream_knows_no_keys(door: Door, api: Api, stream: StreamUnderTest):
    send(door, stream, Idempotency_Key="k")
    api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    assert send(door, stream, Idempotency_Key="k").json()["duplicate"] is False


def test_an_ordered_producer_is_answered_as_its_protocol_says(door: Door, stream: StreamUnderTest):
    first, second = produce(door, stream, 0), produce(door, stream, 1, name="b")
    again = produce(door, stream, 0)

    assert (first.status_code, second.status_code, again.status_code) == (200, 200, 204)
    assert (second.headers["Producer-Epoch"], second.headers["Producer-Seq"]) == ("0", "1")
    assert (again.headers["Producer-Epoch"], again.headers["Producer-Seq"]) == ("0", "1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [value["sensor_id"] for value in stream.values()] == ["a", "b"]


@pytest.mark.parametrize("call", CALLS)
def test_a_producers_repeated_request_is_answered_204_by_every_call(
    door: Door, stream: StreamUnderTest, call: str
):
    assert produce(door, stream, 0, call=call).is_success

    again = produce(door, stream, 0, call=call)

    assert (again.status_code, again.content) == (204, b"")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(stream.values()) == 1


@pytest.mark.parametrize("call", ["records", "publishRecords"])
@pytest.mark.parametrize("media_type", ["application/xml", "text/csv"])
def test_a_media_type_that_no_door_takes_is_refused_by_both(
    door: Door, stream: StreamUnderTest, call: str, media_type: str
):
    answer = send(door, stream, call, Content_Type=media_type)

    assert_error(answer, 415, "Conjure:UnsupportedMediaType")
    assert stream.values() == []


def test_a_gap_is_refused_with_what_was_expected(door: Door, stream: StreamUnderTest):
    produce(door, stream, 0)

    answer = produce(door, stream, 2)

    facts = assert_error(answer, 409, "ProducerSequenceGap")
    assert (facts["expectedSeq"], facts["receivedSeq"]) == (1, 2)
    assert answer.headers["Producer-Expected-Seq"] == "1"
    assert answer.headers["Producer-Received-Seq"] == "2"


def test_an_older_epoch_is_fenced(door: Door, stream: StreamUnderTest):
    produce(door, stream, 0, epoch=1)

    answer = produce(door, stream, 1, epoch=0)

    facts = assert_error(answer, 403, "ProducerFenced")
    assert facts["currentEpoch"] == 1
    assert answer.headers["Producer-Epoch"] == "1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency_Key": ""},
        {"Idempotency_Key": "x" * 256},
        {"Producer_Id": "p"},
        {"Producer_Id": "p", "Producer_Epoch": "0", "Producer_Seq": "-1"},
        {
            "Idempotency_Key": "k",
            "Producer_Id": "p",
            "Producer_Epoch": "0",
            "Producer_Seq": "0",
        },
    ],
)
def test_headers_that_cannot_be_read_are_refused(
    door: Door, stream: StreamUnderTest, headers: dict[str, str]
):
    assert_error(send(door, stream, **headers), 400, "Conjure:InvalidArgument")
    assert stream.values() == []


def test_duplicates_are_not_counted_as_stored(door: Door, stream: StreamUnderTest):
    for _ in range(3):
        send(door, stream, Idempotency_Key="k")

    found = stream.api.ok("GET", f"/api/v1/streams/{stream.rid}/master/statistics?window=5m")

    assert sum(found["series"]["records"]) == 1
