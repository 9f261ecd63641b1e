"""A real server whose disk is stuck: publishers wait unread, or are refused before they are decoded."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.doors import Door, Wire, request
from fixtures.server import ServerProcess, sign_in, wait_until
from sluiceway.ingest.admission import REQUEST_BYTES

QUEUE, SIZE = 65_536, 20_000
"""Two requests are more than half of what may wait, and three are no more than all of it."""
STICKING = """
import os, sqlite3, time
sync, connect = os.fdatasync, sqlite3.connect
def stick(name):
    while os.path.exists(os.environ[name]):
        time.sleep(0.005)
def stick_and_sync(descriptor):
    stick("STUCK")
    sync(descriptor)
def connect_sticking(file, *args, **more):
    made = connect(file, *args, **more)
    if "sluiceway.db" in str(file):  # The log has a file of its own.
        made.set_trace_callback(lambda statement: stick("STUCK_DATABASE"))
    return made
os.fdatasync, sqlite3.connect = stick_and_sync, connect_sticking
"""


class StickingServer(ServerProcess):
    """Syncs no segment while the file `stuck` is there, and looks nothing up while the other is."""

    def __init__(self, folder: Path, hold_seconds: int, workers: int) -> None:
        self.stuck = folder / "stuck"
        self.stuck_database = folder / "stuck_database"
        settings = {
            "SLUICEWAY_LOG__QUEUE_BYTES_MAX": str(QUEUE),
            "SLUICEWAY_INGEST__HOLD_SECONDS": str(hold_seconds),
            "SLUICEWAY_SERVER__WORKERS": str(workers),
            "PYTHONPATH": str(folder),
            "STUCK": str(self.stuck),
            "STUCK_DATABASE": str(self.stuck_database),
        }
        (folder / "sitecustomize.py").write_text(STICKING)
        super().__init__(folder / "data", settings)

    @contextlib.contextmanager
    def sticking(self) -> Iterator[None]:
        self.stuck.touch()
        try:
            yield
        finally:
            self.stuck.unlink(missing_ok=True)
            self.stuck_database.unlink(missing_ok=True)


@contextlib.contextmanager
def sticking_server(
    folder: Path, hold_seconds: int, workers: int = 1
) -> Iterator[tuple[StickingServer, Api]]:
    server = StickingServer(folder, hold_seconds, workers)
    server.start()
    try:
        with contextlib.closing(Api(server.url, sign_in(server.url))) as api:
            yield server, api
        assert server.stop() == 0
        assert "Traceback" not in server.errors, server.errors
    finally:
        server.kill()  # Nothing, unless a test has failed.


@pytest.fixture(scope="module")
def patient(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[StickingServer, Api]]:
    """A server that lets publishers wait for longer than any test."""
    with sticking_server(tmp_path_factory.mktemp("patient"), 600) as made:
        yield made


@pytest.fixture(scope="module")
def curt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StickingServer, Api]]:
    """A server that lets publishers wait for a second."""
    with sticking_server(tmp_path_factory.mktemp("curt"), 1) as made:
        yield made


def gauge(api: Api, name: str) -> float:
    lines = api.get("/metrics").text.splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name} ")]
    return float(line.split()[1])


def held(api: Api, count: int) -> None:
    wait_until(lambda: gauge(api, "sluiceway_publishers_held") == count)


def publish(stream: StreamUnderTest, name: str, door: Door = Door.FAST, size: int = SIZE) -> bytes:
    body = json.dumps({"record": {"sensor_id": name.ljust(size)}}).encode()
    return request(stream.api, f"{stream.fast}/publishRecord", body, door=door)


def names(stream: StreamUnderTest) -> list[str]:
    return [value["sensor_id"].strip() for value in stream.values()]


@contextlib.contextmanager
def full(
    server: StickingServer, stream: StreamUnderTest, door: Door = Door.FAST, size: int = SIZE
) -> Iterator[list[Wire]]:
    """Let two requests wait for the stuck disk; at the fast door the second connection is held."""
    with server.sticking(), Wire(server) as first, Wire(server) as second:
        first.send(publish(stream, "first", door))
        wait_until(lambda: gauge(stream.api, "sluiceway_queued_bytes") > SIZE)
        second.send(publish(stream, "second", door, size))
        wait_until(lambda: gauge(stream.api, "sluiceway_queued_bytes") > SIZE + size)
        yield [first, second]


def test_who_publishes_more_than_the_disk_takes_waits_and_is_not_refused(
    patient: tuple[StickingServer, Api], door: Door
):
    server, api = patient
    stream = api.new_stream()
    with Wire(server) as third, full(server, stream) as (_, second):
        held(api, 1)
        third.send(publish(stream, "third", door))
        held(api, 2)
        # More than may wait in the log: whoever read them would have to refuse them.
        second.send(publish(stream, "fourth", door))
        third.send(publish(stream, "fifth", door))

        with Wire(server) as reader:  # Who only reads does not wait.
            asked = b"GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n"
            assert reader.send(asked).answer().status == 200
        held(api, 2)
        assert gauge(api, "sluiceway_queued_bytes") <= QUEUE
        server.stuck.unlink()

        assert [third.answer().status for _ in range(2)] == [204, 204]
        assert [second.answer().status for _ in range(2)] == [204, 204]

    held(api, 0)
    found = names(stream)
    assert sorted(found) == ["fifth", "first", "fourth", "second", "third"]
    assert found.index("second") < found.index("fourth")
    assert found.index("third") < found.index("fifth")


def test_a_client_that_left_while_it_was_held_is_forgotten(
    patient: tuple[StickingServer, Api], door: Door
):
    server, api = patient
    stream = api.new_stream()
    with full(server, stream), Wire(server) as third:
        third.send(publish(stream, "third", door))
        held(api, 2)
    held(api, 0)

    assert stream.publish({"sensor_id": "later"}).is_success


def test_who_has_waited_is_refused_and_nothing_of_it_is_decoded(
    curt: tuple[StickingServer, Api], door: Door
):
    server, api = curt
    stream = api.new_stream()
    bad = json.dumps({"record": {"sensor_id": 1}}).encode()
    path = f"{stream.fast}/publishRecord"
    with full(server, stream, size=40_000):
        refused = door.post(api, path, bad.ljust(SIZE))
        taken = door.post(api, path, bad)

    parameters = assert_error(refused, 503, "LogBusy")
    assert (parameters["retryable"], parameters["wroteNothing"]) == (True, True)
    assert int(refused.headers["retry-after"]) > 0
    assert_error(taken, 400, "RecordDoesNotMatchStreamSchema")
    wait_until(lambda: names(stream) == ["first", "second"])
    wait_until(lambda: door.post(api, path, publish_body("again")).status_code == 204)


def test_nothing_more_is_read_from_who_has_a_request_that_waits_for_what_is_looked_up(
    patient: tuple[StickingServer, Api],
):
    server, api = patient
    stream = api.new_stream()
    assert stream.publish({"sensor_id": "before"}).is_success
    with server.sticking(), Wire(server) as wire:
        wire.send(publish(stream, "first", size=0))
        wait_until(lambda: gauge(api, "sluiceway_queued_bytes") > 0)
        api.new_project()  # With a change all is looked up anew.
        server.stuck_database.touch()
        wire.send(publish(stream, "second"))
        whole = SIZE + 2 * REQUEST_BYTES
        wait_until(lambda: gauge(api, "sluiceway_inflight_bytes") > whole)
        wire.send(publish(stream, "third"))
        server.stuck.unlink()
        assert wire.answer().status == 204

        # Had it been read with that answer, it would have been before this was asked.
        assert SIZE < gauge(api, "sluiceway_inflight_bytes") < 2 * SIZE
        server.stuck_database.unlink()
        assert [wire.answer().status for _ in range(2)] == [204, 204]
    assert names(stream) == ["before", "first", "second", "third"]


def test_a_connection_that_a_worker_passed_on_waits_like_any_other(tmp_path: Path):
    with sticking_server(tmp_path, 600, workers=2) as (server, api):
        stream = api.new_stream()
        # The ordinary door is that of the process that has the log.
        with Wire(server) as third, full(server, stream, Door.ORDINARY):
            third.send(publish(stream, "third", size=0), publish(stream, "fourth", size=0))
            held(api, 1)
            queued = gauge(api, "sluiceway_queued_bytes")
            third.send(publish(stream, "fifth"), publish(stream, "sixth"))

            # Had it been read, it would have been before this was asked.
            assert gauge(api, "sluiceway_queued_bytes") < queued + SIZE
            server.stuck.unlink()
            assert [third.answer().status for _ in range(4)] == [204] * 4

        found = names(stream)
        assert found.index("first") < found.index("second")
        in_order = [name for name in found if name not in {"first", "second"}]
        assert in_order == ["third", "fourth", "fifth", "sixth"]


def publish_body(name: str) -> bytes:
    return json.dumps({"record": {"sensor_id": name}}).encode()
