"""What a server does that is pushed ten times as much as it can take: does it stay up and flat?

First it is found what the server takes: a new request is sent for each answer. Then requests are
sent open-loop, at a rate that does not care for answers, of so many times that. A request whose time
comes while every connection has 64 under way is counted as `unsent`. One JSON line for each part:
answers by status, the 99th percentile of how long accepted requests took from when they were sent,
and the most memory that the server had (VmHWM).

With `--sync-ms` each sync of the server's disk takes so much longer, as on a slow disk: then it is
the disk and not the processor that cannot keep up.

    python bench/overload.py [--seconds 20] [--factor 10] [--batch 1000] [--connections 128]
        [--sync-ms 0] [--folder DIR]
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections import Counter, deque
from pathlib import Path

import msgspec

from harness import RECORD, serving, tell

PENDING_MAX = 64
"""Requests of one connection that may be on their way; more are unsent."""
CLOSED_LOOP_PENDING = 8
TICK_SECONDS = 0.005
GRACE_SECONDS = 60
"""How long the last answers may take."""
SLOW_DISK = """
import os, time
sync = os.fdatasync
def slowly(descriptor):
    sync(descriptor)
    time.sleep({seconds})
os.fdatasync = slowly
from sluiceway.cli import main
main(prog_name="sluiceway")
"""
BUFFERED_BYTES_MAX = 1 << 20
MIB = 1 << 20


class Client(asyncio.Protocol):
    """One connection: sends requests, and reads of the answers only their status."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.transport: asyncio.Transport | None = None
        self.sent: deque[float] = deque()
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def is_free(self) -> bool:
        """Tell whether a further request may be sent."""
        transport = self.transport
        return (
            transport is not None
            and not transport.is_closing()
            and len(self.sent) < PENDING_MAX
            and transport.get_write_buffer_size() < BUFFERED_BYTES_MAX
        )

    def send(self) -> None:
        """Send a request."""
        assert self.transport is not None
        self.sent.append(time.perf_counter())
        self.load.under_way += 1
        self.transport.write(self.load.request)

    def data_received(self, data: bytes) -> None:
        """Read answers."""
        data = self._rest + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            _, found, value = head.partition(b"\r\ncontent-length: ")
            end += 4 + (int(value.partition(b"\r\n")[0]) if found else 0)
            if len(data) < end:
                break
            self.load.answered(int(head[9:12]), time.perf_counter() - self.sent.popleft())
            data = data[end:]
            if self.load.is_closed_loop:
                self.send()
        self._rest = data

    def connection_lost(self, _error: Exception | None) -> None:
        """Count what is never answered."""
        self.load.lost += len(self.sent)
        self.load.under_way -= len(self.sent)
        self.transport = None


class Load:
    """Counts what becomes of requests."""

    def __init__(self, request: bytes, *, is_closed_loop: bool) -> None:
        self.request = request
        self.is_closed_loop = is_closed_loop
        self.statuses: Counter[int] = Counter()
        self.accepted_seconds: list[float] = []
        self.under_way = 0
        self.unsent = 0
        self.lost = 0

    def answered(self, status: int, seconds: float) -> None:
        """Count an answer."""
        self.statuses[status] += 1
        self.under_way -= 1
        if status == 204:
            self.accepted_seconds.append(seconds)

    def p99_ms(self) -> float | None:
        """Give how long accepted requests took, at the 99th percentile."""
        found = sorted(self.accepted_seconds)
        return round(found[len(found) * 99 // 100] * 1_000, 1) if found else None


async def connect(load: Load, port: int, count: int) -> list[Client]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Client(load), "127.0.0.1", port) for _ in range(count)
    ]
    return [client for _, client in made]


def close(clients: list[Client]) -> None:
    for client in clients:
        if client.transport is not None:
            client.transport.abort()


async def measure_capacity(request: bytes, port: int, count: int, seconds: float) -> float:
    """Give how many requests per second are accepted when one is sent for each answer."""
    load = Load(request, is_closed_loop=True)
    clients = await connect(load, port, count)
    for client in clients * CLOSED_LOOP_PENDING:
        client.send()
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    rate = load.statuses[204] / (time.perf_counter() - started)
    load.is_closed_loop = False
    close(clients)
    return rate


async def overload(request: bytes, port: int, count: int, rate: float, seconds: float) -> Load:
    """Send at a rate, whatever is answered."""
    load = Load(request, is_closed_loop=False)
    clients = await connect(load, port, count)
    started, due, turn = time.perf_counter(), 0.0, 0
    while (now := time.perf_counter() - started) < seconds:
        while due < now * rate:
            due += 1
            for _ in range(count):
                turn += 1
                client = clients[turn % count]
                if client.is_free():
                    client.send()
                    break
            else:
                missed = int(now * rate - due) + 1
                load.unsent += missed
                due += missed - 1
        await asyncio.sleep(TICK_SECONDS)
    end = time.perf_counter() + GRACE_SECONDS
    while load.under_way and time.perf_counter() < end:  # noqa: ASYNC110 - a look now and then
        await asyncio.sleep(0.05)
    load.lost += load.under_way
    close(clients)
    return load


def resident_mib(pid: int, what: str) -> int:
    """Read a size of the process from /proc: VmRSS now, VmHWM the most that it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) // 1024
    raise SystemExit(f"no {what} of process {pid}")


async def measure(options: argparse.Namespace, url: str, stream: str, token: str, pid: int) -> None:
    port = int(url.rpartition(":")[2])
    body = msgspec.json.encode({"records": [RECORD] * options.batch})
    request = (
        f"POST {stream}/publishRecords HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    count = options.connections
    capacity = await measure_capacity(request, port, count, options.seconds / 4)
    if not capacity:
        raise SystemExit("nothing was answered in a quarter of --seconds: give it more")
    tell(
        case="one request sent for each answer",
        batch=options.batch,
        requests_per_second=round(capacity),
        rss_mib=resident_mib(pid, "VmRSS"),
    )
    sampled: list[int] = []
    sampling = asyncio.create_task(sample(pid, sampled))
    load = await overload(request, port, count, capacity * options.factor, options.seconds)
    sampling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sampling
    tell(
        case=f"open loop, {options.factor} times as much",
        batch=options.batch,
        seconds=options.seconds,
        offered_per_second=round(capacity * options.factor),
        accepted_per_second=round(load.statuses[204] / options.seconds),
        answers={str(status): count for status, count in sorted(load.statuses.items())},
        unsent=load.unsent,
        lost=load.lost,
        p99_of_accepted_ms=load.p99_ms(),
        rss_mib={
            "median": sorted(sampled)[len(sampled) // 2],
            "most": resident_mib(pid, "VmHWM"),
        },
    )


async def sample(pid: int, sampled: list[int]) -> None:
    while True:
        sampled.append(resident_mib(pid, "VmRSS"))
        await asyncio.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--factor", type=int, default=10)
    parser.add_argument("--batch", type=int, default=1_000, help="records in a request")
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--sync-ms", type=int, default=0, help="how much longer a sync takes")
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    program = ("-m", "sluiceway")
    if options.sync_ms:
        program = ("-c", SLOW_DISK.format(seconds=options.sync_ms / 1_000))
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as name,
        serving(Path(name), program) as (server, pid),
    ):
        stream = server.make_stream("overload")
        asyncio.run(measure(options, server.url, stream, server.token, pid))


if __name__ == "__main__":
    main()
