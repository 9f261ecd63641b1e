"""The load generator, against servers that misbehave on purpose."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from sluiceway.load.alarm import Alarm
from sluiceway.load.counts import Counts
from sluiceway.load.disk import measure_fsync
from sluiceway.load.run import NO_CONNECTION, TIMED_OUT, UNANSWERED, Load, Target

REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(handle: Handler) -> AsyncIterator[Target]:
    """Listen, and let *handle* do with each connection what it likes."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    handling: set[asyncio.Task[None]] = set()
    server = await asyncio.start_server(
        lambda *streams: handling.add(asyncio.create_task(guarded(*streams))), "127.0.0.1", 0
    )
    try:
        yield Target(*server.sockets[0].getsockname())
    finally:
        server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)


def answering(answer: bytes = NO_CONTENT, seconds: float = 0.0) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readexactly(len(REQUEST))
            if seconds:
                await asyncio.sleep(seconds)
            writer.write(answer)

    return handle


async def measure(target: Target, seconds: float, **options: Any) -> Counts:
    chosen = {"connections": 4, "rate": 200, "timeout_seconds": 5} | options
    return await Load(target, [REQUEST], **chosen).run(seconds)


async def test_each_request_is_sent_once_and_none_before_it_is_due() -> None:
    arrived: list[float] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readexactly(len(REQUEST))
            arrived.append(time.perf_counter())
            writer.write(NO_CONTENT)

    async with served(handle) as target:
        # As many connections as requests, so that a slow machine leaves none unsent.
        counts = await measure(target, 0.5, connections=100)

    assert (counts.sent, counts.accepted, counts.unsent, counts.failures) == (100, 100, 0, {})
    assert len(arrived) == 100
    first = arrived[0]
    # The first one may come late itself, so others may come earlier after it.
    late = counts.delay.max_seconds + 0.05
    assert all(at - first >= number / 200 - late for number, at in enumerate(arrived))


async def test_what_waits_for_a_connection_counts_from_when_it_was_due() -> None:
    async with served(answering(seconds=0.1)) as target:
        counts = await measure(target, 0.5, connections=1, rate=100)

    # One answer each 100 ms, so of 50 requests five or so are sent, the last of these 0.4 s late.
    assert counts.sent + counts.unsent == 50
    assert 1 <= counts.sent <= 7
    assert counts.latency.count == 50
    median = counts.latency.percentile(50)
    assert median is not None
    assert median > 0.2
    fastest = counts.answering.percentile(1)
    assert fastest is not None
    assert 0.1 <= fastest < median
    # That is the server's time and not the load's own.
    assert counts.delay.count == counts.sent


async def test_a_closed_loop_sends_when_it_was_answered() -> None:
    async with served(answering(seconds=0.05)) as target:
        counts = await measure(target, 0.4, connections=2, rate=None)

    assert 2 <= counts.sent <= 18
    assert counts.accepted == counts.sent
    assert counts.unsent == 0


async def test_a_connection_may_have_several_requests_on_their_way() -> None:
    async with served(answering(seconds=0.05)) as target:
        load = Load(target, [REQUEST], connections=1, rate=None, timeout_seconds=5, in_flight_max=8)
        running = asyncio.create_task(load.run(0.2))
        await asyncio.sleep(0.1)
        on_their_way = load.in_flight
        counts = await running

    assert on_their_way == 8
    assert counts.accepted == counts.sent


async def test_a_request_without_an_answer_times_out_and_another_connection_is_opened() -> None:
    async with served(answering(seconds=3_600)) as target:
        counts = await measure(target, 2.2, connections=1, rate=2, timeout_seconds=0.5)

    # Looked at once a second.
    assert counts.failures[TIMED_OUT] >= 2
    assert counts.sent == counts.failed >= 2
    assert counts.latency.max_seconds >= 0.5


async def test_what_is_not_answered_after_the_end_is_given_up() -> None:
    async with served(answering(seconds=3_600)) as target:
        started = time.perf_counter()
        counts = await measure(target, 0.1, connections=3, rate=None, timeout_seconds=0.2)

    assert counts.failures == {UNANSWERED: 3}
    assert time.perf_counter() - started < 60


async def test_it_stops_when_it_is_told_to() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, stop.set)

    async with served(answering()) as target:
        load = Load(target, [REQUEST], connections=1, rate=100, timeout_seconds=5)
        counts = await load.run(3_600, stop)

    assert counts.sent == counts.accepted
    assert 0 < counts.sent + counts.unsent < 400


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 20\r\n\r\n" + b'{"errorName":"Busy"}', "503 Busy"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP answer"),
        (b"", "connection lost"),
    ],
)
async def test_connections_that_end_are_replaced(answer: bytes, failure: str) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(REQUEST))
        writer.write(answer)

    async with served(handle) as target:
        counts = await measure(target, 0.3, connections=1, rate=100)

    assert counts.sent > 1
    assert counts.failed == counts.sent
    assert {name.partition(":")[0] for name in counts.failures} <= {failure, "connection lost"}
    assert any(name.startswith(failure) for name in counts.failures)


async def test_an_answer_that_closes_is_the_last_of_its_connection() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(REQUEST))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    async with served(handle) as target:
        counts = await measure(target, 0.3, connections=2, rate=100)

    assert counts.accepted == counts.sent > 2
    assert counts.failures == {}


async def test_what_a_server_says_unasked_is_counted() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with served(handle) as target:
        counts = await measure(target, 0.3, connections=1, rate=1)

    assert counts.failures["503"] >= 1


async def test_a_server_that_goes_away_is_tried_again() -> None:
    async with served(answering()) as target:
        load = Load(target, [REQUEST], connections=2, rate=100, timeout_seconds=5)
        running = asyncio.create_task(load.run(0.5))
        await asyncio.sleep(0.1)
        load._target = Target("127.0.0.1", _closed_port())
        for connection in list(load._connections):
            connection.abort("cut")
        counts = await running

    assert counts.failures[NO_CONNECTION] >= 2
    assert counts.accepted > 0
    assert counts.unsent > 0


async def test_connections_that_cannot_be_opened_are_an_error() -> None:
    with pytest.raises(OSError, match="only 0 connections could be opened"):
        await measure(Target("127.0.0.1", _closed_port()), 1)


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_an_alarm_goes_off_when_it_is_set_to_and_once() -> None:
    async def ring() -> tuple[float, int]:
        rung: list[float] = []
        alarm = Alarm(asyncio.get_running_loop(), lambda: rung.append(time.perf_counter()))
        alarm.set(time.perf_counter() + 3_600)
        at = time.perf_counter() + 0.0105
        alarm.set(at)
        await asyncio.sleep(0.2)
        alarm.close()
        return rung[0] - at, len(rung)

    late, times = uvloop.run(ring())

    assert times == 1
    assert 0 <= late < 0.15


def test_measuring_the_disk_leaves_nothing_behind(tmp_path) -> None:
    found = measure_fsync(tmp_path, 0.05)

    assert found.count > 0
    assert found.percentile(50) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_cannot_be_measured(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        measure_fsync(tmp_path / "none")
