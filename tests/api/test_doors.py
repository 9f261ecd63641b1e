"""The two doors give the same results, and neither is confused by odd requests."""

import json

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.doors import Answer, Door, Wire, head, one, request
from fixtures.server import ServerProcess
from sluiceway.ingest.paths import match

HEAD_BYTES_MAX = 64 * 1024


def ids(stream: StreamUnderTest) -> list[str]:
    return [value["sensor_id"] for value in stream.values()]


@pytest.fixture
def path(stream: StreamUnderTest) -> str:
    return f"{stream.fast}/publishRecord"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/highScale/streams/datasets/ri.a/streams/b/publishRecord",
        "/api/v2/highScale/streams/datasets/ri.a/streams/b/publishRecords?preview=true",
        "/api/v2/highScale/streams/datasets/ri.a/streams/b%2Fc/publishBinaryRecord?viewRid=x",
        "/stream-proxy/api/streams/ri.a/branches/b/jsonRecord",
        "/stream-proxy/api/streams/ri.a/branches/b/jsonRecords",
        "/stream-proxy/api/streams/ri.a/views/ri.b/jsonRecords?partitionId=0",
    ],
)
def test_the_fast_door_knows_every_publish_call(path: str):
    assert match(path.encode()) is not None


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/highScale/streams/datasets/ri.a/streams/b/publishRecord/",
        "/api/v2/highScale/streams/datasets/ri.a/branches/b/publishRecord",
        "/api/v2/highScale/streams/datasets/ri.a/streams/b/getRecords",
        "/api/v2/highScale/streams/datasets/ri.a/streams/b/c/publishRecord",
        "/stream-proxy/api/streams/ri.a/views/ri.b/jsonRecord",
        "/stream-proxy/api/streams/ri.a/views/ri.b",
        "/",
        "*",
    ],
)
def test_the_fast_door_leaves_all_else_alone(path: str):
    assert match(path.encode()) is None


