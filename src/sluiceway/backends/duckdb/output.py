"""Results, as they are written into their file."""

import base64
import datetime as dt
import io
import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
import pyarrow.types

from sluiceway.backends.duckdb.wire import Done
from sluiceway.queries.types import DownloadFormat, QueryLimits, SerializationFormat

_PAGE_ROWS: Final = 1_000
_PAGE_BYTES_MAX: Final = 1_048_576
_FORMULA: Final = r"^[=+\-@\t\r]"
"""What a spreadsheet takes for the beginning of a formula (OWASP: CSV injection)."""


class OutputError(Exception):
    """The result has more than it may; the message says of what."""


class UnsupportedTypesError(Exception):
    """A column cannot be written in this format."""


class _Counted:
    """Counts rows and bytes while they are written."""

    def __init__(self, file: io.FileIO, limits: QueryLimits) -> None:
        self.file = file
        self.limits = limits
        self.rows = 0

    def pass_through(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for batch in batches:
            self.rows += batch.num_rows
            if self.rows > self.limits.rows:
                raise OutputError(f"the result has more than {self.limits.rows:,} rows")
            if self.file.tell() + batch.nbytes > self.limits.result_bytes:
                raise OutputError(f"the result has more than {self.limits.result_bytes:,} bytes")
            yield batch


def write_result(
    reader: pa.RecordBatchReader,
    file: io.FileIO,
    written_as: SerializationFormat,
    limits: QueryLimits,
) -> Done:
    """Write a result, and behind an Arrow stream its first rows as a page shows them.

    Raises:
        OutputError: It has more rows or bytes than it may.
        UnsupportedTypesError: A column does not fit the format.
    """
    counted, page = _Counted(file, limits), _Page(reader.schema)
    batches = counted.pass_through(reader)
    if written_as is SerializationFormat.CSV:
        _write_csv(batches, reader.schema, file)
        return Done(file.tell(), 0, counted.rows)
    with pa.ipc.new_stream(file, reader.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            page.add(batch)
    size = file.tell()
    shown = page.encode()
    file.write(shown)
    return Done(size, len(shown), counted.rows)


def convert(
    source: io.FileIO, file: io.FileIO, written_as: DownloadFormat, limits: QueryLimits
) -> Done:
    """Write a result that is there as Arrow in another format; raises as ``write_result``."""
    source.seek(0)
    reader, counted = pa.ipc.open_stream(source), _Counted(file, limits)
    batches = counted.pass_through(reader)
    if written_as is DownloadFormat.CSV:
        schema = _harmless_names(reader.schema)
        harmless = (_harmless(batch).rename_columns(schema.names) for batch in batches)
        _write_csv(harmless, schema, file)
    else:
        try:
            with pa.parquet.ParquetWriter(file, reader.schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            raise UnsupportedTypesError(f"Parquet cannot have this: {error}") from error
    return Done(file.tell(), 0, counted.rows)


def _write_csv(batches: Iterable[pa.RecordBatch], schema: pa.Schema, file: io.FileIO) -> None:
    for field in schema:
        if pa.types.is_nested(field.type):
            raise UnsupportedTypesError(f"column {field.name!r} is {field.type}: CSV has no such")
    written = pa.schema(
        [field.with_type(pa.string()) if _has_zone(field) else field for field in schema]
    )
    try:
        with pa.csv.CSVWriter(file, written) as writer:
            for batch in batches:
                columns = [
                    _utc_texts(column) if _has_zone(field) else column
                    for field, column in zip(schema, batch.columns, strict=True)
                ]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=written))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise UnsupportedTypesError(f"CSV cannot have this: {error}") from error


def _has_zone(field: pa.Field) -> bool:
    return pa.types.is_timestamp(field.type) and field.type.tz is not None


def _utc_texts(column: pa.Array) -> pa.Array:
    """Write times in UTC, as Arrow would, which needs the zones' files for it: here are none."""
    texts = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    return pc.binary_join_element_wise(texts, "Z", "")


def _harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Put an apostrophe before each text that a spreadsheet would take for a formula."""
    columns = [
        pc.if_else(
            pc.match_substring_regex(column, _FORMULA),
            pc.binary_join_element_wise(pa.scalar("'"), column, ""),
            column,
        )
        if pa.types.is_string(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _harmless_names(schema: pa.Schema) -> pa.Schema:
    return pa.schema(
        [
            field.with_name(
                f"'{field.name}" if field.name[:1] in "=+-@\t\r" and field.name else field.name
            )
            for field in schema
        ]
    )


class _Page:
    """The first rows of a result as JSON."""

    def __init__(self, schema: pa.Schema) -> None:
        self.columns = [{"name": one.name, "type": str(one.type)} for one in schema]
        self.rows: list[msgspec.Raw] = []
        self.size = 0
        self.is_full = False

    def add(self, batch: pa.RecordBatch) -> None:
        if self.is_full:
            return
        batch = batch.slice(0, _PAGE_ROWS - len(self.rows))
        values = [column.to_pylist() for column in batch.columns]
        for row in zip(*values, strict=True):
            line = msgspec.json.encode([_plain(value) for value in row], enc_hook=str)
            self.size += len(line)
            if self.size > _PAGE_BYTES_MAX and self.rows:
                self.is_full = True
                return
            self.rows.append(msgspec.Raw(line))
        self.is_full = len(self.rows) >= _PAGE_ROWS

    def encode(self) -> bytes:
        return msgspec.json.encode({"columns": self.columns, "rows": self.rows})


_SAFE_INTEGER: Final = 2**53


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - any value of Arrow, one line for each kind
    """Write a value so that JSON keeps it: what a number of JavaScript cannot hold is a text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list():
            return [_plain(one) for one in value]
        case tuple():
            return [_plain(one) for one in value]
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
    return str(value)
