"""What a real server holds of bodies, over all connections: no more than it is told."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.api import Api, assert_error
from fixtures.doors import Wire, head, one, request
from fixtures.server import ADMIN_PASSWORD, ServerProcess, sign_in, wait_until
from sluiceway.access.tokens.wire import SIGN_IN_BYTES_MAX

BODY, BODIES = 60_000, 100_000
SIGN_IN = {"username": "admin", "password": ADMIN_PASSWORD}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {
        "SLUICEWAY_SERVER__BODY_BYTES_MAX": str(BODY),
        "SLUICEWAY_SERVER__BODIES_BYTES_MAX": str(BODIES),
        "SLUICEWAY_LOG__QUEUE_BYTES_MAX": "4096",
    }
    process = ServerProcess(tmp_path_factory.mktemp("narrow"), settings).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors
    assert process.errors == ""


@pytest.fixture
def admin(narrow: ServerProcess) -> Iterator[Api]:
    with contextlib.closing(Api(narrow.url, sign_in(narrow.url))) as api:
        yield api


def searched(size: int) -> bytes:
    query = {"where": {"type": "queryString", "value": "a"}}
    return json.dumps(query).encode().ljust(size)


def test_bodies_of_all_connections_together_are_bounded(narrow: ServerProcess, admin: Api):
    path, size = "/api/v2/admin/users/search", BODIES * 4 // 10
    begun = head(admin, path, b"Content-Length: %d" % size) + b"\r\n"
    wanted = searched(size)

    with Wire(narrow) as first, Wire(narrow) as second:
        for wire in (first, second):
            wire.send(begun, wanted[:-1])

        refused = wait_until(
            lambda: (
                answer if (answer := admin.post(path, content=wanted)).status_code != 200 else None
            )
        )
        parameters = assert_error(refused, 503, "Default:Overloaded")
        small = admin.post(path, content=searched(100))

        assert (parameters["what"], parameters["wroteNothing"]) == ("bytes in flight", True)
        assert int(refused.headers["retry-after"]) > 0
        assert small.status_code == 200
        for wire in (first, second):
            assert wire.send(wanted[-1:]).answer().status == 200

    assert admin.post(path, content=wanted).status_code == 200


def test_bodies_that_were_cut_short_are_let_go(narrow: ServerProcess, admin: Api):
    path, size = "/api/v2/admin/users/search", BODY
    begun = head(admin, path, b"Content-Length: %d" % size) + b"\r\n"

    for _ in range(5):
        with Wire(narrow) as wire:
            wire.send(begun, searched(size)[:-1])

    wait_until(lambda: admin.post(path, content=searched(size)).status_code == 200)


@pytest.mark.parametrize("path", ["/multipass/api/sessions", "/api/v1/session"])
def test_a_sign_in_may_be_so_large_and_no_larger(narrow: ServerProcess, path: str):
    with contextlib.closing(Api(narrow.url, None)) as nobody:
        headers = {"Content-Type": "application/json"}
        fits = json.dumps(SIGN_IN).encode().ljust(SIGN_IN_BYTES_MAX)

        taken = nobody.post(path, content=fits, headers=headers)
        refused = nobody.post(path, content=fits + b" ", headers=headers)

    assert taken.status_code == 200
    parameters = assert_error(refused, 413, "Default:RequestEntityTooLarge")
    assert parameters["bytesMax"] == SIGN_IN_BYTES_MAX


def test_a_publish_may_be_larger_than_the_bodies_of_other_calls(admin: Api):
    stream = admin.new_stream()
    body = json.dumps({"record": {"sensor_id": "a"}}).encode().ljust(BODIES * 2)

    for content in (body, iter([body[:-1], body[-1:]])):
        answer = admin.post(f"{stream.fast}/publishRecord", content=content)
        assert answer.status_code == 204, answer.text


def most_memory(server: ServerProcess) -> int:
    """Give the most bytes that the server ever had in memory."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def inflight_bytes(api: Api) -> float:
    metrics = api.get("/metrics").text
    return float(metrics.rpartition("\nsluiceway_inflight_bytes ")[2].split()[0])


def test_what_is_refused_is_not_held(own_server: ServerProcess):
    size, requests = 250_000, 400
    own_server.environment = {
        "SLUICEWAY_INGEST__RECORD_BYTES_MAX": "1000",
        "SLUICEWAY_INGEST__REQUEST_BYTES_MAX": str(size + 1_000),
        "SLUICEWAY_INGEST__INFLIGHT_BYTES_MAX": str(size + 1_000),
    }
    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as api:
        stream = api.new_stream()
        assert stream.publish({"sensor_id": "a"}).is_success
        path, body = f"{stream.fast}/publishRecord", one(1).ljust(size)
        text = request(api, path, body)
        with Wire(own_server) as slow, Wire(own_server) as wire:
            slow.send(text[:-1])
            wait_until(lambda: inflight_bytes(api) >= size)
            assert api.post(path, content=body).status_code == 503
            before = most_memory(own_server)

            for _ in range(requests):
                assert wire.send(text).answer().status == 503

            assert most_memory(own_server) - before < requests * size // 10
            assert slow.send(text[-1:]).answer().status == 204


def test_what_is_to_be_sent_again_leaves_no_line_in_the_log(narrow: ServerProcess, admin: Api):
    stream = admin.new_stream()
    text = (
        head(admin, f"{stream.fast}/publishRecord", b"Content-Length: 3000")
        + b"\r\n"
        + json.dumps({"record": {"sensor_id": "a" * 2_900}}).encode().ljust(3_000)
    )
    with Wire(narrow) as wire:
        assert wire.send(text).answer().status == 204
        wire.send(text * 20)
        statuses = [wire.answer().status for _ in range(20)]

    assert set(statuses) == {204, 503}
    assert len(stream.values()) == 1 + statuses.count(204)
    assert narrow.errors == ""
