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


def ended(end: Event) -> tuple[str, bool, str | None]:
    error = end.data["error"]
    return end.data["cause"], end.data["retryable"], error and error["errorName"]


def readings(first: int, end: int) -> list[dict[str, Any]]:
    return [reading(number) for number in range(first, end)]


def locator(stream: StreamUnderTest) -> str:
    return stream.view().rpartition(".")[2]


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
        "begins": "tail",
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


def test_an_id_of_something_else_is_refused(stream: StreamUnderTest):
    api, path = stream.api, f"{page_of(stream)}/live"
    publish(stream, 0, 3)
    mine, other = locator(stream), locator(api.new_stream())
    refused = ["nonsense", "1:2", ":", "x" * 5_000, "é:0", f"{mine}:4", f"{mine}:0,0", f"{other}:0"]

    for last_id in refused:
        answer = api.get(path, params={"lastEventId": last_id})
        assert_error(answer, 400, "InvalidLastEventId")
    answer = api.get(path, headers={"Last-Event-ID": f"{mine}:0=4"})
    assert_error(answer, 400, "InvalidLastEventId")

    with watching(stream, lastEventId=f"{mine}:3") as tail:
        publish(stream, 3, 4)
        tail.wait(lambda tail: tail.offsets() == [3])
    assert tail.events[0].data["begins"] == "resumed"


def test_an_id_of_one_partition_is_good_for_that_one(api: Api):
    stream = api.new_stream(partitionsCount=3)
    with watching(stream, partition=1) as before:
        for number in range(6):
            publish(stream, number, number + 1)
        before.wait(lambda tail: len(tail.records()) == 2)
    last_id = before.last_id()
    publish(stream, 6, 9)

    assert last_id == f"{locator(stream)}:1=2"
    path = f"{page_of(stream)}/live"
    for partition in ({"partition": 0}, {}):
        answer = api.get(path, params={"lastEventId": last_id, **partition})
        assert_error(answer, 400, "InvalidLastEventId")
    with watching(stream, partition=1, lastEventId=last_id) as after:
        for number in range(9, 12):
            publish(stream, number, number + 1)
        after.wait(lambda tail: after.offsets() and tail.offsets()[-1] >= 2)
    assert after.offsets()[0] == 2


def test_an_id_of_all_partitions_is_good_for_one(api: Api):
    stream = api.new_stream(partitionsCount=2)
    with watching(stream) as before:
        for number in range(4):
            publish(stream, number, number + 1)
        before.wait(lambda tail: len(tail.records()) == 4)
    for number in range(4, 8):
        publish(stream, number, number + 1)

    with watching(stream, partition=1, lastEventId=before.last_id()) as after:
        after.wait(lambda tail: tail.offsets() == [2, 3])


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
    assert reset.data["begins"] == "newView"
    assert tail.records()[-1]["value"] == reading(5)
    assert tail.named("end") == []


def test_who_comes_back_after_a_reset_is_told(stream: StreamUnderTest):
    publish(stream, 0, 5)
    with watching(stream) as before:
        last_id = before.last_id()
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    publish(stream, 5, 7)

    with watching(stream, lastEventId=last_id) as after:
        after.wait(lambda tail: len(tail.records()) == 2)

    assert [event.name for event in after.events] == ["start", "reset", "records"]
    assert after.events[0].data["begins"] == "newView"
    assert after.events[0].id == f"{locator(stream)}:0"
    assert after.offsets() == [0, 1]


def test_a_tail_ends_within_a_second_of_the_role(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, "viewer")

    with watching(stream, api=user) as tail:
        principal = {"type": "principalIdOnly", "principalId": user_id}
        body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "viewer"}]}
        path = f"/api/v2/filesystem/resources/{stream.rid}/roles/remove"
        stream.api.ok("POST", path, json=body)

        end = tail.wait_for("end", 1)
        tail.wait(lambda tail: tail.is_over, 1)

    assert ended(end) == ("accessLost", False, "StreamNotFound")


def test_a_tail_ends_with_its_session(stream: StreamUnderTest):
    token = sign_in(stream.api.url)

    with watching(stream, headers={"Cookie": f"sluiceway_session={token}"}) as tail:
        publish(stream, 0, 1)
        tail.wait(lambda tail: tail.records())
        stream.api.as_(token).ok("DELETE", "/multipass/api/sessions/current")
        end = tail.wait_for("end", 1)

    assert ended(end) == ("accessLost", False, "Default:Unauthorized")


