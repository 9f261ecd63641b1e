"""What a server does that is pushed ten times as much as it can take: does it stay up and flat?

First it is found what the server takes: a new request is sent for each answer. Then requests are
sent open-loop, at a rate that does not care for answers, of so many times that. A request that is due
while every connection has 64 under way waits, and is counted as `unsent` if it waits until the end. One
JSON line for each part: answers by status and name, accepted requests for each second and for each second
of the server's processor, the 99th percentile of how long they took from when they were sent, and the most
memory that the server had (VmHWM).

With `--sync-ms` each sync of the server's disk takes so much longer, as on a slow disk: then it is
the disk and not the processor that cannot keep up.

    python bench/overload.py [--seconds 20] [--factor 10] [--batch 1000] [--connections 128]
        [--sync-ms 0] [--workers 1] [--folder DIR]
"""

import argparse
import asyncio
import contextlib
import tempfile
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]  # it has no types
import uvloop

from harness import RECORD, processor_seconds, serving, tell
from sluiceway.load.bodies import write_request
from sluiceway.load.run import Load, Target

PENDING_MAX = 64
"""Requests of one connection that may be on their way; more wait."""
CLOSED_LOOP_PENDING = 8
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


def load_of(
    request: bytes, port: int, count: int, *, rate: float | None, in_flight_max: int
) -> Load:
    """Give a load on so many connections."""
    return Load(
        Target("127.0.0.1", port),
        [request],
        connections=count,
        rate=rate,
        timeout_seconds=GRACE_SECONDS,
        in_flight_max=in_flight_max,
    )


def family(pid: int) -> list[int]:
    """Give the server's process and those of its workers."""
    return [pid, *(child.pid for child in psutil.Process(pid).children())]


def resident_mib(pid: int, what: str) -> int:
    """Read a size of the processes from /proc: VmRSS now, VmHWM the most that each ever had."""
    return sum(
        int(line.split()[1]) // 1024
        for one in family(pid)
        for line in Path(f"/proc/{one}/status").read_text().splitlines()
        if line.startswith(f"{what}:")
    )


def used_seconds(pid: int) -> float:
    """Tell how much processor time the processes have used."""
    return sum(processor_seconds(one) for one in family(pid))


async def measure(options: argparse.Namespace, url: str, stream: str, token: str, pid: int) -> None:
    port = int(url.rpartition(":")[2])
    body = msgspec.json.encode({"records": [RECORD] * options.batch})
    request = write_request(f"127.0.0.1:{port}", f"{stream}/publishRecords", token, body)
    count = options.connections
    capacity_load = load_of(request, port, count, rate=None, in_flight_max=CLOSED_LOOP_PENDING)
    used = used_seconds(pid)
    counts = await capacity_load.run(options.seconds / 4)
    used = used_seconds(pid) - used
    capacity = counts.accepted / counts.seconds
    if not capacity:
        raise SystemExit("nothing was answered in a quarter of --seconds: give it more")
    tell(
        case="one request sent for each answer",
        batch=options.batch,
        requests_per_second=round(capacity),
        requests_per_processor_second=round(counts.accepted / used),
        rss_mib=resident_mib(pid, "VmRSS"),
    )
    sampled: list[int] = []
    sampling = asyncio.create_task(sample(pid, sampled))
    rate = capacity * options.factor
    load = load_of(request, port, count, rate=rate, in_flight_max=PENDING_MAX)
    used = used_seconds(pid)
    counts = await load.run(options.seconds)
    used = used_seconds(pid) - used
    sampling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sampling
    p99 = counts.answering.percentile(99)
    tell(
        case=f"open loop, {options.factor} times as much",
        batch=options.batch,
        seconds=options.seconds,
        offered_per_second=round(rate),
        accepted_per_second=round(counts.accepted / counts.seconds),
        accepted_per_processor_second=round(counts.accepted / used),
        answers={"success": counts.accepted, **counts.failures},
        unsent=counts.unsent,
        p99_of_accepted_ms=None if p99 is None else round(p99 * 1_000, 1),
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
    parser.add_argument("--workers", type=int, default=1, help="processes that answer")
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    program = ("-m", "sluiceway")
    if options.sync_ms:
        program = ("-c", SLOW_DISK.format(seconds=options.sync_ms / 1_000))
    workers = {"SLUICEWAY_SERVER__WORKERS": str(options.workers)}
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as name,
        serving(Path(name), program, **workers) as (server, pid),
    ):
        stream = server.make_stream("overload")
        uvloop.run(measure(options, server.url, stream, server.token, pid))


if __name__ == "__main__":
    main()
