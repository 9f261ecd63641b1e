"""The server's life: starting, stopping, being refused, running out of room."""

import contextlib
import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.doors import Door, Wire, head, one, request
from fixtures.server import (
    ADMIN_PASSWORD,
    ServerProcess,
    clean_environment,
    sign_in,
    wait_until,
)

MIB = 1_048_576
TEXT = schema(field("text", "string"))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "sluiceway", *arguments],
        env=clean_environment() | {"SLUICEWAY_ADMIN_PASSWORD": ADMIN_PASSWORD} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Running:
    """A server of the test's own, and its administrator."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.api = Api(server.url, sign_in(server.url))

    def stream(self, known: StreamUnderTest) -> StreamUnderTest:
        """Give a stream that was made before a restart."""
        return StreamUnderTest(self.api, known.rid, known.branch)


@pytest.fixture
def start(own_server: ServerProcess) -> Iterator[Any]:
    """Start the server, again if need be, with settings as environment variables."""
    started: list[Running] = []

    def start_with(**settings: str) -> Running:
        own_server.environment = {f"SLUICEWAY_{name}": value for name, value in settings.items()}
        started.append(Running(own_server.start()))
        return started[-1]

    yield start_with
    for running in started:
        running.api.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_answers_what_is_in_flight_and_exits_0(
    start: Any, door: Door, number: signal.Signals
):
    running = start()
    stream = running.api.new_stream()
    text = request(running.api, f"{stream.fast}/publishRecord", one(1), door=door)

    with Wire(running.server) as begun, Wire(running.server) as idle:
        assert begun.send(text).answer().status == 204
        assert idle.send(text).answer().status == 204
        begun.send(text[:-5])
        time.sleep(0.1)
        running.server.send_signal(number)
        assert idle.is_ended()
        with pytest.raises(ConnectionRefusedError):
            Wire(running.server)
        answer = begun.send(text[-5:]).answer()
        assert answer.status == 204
        assert answer.headers["connection"] == "close"
        assert begun.is_ended()

    assert running.server.wait() == 0
    assert len(start().stream(stream).values()) == 3


def test_what_is_pipelined_when_the_server_stops_is_stored_if_and_only_if_it_is_answered(
    start: Any,
):
    running = start()
    stream = running.api.new_stream()
    path = f"{stream.fast}/publishRecord"
    answered = []

    with Wire(running.server) as wire:
        wire.send(*(request(running.api, path, one(number)) for number in range(2_000)))
        running.server.send_signal(signal.SIGTERM)
        while True:
            try:
                answer = wire.answer()
            except (AssertionError, ConnectionResetError):
                break
            answered.append(answer)

    assert running.server.wait() == 0
    assert {answer.status for answer in answered} <= {204}
    stored = start().stream(stream).values()
    assert [value["sensor_id"] for value in stored] == [str(n) for n in range(len(answered))]


def test_a_stop_between_two_requests_cuts_off_no_answer_that_is_under_way(start: Any):
    running = start()
    stream = running.api.new_stream()
    path = f"{stream.fast}/publishRecord"
    texts = [request(running.api, path, one(number)) for number in range(1_100)]

    with Wire(running.server) as wire:
        # So little is held for the client that most answers are still the server's to deliver.
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
        wire.send(*texts[:1_000])
        wait_until(lambda: stream.ends() == {"0": 1_000})
        running.server.send_signal(signal.SIGSTOP)
        # It finds these unread, all others answered, and that it is to stop.
        wire.send(*texts[1_000:])
        running.server.send_signal(signal.SIGTERM)
        time.sleep(0.15)
        running.server.send_signal(signal.SIGCONT)
        wait_until(lambda: _is_refused(running.server))
        answered = 0
        while answer := wire.answer_if_any():
            assert answer.status == 204
            answered += 1

    assert running.server.wait() == 0
    assert len(start().stream(stream).values()) == answered >= 1_000


def _is_refused(server: ServerProcess) -> bool:
    try:
        Wire(server).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_server_under_load_stops_without_losing_an_answer(start: Any):
    running = start()
    stream = running.api.new_stream()
    accepted, unclear = [0], [0]

    def publish(door: Door) -> None:
        own = stream.as_(Api(running.server.url, running.api.token))
        try:
            while door.publish(own, {"sensor_id": "a"}).is_success:
                accepted[0] += 1
        except httpx.ConnectError:
            pass
        except httpx.TransportError:
            unclear[0] += 1
        finally:
            own.api.close()

    threads = [threading.Thread(target=publish, args=(list(Door)[n % 2],)) for n in range(6)]
    for thread in threads:
        thread.start()
    while accepted[0] < 50:
        time.sleep(0.01)
    assert running.server.stop() == 0
    for thread in threads:
        thread.join()

    stored = len(start().stream(stream).values())
    assert accepted[0] <= stored <= accepted[0] + unclear[0]


def test_a_second_server_on_the_same_folder_is_refused(start: Any):
    running = start()

    second = run("serve", "--port", "0", "--data-dir", str(running.server.data_dir))

    assert second.returncode == 1
    assert "is in use by another server" in second.stderr
    assert str(running.server.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert running.api.get("/healthz").is_success


def test_a_port_that_is_taken_is_told(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        refused = run("serve", "--port", port, "--data-dir", str(tmp_path / "data"))

    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")

    refused = run("serve", "--port", "0", "--data-dir", str(tmp_path / "file" / "data"))

    assert refused.returncode == 1
    assert "cannot use the data folder" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"SLUICEWAY_INGEST__REQUEST_BYTE_MAX": "5"}, "request_byte_max"),
        ({"SLUICEWAY_NOTHING__AT_ALL": "5"}, "nothing"),
        ({"SLUICEWAY_PORT": "5"}, "SLUICEWAY_PORT is no setting"),
        ({"SLUICEWAY_SERVER__PORT": "http"}, "port"),
        ({"SLUICEWAY_SERVER__PORT": "65536"}, "server.port is 65536"),
        ({"SLUICEWAY_INGEST__RECORD_BYTES_MAX": "0"}, "ingest.record_bytes_max is 0"),
        ({"SLUICEWAY_SERVER__LOG_LEVEL": "loud"}, "server.log_level is 'loud'"),
    ],
)
def test_a_setting_that_is_unknown_or_wrong_stops_the_start(
    tmp_path: Path, settings: dict[str, str], reason: str
):
    data = tmp_path / "data"
    settings["SLUICEWAY_SERVER__DATA_DIR"] = str(data)

    refused = run("check" if "SERVER" in reason.upper() else "serve", **settings)

    assert refused.returncode == 1
    assert reason in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists()


def test_check_prints_the_settings_that_serve_would_use(tmp_path: Path):
    config = tmp_path / "sluiceway.toml"
    config.write_text("[server]\nport = 9000\nhost = '::1'\n[ingest]\nrequest_records_max = 5\n")

    printed = run("check", "--config", str(config), SLUICEWAY_SERVER__PORT="9001")

    assert (printed.returncode, printed.stderr) == (0, "")
    settings = json.loads(printed.stdout)
    assert settings["server"]["port"] == 9_001
    assert settings["server"]["host"] == "::1"
    assert settings["ingest"]["request_records_max"] == 5
    assert settings["streams"]["partitions_max"] == 256


@pytest.mark.parametrize("text", ["[server]\nprot = 1\n", "[server\n", "port = 5\n"])
def test_check_tells_what_is_wrong_with_a_file(tmp_path: Path, text: str):
    config = tmp_path / "sluiceway.toml"
    config.write_text(text)

    refused = run("check", "--config", str(config))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: ")
    assert "Traceback" not in refused.stderr


def test_what_was_stored_is_there_after_a_restart(start: Any):
    running = start()
    stream = running.api.new_stream(TEXT, partitionsCount=2, compressed=True)
    subscriber = f"{stream.fast}/subscribers/s/readRecords?preview=true"
    running.api.ok("POST", f"{stream.path}/subscribers?preview=true", json={"subscriberId": "s"})
    for number in range(10):
        assert stream.publish({"text": str(number)}).is_success
    read = running.api.ok("POST", subscriber, json={"limit": 4, "autoCommit": True})
    described, ends = stream.describe(), stream.ends()
    assert running.server.stop() == 0

    again = start().stream(stream)

    assert again.describe() == described
    assert again.ends() == ends
    rest = again.api.ok("POST", subscriber, json={"autoCommit": True})
    values = [
        one["value"]["text"]
        for reply in (read, rest)
        for records in reply["recordsByPartition"].values()
        for one in records
    ]
    assert sorted(values) == [str(number) for number in range(10)]


def test_a_server_may_have_more_files_open_than_a_shell_grants(start: Any):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        running = start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert resource.prlimit(running.server.pid, resource.RLIMIT_NOFILE) == (hard, hard)


def test_a_log_without_room_takes_no_writes_and_recovers_when_restarted(start: Any):
    running = start(LOG__SIZE_MAX_BYTES=str(2 * MIB))
    stream = running.api.new_stream(TEXT)
    accepted = 0
    while (answer := stream.publish({"text": f"{accepted:06}" + "x" * 100_000})).is_success:
        accepted += 1
        assert accepted < 100

    parameters = assert_error(answer, 503, "LogUnavailable")
    assert (parameters["retryable"], parameters["wroteNothing"]) == (True, True)
    assert int(answer.headers["retry-after"]) > 0
    for door in Door:
        refused = door.publish(stream, {"text": "small"})
        assert_error(refused, 503, "LogUnavailable")
    health = running.api.get("/healthz").json()
    ready = running.api.get("/readyz")
    assert health["status"] == "unavailable"
    assert "full" in health["log"]
    assert (ready.status_code, ready.json()["log"]) == (503, health["log"])
    assert "sluiceway_log_writable 0" in running.api.get("/metrics").text
    assert "full" in running.server.errors
    assert [value["text"][:6] for value in stream.values()] == [f"{n:06}" for n in range(accepted)]
    assert running.server.stop() == 0

    running = start(LOG__SIZE_MAX_BYTES=str(8 * MIB))
    stream = running.stream(stream)
    assert stream.publish({"text": "again"}).is_success

    assert running.api.get("/readyz").status_code == 200
    assert [value["text"][:6] for value in stream.values()] == [
        *(f"{n:06}" for n in range(accepted)),
        "again",
    ]


def test_a_server_with_too_much_in_flight_refuses_and_goes_on(start: Any, door: Door):
    running = start(
        INGEST__RECORD_BYTES_MAX="50000",
        INGEST__REQUEST_BYTES_MAX="100000",
        INGEST__INFLIGHT_BYTES_MAX="100000",
    )
    stream = running.api.new_stream()
    path = f"{stream.fast}/publishRecord"
    body = one(1).ljust(90_000)
    text = request(running.api, path, body, door=door)

    with Wire(running.server) as slow:
        slow.send(text[:-1])
        wait_until(lambda: _inflight(running.api) >= 80_000)
        refused = door.post(running.api, path, body)
        parameters = assert_error(refused, 503, "Default:Overloaded")
        assert (parameters["retryable"], parameters["wroteNothing"]) == (True, True)
        assert int(refused.headers["retry-after"]) > 0
        small = door.post(running.api, path, one(2))
        assert small.is_success
        assert slow.send(text[-1:]).answer().status == 204

    assert door.post(running.api, path, body).is_success
    assert _inflight(running.api) == 0
    assert [value["sensor_id"] for value in stream.values()] == ["2", "1", "1"]


def _inflight(api: Api) -> float:
    lines = api.get("/metrics").text.splitlines()
    (line,) = [line for line in lines if line.startswith("sluiceway_inflight_bytes ")]
    return float(line.split()[1])


def test_bodies_that_were_cut_short_are_not_in_flight_for_ever(start: Any, door: Door):
    running = start()
    stream = running.api.new_stream()
    text = request(running.api, f"{stream.fast}/publishRecord", b" " * MIB, door=door)

    for _ in range(5):
        with Wire(running.server) as wire:
            wire.send(text[: MIB // 2])
            wait_until(lambda: _inflight(running.api) > 0)
        wait_until(lambda: _inflight(running.api) == 0)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that waits for a client for only one second."""
    settings = {
        "SLUICEWAY_SERVER__STALL_SECONDS": "1",
        "SLUICEWAY_SERVER__ANSWER_STALL_SECONDS": "1",
    }
    running = Running(ServerProcess(tmp_path_factory.mktemp("impatient"), settings).start())
    yield running
    running.api.close()
    assert running.server.stop() == 0


