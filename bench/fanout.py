"""How long a record takes from being published to reaching each of many who watch its stream.

So many subscribers of one stream receive so many records per second, each published alone. What is
measured is from the moment at which the publish is sent to the moment at which each subscriber has
the record in hand, so it holds the sync of the disk. In the same run: a bare asyncio server that
writes the same bytes to as many connections and stores nothing, and Redis' PUBLISH where Redis is
installed, which does not store either. All are read in the same way, which is cheap enough that it is
the servers that are measured. What the machine has for them differs from run to run, so the processor
time for each event that was delivered stands beside.

    python bench/fanout.py [--subscribers 1000] [--rate 50] [--seconds 10] [--folder DIR]
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import select
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import uvloop

from harness import (
    HERE,
    LOAD_CORE,
    Server,
    free_port,
    measure_fsync,
    running,
    serving,
    tell,
    wait_for,
)

STAMP = re.compile(rb"at-(\d+)-")
"""The time at which a record was sent, in nanoseconds, wherever it stands in what is received."""
SETTLE_SECONDS = 1.0
WARM_SECONDS = 1
"""How long the same is published before it is measured: what is done once is not the question."""
CONNECT_AT_ONCE = 50
RECEIVE_BYTES = 65_536

Publish = Callable[[str], Awaitable[None]]


class Subscribers:
    """Many connections that ask once, and then are read without a word.

    asyncio has a turn of Python for each chunk of each connection, which is more than most servers
    have for writing it: then it would be the receiver that is measured. So these are plain sockets,
    and the loop is told once of all that have something. Ages are worked out afterwards.
    """

    def __init__(self, port: int, request: bytes) -> None:
        self.address = ("127.0.0.1", port)
        self.request = request
        self.received: list[tuple[int, bytes]] = []
        """What came, and when, on the clock of `time.perf_counter_ns`."""
        self._receive: dict[int, Callable[[int], bytes]] = {}
        self._sockets: list[socket.socket] = []
        self._ready = select.epoll()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._ready.fileno(), self._read)

    async def connect(self, count: int) -> None:
        """Connect so many, each of which has had something then."""
        for first in range(0, count, CONNECT_AT_ONCE):
            at_once = range(first, min(first + CONNECT_AT_ONCE, count))
            await asyncio.gather(*(self._connect() for _ in at_once))

    async def _connect(self) -> None:
        one = socket.socket()
        self._sockets.append(one)
        one.setblocking(False)
        await self._loop.sock_connect(one, self.address)
        await self._loop.sock_sendall(one, self.request)
        await self._loop.sock_recv(one, RECEIVE_BYTES)
        self._receive[one.fileno()] = one.recv
        self._ready.register(one.fileno(), select.EPOLLIN)

    def _read(self) -> None:
        receive, note, now = self._receive, self.received.append, time.perf_counter_ns
        for descriptor, _ in self._ready.poll(0):
            data = receive[descriptor](RECEIVE_BYTES)
            note((now(), data))

    def waits(self) -> list[float]:
        """Give how old each record was when it came, in milliseconds, the youngest first."""
        return sorted(
            (at - int(sent)) / 1e6 for at, data in self.received for sent in STAMP.findall(data)
        )

    def forget(self) -> None:
        """Let go of what came so far."""
        self.received.clear()

    def close(self) -> None:
        """Cut all connections."""
        self._loop.remove_reader(self._ready.fileno())
        self._ready.close()
        for one in self._sockets:
            one.close()


async def measure(
    port: int, request: bytes, publish: Publish, options: argparse.Namespace, server: int
) -> dict[str, object]:
    """Connect the subscribers, publish at the rate, and sum up; *server* is its process id."""
    subscribers = Subscribers(port, request)
    await subscribers.connect(options.subscribers)
    await asyncio.sleep(SETTLE_SECONDS)
    await _publish(publish, options.rate, options.rate * WARM_SECONDS)
    subscribers.forget()
    count = options.rate * options.seconds
    cpu, mine = cpu_seconds(server), time.process_time()
    await _publish(publish, options.rate, count)
    cpu, mine = cpu_seconds(server) - cpu, time.process_time() - mine
    subscribers.close()
    waits = subscribers.waits()
    expected = count * options.subscribers
    return {
        "subscribers": options.subscribers,
        "events_per_second": options.rate,
        "expected": expected,
        "received": len(waits),
        "p50_ms": round(waits[len(waits) // 2], 2) if waits else None,
        "p99_ms": round(waits[len(waits) * 99 // 100], 2) if waits else None,
        "most_ms": round(waits[-1], 2) if waits else None,
        "server_cpu_us_per_event": round(cpu / expected * 1e6, 2),
        "receiver_cpu_us_per_event": round(mine / expected * 1e6, 2),
    }


def cpu_seconds(process: int) -> float:
    """Give the processor time that a process has had, in the kernel and outside of it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _publish(publish: Publish, rate: int, count: int) -> None:
    """Publish *count* records at a rate, and wait until all have come, or would have."""
    loop = asyncio.get_running_loop()
    start, tasks = loop.time(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
        tasks.append(loop.create_task(_send(publish)))
    await asyncio.gather(*tasks)
    await asyncio.sleep(SETTLE_SECONDS)


async def _send(publish: Publish) -> None:
    await publish(f"at-{time.perf_counter_ns()}-")


class Exchange:
    """One connection that sends a request and waits for its answer, one after the other."""

    def __init__(self, port: int, answer_end: bytes) -> None:
        self.port = port
        self.answer_end = answer_end
        self.turn = asyncio.Lock()
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, data: bytes) -> None:
        """Send, and wait until the answer has ended."""
        async with self.turn:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(data)
            await reader.readuntil(self.answer_end)


