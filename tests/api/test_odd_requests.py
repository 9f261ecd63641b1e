"""Odd requests, made up: both doors give the same answers and store the same records.

What goes through the fast door is compared with the same in chunks, which goes the ordinary way:
with extensions of chunks and with trailers, which mean nothing.
"""

import gzip
import itertools
import json
from collections.abc import Sequence
from typing import NamedTuple

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.doors import Answer, Door, Wire, head
from fixtures.server import ServerProcess

PATHS = st.sampled_from(
    [
        "{fast}/publishRecord",
        "{fast}/publishRecords",
        "{fast}/publishBinaryRecord",
        "{proxy}/jsonRecord",
        "{proxy}/jsonRecords",
        "{view}/jsonRecords",
        "{view}x/jsonRecords",
        "{view}/jsonRecord",
        "{binary}/publishBinaryRecord",
        "{binary}/publishRecord",
        "{fast}x/publishRecord",
        "{fast}//publishRecord",
        "/{fast}/publishRecord",
        "{fast}/publishRecord/",
        "{fast}/./publishRecord",
        "{fast}/publishRecord;x=1",
        "{fast}/%70ublishRecord",
        "{fast}/publishRecord%2F",
        "{own}",
        "{own}",
        "{own}",
        "{own}/",
        "{own}%20",
        "{rid}/ma%73ter/records",
        "{rid}/m%61ster%00/records",
        "{rid}/MASTER/records",
        "{rid}/master%2Fx/records",
        "{rid}/%zz/records",
        "{rid}/%/records",
        "{rid}/%C3%A4%FF/records",
        "{rid}/+/records",
        "{rid}/\xe4/records",
        "{rid}/../records",
        "{rid}//records",
        "/api/v1/streams/ri%2Ex/master/records",
        "/api/v1/streams//master/records",
        "{fast}/PublishRecord",
        "http://test{fast}/publishRecord",
        "/api/v2/highScale/streams/datasets//streams/master/publishRecord",
        "/api/v2/highScale/streams/datasets/%00/streams/%FF/publishRecord",
        "/api/v2/highScale/streams/datasets/ri.x/streams//publishRecord",
    ]
)
QUERIES = st.sampled_from(
    [
        "",
        "?",
        "?preview=true",
        "?viewRid={viewRid}",
        "?viewRid=wrong",
        "?viewRid=",
        "?viewRid",
        "?viewRid={viewRid}&viewRid=wrong",
        "?viewRid=wrong&viewRid={viewRid}",
        "?view%52id=wrong",
        "?viewRid=%FF",
        "?xviewRid=1",
        "?viewRid={viewRid}%20",
        "?a;viewRid=wrong",
        "?%zz=1&&=",
        "?partitionId=5",
        "#viewRid=wrong",
        "?viewRid={viewRid}&preview=true",
        "?preview=true&viewRid={viewRid}",
        "?onInvalid=refuse",
        "?onInvalid=dead-letter",
        "?onInvalid=nonsense",
        "?\xe4",
    ]
)
AUTHORIZATIONS = st.sampled_from(
    [
        *([b"Authorization: Bearer {token}"] * 6),
        b"Authorization: bearer {token}",
        b"Authorization:Bearer   {token}  ",
        b"Authorization: Bearer\t{token}",
        b"Authorization: Bearer {token} x",
        b"Authorization: Bearer",
        b"Authorization: Bearer ",
        b"Authorization: ",
        b"Authorization: Basic {token}",
        b"Authorization: {token}",
        b"Authorization: Bearer \xff\xfe",
        b"Authorization: Bearer {token}\r\nAuthorization: Bearer x",
        b"Authorization: Bearer x\r\nAuthorization: Bearer {token}",
        b"X: y",
    ]
)
LINES = st.sampled_from(
    [
        b"Content-Type: application/json",
        b"Content-Type: application/json;charset=utf-8",
        b"Content-Type: application/json, text/plain",
        b"Content-Type:",
        b"Content-Type: \xff",
        b"Content-Type: text/plain",
        b"content-type: APPLICATION/JSON",
        b"Content-Type: application/octet-stream",
        b"Content-Encoding: identity",
        b"Content-Encoding: IDENTITY ",
        b"Content-Encoding:",
        b"Content-Encoding: gzip",
        b"Content-Encoding: identity\r\nContent-Encoding: gzip",
        b"Content-Type: application/x-ndjson",
        b"Content-Type: APPLICATION/X-NDJSON ; charset=utf-8",
        b"Content-Type: application/json; charset=latin-1",
        b"Content-Type: application/x-ndjson\r\nContent-Type: application/json",
        b"Content-Encoding: gzip, identity",
        b"Content-Encoding: zstd",
        b"Content-encoding:GZIP\t",
        b"Accept-Encoding: gzip, zstd, br",
        b"Accept-Encoding: *;q=0",
        b"Accept: text/html",
        b"Accept: application/xml;q=1, */*;q=0",
        b"Expect: 100-continue",
        b"Expect: 100-CONTINUE",
        b"Expect: nonsense",
        b"Host: other",
        b"TE: trailers",
        b"Connection: te, keep-alive",
        b"Connection: close",
        b"Upgrade: h2c\r\nConnection: upgrade",
        b"X-Forwarded-Proto: https",
        b"X-HTTP-Method-Override: DELETE",
        b"Prefer: return=minimal",
        b"Range: bytes=0-1",
        b"If-None-Match: *",
        b"Connection: keep-alive",
        b"Cookie: a=b",
        b"X-Folded: a",
    ]
)
BODIES = st.one_of(
    st.sampled_from(
        [
            b'{"record": {"sensor_id": "a"}}',
            b'{"records": [{"sensor_id": "a"}, {"sensor_id": "b", "temperature": 1}]}',
            b'[{"value": {"sensor_id": "a"}}]',
            b'{"sensor_id": "a"}',
            b'[{"sensor_id": "a"}, {"sensor_id": "b"}]',
            b'[{"sensor_id": "a"}, {"sensor_id": 7}]',
            b'{"sensor_id": "a"}\n{"sensor_id": "b"}\n',
            b'{"sensor_id": "a"}\r\n\r\n{"sensor_id": "b"}',
            b'\xef\xbb\xbf[{"sensor_id": "a"}]',
            b"[]",
            b'{"record": {"sensor_id": "a"}, "viewRid": "x"}',
            b'{"record": {"sensor_id": 1}}',
            b'{"records": []}',
            b'{"records": [{"sensor_id": null}, {}]}',
            b'{"record": {"payload": "YWJj"}}',
            b"\xff\xfe",
            b"null",
            b"[",
            b"",
            b" ",
        ]
    ),
    st.binary(max_size=20),
)


