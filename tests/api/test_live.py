"""The live tail: records as server-sent events, while they are published."""

import socket
import statistics
import time
from datetime import datetime
from typing import Any

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.live import Event, page_of, watching
from fixtures.server import ServerProcess, sign_in, wait_until


def reading(number: int) -> dict[str, Any]:
    return {"sensor_id": f"s{number}", "temperature": 1.5, "created_at": None}


def readings(first: int, end: int) -> list[dict[str, Any]]:
    return [reading(number) for number in range(first, end)]


def publish(stream: StreamUnderTest, first: int, end: int) -> None:
    assert stream.publish(*readings(first, end)).status_code == 204


def test_a_tail_begins_with_what_is_watched(stream: StreamUnderTest):
    with watching(stream) as tail:
        start = tail.events[0]

    assert tail.answer.headers["content-type"].startswith("text/event-stream")
    assert start.name == "start"
    assert start.data == {
        "viewRid": stream.view(),
        "partitionsCount": 1,
        "recordsPerSecondMax": 200,
    }


def test_a_record_appears_within_a_second(stream: StreamUnderTest):
    with watching(stream) as tail:
        publish(stream, 0, 1)

        tail.wait(lambda tail: tail.records(), 1)

    (record,) = tail.records()
    assert record["offset"] == 0
    assert record["value"] == reading(0)
    assert record["time"].endswith("Z")


def test_half_of_the_records_are_shown_within_100_ms_of_being_durable(stream: StreamUnderTest):
    def delay(event: Event) -> float:
        stored = datetime.fromisoformat(event.data["records"][0]["time"])
        return event.at - stored.timestamp()

    with watching(stream) as tail:
        for number in range(30):
            publish(stream, number, number + 1)
            tail.wait(lambda tail, number=number: len(tail.records()) == number + 1)

    assert statistics.median(map(delay, tail.named("records"))) < 0.1


def test_a_tail_begins_with_the_newest_hundred(stream: StreamUnderTest):
    publish(stream, 0, 150)

    with watching(stream) as tail:
        tail.wait(lambda tail: tail.records())
        publish(stream, 150, 151)
        tail.wait(lambda tail: len(tail.records()) == 101)

    assert tail.offsets() == list(range(50, 151))
    assert tail.skipped() == 0


def test_a_tail_from_the_latest_has_only_what_is_new(stream: StreamUnderTest):
    publish(stream, 0, 10)

    with watching(stream, **{"from": "latest"}) as tail:
        publish(stream, 10, 12)
        tail.wait(lambda tail: len(tail.records()) == 2)

    assert tail.offsets() == [10, 11]


def test_all_partitions_are_watched_or_one(api: Api):
    stream = api.new_stream(partitionsCount=3)

    with watching(stream) as all_of_them, watching(stream, partition=1) as one:
        for number in range(9):
            publish(stream, number, number + 1)
        all_of_them.wait(lambda tail: len(tail.records()) == 9)
        one.wait(lambda tail: len(tail.records()) == 3)

    assert {event.data["partition"] for event in all_of_them.named("records")} == {0, 1, 2}
    assert {event.data["partition"] for event in one.named("records")} == {1}
    assert one.offsets() == [0, 1, 2]


@pytest.mark.parametrize("in_header", [True, False])
def test_who_comes_back_misses_nothing_and_gets_nothing_twice(api: Api, *, in_header: bool):
    stream = api.new_stream(partitionsCount=2)
    seen: list[tuple[int, int]] = []

    last_id = ""
    for round_ in range(4):
        headers = {"Authorization": f"Bearer {api.token}"}
        query = {}
        if last_id and in_header:
            headers["Last-Event-ID"] = last_id
        elif last_id:
            query["lastEventId"] = last_id
        with watching(stream, headers=headers, **query) as tail:
            for number in range(10):
                publish(stream, number, number + 1)
                time.sleep(0.01)
            if round_ == 3:
                tail.wait(lambda _, seen=seen, tail=tail: len(seen) + len(tail.records()) >= 70)
        for event in tail.named("records"):
            seen += [(event.data["partition"], one["offset"]) for one in event.data["records"]]
        last_id = tail.last_id()
        if round_ < 3:
            for number in range(10):
                publish(stream, number, number + 1)
        assert tail.skipped() == 0

    assert sorted(seen) == [(part, offset) for part in (0, 1) for offset in range(35)]
    assert len(tail.named("reset")) == 0