def test_all_tails_of_a_token_end_within_a_second_of_it(stream: StreamUnderTest):
    api = stream.api
    made = api.ok("POST", "/multipass/api/tokens", json={"name": "tails"})
    token, token_id = made["access_token"], made["tokenInfo"]["tokenId"]
    other = api.new_stream()

    with (
        watching(stream, api=api.as_(token)) as first,
        watching(stream, api=api.as_(token), sampled="false") as second,
        watching(other, api=api.as_(token)) as third,
        watching(stream) as mine,
    ):
        api.ok("POST", "/multipass/api/tokens/revoke", json={"tokenId": token_id})
        ends = [tail.wait_for("end", 1) for tail in (first, second, third)]
        publish(stream, 0, 1)
        mine.wait(lambda tail: tail.records())

    assert {ended(end) for end in ends} == {("accessLost", False, "Default:Unauthorized")}
    assert first.records() == second.records() == []


def test_a_tail_of_a_partition_that_a_reset_took_away_ends(api: Api):
    stream = api.new_stream(partitionsCount=2)

    with watching(stream, partition=1) as tail, watching(stream, partition=0) as other:
        stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={"partitionsCount": 1})
        end = tail.wait_for("end")
        other.wait_for("reset")

    assert ended(end) == ("streamReset", False, "InvalidPartitionId")


def test_without_samples_nothing_is_left_out(stream: StreamUnderTest):
    with watching(stream, sampled="false") as tail:
        for first in range(0, 20_000, 1_000):
            publish(stream, first, first + 1_000)
        tail.wait(lambda tail: len(tail.records()) == 20_000)

    assert tail.events[0].data["recordsPerSecondMax"] is None
    assert tail.offsets() == list(range(20_000))
    assert tail.skipped() == 0


def test_without_samples_all_that_was_missed_comes(stream: StreamUnderTest):
    with watching(stream, sampled="false") as before:
        last_id = before.last_id()
    for first in range(0, 10_000, 1_000):
        publish(stream, first, first + 1_000)

    with watching(stream, sampled="false", lastEventId=last_id) as after:
        publish(stream, 10_000, 10_010)
        after.wait(lambda tail: len(tail.records()) == 10_010)

    assert after.offsets() == list(range(10_010))
    assert after.skipped() == 0


def test_a_tail_ends_when_its_stream_is_deleted_for_ever(stream: StreamUnderTest):
    resource = f"/api/v2/filesystem/resources/{stream.rid}"

    with watching(stream) as tail:
        stream.api.ok("DELETE", resource)
        stream.api.ok("POST", f"{resource}/permanentlyDelete")
        end = tail.wait_for("end")

    assert ended(end) == ("streamDeleted", False, "StreamNotFound")


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
        ("sampled=perhaps", "Conjure:InvalidArgument"),
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
        code = own_server.stop()
        tail.wait(lambda tail: tail.is_over)
    last_id = tail.last_id()

    assert code == 0
    assert "Traceback" not in own_server.errors, own_server.errors
    assert [ended(end) for end in tail.named("end")] == [("serverStopping", True, None)]

    own_server.start()
    api.close()
    api = Api(own_server.url, sign_in(own_server.url))
    again = StreamUnderTest(api, stream.rid, stream.branch)
    publish(again, 1, 2)
    with watching(again, lastEventId=last_id) as after:
        after.wait(lambda tail: tail.offsets() == [1])
    api.close()
    assert own_server.stop() == 0


def test_a_client_that_is_too_slow_without_samples_is_ended_and_resumes(own_server: ServerProcess):
    own_server.environment = {"SLUICEWAY_READING__LIVE_BACKLOG_BYTES_MAX": "1048576"}
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    large = {"sensor_id": "x" * 100_000, "temperature": None, "created_at": None}

    with watching(stream, sampled="false", receive_bytes=4_096, is_slow=True) as slow:
        for _ in range(20):
            assert stream.publish(*[large] * 10).status_code == 204
        time.sleep(1)
        slow.go_on()
        end = slow.wait_for("end", 20)
        slow.wait(lambda tail: tail.is_over)
    with watching(stream, sampled="false", lastEventId=slow.last_id()) as after:
        after.wait(lambda tail: 199 in tail.offsets()[-1:], 20)
    api.close()

    assert ended(end) == ("tooSlow", True, None)
    assert 0 < len(slow.offsets()) < 200
    assert slow.offsets() + after.offsets() == list(range(200))
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

        code = own_server.stop()
    api.close()

    assert code == 0
    assert "Traceback" not in own_server.errors, own_server.errors
