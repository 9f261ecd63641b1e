"""Canonical lines to Arrow columns, and back to the very same bytes."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec
import pyarrow as pa

from sluiceway.schema.arrow.arrays import Struct
from sluiceway.schema.arrow.errors import ColumnsError, ColumnsTooLargeError
from sluiceway.schema.arrow.types import DECLARED, STORED, arrow_fields
from sluiceway.schema.arrow.values import struct_columns
from sluiceway.schema.fitting import misfit_of
from sluiceway.schema.layout import lay_out
from sluiceway.schema.rows import row_class
from sluiceway.schema.types import Field, StreamSchema

LINES_BYTES_MAX: Final = 1 << 30
"""Most bytes that are turned into columns at once: Arrow counts a column's bytes with 31 bits."""

COLUMNS_BYTES_MAX: Final = 1 << 30
"""Most bytes of columns that are made at once."""

_PIECE_BYTES: Final = 256 * 1024
_PIECE_BYTES_PER_FIELD: Final = 8 * 1024
_PIECE_BYTES_MAX: Final = 2 * 1024 * 1024
"""About so many bytes of lines are Python objects at a time: few, but not so few that the columns
of records with many fields have next to no values."""
_SLICE_VALUES: Final = 32_768
"""About so many fields of records are Python objects at a time when lines are written."""
_SLICE_BYTES: Final = 2 * 1024 * 1024
"""And about so many bytes of columns."""
_SCHEMAS_KEPT: Final = 256

_encode_lines: Final = msgspec.json.Encoder().encode_lines