def test_who_comes_back_after_long_is_told_what_is_left_out(stream: StreamUnderTest):
    with watching(stream) as before:
        last_id = before.last_id()
    publish(stream, 0, 1_500)

    with watching(stream, lastEventId=last_id) as after:
        after.wait(lambda tail: len(tail.records()) == 1_000)

    assert after.skipped() == 500
    assert after.offsets() == list(range(500, 1_500))


@pytest.mark.parametrize("last_id", ["nonsense", "1:2", ":", "x" * 5_000, "é:0"])
def test_an_id_of_something_else_means_a_new_beginning(stream: StreamUnderTest, last_id: str):
    publish(stream, 0, 3)

    with watching(stream, lastEventId=last_id) as tail:
        tail.wait(lambda tail: len(tail.records()) == 3)

    assert [event.name for event in tail.events[:2]] == ["start", "reset"]


def test_an_id_with_offsets_that_are_not_there_is_followed_by_what_is_new(stream: StreamUnderTest):
    locator = stream.view().rpartition(".")[2]

    with watching(stream, lastEventId=f"{locator}:{10**18}") as tail:
        publish(stream, 0, 1)
        tail.wait(lambda tail: tail.offsets() == [0])

    assert tail.named("reset") == []


def test_of_too_many_records_some_are_shown_and_the_others_counted(stream: StreamUnderTest):
    with watching(stream) as tail:
        begun = time.monotonic()
        for first in range(0, 20_000, 1_000):
            publish(stream, first, first + 1_000)
        tail.wait(lambda tail: len(tail.records()) + tail.skipped() == 20_000)
        seconds = time.monotonic() - begun

    offsets = tail.offsets()
    assert offsets == sorted(set(offsets))
    assert 200 <= len(offsets) <= 200 * (seconds + 2)
    assert tail.skipped() == 20_000 - len(offsets)


def test_a_reset_is_told_and_the_tail_goes_on_with_the_new_view(stream: StreamUnderTest):
    publish(stream, 0, 5)

    with watching(stream) as tail:
        tail.wait(lambda tail: len(tail.records()) == 5)
        stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={"partitionsCount": 2})
        publish(stream, 5, 6)
        reset = tail.wait_for("reset")
        tail.wait(lambda tail: len(tail.records()) == 6)

    assert reset.data["viewRid"] == stream.view()
    assert reset.data["partitionsCount"] == 2
    assert tail.records()[-1]["value"] == reading(5)
    assert tail.named("gone") == []


def test_who_comes_back_after_a_reset_is_told(stream: StreamUnderTest):
    publish(stream, 0, 5)
    with watching(stream) as before:
        last_id = before.last_id()
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    publish(stream, 5, 7)

    with watching(stream, lastEventId=last_id) as after:
        after.wait(lambda tail: len(tail.records()) == 2)

    assert [event.name for event in after.events] == ["start", "reset", "records"]


def test_a_tail_ends_within_a_second_of_the_role(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, "viewer")

    with watching(stream, api=user) as tail:
        principal = {"type": "principalIdOnly", "principalId": user_id}
        body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "viewer"}]}
        path = f"/api/v2/filesystem/resources/{stream.rid}/roles/remove"
        stream.api.ok("POST", path, json=body)

        gone = tail.wait_for("gone", 1)
        tail.wait(lambda tail: tail.is_over, 1)

    assert gone.data["errorName"] == "StreamNotFound"


def test_a_tail_ends_with_its_session(stream: StreamUnderTest):
    token = sign_in(stream.api.url)

    with watching(stream, headers={"Cookie": f"sluiceway_session={token}"}) as tail:
        publish(stream, 0, 1)
        tail.wait(lambda tail: tail.records())
        stream.api.as_(token).ok("DELETE", "/multipass/api/sessions/current")
        gone = tail.wait_for("gone", 1)

    assert gone.data["errorName"] == "Default:Unauthorized"


