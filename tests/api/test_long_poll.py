"""Long polling: ``getRecords`` that waits for the first record."""

import socket
import threading
import time
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.server import ServerProcess, sign_in, wait_until

RECORD = {"sensor_id": "s", "temperature": 1.5, "created_at": None}


def path_of(stream: StreamUnderTest, **query: Any) -> str:
    asked = {"partitionId": 0, "limit": 100, "startOffset": 0, "preview": "true"} | query
    text = "&".join(f"{name}={value}" for name, value in asked.items())
    quoted = stream.path.rpartition("/")[2]
    return f"/api/v2/highScale/streams/datasets/{stream.rid}/streams/{quoted}/getRecords?{text}"


class Poll(threading.Thread):
    """A request that waits, on a thread of its own."""

    def __init__(
        self,
        stream: StreamUnderTest,
        api: Api | None = None,
        *,
        is_patient: bool = False,
        **query: Any,
    ) -> None:
        super().__init__()
        self.is_patient = is_patient
        """Whether it asks again until it may wait."""
        self.api = api or stream.api
        self.path = path_of(stream, **query)
        self.answer: httpx.Response | None = None
        self.seconds = 0.0
        self.start()

    def run(self) -> None:
        """Ask, and note how long that took."""
        begun = time.monotonic()
        url, token = self.api.url, self.api.token
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(headers=headers, timeout=40) as client:
            answer = client.get(url + self.path)
            while answer.status_code == 429 and self.is_patient:
                answer = client.get(url + self.path)
        self.answer = answer
        self.seconds = time.monotonic() - begun

    def answered(self, seconds: float = 10.0) -> httpx.Response:
        """Wait for the answer."""
        self.join(seconds)
        assert self.answer is not None, "no answer"
        return self.answer

    def offsets(self) -> list[int]:
        """Wait for the answer; give the offsets in it."""
        answer = self.answered()
        assert answer.status_code == 200, answer.text
        return [record["offset"] for record in answer.json()]


def test_records_that_are_there_are_given_at_once(stream: StreamUnderTest):
    assert stream.publish(RECORD).status_code == 204

    poll = Poll(stream, waitMs=30_000)

    assert poll.offsets() == [0]
    assert poll.seconds < 25


def test_the_first_record_ends_the_wait(stream: StreamUnderTest):
    poll = Poll(stream, waitMs=30_000)
    time.sleep(0.5)
    assert poll.answer is None
    published = time.monotonic()
    assert stream.publish(RECORD, RECORD).status_code == 204

    assert poll.offsets() == [0, 1]
    assert time.monotonic() - published < 25


def test_at_the_end_of_the_time_there_is_an_empty_list(stream: StreamUnderTest):
    poll = Poll(stream, waitMs=400)

    assert poll.offsets() == []
    assert poll.seconds >= 0.4


def test_a_wait_is_for_the_offset_and_the_partition_that_are_asked_for(api: Api):
    stream = api.new_stream(partitionsCount=2)
    ahead = Poll(stream, waitMs=30_000, startOffset=2)
    other = Poll(stream, waitMs=30_000, partitionId=1)

    for _ in range(3):
        assert stream.publish(RECORD).status_code == 204
        time.sleep(0.2)
    assert ahead.answer is None
    assert other.offsets() == [0]
    for _ in range(2):
        assert stream.publish(RECORD).status_code == 204
    assert ahead.offsets() == [2]


@pytest.mark.parametrize(
    ("wait_ms", "is_taken"), [(-1, False), (0, True), (30_000, True), (30_001, False)]
)
def test_a_wait_is_at_most_30_seconds(stream: StreamUnderTest, wait_ms: int, *, is_taken: bool):
    assert stream.publish(RECORD).status_code == 204

    answer = stream.api.get(path_of(stream, waitMs=wait_ms))

    if is_taken:
        assert answer.status_code == 200
    else:
        assert_error(answer, 400, "Conjure:InvalidArgument")


