"""Connections of a real server: how many there may be, and how slow their clients."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.doors import Door, Wire, head, one, request
from fixtures.server import ServerProcess, sign_in, wait_until
from sluiceway.ingest.open_connections import TURNED_AWAY_MAX

STALL, HEAD, KEEP_ALIVE, RATE = 1, 2, 3, 1_000


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that waits for nobody for long."""
    settings = {
        "SLUICEWAY_SERVER__STALL_SECONDS": str(STALL),
        "SLUICEWAY_SERVER__HEAD_SECONDS": str(HEAD),
        "SLUICEWAY_SERVER__KEEP_ALIVE_SECONDS": str(KEEP_ALIVE),
        "SLUICEWAY_SERVER__BODY_BYTES_PER_SECOND_MIN": str(RATE),
    }
    process = ServerProcess(tmp_path_factory.mktemp("impatient"), settings).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture
def slow(impatient: ServerProcess) -> Iterator[StreamUnderTest]:
    """A stream on it."""
    with contextlib.closing(Api(impatient.url, sign_in(impatient.url))) as api:
        yield api.new_stream()


def seconds_until_closed(wire: Wire, send: Callable[[], object], pause: float) -> float:
    """Send something again and again; give after how long the server had closed.

    The limits that the server has unless it is told otherwise are all longer than we wait.
    """
    started = time.monotonic()
    wire.socket.settimeout(pause)
    while time.monotonic() - started < 15:
        try:
            send()
            if wire.socket.recv(1_000) == b"":
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    else:
        pytest.fail("the server did not close")
    return time.monotonic() - started


def cut(api: Api, reason: str) -> float:
    line = f'sluiceway_connections_cut_total{{reason="{reason}"}} '
    found = [one for one in api.get("/metrics").text.splitlines() if one.startswith(line)]
    return float(found[0].rpartition(" ")[2]) if found else 0


def test_a_head_that_never_ends_is_not_waited_for(impatient: ServerProcess, slow: StreamUnderTest):
    before = cut(slow.api, "slow_head")
    with Wire(impatient) as wire:
        wire.send(head(slow.api, f"{slow.fast}/publishRecord"))

        seconds = seconds_until_closed(wire, lambda: wire.send(b"X: y\r\n"), 0.2)

    assert seconds > HEAD - 0.2
    assert cut(slow.api, "slow_head") == before + 1