@pytest.mark.parametrize("part", [20, 200, -1])
def test_a_client_that_stalls_in_a_request_is_let_go(impatient: Running, door: Door, part: int):
    stream = impatient.api.new_stream()
    text = request(impatient.api, f"{stream.fast}/publishRecord", one(1), door=door)

    with Wire(impatient.server) as wire:
        wire.send(text).answer()
        started = time.monotonic()
        wire.send(text[:part])
        assert wire.is_ended()

    assert time.monotonic() - started > 0.9
    assert len(stream.values()) == 1


def test_a_client_that_goes_on_slowly_is_not_let_go(impatient: Running, door: Door):
    stream = impatient.api.new_stream()
    text = request(impatient.api, f"{stream.fast}/publishRecord", one(1), door=door)

    with Wire(impatient.server) as wire:
        for begin in range(0, len(text), len(text) // 4):
            wire.send(text[begin : begin + len(text) // 4])
            time.sleep(0.5)
        assert wire.answer().status == 204


def _large_answer(running: Running) -> tuple[bytes, int]:
    """Store what does not fit between server and client; give the request for it, and its size."""
    stream = running.api.new_stream(TEXT)
    for _ in range(10):
        assert stream.publish({"text": "x" * 1_000_000}).is_success
    path = f"{stream.fast}/getRecords"
    asked = {"partitionId": "0", "limit": 10, "preview": "true"}
    size = len(running.api.get(path, params=asked).content)
    assert size > 10_000_000
    query = urlencode(asked)
    return head(running.api, f"{path}?{query}", method=b"GET") + b"\r\n", size


def _narrow_wire(running: Running) -> Wire:
    wire = Wire(running.server)
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    return wire


def test_a_client_that_does_not_take_its_answer_is_let_go(impatient: Running):
    asked, size = _large_answer(impatient)

    with _narrow_wire(impatient) as wire:
        wire.send(asked)
        wait_until(lambda: 'reason="slow_answer"} 1.0' in impatient.api.get("/metrics").text)
        taken = 0
        with contextlib.suppress(ConnectionResetError):
            while data := wire.socket.recv(1 << 20):
                taken += len(data)

    assert taken < size


def test_a_client_that_takes_its_answer_slowly_gets_all_of_it(impatient: Running):
    asked, size = _large_answer(impatient)

    with _narrow_wire(impatient) as wire:
        wire.send(asked)
        taken = 0
        for _ in range(10):
            taken += len(wire.socket.recv(100_000))
            time.sleep(0.25)
        while taken < size:
            data = wire.socket.recv(1 << 20)
            assert data, f"cut after {taken} of {size} bytes"
            taken += len(data)


def test_a_body_that_waits_to_be_asked_for_is_not_read_from_who_may_not_send_it(start: Any):
    running = start()
    path = f"{running.api.new_stream().fast}/publishRecord"
    lines = (b"Expect: 100-continue", b"Content-Length: 100")

    with Wire(running.server) as wire:
        wire.send(head(running.api.as_(None), path, *lines), b"\r\n")

        assert wire.socket.recv(100).startswith(b"HTTP/1.1 401 ")
