"""How many publish requests per second one server process on one core answers, durably.

One JSON line per case. In the same run, on the same core: FastAPI's plain echo of the same body,
nginx's static answer where nginx is installed, and what the disk takes to make a write durable.
Needs wrk and taskset; the load comes from the second core.

    python bench/publish.py [--seconds 5] [--folder DIR]
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness import (
    HERE,
    RECORD,
    SERVER_CORE,
    Case,
    find_nginx,
    free_port,
    load,
    measure_fsync,
    nginx,
    running,
    sluiceway,
    tell,
    wait_for,
)

BATCH = 1_000


@contextlib.contextmanager
def fastapi() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "fastapi_echo:app", "--port", str(port)]
    options = ["--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    with running([*command, *options, "--app-dir", str(HERE / "peers")]):
        wait_for(port)
        yield f"http://127.0.0.1:{port}/echo"


class Bare(msgspec.Struct):
    """The record of the walk-through, for msgspec alone."""

    sensor_id: str
    temperature: float | None
    created_at: int | None


class BareRequest(msgspec.Struct):
    """The body of ``publishRecords``."""

    records: list[Bare]


def measure_decode(seconds: float = 2.0) -> dict[str, Any]:
    """Say how fast the JSON of the batches is decoded and checked, with nothing around it."""
    body = msgspec.json.encode({"records": [RECORD] * BATCH})
    decode = msgspec.json.Decoder(BareRequest).decode
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(SERVER_CORE)})
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        decode(body)
        count += 1
    os.sched_setaffinity(0, cores)
    return {
        "case": "msgspec decodes the batches, nothing else",
        "requests_per_second": round(count / elapsed),
        "records_per_second": round(count * BATCH / elapsed),
    }


def cases(url: str, stream: str, token: str) -> Iterator[Case]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    single = msgspec.json.encode({"record": RECORD})
    batch = msgspec.json.encode({"records": [RECORD] * BATCH})
    for connections in (1, 64, 256):
        yield Case("publishRecord", f"{url}{stream}/publishRecord", single, headers, connections)
    yield Case("publishRecords x 1000", f"{url}{stream}/publishRecords", batch, headers, 16, BATCH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        tell(**measure_fsync(folder))
        tell(**measure_decode())
        body, plain = msgspec.json.encode({"record": RECORD}), {"Content-Type": "application/json"}
        with fastapi() as url:
            echo = Case("peer: FastAPI echo, not stored", url, body, plain, 64)
            tell(**load(echo, options.seconds, folder))
        program = find_nginx()
        if program is not None:
            with nginx(program, folder) as url:
                for connections in (64, 256):
                    static = Case("nginx return 200, not stored", url, body, plain, connections)
                    tell(**load(static, options.seconds, folder))
        with sluiceway(folder) as (url, stream, token):
            for case in cases(url, stream, token):
                tell(**load(case, options.seconds, folder))


if __name__ == "__main__":
    main()