def test_a_head_that_takes_less_than_its_time_is_taken(
    impatient: ServerProcess, slow: StreamUnderTest, door: Door
):
    text = request(slow.api, f"{slow.fast}/publishRecord", one(1), door=door)
    end = text.index(b"\r\n\r\n")

    with Wire(impatient) as wire:
        for start in range(0, end, end // 6 + 1):
            wire.send(text[start : min(start + end // 6 + 1, end)])
            time.sleep(0.25)
        assert wire.send(text[end:]).answer().status == 204


def dribbled(stream: StreamUnderTest, door: Door, size: int) -> bytes:
    body = one(1).ljust(size)
    return request(stream.api, f"{stream.fast}/publishRecord", body, door=door)


def test_a_body_below_the_least_rate_is_not_waited_for(
    impatient: ServerProcess, slow: StreamUnderTest, door: Door
):
    text = dribbled(slow, door, 1_000_000)
    before = cut(slow.api, "slow_body")
    with Wire(impatient) as wire:
        wire.send(text[:500])

        seconds = seconds_until_closed(wire, lambda: wire.send(b" " * (RATE // 20)), 0.1)

    assert seconds > STALL - 0.2
    assert cut(slow.api, "slow_body") == before + 1
    assert slow.values() == []


def test_a_body_above_the_least_rate_is_taken_however_long_it_takes(
    impatient: ServerProcess, slow: StreamUnderTest, door: Door
):
    text = dribbled(slow, door, 5 * RATE * STALL)
    started = time.monotonic()

    with Wire(impatient) as wire:
        for start in range(0, len(text), RATE // 5):
            wire.send(text[start : start + RATE // 5])
            time.sleep(0.1)
        assert wire.answer().status == 204

    assert time.monotonic() - started > 2 * STALL


def test_the_rest_of_a_body_that_was_answered_early_is_not_waited_for(
    impatient: ServerProcess, slow: StreamUnderTest
):
    with Wire(impatient) as wire:
        wire.send(head(slow.api, "/nowhere", b"Content-Length: 100000000"), b"\r\n")
        assert wire.answer().status == 404

        assert seconds_until_closed(wire, lambda: wire.send(b" "), 0.2)


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["nothing", "empty lines"])
def test_a_connection_without_a_request_is_closed(impatient: ServerProcess, sent: bytes):
    with Wire(impatient) as wire:
        seconds = seconds_until_closed(wire, lambda: wire.send(sent), 0.3)

    assert seconds > KEEP_ALIVE - 0.2


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["nothing", "empty lines"])
def test_a_connection_without_a_further_request_is_closed(
    impatient: ServerProcess, slow: StreamUnderTest, door: Door, sent: bytes
):
    with Wire(impatient) as wire:
        text = request(slow.api, f"{slow.fast}/publishRecord", one(1), door=door)
        assert wire.send(text).answer().status == 204

        seconds = seconds_until_closed(wire, lambda: wire.send(sent), 0.3)

    assert seconds > KEEP_ALIVE - 0.2


class Few:
    """A server that takes three connections, and a stream on it; nobody is connected."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        with contextlib.closing(Api(server.url, sign_in(server.url))) as api:
            self.token, stream = api.token, api.new_stream()
        self.api = Api(server.url, self.token)
        self.text = request(self.api, f"{stream.fast}/publishRecord", one(1))

    def is_served(self, wire: Wire) -> bool:
        return wire.send(self.text).answer().status == 204


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Few]:
    settings = {"SLUICEWAY_SERVER__CONNECTIONS_MAX": "3"}
    process = ServerProcess(tmp_path_factory.mktemp("few"), settings).start()
    made = Few(process)
    yield made
    made.api.close()
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


def test_one_connection_too_many_is_told_so_and_closed(few: Few):
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(few.server)) for _ in range(3)]
        assert all(few.is_served(wire) for wire in wires)

        with Wire(few.server) as refused:
            answer = refused.answer()
            assert refused.is_ended()

        assert (answer.status, answer.error) == (503, "Default:Overloaded")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["connection"] == "close"
        assert json.loads(answer.body)["parameters"]["what"] == "connections"
        assert all(few.is_served(wire) for wire in wires)


def test_a_client_that_sends_its_request_at_once_gets_the_answer_too(few: Few):
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(Wire(few.server))

        refused = httpx.get(f"{few.server.url}/healthz")

    assert_error(refused, 503, "Default:Overloaded")


def test_a_connection_that_is_closed_makes_room_for_another(few: Few):
    with contextlib.ExitStack() as stack:
        first, *_ = [stack.enter_context(Wire(few.server)) for _ in range(3)]
        with Wire(few.server) as refused:
            assert refused.answer().status == 503
            first.close()

            def is_there_room() -> bool:
                with Wire(few.server) as wire:
                    return few.is_served(wire)

            wait_until(is_there_room)


def test_a_crowd_that_is_turned_away_does_not_disturb_those_who_are_served(few: Few):
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(few.server)) for _ in range(3)]
        assert all(few.is_served(wire) for wire in wires)

        crowd = [stack.enter_context(Wire(few.server)) for _ in range(TURNED_AWAY_MAX + 50)]
        told = sum(_is_told(one) for one in crowd)

        assert told <= TURNED_AWAY_MAX
        assert told > TURNED_AWAY_MAX // 2
        assert all(few.is_served(wire) for wire in wires)
    wait_until(lambda: "sluiceway_connections 1.0" in httpx.get(f"{few.server.url}/metrics").text)


def _is_told(wire: Wire) -> bool:
    try:
        return wire.socket.recv(12) == b"HTTP/1.1 503"
    except ConnectionResetError:
        return False
