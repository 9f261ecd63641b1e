"""How long a record takes from being published to reaching each of many who watch its stream.

So many subscribers of one stream receive so many records per second, each published alone. What is
measured is from the moment at which the publish is sent to the moment at which each subscriber has
the record in hand, so it holds the sync of the disk. In the same run: a bare asyncio server that
writes the same bytes to as many connections and stores nothing, and Redis' PUBLISH where Redis is
installed, which does not store either.

    python bench/fanout.py [--subscribers 1000] [--rate 50] [--seconds 10] [--folder DIR]
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import cast

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
CONNECT_AT_ONCE = 50

Publish = Callable[[str], Awaitable[None]]


class Subscriber(asyncio.Protocol):
    """Asks once, and notes how old each record is on arrival."""

    def __init__(self, request: bytes, waits: list[float]) -> None:
        self.request = request
        self.waits = waits
        self.begun = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        cast("asyncio.WriteTransport", transport).write(self.request)

    def data_received(self, data: bytes) -> None:
        """Note what came in."""
        now = time.perf_counter_ns()
        if not self.begun.done():
            self.begun.set_result(None)
        self.waits.extend((now - int(sent)) / 1e6 for sent in STAMP.findall(data))


async def measure(
    port: int, request: bytes, publish: Publish, options: argparse.Namespace
) -> dict[str, object]:
    """Connect the subscribers, publish at the rate, and sum up the ages."""
    loop = asyncio.get_running_loop()
    waits: list[float] = []
    subscribers: list[Subscriber] = []
    transports = []
    for number in range(options.subscribers):
        made = await loop.create_connection(lambda: Subscriber(request, waits), "127.0.0.1", port)
        transports.append(made[0])
        subscribers.append(made[1])
        if number % CONNECT_AT_ONCE == 0:
            await asyncio.gather(*(one.begun for one in subscribers))
    await asyncio.gather(*(one.begun for one in subscribers))
    await asyncio.sleep(SETTLE_SECONDS)
    count = options.rate * options.seconds
    start = loop.time()
    tasks = []
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number / options.rate - loop.time()))
        tasks.append(loop.create_task(_send(publish)))
    await asyncio.gather(*tasks)
    await asyncio.sleep(SETTLE_SECONDS)
    for transport in transports:
        transport.abort()
    waits.sort()
    return {
        "subscribers": options.subscribers,
        "events_per_second": options.rate,
        "expected": count * options.subscribers,
        "received": len(waits),
        "p50_ms": round(waits[len(waits) // 2], 2) if waits else None,
        "p99_ms": round(waits[len(waits) * 99 // 100], 2) if waits else None,
        "most_ms": round(waits[-1], 2) if waits else None,
    }


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
    with serving(folder) as (server, _):
        path = server.make_stream("fan-out")
        port = int(server.url.rsplit(":", 1)[1])
        rid = path.split("/")[6]
        exchange = Exchange(port, b"\r\n\r\n")

        async def publish(stamp: str) -> None:
            body = json.dumps({"record": {"sensor_id": stamp}})
            await exchange.send(_request(server, "POST", f"{path}/publishRecord", body))

        live = _request(server, "GET", f"/api/v1/streams/{rid}/master/live", "")
        tell(case="Sluiceway, live tail", **await measure(port, live, publish, options))


def _request(server: Server, method: str, path: str, body: str) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def bare(options: argparse.Namespace) -> None:
    port = free_port()
    with running([sys.executable, str(HERE / "peers" / "bare_fanout.py"), str(port)]):
        wait_for(port)
        exchange = Exchange(port, b"\n")

        async def publish(stamp: str) -> None:
            data = json.dumps({"sensor_id": stamp, "temperature": None, "created_at": None})
            await exchange.send(f"PUBLISH {data}\n".encode())

        line = await measure(port, b"WATCH\n", publish, options)
        tell(case="bare asyncio server, not stored", **line)


async def redis(folder: Path, options: argparse.Namespace) -> None:
    program = shutil.which("redis-server")
    if program is None:
        tell(case="Redis PUBLISH, not stored", skipped="redis-server is not installed: make peers")
        return
    port = free_port()
    plain = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    with running([program, "--port", str(port), "--bind", "127.0.0.1", *plain]):
        wait_for(port)
        exchange = Exchange(port, b"\r\n")

        async def publish(stamp: str) -> None:
            await exchange.send(f'PUBLISH bench "{stamp}"\r\n'.encode())

        line = await measure(port, b"SUBSCRIBE bench\r\n", publish, options)
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