def test_who_lost_the_role_meanwhile_gets_no_record(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, "viewer")
    poll = Poll(stream, user, waitMs=30_000)
    time.sleep(0.5)

    principal = {"type": "principalIdOnly", "principalId": user_id}
    body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "viewer"}]}
    stream.api.ok("POST", f"/api/v2/filesystem/resources/{stream.rid}/roles/remove", json=body)
    assert stream.publish(RECORD).status_code == 204

    assert_error(poll.answered(), 404, "StreamNotFound")


def test_who_lost_the_token_meanwhile_gets_no_record(stream: StreamUnderTest):
    api = stream.api
    made = api.ok("POST", "/multipass/api/tokens", json={"name": "poll"})
    poll = Poll(stream, api.as_(made["access_token"]), waitMs=30_000)
    time.sleep(0.5)

    body = {"tokenId": made["tokenInfo"]["tokenId"]}
    api.ok("POST", "/multipass/api/tokens/revoke", json=body)
    assert stream.publish(RECORD).status_code == 204

    assert_error(poll.answered(), 401, "Default:Unauthorized")


def test_a_reset_ends_the_wait_for_a_view(stream: StreamUnderTest):
    of_view = Poll(stream, waitMs=30_000, viewRid=stream.view())
    of_stream = Poll(stream, waitMs=30_000)
    time.sleep(0.5)

    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})
    assert_error(of_view.answered(), 404, "ViewNotFound")
    assert stream.publish(RECORD).status_code == 204

    assert of_stream.offsets() == [0]


def test_no_more_than_so_many_wait(own_server: ServerProcess):
    own_server.environment = {"SLUICEWAY_READING__WAITING_REQUESTS_MAX": "2"}
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream, full = api.new_stream(), api.new_stream()
    assert full.publish(RECORD).status_code == 204
    polls = [Poll(stream, waitMs=30_000, is_patient=True) for _ in range(2)]

    def refused() -> httpx.Response | None:
        answer = api.get(path_of(stream, waitMs=1))
        return answer if answer.status_code != 200 else None

    answer: httpx.Response = wait_until(refused)
    assert assert_error(answer, 429, "TooManyWaitingRequests")["waitingRequestsMax"] == 2
    assert answer.headers["retry-after"] == "1"
    assert api.get(path_of(full, waitMs=1)).status_code == 200
    assert api.get(path_of(stream)).json() == []
    assert stream.publish(RECORD).status_code == 204
    assert [poll.offsets() for poll in polls] == [[0], [0]]
    assert api.get(path_of(stream, startOffset=1, waitMs=1)).json() == []
    api.close()
    assert own_server.stop() == 0


def test_who_leaves_gives_the_place_back(own_server: ServerProcess):
    own_server.environment = {"SLUICEWAY_READING__WAITING_REQUESTS_MAX": "1"}
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    head = f"GET {path_of(stream, waitMs=30_000)} HTTP/1.1\r\nHost: x\r\n"

    def is_taken() -> bool:
        """Take the only place, unless a look of ours had it just then."""
        leaving = socket.create_connection(("127.0.0.1", own_server.port))
        leaving.sendall(f"{head}Authorization: Bearer {api.token}\r\n\r\n".encode())
        time.sleep(0.5)
        taken = api.get(path_of(stream, waitMs=1)).status_code == 429
        leaving.close()
        return taken

    wait_until(is_taken)
    wait_until(lambda: api.get(path_of(stream, waitMs=1)).status_code == 200)

    api.close()
    assert own_server.stop() == 0
    assert "Traceback" not in own_server.errors, own_server.errors


def test_a_server_that_stops_ends_every_wait(own_server: ServerProcess):
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    polls = [Poll(stream, waitMs=30_000) for _ in range(3)]
    time.sleep(1)

    code = own_server.stop()

    assert code == 0
    assert [poll.offsets() for poll in polls] == [[], [], []]
    assert "Traceback" not in own_server.errors, own_server.errors
    api.close()