def test_a_tail_ends_when_its_stream_is_deleted_for_ever(stream: StreamUnderTest):
    resource = f"/api/v2/filesystem/resources/{stream.rid}"

    with watching(stream) as tail:
        stream.api.ok("DELETE", resource)
        stream.api.ok("POST", f"{resource}/permanentlyDelete")
        gone = tail.wait_for("gone")

    assert gone.data["errorName"] == "StreamNotFound"


def test_who_may_not_read_may_not_watch(stream: StreamUnderTest):
    path = f"{page_of(stream)}/live"
    user_id, user = stream.api.new_user()

    assert_error(user.get(path), 404, "StreamNotFound")
    stream.api.grant(stream.rid, user_id, "discoverer")
    assert_error(user.get(path), 403, "GetRecordsFromStreamPermissionDenied")
    assert_error(stream.api.as_(None).get(path), 401, "MissingCredentials")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("partition=1", "InvalidPartitionId"),
        ("partition=-1", "InvalidPartitionId"),
        ("from=yesterday", "Conjure:InvalidArgument"),
    ],
)
def test_what_makes_no_sense_is_refused(stream: StreamUnderTest, query: str, error: str):
    assert_error(stream.api.get(f"{page_of(stream)}/live?{query}"), 400, error)


def test_a_branch_may_have_a_slash_in_its_name(api: Api):
    stream = api.new_stream(branchName="feat/x")

    with watching(stream) as tail:
        publish(stream, 0, 1)
        tail.wait(lambda tail: tail.records())


def test_there_is_a_bound_on_how_many_watch(own_server: ServerProcess):
    own_server.environment = {"SLUICEWAY_READING__LIVE_SUBSCRIBERS_MAX": "2"}
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    path = f"{page_of(stream)}/live"

    with watching(stream), watching(stream):
        answer = api.get(path)
        assert assert_error(answer, 503, "Default:Overloaded")["retryable"]
        assert answer.headers["retry-after"] == "1"

    def has_room() -> bool:
        with api.stream("GET", path) as response:
            return response.status_code == 200

    wait_until(has_room)
    api.close()
    assert own_server.stop() == 0


def test_a_server_that_is_told_to_stop_sends_everyone_away(own_server: ServerProcess):
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()

    with watching(stream) as tail:
        publish(stream, 0, 1)
        tail.wait(lambda tail: tail.records())
        begun = time.monotonic()
        code = own_server.stop()
        seconds = time.monotonic() - begun
        tail.wait(lambda tail: tail.is_over)
    last_id = tail.last_id()

    assert (code, seconds < 5) == (0, True)
    assert "Traceback" not in own_server.errors, own_server.errors
    assert tail.named("gone") == []

    own_server.start()
    api.close()
    api = Api(own_server.url, sign_in(own_server.url))
    again = StreamUnderTest(api, stream.rid, stream.branch)
    publish(again, 1, 2)
    with watching(again, lastEventId=last_id) as after:
        after.wait(lambda tail: tail.offsets() == [1])
    api.close()
    assert own_server.stop() == 0


def test_a_client_that_takes_nothing_does_not_keep_the_server_from_stopping(
    own_server: ServerProcess,
):
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    with socket.socket() as idle:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        idle.connect(("127.0.0.1", own_server.port))
        head = f"GET {page_of(stream)}/live HTTP/1.1\r\nHost: x\r\n"
        idle.sendall(f"{head}Authorization: Bearer {api.token}\r\n\r\n".encode())
        large = {"sensor_id": "x" * 100_000, "temperature": None, "created_at": None}
        for _ in range(20):
            assert stream.publish(*[large] * 10).status_code == 204
        time.sleep(2)

        begun = time.monotonic()
        code = own_server.stop()
        seconds = time.monotonic() - begun
    api.close()

    assert (code, seconds < 5) == (0, True)
    assert "Traceback" not in own_server.errors, own_server.errors
