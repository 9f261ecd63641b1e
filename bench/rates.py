"""How long a publish takes at a rate that does not care for answers, up to more than goes through.

Requests of one record are due at fixed times on 64 connections, and latencies count from then: the
load is that of ``sluiceway bench``. The server has one core, the load the other. One JSON line per
rate.

    python bench/rates.py [--seconds 5] [--rates 1000 5000] [--folder DIR]
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

import msgspec
import uvloop

from harness import LOAD_CORE, RECORD, Server, measure_fsync, serving, tell
from sluiceway.cli.bench_result import Result, summarise
from sluiceway.load.bodies import write_request
from sluiceway.load.run import Load, Target

RATES = (500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 25_000)
CONNECTIONS = 64
TIMEOUT_SECONDS = 10


async def measure(server: Server, stream: str, rate: float, seconds: float) -> Result:
    body = msgspec.json.encode({"record": RECORD})
    host = server.client.base_url.netloc.decode()
    load = Load(
        Target(server.client.base_url.host, server.client.base_url.port or 80),
        [write_request(host, f"{stream}/publishRecord", server.token, body)],
        connections=CONNECTIONS,
        rate=rate,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return summarise(
        await load.run(seconds),
        rate=rate,
        connections=CONNECTIONS,
        batch=1,
        record_bytes=len(msgspec.json.encode(RECORD)),
        fsync=None,
    )


async def run(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        tell(**measure_fsync(Path(name)))
        with serving(Path(name)) as (server, _):
            stream = await asyncio.to_thread(server.make_stream, "rates")
            for rate in options.rates:
                found = await measure(server, stream, rate, options.seconds)
                tell(
                    case="publishRecord",
                    asked_per_second=rate,
                    requests_per_second=found.requests_per_second,
                    p50_ms=found.p50_ms,
                    p90_ms=found.p90_ms,
                    p99_ms=found.p99_ms,
                    p999_ms=found.p999_ms,
                    max_ms=found.max_ms,
                    unsent=found.unsent,
                    failed=sum(found.failures.values()),
                    delay_p99_ms=found.delay_p99_ms,
                    load_processor_share=found.processor_share,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    uvloop.run(run(options))


if __name__ == "__main__":
    main()
