"""Which bytes a worker takes for a plain publish: one way to write it, and no other."""

import pytest

from sluiceway.ingest.workers.scan import plain_publish_bytes

URL = b"/api/v2/highScale/streams/datasets/ri.d/streams/master/publishRecord"
OWN = b"/api/v1/streams/ri.d/master/records"
AUTH = b"Authorization: Bearer t"
LENGTH = b"Content-Length: 5"
MOST = 100


def written(*lines: bytes, first: bytes = b"POST " + URL + b" HTTP/1.1", body: bytes = b"hello"):
    return b"\r\n".join([first, *lines]) + b"\r\n\r\n" + body


PLAIN = written(b"Host: h", AUTH, LENGTH, b"Content-Type: application/json")


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        written(AUTH, LENGTH),
        written(b"authorization:Bearer t", b"CONTENT-LENGTH:5"),
        written(AUTH, LENGTH, b"Connection: keep-alive"),
        written(AUTH, LENGTH, b"Connection: Close"),
        written(AUTH, LENGTH, first=b"POST " + OWN + b"?viewRid=ri.v HTTP/1.1"),
        written(AUTH, LENGTH, b"Accept: */*", b"Accept: a"),
    ],
)
@pytest.mark.parametrize("behind", [b"", b"POST"])
def test_a_plain_publish_is_recognised_with_its_size(data: bytes, behind: bytes) -> None:
    assert plain_publish_bytes(data + behind, MOST) == len(data)


def test_a_body_that_is_not_all_there_counts_as_declared() -> None:
    assert plain_publish_bytes(PLAIN[:-4], MOST) == len(PLAIN)
    assert plain_publish_bytes(PLAIN[:-5], MOST) == len(PLAIN)


@pytest.mark.parametrize("size", range(len(PLAIN) - 5))
def test_part_of_a_head_is_not(size: int) -> None:
    assert plain_publish_bytes(PLAIN[:size], MOST) is None


@pytest.mark.parametrize(
    "data",
    [
        written(AUTH, LENGTH, first=b"POST " + URL + b" HTTP/1.0"),
        written(AUTH, LENGTH, first=b"POST  " + URL + b" HTTP/1.1"),
        written(AUTH, LENGTH, first=b"post " + URL + b" HTTP/1.1"),
        written(AUTH, LENGTH, first=b"PUT " + URL + b" HTTP/1.1"),
        written(AUTH, LENGTH, first=b"POST http://h" + URL + b" HTTP/1.1"),
        written(AUTH, LENGTH, first=b"POST /api/v1/users HTTP/1.1"),
        written(AUTH, LENGTH, first=b"POST " + OWN + b"?onInvalid=dead-letter HTTP/1.1"),
        b"\r\n" + PLAIN,
        PLAIN.replace(b"\r\n", b"\n"),
        written(AUTH, LENGTH, b"a: b\nc: d"),
        written(AUTH, LENGTH, b"a: b\rc: d"),
        written(AUTH, LENGTH, b" folded"),
        written(AUTH, LENGTH, b"a : b"),
        written(AUTH, LENGTH, b"a:  b"),
        written(AUTH, LENGTH, b"a: b "),
        written(AUTH, LENGTH, b"a:"),
        written(AUTH, LENGTH, b"a: \xe9"),
        written(AUTH, LENGTH, b"a: b\x00"),
        written(AUTH),
        written(LENGTH),
        written(AUTH, AUTH, LENGTH),
        written(AUTH, LENGTH, LENGTH),
        written(AUTH, LENGTH, b"Content-Type: a/b", b"Content-Type: a/b"),
        written(AUTH, b"Content-Length: +5"),
        written(AUTH, b"Content-Length: 05"),
        written(AUTH, b"Content-Length: 5, 5"),
        written(AUTH, b"Content-Length: -1"),
        written(AUTH, b"Content-Length: 0x5"),
        written(AUTH, LENGTH, b"Transfer-Encoding: chunked"),
        written(AUTH, LENGTH, b"Expect: 100-continue"),
        written(AUTH, LENGTH, b"Content-Encoding: gzip"),
        written(AUTH, LENGTH, b"Upgrade: h2c"),
        written(AUTH, LENGTH, b"Connection: upgrade"),
        written(AUTH, LENGTH, b"Connection: keep-alive, close"),
        written(AUTH, LENGTH, b"Idempotency-Key: k"),
        written(AUTH, LENGTH, b"Producer-Id: p"),
        written(
            AUTH,
            LENGTH,
            b"Content-Type: application/vnd.apache.arrow.stream",
            first=b"POST " + OWN + b" HTTP/1.1",
        ),
        written(AUTH, LENGTH, b"a: " + b"b" * 8_192),
    ],
)
def test_anything_else_is_not(data: bytes) -> None:
    assert plain_publish_bytes(data, MOST) is None


def test_the_largest_body_is_recognised_and_no_larger_one() -> None:
    head = written(AUTH, b"Content-Length: 100", body=b"")

    assert plain_publish_bytes(head, 100) == len(head) + 100
    assert plain_publish_bytes(head, 99) is None