def test_pipelined_publishes_are_answered_and_stored_in_order(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    bodies = [one(number) for number in range(50)]
    bodies[7] = b'{"record": {}}'
    bodies[31] = b"{"

    with Wire(server) as wire:
        wire.send(*(request(stream.api, path, body) for body in bodies))
        answers = [wire.answer() for _ in bodies]

    assert [answer.status for answer in answers] == [
        400 if number in {7, 31} else 204 for number in range(50)
    ]
    assert ids(stream) == [str(number) for number in range(50) if number not in {7, 31}]


def test_pipelined_publishes_stay_in_order_when_nothing_is_in_memory(
    server: ServerProcess, api: Api
):
    streams = [api.new_stream() for _ in range(4)]

    with Wire(server) as wire:
        for number in range(20):
            api.new_stream()  # a change: everything that was in memory is looked up anew
            wire.send(
                *(
                    request(api, f"{stream.fast}/publishRecord", one(number * 3 + more))
                    for more in range(3)
                    for stream in streams
                )
            )
            assert {wire.answer().status for _ in range(12)} == {204}

    assert [ids(stream) for stream in streams] == [[str(n) for n in range(60)]] * 4


def test_requests_of_both_doors_on_one_connection_are_answered_in_order(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    api = stream.api
    read = head(api, f"{stream.fast}/getEndOffsets?preview=true", method=b"GET") + b"\r\n"
    ordinary = request(api, path, one(0), door=Door.ORDINARY)
    fast = request(api, path, one(1))

    with Wire(server) as wire:
        wire.send(read, fast, read, ordinary, fast, fast, read, read, ordinary, ordinary, read)
        answers = [wire.answer() for _ in range(11)]

    assert [answer.status for answer in answers] == [
        200, 204, 200, 204, 204, 204, 200, 200, 204, 204, 200,
    ]  # fmt: skip
    ends = [json.loads(answer.body)["0"] for answer in answers if answer.status == 200]
    assert ends == [0, 1, 4, 4, 6]
    assert ids(stream) == ["1", "0", "1", "1", "0", "0"]


def test_a_body_may_come_in_many_small_pieces(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    whole = request(stream.api, path, one(1), b"Content-Type: application/json", door=door)

    with Wire(server) as wire:
        for start in range(0, len(whole), 7):
            wire.send(whole[start : start + 7])
        answer = wire.answer()

    assert answer.status == 204
    assert ids(stream) == ["1"]


def test_http_1_0_is_answered_and_closed(server: ServerProcess, stream: StreamUnderTest, path: str):
    body = one(1)

    with Wire(server) as wire:
        wire.send(
            head(stream.api, path, b"Content-Length: %d" % len(body), version=b"1.0"),
            b"\r\n",
            body,
        )

        assert wire.answer().status == 204
        assert wire.is_ended()


def test_a_connection_is_closed_when_the_client_asks_for_it(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    with Wire(server) as wire:
        wire.send(request(stream.api, path, one(1), b"Connection: close", door=door))
        answer = wire.answer()

        assert answer.status == 204
        assert answer.headers["connection"] == "close"
        assert wire.is_ended()


def test_nothing_is_done_behind_the_request_that_closes(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    last = request(stream.api, path, one(1), b"Connection: close", door=door)

    with Wire(server) as wire:
        wire.send(last, request(stream.api, path, one(2)), b"nonsense\r\n\r\n")

        assert wire.answer().status == 204
        assert wire.is_ended()
    assert ids(stream) == ["1"]


def test_no_tunnel_is_made(server: ServerProcess):
    with Wire(server) as wire:
        wire.send(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")

        assert wire.answer().error == "Conjure:InvalidArgument"
        assert wire.is_ended()


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_a_client_may_wait_to_be_told_to_go_on(
    server: ServerProcess, stream: StreamUnderTest, path: str, version: bytes
):
    body = one(1)
    lines = (b"Expect: 100-continue", b"Content-Length: %d" % len(body))

    with Wire(server) as wire:
        wire.send(head(stream.api, path, *lines, version=version), b"\r\n")
        if version == b"1.1":
            assert wire.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(body)

        assert wire.answer().status == 204
    assert ids(stream) == ["1"]


@pytest.mark.parametrize("split", [10, 400, 1_000])
def test_a_client_that_offers_another_protocol_gets_this_one(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str, split: int
):
    """Java's client offers HTTP/2 with the first request on a connection without TLS."""
    lines = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")

    with Wire(server) as wire:
        text = request(stream.api, path, one(0), *lines, door=door)
        for part in (text[:split], text[split:], request(stream.api, path, one(1)), text):
            wire.send(part)
        assert [wire.answer().status for _ in range(3)] == [204] * 3

    assert ids(stream) == ["0", "1", "0"]


def test_header_names_are_the_same_in_any_case(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    text = request(stream.api, path, one(1), b"content-TYPE: application/json", door=door)
    shouted = text.replace(b"Authorization:", b"AUTHORIZATION:").replace(b"Content-L", b"cONTENT-l")

    with Wire(server) as wire:
        assert wire.send(shouted).answer().status == 204


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((b"Authorization: Bearer nonsense",), 204),
        ((b"Content-Type: application/json", b"Content-Type: text/plain"), 204),
        ((b"Content-Type: text/plain", b"Content-Type: application/json"), 415),
    ],
)
def test_of_a_header_that_is_sent_twice_the_first_counts(
    server: ServerProcess,
    door: Door,
    stream: StreamUnderTest,
    path: str,
    lines: tuple[bytes, ...],
    status: int,
):
    with Wire(server) as wire:
        wire.send(request(stream.api, path, one(1), *lines, door=door))

        assert wire.answer().status == status


def test_a_path_is_taken_as_it_was_sent(server: ServerProcess, door: Door, api: Api):
    stream = api.new_stream(branchName="feat/x")
    base = f"/api/v2/highScale/streams/datasets/{stream.rid}/streams"
    known = [
        "feat%2Fx/publishRecord",
        "feat%2fx/publishRecord?preview=true&x=%zz",
        "feat%2Fx/publishRecord/",
    ]
    unknown_streams = [
        "%2E%2E/publishRecord",
        "feat%252Fx/publishRecord",
        "../publishRecord",
        "%FF/publishRecord",
    ]
    no_calls = ["feat/x/publishRecord", "publishRecord", "feat%2Fx%2FpublishRecord"]

    def answer_to(tail: str) -> Answer:
        with Wire(server) as wire:
            return wire.send(request(api, f"{base}/{tail}", one(1), door=door)).answer()

    assert [answer_to(tail).status for tail in known] == [204] * 3
    assert [answer_to(tail).error for tail in unknown_streams] == ["StreamNotFound"] * 4
    assert [answer_to(tail).error for tail in no_calls] == ["Default:NotFound"] * 3
    assert ids(stream) == ["1"] * 3


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_a_publish_call_has_one_method(stream: StreamUnderTest, path: str, method: str):
    answer = stream.api.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    if method != "HEAD":
        assert_error(answer, 405, "Default:MethodNotAllowed")


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST /api/v2/highScale/streams/datasets/\xff/streams/x/publishRecord HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_and_closed(server: ServerProcess, text: bytes):
    with Wire(server) as wire:
        answer = wire.send(text).answer()

        assert (answer.status, answer.error) == (400, "Conjure:InvalidArgument")
        assert answer.headers["connection"] == "close"
        assert wire.is_ended()


def test_what_is_not_http_is_answered_after_what_was_before_it(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    with Wire(server) as wire:
        wire.send(request(stream.api, path, one(1), door=door), b"nonsense\r\n\r\n")

        assert wire.answer().status == 204
        assert wire.answer().status == 400
        assert wire.is_ended()
    assert ids(stream) == ["1"]


def test_a_bad_chunk_is_refused_and_nothing_stored(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    with Wire(server) as wire:
        wire.send(head(stream.api, path, b"Transfer-Encoding: chunked"), b"\r\nxyz\r\n")

        assert wire.answer().status == 400
        assert wire.is_ended()
    assert ids(stream) == []


def padded(api: Api, path: str, size: int, body: bytes) -> bytes:
    """Write a request whose head has *size* bytes up to its empty line."""
    start = head(api, path, b"Content-Length: %d" % len(body))
    fill = size - len(start) - len(b"X-1: \r\n") * 8
    lines = [b"X-%d: %b\r\n" % (n, b"x" * (fill // 8 + (n < fill % 8))) for n in range(8)]
    text = start + b"".join(lines)
    assert len(text) == size
    return text + b"\r\n" + body


@pytest.mark.parametrize("call", ["publishRecord", "getEndOffsets"])
def test_a_head_has_at_most_64_kib(server: ServerProcess, stream: StreamUnderTest, call: str):
    path = f"{stream.fast}/{call}"

    with Wire(server) as wire:
        most = wire.send(padded(stream.api, path, HEAD_BYTES_MAX - 100, one(1))).answer()
        more = wire.send(padded(stream.api, path, HEAD_BYTES_MAX + 100, one(2))).answer()

        assert most.status == (204 if call == "publishRecord" else 405)
        assert (more.status, more.error) == (431, "Default:RequestHeaderTooLarge")
        assert wire.is_ended()


def test_a_head_over_64_kib_is_refused_however_it_is_cut(
    stream: StreamUnderTest, server: ServerProcess
):
    path = f"{stream.fast}/publishRecord"
    whole = padded(stream.api, path, HEAD_BYTES_MAX + 100, one(1))
    with Wire(server) as wire:
        wire.send(whole[:-300])
        assert stream.ends() == {"0": 0}  # By this answer the server has read the first part.

        answer = wire.send(whole[-300:]).answer()

    assert (answer.status, answer.error) == (431, "Default:RequestHeaderTooLarge")
    assert stream.ends() == {"0": 0}


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nX: "])
def test_a_head_that_never_ends_is_cut(server: ServerProcess, start: bytes):
    with Wire(server) as wire:
        wire.send(start)
        sent = 0
        try:
            while sent < 10 * 1024 * 1024:
                wire.send(b"x" * 16_384)
                sent += 16_384
        except (ConnectionResetError, BrokenPipeError):
            pass

    assert sent < 10 * 1024 * 1024


def test_a_large_body_before_it_does_not_count_for_a_head(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    large = b'{"record": {"sensor_id": "%b"}}' % (b"x" * 500_000)
    next_ = request(stream.api, path, one(2))

    with Wire(server) as wire:
        wire.send(request(stream.api, path, large), next_[:100])
        assert wire.answer().status == 204

        assert wire.send(next_[100:]).answer().status == 204


def test_what_a_client_sent_before_it_left_is_stored_whole_or_not_at_all(
    server: ServerProcess, door: Door, stream: StreamUnderTest
):
    body = json.dumps({"records": [{"sensor_id": "a"}] * 5}).encode()

    for _ in range(20):
        with Wire(server) as wire:
            wire.send(request(stream.api, f"{stream.fast}/publishRecords", body, door=door))

    assert door.publish(stream, {"sensor_id": "last"}).status_code == 204
    assert stream.ends()["0"] % 5 == 1


def test_a_body_that_is_cut_short_is_not_stored(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    for cut in (1, 5, 20):
        with Wire(server) as wire:
            wire.send(request(stream.api, path, one(1), door=door)[:-cut])

    with Wire(server) as wire:  # behind them on the same event loop
        assert wire.send(request(stream.api, path, one(2), door=door)).answer().status == 204
    assert ids(stream) == ["2"]


def test_bytes_beyond_the_content_length_are_another_request(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    with Wire(server) as wire:
        wire.send(request(stream.api, path, one(1)), b"}}}}\r\n\r\n")

        assert wire.answer().status == 204
        assert wire.answer().status == 400
        assert wire.is_ended()
    assert ids(stream) == ["1"]


def test_bytes_missing_from_the_content_length_are_waited_for(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    body = one(1)

    with Wire(server) as wire:
        wire.send(head(stream.api, path, b"Content-Length: %d" % (len(body) + 2)), b"\r\n", body)
        wire.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
        assert ids(stream) == []
        wire.socket.sendall(b" \n")
        wire.socket.settimeout(10)
        assert wire.socket.recv(1_000).startswith(b"HTTP/1.1 204 ")

    assert ids(stream) == ["1"]


def test_who_sends_without_reading_is_made_to_wait(
    server: ServerProcess, stream: StreamUnderTest, path: str
):
    many = request(stream.api.as_(None), path, one(1)) * 500

    with Wire(server, seconds=1) as wire:
        with pytest.raises(TimeoutError):
            wire.send(*([many] * 1_000))
        with Wire(server) as other:
            assert other.send(request(stream.api, path, one(2))).answer().status == 204
