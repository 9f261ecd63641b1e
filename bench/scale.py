"""How the cost of publishing grows: with size, batch, connections, partitions, streams and volume.

One JSON line per point, each with the question that it belongs to (``by``) and the value (``at``).
Everything but what the question is about stays at: one stream with one partition, the record of
the walk-through, one record per request, 64 connections.

    python bench/scale.py [--seconds 3] [--only streams] [--folder DIR]
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from harness import (
    RECORD,
    SCHEMA,
    Case,
    Server,
    load,
    measure_fsync,
    processor_seconds,
    serving,
    tell,
)

CONNECTIONS = 64
_KEYED = SCHEMA | {"keyFieldNames": ["sensor_id"]}
_TEXT = {
    "fields": [{"name": "text", "schema": {"nullable": False, "dataType": {"type": "string"}}}]
}
_FILL_BATCH = 10_000
_STREAMS_FACTOR = 4
"""How much longer many streams are written: a stream's next request is parsed once more, as wrk writes
its headers in another order whenever it starts, and only then does the fast door know it."""

Point = tuple[int, Case]
Question = Callable[[Server, int], Iterator[Point]]


def by_record_bytes(server: Server, _: int) -> Iterator[Point]:
    path = server.make_stream("record bytes", _TEXT)
    for size in (100, 1_000, 10_000, 100_000, 1_000_000):
        body = msgspec.json.encode({"record": {"text": "x" * (size - 11)}})
        yield size, _case(server, path, "publishRecord", body)


def by_batch(server: Server, _: int) -> Iterator[Point]:
    path = server.make_stream("batch")
    for count in (1, 10, 100, 1_000, 10_000):
        body = msgspec.json.encode({"records": [RECORD] * count})
        yield count, _case(server, path, "publishRecords", body, connections=16, records=count)


def by_connections(server: Server, _: int) -> Iterator[Point]:
    path = server.make_stream("connections")
    for connections in (1, 4, 16, 64, 256, 1_000):
        yield connections, _single(server, path, connections=connections)


def by_partitions(server: Server, _: int) -> Iterator[Point]:
    for partitions in (1, 4, 16, 64, 256):
        path = server.make_stream(f"partitions {partitions}", _KEYED, partitionsCount=partitions)
        records = [{**RECORD, "sensor_id": f"sensor{number}"} for number in range(1_000)]
        body = msgspec.json.encode({"records": records})
        yield (
            partitions,
            _case(server, path, "publishRecords", body, connections=16, records=len(records)),
        )


def by_streams(server: Server, process_id: int) -> Iterator[Point]:
    """Each request goes to another stream, in turn, after one that was the first to its stream.

    What the first ones take is told by itself: a server is started once, and streams are written
    for years. The requests are made before the clock starts, so that wrk is not what is measured.
    """
    paths: list[str] = []
    for streams in (1, 100, 10_000):
        made = [server.make_stream(f"one of many {n}") for n in range(len(paths), streams)]
        paths += made
        first = asyncio.run(_first_requests(server, process_id, made))
        tell(by="streams-first", at=streams, **first)
        listed = ",".join(f'"{path}/publishRecord"' for path in paths)
        script = (
            f"local requests, turn = {{{listed}}}, 0\n"
            "init = function()\n"
            "  for n, path in ipairs(requests) do requests[n] = wrk.format(nil, path) end\n"
            "end\n"
            "request = function()\n"
            "  turn = turn % #requests + 1\n"
            "  return requests[turn]\n"
            "end\n"
        )
        yield streams, _single(server, paths[0], script=script)


async def _first_requests(server: Server, process_id: int, paths: Sequence[str]) -> dict[str, Any]:
    """Send one request to each of *paths*, over as many connections as ever."""
    body, waits, left = msgspec.json.encode({"record": RECORD}), list[float](), iter(paths)
    headers = "".join(f"{name}: {value}\r\n" for name, value in server.headers.items())
    url = httpx.URL(server.url)

    async def send() -> None:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        for path in left:
            started = time.perf_counter()
            head = f"POST {path}/publishRecord HTTP/1.1\r\nHost: {url.host}\r\n{headers}"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 204"):
                raise SystemExit(answer.decode())
            waits.append((time.perf_counter() - started) * 1e3)
        writer.close()

    before, started = processor_seconds(process_id), time.perf_counter()
    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    elapsed = time.perf_counter() - started
    used = processor_seconds(process_id) - before
    waits.sort()
    return {
        "case": "the first publishRecord to each stream",
        "connections": CONNECTIONS,
        "requests_per_second": round(len(waits) / elapsed),
        "records_per_second": round(len(waits) / elapsed),
        "p50_ms": round(waits[len(waits) // 2], 3),
        "p99_ms": round(waits[len(waits) * 99 // 100], 3),
        "server_cpu_us": round(used / len(waits) * 1e6, 1),
    }


def by_stored_records(server: Server, _: int) -> Iterator[Point]:
    path = server.make_stream("volume")
    body = msgspec.json.encode({"records": [RECORD] * _FILL_BATCH})
    stored = 0
    for wanted in (0, 1_000_000, 10_000_000):
        while stored < wanted:
            server.client.post(f"{path}/publishRecords", content=body).raise_for_status()
            stored += _FILL_BATCH
        yield wanted, _single(server, path)


def _single(server: Server, path: str, connections: int = CONNECTIONS, script: str = "") -> Case:
    body = msgspec.json.encode({"record": RECORD})
    return _case(server, path, "publishRecord", body, connections=connections, script=script)


def _case(
    server: Server,
    path: str,
    call: str,
    body: bytes,
    *,
    connections: int = CONNECTIONS,
    records: int = 1,
    script: str = "",
) -> Case:
    url = f"{server.url}{path}/{call}"
    return Case(call, url, body, server.headers, connections, records, script)


ALL: dict[str, Question] = {
    "record-bytes": by_record_bytes,
    "batch": by_batch,
    "connections": by_connections,
    "partitions": by_partitions,
    "streams": by_streams,
    "stored-records": by_stored_records,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    parser.add_argument("--only", choices=ALL, action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        tell(**measure_fsync(Path(name)))
        for question in options.only or ALL:
            folder = Path(name) / question
            folder.mkdir()
            seconds = options.seconds * (_STREAMS_FACTOR if question == "streams" else 1)
            with serving(folder) as (server, process_id):
                for at, case in ALL[question](server, process_id):
                    before = processor_seconds(process_id)
                    done = load(case, seconds, folder)
                    used = processor_seconds(process_id) - before
                    requests = done["requests_per_second"] * seconds
                    tell(by=question, at=at, **done, server_cpu_us=round(used / requests * 1e6, 1))


if __name__ == "__main__":
    main()