class Columns:
    """How the records of one schema are laid out in columns.

    Safe to share between threads; never changes.
    """

    def __init__(self, schema: StreamSchema, *, is_whole: bool = False) -> None:
        """Lay out *schema*, which obeys ``rules.check_schema``.

        When it *is_whole*, lines must name every field; otherwise one that they lack is null.
        """
        fields = schema.fields
        self.arrow_schema: pa.Schema = pa.schema(arrow_fields(fields, STORED))
        """The fields in their order, with the types that are stored."""
        self.declared_schema: pa.Schema = pa.schema(arrow_fields(fields, DECLARED))
        """The same with the types that were declared: 32 bits for a float, 8 for a byte."""
        decoder = msgspec.json.Decoder(lay_out(fields, is_whole=is_whole).strict)
        self._decode = decoder.decode
        self._decode_lines = decoder.decode_lines
        self._struct = Struct(fields)
        self._columns = struct_columns(fields, "")
        self._row = row_class([field.name for field in fields])
        self._piece_bytes = min(
            max(_PIECE_BYTES, _PIECE_BYTES_PER_FIELD * len(fields)), _PIECE_BYTES_MAX
        )
        self._slice_rows = max(1, _SLICE_VALUES // len(fields))

    def read_lines(self, lines: bytes) -> pa.RecordBatch:
        """Turn canonical *lines*, each of which ends in a newline, into columns.

        Raises:
            ColumnsError: A record is not in canonical form for the schema, or the last line does
                not end.
            ColumnsTooLargeError: There are more than ``LINES_BYTES_MAX`` bytes, or they take more
                than ``COLUMNS_BYTES_MAX`` as columns, or a single record more than
                ``STRUCTS_BYTES_MAX`` for the fields of its structs.
        """
        if len(lines) > LINES_BYTES_MAX:
            raise ColumnsTooLargeError(f"the lines have more than {LINES_BYTES_MAX} bytes")
        batches, size = [], 0
        for batch in self.read_batches(lines):
            batches.append(batch)
            size += batch.nbytes
            if size > COLUMNS_BYTES_MAX:
                raise ColumnsTooLargeError(f"the columns take more than {COLUMNS_BYTES_MAX} bytes")
        if not batches:
            return self._batch([])
        return batches[0] if len(batches) == 1 else pa.concat_batches(batches)

    def read_batches(self, lines: bytes) -> Iterator[pa.RecordBatch]:
        """Turn *lines* into columns as ``read_lines`` does, a small part at a time.

        So it takes little memory however many lines there are, and however much larger than
        these the columns are. An error comes when its part is reached.
        """
        before = 0
        for piece in _pieces(lines, self._piece_bytes):
            records = self._records(piece, before)
            yield from self._parts(records, before)
            before += len(records)

    def write_lines(self, columns: pa.RecordBatch | pa.Table) -> list[bytes]:
        """Give the canonical line of each record in *columns*, without its newline.

        Columns are found by their names; others are left alone.

        Raises:
            ColumnsError: A column is missing or of another type, or null where it may not be.
        """
        lines: list[bytes] = []
        for batch in _slices(columns, self._slice_rows):
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

    def _records(self, lines: bytes, before: int) -> list[Any]:
        try:
            records = self._decode_lines(lines)
        except (ValueError, RecursionError):
            raise self._misfit(lines, before) from None
        if len(records) != lines.count(b"\n"):
            # The decoder takes any white space between records.
            raise self._misfit(lines, before)
        return records

    def _parts(self, records: list[Any], before: int) -> Iterator[pa.RecordBatch]:
        """Make columns of *records*; if they are too large for one batch, of each half."""
        try:
            batch = self._batch(records)
        except ColumnsTooLargeError as error:
            half = len(records) // 2
            if not half:
                raise ColumnsTooLargeError(error.reason, record=before) from None
        else:
            yield batch
            return
        yield from self._parts(records[:half], before)
        yield from self._parts(records[half:], before + half)

    def _batch(self, records: list[Any]) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays(self._struct.arrays(records), schema=self.arrow_schema)

    def _misfit(self, lines: bytes, before: int) -> ColumnsError:
        """Tell which of *lines* is not of the schema, the first having *before* before it."""
        for record, line in enumerate(lines.split(b"\n")[:-1], start=before):
            try:
                self._decode(line)
            except RecursionError:
                return ColumnsError("it is nested too deep", record=record)
            except ValueError as error:
                misfit = misfit_of(error)
                return ColumnsError(misfit.reason, record=record, field=misfit.field)
        return ColumnsError("the lines do not have one record each", record=before)


def columns_of(schema: StreamSchema, *, is_whole: bool = False) -> Columns:
    """Give the columns of *schema*; those of the schemas used last are kept."""
    return _columns(msgspec.json.encode(schema.fields), is_whole)


@lru_cache(_SCHEMAS_KEPT)
def _columns(fields: bytes, is_whole: bool) -> Columns:  # noqa: FBT001 - what is kept goes by place
    schema = StreamSchema(fields=msgspec.json.decode(fields, type=list[Field]))
    return Columns(schema, is_whole=is_whole)


def _pieces(lines: bytes, size: int) -> Iterator[bytes]:
    """Cut *lines* at newlines into pieces of about *size* bytes."""
    if lines and not lines.endswith(b"\n"):
        raise ColumnsError("the last line does not end")
    start = 0
    while start < len(lines):
        end = lines.index(b"\n", min(start + size, len(lines)) - 1) + 1
        yield lines[start:end]
        start = end


def _slices(columns: pa.RecordBatch | pa.Table, rows_max: int) -> Iterator[pa.RecordBatch]:
    """Give *columns* in slices of at most *rows_max* rows and about ``_SLICE_BYTES`` bytes."""
    batches = columns.to_batches() if isinstance(columns, pa.Table) else [columns]
    for batch in batches:
        rows = min(rows_max, _SLICE_BYTES * batch.num_rows // max(batch.nbytes, 1))
        for start in range(0, batch.num_rows, max(rows, 1)):
            yield batch.slice(start, max(rows, 1))


def _of_name(columns: pa.RecordBatch | pa.Table, name: str) -> Any:  # noqa: ANN401 - a pa.Array
    at = columns.schema.get_field_index(name)
    if at < 0:
        raise ColumnsError("there is no such column", field=name)
    return columns.column(at)
