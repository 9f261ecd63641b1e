"""How many records a second one core turns from canonical lines into columns, and back.

Beside it, in the same run, what others do with the same lines: readers of JSON that make columns
without checking what a schema says, and the decoder alone. One JSON line per kind of record.
CPU time counts, not the clock.

    python bench/columns.py [--seconds 1]
"""

import argparse
import io
import time
from collections.abc import Callable
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.json

from harness import SCHEMA, tell
from sluiceway.schema.arrow.columns import Columns, columns_of
from sluiceway.schema.layout import lay_out
from sluiceway.schema.types import StreamSchema

RECORDS = 20_000
WIDE_FIELDS = 100
encode_lines = msgspec.json.Encoder().encode_lines


def field(name: str, **data_type: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"name": name, "schema": slot(**data_type)}


def slot(**data_type: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"nullable": True, "dataType": data_type}


WIDE_TYPES = ("double", "string", "integer", "boolean", "timestamp")
WIDE = [field(f"field{at}", type=WIDE_TYPES[at % 5]) for at in range(WIDE_FIELDS)]
NESTED = [
    field("id", type="long"),
    field("at", type="timestamp"),
    field("price", type="decimal", precision=12, scale=2),
    field("tags", type="array", itemsSchema=slot(type="string")),
    field("labels", type="map", keySchema=slot(type="string"), valueSchema=slot(type="string")),
    field(
        "place",
        type="struct",
        subFields=[field("x", type="double"), field("y", type="double"), field("day", type="date")],
    ),
]


def wide(number: int) -> dict[str, Any]:
    values = (4.132 + number / 7, f"value {number}", number, number % 2 == 0, 1_731_426_022_784)
    return {f"field{at}": values[at % 5] for at in range(WIDE_FIELDS)}


def nested(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "at": 1_731_426_022_784 + number,
        "price": f"{number}.{1 + number % 9}",
        "tags": ["a", "b", f"tag{number}"][: number % 4],
        "labels": {"site": "north", "line": f"{number % 10}"},
        "place": {"x": number / 3, "y": -number / 7, "day": "2026-01-31"} if number % 5 else None,
    }


def reading(number: int) -> dict[str, Any]:
    return {
        "sensor_id": f"sensor{number % 100}",
        "temperature": 4.132 + number / 7,
        "created_at": 1_731_426_022_784 + number,
    }


CASES: dict[str, tuple[dict[str, Any], Callable[[int], dict[str, Any]], int]] = {
    "the walk-through's record": (SCHEMA, reading, RECORDS),
    "100 fields": ({"fields": WIDE}, wide, RECORDS // 20),
    "nested": ({"fields": NESTED}, nested, RECORDS),
}


def rate(work: Callable[[], Any], records: int, seconds: float) -> int:
    """Give the records per second of CPU time of *work*."""
    rounds, started = 0, time.process_time()
    while (elapsed := time.process_time() - started) < seconds:
        work()
        rounds += 1
    return round(rounds * records / elapsed)


def as_sent(columns: Columns) -> Any:  # noqa: ANN401 - a pa.Schema
    """Give the types as which pyarrow can read canonical lines."""
    return pa.schema([pa.field(one.name, _as_sent(one.type)) for one in columns.arrow_schema])


def _as_sent(kind: Any) -> Any:  # noqa: ANN401 - two pa.DataType
    if pa.types.is_timestamp(kind):
        return pa.int64()
    if pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(one.name, _as_sent(one.type)) for one in kind])
    if pa.types.is_map(kind):
        return pa.struct([pa.field(name, pa.string()) for name in ("site", "line")])
    return kind


def ways(raw: dict[str, Any], lines: bytes) -> dict[str, Callable[[], Any]]:
    """Give what is measured, each of which takes all records once."""
    schema = msgspec.convert(raw, StreamSchema)
    decode_lines = msgspec.json.Decoder(lay_out(schema.fields).strict).decode_lines
    lines = encode_lines(decode_lines(lines))
    columns = columns_of(schema)
    batch = columns.read_lines(lines)
    if b"".join(line + b"\n" for line in columns.write_lines(batch)) != lines:
        raise SystemExit("what came back are not the same lines")
    options = pyarrow.json.ReadOptions(use_threads=False)
    types = pyarrow.json.ParseOptions(explicit_schema=as_sent(columns))
    return {
        "to_columns": lambda: columns.read_lines(lines),
        "to_lines": lambda: columns.write_lines(batch),
        "msgspec_decode_alone": lambda: decode_lines(lines),
        "pyarrow_read_json": lambda: pyarrow.json.read_json(io.BytesIO(lines), options, types),
        "polars_read_ndjson": lambda: pl.read_ndjson(lines, infer_schema_length=100),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement")
    seconds = parser.parse_args().seconds
    for case, (raw, record, count) in CASES.items():
        lines = encode_lines([record(number) for number in range(count)])
        tell(
            case=case,
            bytes_per_record=round(len(lines) / count),
            **{
                f"{name}_per_second": rate(work, count, seconds)
                for name, work in ways(raw, lines).items()
            },
        )


if __name__ == "__main__":
    main()
