"""Requests that break off or end oddly, several on one connection: nothing else suffers from it."""

import socket
import struct
import time

import pytest

from fixtures.api import Api, StreamUnderTest
from fixtures.doors import Door, Wire, head, one, request
from fixtures.server import ServerProcess, sign_in

HEAD_BYTES_MAX = 64 * 1024
CHUNKED = b"Transfer-Encoding: chunked"


def ids(stream: StreamUnderTest) -> list[str]:
    return [value["sensor_id"] for value in stream.values()]


@pytest.fixture
def path(stream: StreamUnderTest) -> str:
    return f"{stream.fast}/publishRecord"


def test_what_a_client_does_is_no_failure_of_the_server(own_server: ServerProcess):
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream()
        path = f"{stream.fast}/publishRecord"
        requests = [request(api, path, one(1), door=door) for door in (Door.ORDINARY, *Door)]
        bad_trailer = head(api, "/nowhere", CHUNKED) + b"\r\n0\r\nContent-Length: 1\r\n\r\n"

        for _ in range(20):
            with Wire(own_server) as wire:
                wire.send(*requests)  # and leave before the answers
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with Wire(own_server) as wire:
                assert wire.send(bad_trailer).answer().status == 400

        assert stream.publish({"sensor_id": "last"}).status_code == 204
    assert own_server.stop() == 0
    assert own_server.errors == ""


def test_a_bad_chunk_is_refused_behind_the_answers_that_are_due(
    server: ServerProcess, door: Door, stream: StreamUnderTest, path: str
):
    bad = head(stream.api, path, CHUNKED) + b"\r\nnonsense\r\n"

    with Wire(server) as wire:
        wire.send(request(stream.api, path, one(1), door=door), bad)

        assert wire.answer().status == 204
        assert wire.answer().error == "Conjure:InvalidArgument"
        assert wire.is_ended()
    assert ids(stream) == ["1"]


@pytest.mark.parametrize(
    "trailer",
    [b"Content-Type: text/plain", b"Idempotency-Key: ", b"Producer-Id: p", b"Content-Encoding: br"],
)
def test_a_trailer_means_nothing(
    server: ServerProcess, stream: StreamUnderTest, path: str, trailer: bytes
):
    text = request(stream.api, path, one(1), door=Door.ORDINARY)

    with Wire(server) as wire:
        for _ in range(2):
            wire.send(text.removesuffix(b"\r\n"), trailer, b"\r\n\r\n")
            assert wire.answer().status == 204
    assert ids(stream) == ["1", "1"]


@pytest.mark.parametrize(("token", "status"), [("{token}", 204), ("nonsense", 401)])
def test_a_connection_whose_trailer_closes_it_is_closed(
    server: ServerProcess, stream: StreamUnderTest, path: str, token: str, status: int
):
    caller = stream.api.as_(token.replace("{token}", str(stream.api.token)))
    text = request(caller, path, one(1), door=Door.ORDINARY).removesuffix(b"\r\n")

    with Wire(server) as wire:
        wire.send(text, b"Connection: close\r\n\r\n")

        assert wire.answer().status == status
        assert wire.is_ended()


def test_a_trailer_has_at_most_64_kib(server: ServerProcess, stream: StreamUnderTest, path: str):
    body = one(1)
    start = head(stream.api, path, CHUNKED) + b"\r\n%x\r\n%b\r\n" % (len(body), body)

    for size, answers in ((HEAD_BYTES_MAX - 1_000, 204), (HEAD_BYTES_MAX + 1_000, 431)):
        with Wire(server) as wire:
            wire.send(start)
            time.sleep(0.2)  # so that the trailer comes by itself
            wire.send(b"0\r\nX: ", b"x" * size)
            if answers == 204:
                wire.send(b"\r\n\r\n")
            assert wire.answer().status == answers

    assert ids(stream) == ["1"]