IDENTITIES = st.sampled_from(
    [
        *([b""] * 6),
        b"Idempotency-Key: {unique}",
        b'IDEMPOTENCY-KEY:   "{unique} a"\t ',
        b"Idempotency-Key: {unique}\r\nIdempotency-Key: {unique}x",
        b'Idempotency-Key: "{unique}',
        b"Idempotency-Key: {unique} x",
        b'Idempotency-Key: "\\"{unique}"',
        b"Idempotency-Key:",
        b'Idempotency-Key: ""',
        b"Idempotency-Key: {unique}\xff",
        b'Idempotency-Key: "{unique}\xe4"',
        b"Idempotency-Key: " + b"x" * 256,
        b"Producer-Id: {unique}\r\nProducer-Epoch: 0\r\nProducer-Seq: 0",
        b"producer-id: {unique} \r\nproducer-epoch:0\r\nPRODUCER-SEQ:\t0\t",
        b"Producer-Id: {unique}\r\nProducer-Epoch: 0\r\nProducer-Seq: 1",
        b"Producer-Id: {unique}\r\nProducer-Epoch: 3\r\nProducer-Seq: 0\r\nProducer-Seq: 1",
        b"Producer-Id: {unique}\r\nProducer-Epoch: 0",
        b"Producer-Id: {unique}\r\nProducer-Epoch: 00\r\nProducer-Seq: 0",
        b"Producer-Id: {unique}\r\nProducer-Epoch: 0\r\nProducer-Seq: +0",
        b"Producer-Id: {unique}\r\nProducer-Epoch: 0\r\nProducer-Seq: \xb2",
        b"Producer-Id:\r\nProducer-Epoch: 0\r\nProducer-Seq: 0",
        b"Producer-Epoch: 0\r\nProducer-Seq: 0\r\nIdempotency-Key: {unique}",
        b"Idempotency_Key: {unique}",
        b"Idempotency-Key : {unique}",
    ]
)
CHUNKS = st.sampled_from(["one", "extended", "bytes", "upper"])
TRAILERS = st.sampled_from(
    [
        *([b""] * 3),
        b"X: y\r\n",
        b"Content-Type: text/plain\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Idempotency-Key: fromthetrailer\r\n",
        b"Authorization: Bearer x\r\n",
        b"Producer-Id: x\r\nProducer-Epoch: 0\r\nProducer-Seq: 7\r\n",
        b"Expect: 100-continue\r\n",
        b"X-Forwarded-For: 1.2.3.4\r\n",
    ]
)
_numbers = itertools.count()