async def ours(folder: Path, options: argparse.Namespace) -> None:
    with serving(folder) as (server, process):
        path = server.make_stream("fan-out")
        port = int(server.url.rsplit(":", 1)[1])
        rid = path.split("/")[6]
        exchange = Exchange(port, b"\r\n\r\n")

        async def publish(stamp: str) -> None:
            body = json.dumps({"record": {"sensor_id": stamp}})
            await exchange.send(_request(server, "POST", f"{path}/publishRecord", body))

        live = _request(server, "GET", f"/api/v1/streams/{rid}/master/live", "")
        tell(case="Sluiceway, live tail", **await measure(port, live, publish, options, process))


def _request(server: Server, method: str, path: str, body: str) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def bare(options: argparse.Namespace) -> None:
    port = free_port()
    with running([sys.executable, str(HERE / "peers" / "bare_fanout.py"), str(port)]) as peer:
        wait_for(port)
        exchange = Exchange(port, b"\n")

        async def publish(stamp: str) -> None:
            data = json.dumps({"sensor_id": stamp, "temperature": None, "created_at": None})
            await exchange.send(f"PUBLISH {data}\n".encode())

        line = await measure(port, b"WATCH\n", publish, options, peer.pid)
        tell(case="bare asyncio server, not stored", **line)


async def redis(folder: Path, options: argparse.Namespace) -> None:
    program = shutil.which("redis-server")
    if program is None:
        tell(case="Redis PUBLISH, not stored", skipped="redis-server is not installed: make peers")
        return
    port = free_port()
    plain = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    with running([program, "--port", str(port), "--bind", "127.0.0.1", *plain]) as peer:
        wait_for(port)
        exchange = Exchange(port, b"\r\n")

        async def publish(stamp: str) -> None:
            await exchange.send(f'PUBLISH bench "{stamp}"\r\n'.encode())

        line = await measure(port, b"SUBSCRIBE bench\r\n", publish, options, peer.pid)
        tell(case="Redis PUBLISH, not stored", **line)


@contextlib.contextmanager
def a_folder(parent: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


async def run(options: argparse.Namespace) -> None:
    with a_folder(options.folder) as folder:
        tell(**measure_fsync(folder))
        await bare(options)
        await redis(folder, options)
        await ours(folder, options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=50, help="records per second")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    uvloop.run(run(options))


if __name__ == "__main__":
    main()
