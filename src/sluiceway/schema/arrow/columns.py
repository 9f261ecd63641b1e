"""Canonical lines to Arrow columns, and back to the very same bytes."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec
import pyarrow as pa

from sluiceway.schema.arrow.arrays import struct_builders
from sluiceway.schema.arrow.errors import ColumnsError
from sluiceway.schema.arrow.types import DECLARED, STORED, arrow_fields
from sluiceway.schema.arrow.values import struct_columns
from sluiceway.schema.layout import lay_out
from sluiceway.schema.rows import row_class
from sluiceway.schema.types import Field, StreamSchema

LINES_BYTES_MAX: Final = 1 << 30
"""Most bytes that are turned into columns at once: Arrow counts a column's bytes with 31 bits."""

_PIECE_BYTES: Final = 512 * 1024
"""About so many bytes of lines are Python objects at a time."""
_PIECE_VALUES: Final = 65_536
"""About so many fields of records are Python objects at a time, what they hold not counted."""
_SCHEMAS_KEPT: Final = 256
_PLACE: Final = re.compile(r"^(.*) - at `\$\.?(.*)`$", re.DOTALL)
"""How msgspec says what is wrong, and where."""

_encode_lines: Final = msgspec.json.Encoder().encode_lines


class Columns:
    """How the records of one schema are laid out in columns.

    Safe to share between threads; never changes.
    """

    def __init__(self, schema: StreamSchema) -> None:
        """Lay out *schema*, which obeys ``rules.check_schema``."""
        fields = schema.fields
        self.arrow_schema: pa.Schema = pa.schema(arrow_fields(fields, STORED))
        """The fields in their order, with the types that are stored."""
        self.declared_schema: pa.Schema = pa.schema(arrow_fields(fields, DECLARED))
        """The same with the types that were declared: 32 bits for a float, 8 for a byte."""
        decoder = msgspec.json.Decoder(lay_out(fields).strict)
        self._decode = decoder.decode
        self._decode_lines = decoder.decode_lines
        self._parts = struct_builders(fields)
        self._columns = struct_columns(fields, "")
        self._row = row_class([field.name for field in fields])
        self._rows_at_once = max(1, _PIECE_VALUES // len(fields))

    def read_lines(self, lines: bytes) -> pa.RecordBatch:
        """Turn canonical *lines*, each of which ends in a newline, into columns.

        Raises:
            ColumnsError: A record is not in canonical form for the schema, the last line does not
                end, or there are more than ``LINES_BYTES_MAX`` bytes.
        """
        if len(lines) > LINES_BYTES_MAX:
            raise ColumnsError(f"the lines have more than {LINES_BYTES_MAX} bytes")
        batches, count = [], 0
        for piece in _pieces(lines):
            batch = self._read(piece, count)
            batches.append(batch)
            count += batch.num_rows
        if not batches:
            return self._batch([])
        return batches[0] if len(batches) == 1 else pa.concat_batches(batches)

    def write_lines(self, columns: pa.RecordBatch | pa.Table) -> list[bytes]:
        """Give the canonical line of each record in *columns*, without its newline.

        Columns are found by their names; others are left alone.

        Raises:
            ColumnsError: A column is missing or of another type, or null where it may not be.
        """
        lines: list[bytes] = []
        for batch in _batches(columns, self._rows_at_once):
            values = [column(_of_name(batch, name)) for name, column in self._columns]
            lines += _encode_lines(list(map(self._row, *values))).split(b"\n")
            del lines[-1]
        return lines

    def declare(self, columns: pa.RecordBatch | pa.Table) -> pa.Table:
        """Give the schema's columns of *columns*, from the stored to the declared types.

        A float is rounded to 32 bits.

        Raises:
            ColumnsError: A column is missing, or is not of its stored type.
        """
        arrays = [_of_name(columns, field.name) for field in self.arrow_schema]
        try:
            return pa.Table.from_arrays(arrays, schema=self.arrow_schema).cast(self.declared_schema)
        except (pa.ArrowException, TypeError) as error:
            raise ColumnsError(f"the columns are not as they are stored: {error}") from None

    def _read(self, lines: bytes, before: int) -> Any:  # noqa: ANN401 - a pa.RecordBatch
        try:
            records = self._decode_lines(lines)
        except (ValueError, RecursionError):
            raise self._misfit(lines, before) from None
        if len(records) != lines.count(b"\n"):
            # The decoder takes any white space between records.
            raise self._misfit(lines, before)
        return self._batch(records)

    def _batch(self, records: list[Any]) -> Any:  # noqa: ANN401 - a pa.RecordBatch
        arrays = [part.build(list(map(get, records))) for get, part in self._parts]
        return pa.RecordBatch.from_arrays(arrays, schema=self.arrow_schema)

    def _misfit(self, lines: bytes, before: int) -> ColumnsError:
        """Tell which of *lines* is not of the schema, the first having *before* before it."""
        for record, line in enumerate(lines.split(b"\n")[:-1], start=before):
            try:
                self._decode(line)
            except RecursionError:
                return ColumnsError("it is nested too deep", record=record)
            except ValueError as error:
                place = _PLACE.match(str(error))
                reason, field = place.groups() if place else (str(error), "")
                return ColumnsError(reason, record=record, field=field)
        return ColumnsError("the lines do not have one record each", record=before)


def columns_of(schema: StreamSchema) -> Columns:
    """Give the columns of *schema*; those of the schemas used last are kept."""
    return _columns(msgspec.json.encode(schema.fields))


@lru_cache(_SCHEMAS_KEPT)
def _columns(fields: bytes) -> Columns:
    return Columns(StreamSchema(fields=msgspec.json.decode(fields, type=list[Field])))


def _pieces(lines: bytes) -> Iterator[bytes]:
    """Cut *lines* at newlines into pieces of about ``_PIECE_BYTES`` bytes."""
    if lines and not lines.endswith(b"\n"):
        raise ColumnsError("the last line does not end")
    start = 0
    while start < len(lines):
        end = lines.index(b"\n", min(start + _PIECE_BYTES, len(lines)) - 1) + 1
        yield lines[start:end]
        start = end


def _batches(columns: pa.RecordBatch | pa.Table, rows_max: int) -> Iterator[pa.RecordBatch]:
    if isinstance(columns, pa.Table):
        yield from columns.to_batches(max_chunksize=rows_max)
        return
    for start in range(0, columns.num_rows, rows_max):
        yield columns.slice(start, rows_max)


def _of_name(columns: pa.RecordBatch | pa.Table, name: str) -> Any:  # noqa: ANN401 - a pa.Array
    at = columns.schema.get_field_index(name)
    if at < 0:
        raise ColumnsError("there is no such column", field=name)
    return columns.column(at)