class Odd(NamedTuple):
    """One request."""

    path: str
    query: str
    authorization: bytes
    lines: list[bytes]
    identity: bytes
    body: bytes
    chunks: str
    """How it is cut on the ordinary way."""
    trailers: bytes

    def lines_and_body(self, names: dict[str, str]) -> tuple[str, list[bytes], bytes]:
        """Give target, header lines and body with all *names* put in."""
        target = _named(self.path + self.query, names)
        lines = [self.authorization, *self.lines, self.identity]
        named = [_named(line.decode("latin-1"), names).encode("latin-1") for line in lines if line]
        body = self.body
        encodings = b" ".join(self.lines).lower()
        if b"encoding: gzip" in encodings or b"encoding:gzip" in encodings:
            body = gzip.compress(body, mtime=0)
        elif b"encoding: zstd" in encodings:
            body = zstandard.compress(body)
        return target, named, body

    def chunked(self, body: bytes) -> bytes:
        """Give *body* in chunks."""
        parts = [body] if self.chunks != "bytes" else [bytes([byte]) for byte in body]
        extension = b';a="b;c"' if self.chunks == "extended" else b""
        size = b"%X" if self.chunks == "upper" else b"%x"
        whole = [(size + b"%b\r\n%b\r\n") % (len(part), extension, part) for part in parts if part]
        return b"".join(whole) + b"0\r\n" + self.trailers + b"\r\n"


ODD = st.builds(
    Odd,
    PATHS,
    QUERIES,
    AUTHORIZATIONS,
    st.lists(LINES, max_size=3),
    IDENTITIES,
    BODIES,
    CHUNKS,
    TRAILERS,
)


def _named(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


class Places(NamedTuple):
    """What the odd requests are about."""

    plain: StreamUnderTest
    binary: StreamUnderTest
    view: str
    nobody: Api


@pytest.fixture(scope="module")
def places(api: Api) -> Places:
    plain = api.new_stream()
    binary = api.new_stream(schema(field("payload", "binary")))
    return Places(plain, binary, plain.view(), api.as_(None))


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(odd=st.lists(ODD, min_size=1, max_size=3), is_pipelined=st.booleans())
def test_odd_requests_have_the_same_result_through_both_doors(
    server: ServerProcess,
    places: Places,
    odd: list[Odd],
    is_pipelined: bool,  # noqa: FBT001 - made up
):
    found = []

    for door in Door:
        before = (places.plain.ends(), places.binary.ends())
        unique = f"unique{next(_numbers):09}"
        answers = _send(server, places, door, odd * 2, unique, is_pipelined=is_pipelined)
        grown = [
            after["0"] - earlier["0"]
            for earlier, after in zip(
                before, (places.plain.ends(), places.binary.ends()), strict=True
            )
        ]
        found.append(([_facts(answer, unique) for answer in answers], grown))

    assert found[0] == found[1]


def _send(
    server: ServerProcess,
    places: Places,
    door: Door,
    odd: Sequence[Odd],
    unique: str,
    *,
    is_pipelined: bool,
) -> list[Answer]:
    """Send all on one connection, at once or one by one; gives the answers until it is closed."""
    plain, binary, view, nobody = places
    names = {
        "{fast}": plain.fast,
        "{proxy}": plain.proxy,
        "{own}": f"/api/v1/streams/{plain.rid}/master/records",
        "{rid}": f"/api/v1/streams/{plain.rid}",
        "{view}": f"{plain.proxy.rpartition('/branches/')[0]}/views/{view}",
        "{binary}": binary.fast,
        "{viewRid}": view,
        "{token}": str(plain.api.token),
    }
    texts = []
    for position, one in enumerate(odd):
        # At once, a key that comes twice is in use or was used: that depends on the moment.
        names["{unique}"] = f"{unique}x{position}" if is_pipelined else unique
        target, lines, body = one.lines_and_body(names)
        framing, framed = b"Content-Length: %d" % len(body), body
        if door is Door.ORDINARY:
            framing, framed = b"Transfer-Encoding: chunked", one.chunked(body)
        texts.append(head(nobody, target, *lines, framing) + b"\r\n" + framed)
    answers: list[Answer] = []
    with Wire(server) as wire:
        if is_pipelined:
            wire.send(*texts)
        for text in texts:
            if not is_pipelined:
                wire.send(text)
            answer = wire.answer_if_any()
            if answer is None:
                break
            answers.append(answer)
            if answer.headers.get("connection") == "close":
                break
    return answers


def _facts(answer: Answer, unique: str) -> object:
    """Give all of an answer that does not differ from one request to the next."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    if not answer.body:
        return answer.status, headers
    body = json.loads(answer.body.replace(unique.encode(), b"unique"))
    del headers["content-length"]
    if answer.status == 200:
        return answer.status, headers, sorted(body), body.get("duplicate")
    del body["errorInstanceId"]
    return answer.status, headers, body
