"""How many records per second go in as JSON, as lines, in Arrow and in Avro, durably, and how.

The same records in each form, in requests of 10,000, to one server process on one core; the load
comes from the other. One JSON line per form: what the whole way takes, and what of it is making
lines of JSON out of the form and checking these.

    python bench/bulk.py [--seconds 5] [--connections 4] [--folder DIR]
"""

import argparse
import asyncio
import datetime as dt
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import httpx
import msgspec
import pyarrow as pa

from harness import SCHEMA, sluiceway, tell
from sluiceway.ingest.bulk.conversion import MEDIA_TYPES, to_lines
from sluiceway.schema.compiled import Shape, compile_schema
from sluiceway.schema.types import StreamSchema

RECORDS = 10_000
BYTES_MAX = 16 * 1_048_576
AVRO_SCHEMA = {
    "type": "record",
    "name": "Reading",
    "fields": [
        {"name": "sensor_id", "type": "string"},
        {"name": "temperature", "type": ["null", "double"]},
        {"name": "created_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
}


def records() -> list[dict[str, Any]]:
    return [
        {
            "sensor_id": f"sensor{number % 100}",
            "temperature": 4.132 + number / 7,
            "created_at": 1_731_426_022_784 + number,
        }
        for number in range(RECORDS)
    ]


def arrow(values: list[dict[str, Any]], compression: str | None = None) -> bytes:
    moment = pa.timestamp("ms", "UTC")
    schema = pa.schema(
        {"sensor_id": pa.string(), "temperature": pa.float64(), "created_at": moment}
    )
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(out, schema, options=options) as writer:
        writer.write_table(pa.Table.from_pylist(values, schema))
    return out.getvalue()


def avro(values: list[dict[str, Any]], codec: str = "null") -> bytes:
    moments = [
        value | {"created_at": dt.datetime.fromtimestamp(value["created_at"] / 1_000, dt.UTC)}
        for value in values
    ]
    out = io.BytesIO()
    fastavro.writer(out, AVRO_SCHEMA, moments, codec=codec)
    return out.getvalue()


def forms() -> dict[str, tuple[str, bytes]]:
    """Give the media type and the body of each form."""
    values = records()
    return {
        "JSON": ("application/json", msgspec.json.encode(values)),
        "NDJSON": ("application/x-ndjson", msgspec.json.Encoder().encode_lines(values)),
        "Arrow": ("application/vnd.apache.arrow.stream", arrow(values)),
        "Arrow, zstd": ("application/vnd.apache.arrow.stream", arrow(values, "zstd")),
        "Avro": ("application/avro", avro(values)),
        "Avro, deflate": ("application/avro", avro(values, "deflate")),
    }


def rate(work: Callable[[], Any], seconds: float) -> int:
    """Give the records per second of *work*, which does a body at a time."""
    rounds, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        work()
        rounds += 1
    return round(rounds * RECORDS / elapsed)


def parts(media_type: str, body: bytes, seconds: float) -> dict[str, int]:
    """Measure what is done on the way, in this process."""
    schema = msgspec.convert(SCHEMA, StreamSchema)
    compiled = compile_schema(schema)
    kind = MEDIA_TYPES.get(media_type)
    shape = Shape.BARE_RECORDS if media_type == "application/json" else Shape.LINES
    found: dict[str, int] = {}
    lines = body
    if kind is not None:

        def convert() -> bytes:
            return to_lines(kind, body, schema, bytes_max=BYTES_MAX, records_max=RECORDS)

        lines = convert()
        found["converted_per_second"] = rate(convert, seconds)

    def check() -> None:
        compiled.decode(shape, lines, records_max=RECORDS, record_bytes_max=BYTES_MAX)

    found["checked_per_second"] = rate(check, seconds)
    return found


async def push(
    url: str, token: str, media_type: str, body: bytes, seconds: float, connections: int
) -> float:
    """Send the body again and again; give how many were stored per second."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type}
    stored, end = 0, time.perf_counter() + seconds

    async def one(client: httpx.AsyncClient) -> None:
        nonlocal stored
        while time.perf_counter() < end:
            answer = await client.post(url, content=body)
            answer.raise_for_status()
            stored += 1

    started = time.perf_counter()
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        await asyncio.gather(*(one(client) for _ in range(connections)))
    return stored / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--folder", type=Path, help="where the server keeps its data")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as name,
        sluiceway(Path(name)) as (url, stream, token),
    ):
        dataset = stream.split("/datasets/")[1].split("/")[0]
        target = f"{url}/api/v1/streams/{dataset}/master/records"
        for form, (media_type, body) in forms().items():
            bodies = asyncio.run(
                push(target, token, media_type, body, options.seconds, options.connections)
            )
            tell(
                case=form,
                records_per_request=RECORDS,
                body_bytes=len(body),
                records_per_second=round(bodies * RECORDS),
                **parts(media_type, body, options.seconds / 5),
            )


if __name__ == "__main__":
    main()
