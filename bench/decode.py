"""How many records a second one core decodes, checks and encodes, by batch size and by form."""

import json
import time
from typing import Any

import click
import msgspec

from sluiceway.schema.compiled import CompiledSchema, Shape, compile_schema
from sluiceway.schema.types import (
    DataType,
    DoubleType,
    Field,
    FieldSchema,
    StreamSchema,
    StringType,
    TimestampType,
)

BATCH_RECORDS = (1, 10, 100, 1_000, 10_000)
FORMS = {"canonical": 1_731_426_022_784, "RFC 3339": "2024-11-12T15:40:22.784Z"}
FIELDS: dict[str, DataType] = {
    "sensor_id": StringType(),
    "temperature": DoubleType(),
    "created_at": TimestampType(),
}


def sensors(keys: list[str] | None) -> CompiledSchema:
    fields = [
        Field(name=name, schema=FieldSchema(nullable=True, data_type=data_type))
        for name, data_type in FIELDS.items()
    ]
    return compile_schema(StreamSchema(fields=fields, key_field_names=keys))


def rate(compiled: CompiledSchema, body: bytes, partitions: int, seconds: float) -> float:
    """Give the bodies a second that go all the way to bytes for each partition."""
    rounds, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for _ in range(10):
            decoded = compiled.decode(
                Shape.RECORDS, body, records_max=10_000, record_bytes_max=1_000_000
            )
            for _, records in compiled.partitions(decoded.records, partitions, 0):
                compiled.encode(records)
        rounds += 10
    return rounds / elapsed


def report(case: dict[str, Any], batch: int, bodies_per_second: float) -> None:
    measured = {
        "records_per_second": round(bodies_per_second * batch),
        "microseconds_per_request": round(1e6 / bodies_per_second, 2),
    }
    click.echo(json.dumps({"batch_records": batch, **case, **measured}))


@click.command()
@click.option("--seconds", default=1.0, help="How long to measure each case.")
def main(seconds: float) -> None:
    """Print one JSON line for each case."""
    for batch in BATCH_RECORDS:
        for form, created_at in FORMS.items():
            for partitions, keys in ((1, None), (8, ["sensor_id"])):
                records = [
                    {"sensor_id": f"sensor{n}", "temperature": 4.132 + n, "created_at": created_at}
                    for n in range(batch)
                ]
                body = msgspec.json.encode({"records": records})
                case = {"form": form, "partitions": partitions, "keyed": keys is not None}
                report(case, batch, rate(sensors(keys), body, partitions, seconds))


if __name__ == "__main__":
    main()
