"""How the cost of publishing grows: with size, batch, connections, partitions, streams and volume.

One JSON line per point, each with the question that it belongs to (``by``) and the value (``at``).
Everything but what the question is about stays at: one stream with one partition, the record of
the walk-through, one record per request, 64 connections.

    python bench/scale.py [--seconds 3] [--only streams] [--folder DIR]
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from harness import RECORD, SCHEMA, Case, Server, load, measure_fsync, serving, tell

CONNECTIONS = 64
_KEYED = SCHEMA | {"keyFieldNames": ["sensor_id"]}
_TEXT = {
    "fields": [{"name": "text", "schema": {"nullable": False, "dataType": {"type": "string"}}}]
}
_FILL_BATCH = 10_000

Point = tuple[int, Case]
Question = Callable[[Server], Iterator[Point]]


def by_record_bytes(server: Server) -> Iterator[Point]:
    path = server.make_stream("record bytes", _TEXT)
    for size in (100, 1_000, 10_000, 100_000, 1_000_000):
        body = msgspec.json.encode({"record": {"text": "x" * (size - 11)}})
        yield size, _case(server, path, "publishRecord", body)


def by_batch(server: Server) -> Iterator[Point]:
    path = server.make_stream("batch")
    for count in (1, 10, 100, 1_000, 10_000):
        body = msgspec.json.encode({"records": [RECORD] * count})
        yield count, _case(server, path, "publishRecords", body, connections=16, records=count)


def by_connections(server: Server) -> Iterator[Point]:
    path = server.make_stream("connections")
    for connections in (1, 4, 16, 64, 256, 1_000):
        yield connections, _single(server, path, connections=connections)


def by_partitions(server: Server) -> Iterator[Point]:
    for partitions in (1, 4, 16, 64, 256):
        path = server.make_stream(f"partitions {partitions}", _KEYED, partitionsCount=partitions)
        records = [{**RECORD, "sensor_id": f"sensor{number}"} for number in range(1_000)]
        body = msgspec.json.encode({"records": records})
        yield (
            partitions,
            _case(server, path, "publishRecords", body, connections=16, records=len(records)),
        )


def by_streams(server: Server) -> Iterator[Point]:
    """Each request goes to another stream, in turn."""
    paths: list[str] = []
    for streams in (1, 100, 10_000):
        while len(paths) < streams:
            paths.append(server.make_stream(f"one of many {len(paths)}"))
        listed = ",".join(f'"{path}/publishRecord"' for path in paths)
        script = (
            f"local paths, turn = {{{listed}}}, 0\n"
            "request = function()\n"
            "  turn = turn % #paths + 1\n"
            "  return wrk.format(nil, paths[turn])\n"
            "end\n"
        )
        yield streams, _single(server, paths[0], script=script)


def by_stored_records(server: Server) -> Iterator[Point]:
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
            with serving(folder) as (server, _):
                for at, case in ALL[question](server):
                    tell(by=question, at=at, **load(case, options.seconds, folder))


if __name__ == "__main__":
    main()
