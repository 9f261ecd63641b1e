"""Both doors give the same answers and store the same records: odd requests, made up, and limits."""

import contextlib
import json
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.doors import Answer, Door, Wire, one, request
from fixtures.server import ServerProcess, sign_in

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
        b"Accept: text/html",
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
_TELLING_HEADERS = (
    "www-authenticate",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "qos-due-to",
    "qos-retry-hint",
)


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
@given(
    path=PATHS,
    query=QUERIES,
    authorization=AUTHORIZATIONS,
    lines=st.lists(LINES, max_size=3),
    body=BODIES,
)
def test_odd_requests_have_the_same_result_through_both_doors(
    server: ServerProcess,
    places: Places,
    path: str,
    query: str,
    authorization: bytes,
    lines: list[bytes],
    body: bytes,
):
    plain, binary, view, nobody = places
    names = {
        "{fast}": plain.fast,
        "{proxy}": plain.proxy,
        "{view}": f"{plain.proxy.rpartition('/branches/')[0]}/views/{view}",
        "{binary}": binary.fast,
        "{viewRid}": view,
        "{token}": str(plain.api.token),
    }
    target, authorized = path + query, authorization.decode("latin-1")
    for name, value in names.items():
        target, authorized = target.replace(name, value), authorized.replace(name, value)
    found = []

    for door in Door:
        before = (plain.ends(), binary.ends())
        text = request(nobody, target, body, authorized.encode("latin-1"), *lines, door=door)
        with Wire(server) as wire:
            answer = wire.send(text).answer()
        grown = [
            after["0"] - earlier["0"]
            for earlier, after in zip(before, (plain.ends(), binary.ends()), strict=True)
        ]
        found.append((answer.status, _facts(answer), grown))

    assert found[0] == found[1], (target, authorization, lines, body)


def _facts(answer: Answer) -> object:
    """Give all of an answer that does not differ from one request to the next."""
    if answer.status == 204:
        return None
    body = json.loads(answer.body)
    if answer.status == 200:
        return sorted(body)
    del body["errorInstanceId"]
    return body, {name: answer.headers.get(name) for name in _TELLING_HEADERS}


def test_at_a_limit_both_doors_give_the_same_answer(own_server: ServerProcess):
    own_server.environment = {
        "SLUICEWAY_LIMITS__USER_REQUESTS_PER_MINUTE_MAX": "2",
        "SLUICEWAY_LIMITS__STREAM_CONCURRENT_REQUESTS_MAX": "1",
    }
    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as admin:
        stream = admin.new_stream()
        path = f"{stream.fast}/publishRecord"
        found = []

        for door in Door:
            user_id, own = admin.new_user()
            admin.grant(stream.rid, user_id, "editor")
            with Wire(own_server) as wire:
                answers = [
                    wire.send(request(own, path, body, door=door)).answer()
                    for body in (one(1), b"{}", one(2), one(3))
                ]
            found.append([(answer.status, _facts(answer)) for answer in answers])

    assert [status for status, _ in found[0]] == [204, 400, 429, 429]
    assert found[0] == found[1]
