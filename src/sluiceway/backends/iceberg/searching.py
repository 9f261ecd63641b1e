"""Looking through the rows of a table: the columns that conditions are on, and rows that meet them."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import pyarrow as pa
from pyarrow import compute, parquet
from pyiceberg.io import FileIO

from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.backends.iceberg.index import Group
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.backends.iceberg.reading import GroupCache, records
from sluiceway.schema.arrow.columns import columns_of
from sluiceway.schema.equality import Equality
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.search import Found, Wanted

_ROWS_MAX: Final = 1_000_000
"""About so many rows are looked at in one call."""
_ANY: Final = 1 << 62


class Search:
    """One call."""

    def __init__(
        self, io: FileIO, layout: Layout, schema: StreamSchema, wanted: Wanted, cache: GroupCache
    ) -> None:
        self._io = io
        self._layout = layout
        self._wanted = wanted
        self._cache = cache
        self._values = _values(schema, wanted.equality)

    def run(self, groups: Iterable[Group], limit: int, bytes_max: int) -> Found:
        """Look through *groups*, which come in the order of their offsets."""
        wanted = self._wanted
        found: list[StoredRecord] = []
        size = looked_at = 0
        reached = wanted.start
        for group in groups:
            if group.first >= wanted.end:
                break
            if looked_at >= _ROWS_MAX:
                return Found(found, reached)
            rows, count = self._matching(group)
            looked_at += count
            for record in () if rows is None else self._records(rows):
                size += len(record.value)
                if len(found) == limit or (found and size > bytes_max):
                    return Found(found, found[-1].offset + 1)
                found.append(record)
            reached = min(group.last + 1, wanted.end)
        return Found(found, wanted.end)

    def _records(self, rows: pa.Table) -> Iterable[StoredRecord]:
        # They come one after the other, and who takes them stops where there is no more room.
        return records(rows, self._layout, 0, limit=rows.num_rows, bytes_max=_ANY)

    def _matching(self, group: Group) -> tuple[pa.Table | None, int]:
        """Give the rows of a row group that are wanted, and how many were looked at."""
        own = self._layout.own
        with self._io.new_input(group.location).open() as opened:
            file = parquet.ParquetFile(opened)
            footer = file.metadata.row_group(group.number)
            if not self._may_have(footer, file.schema_arrow):
                return None, 0
            names = file.schema_arrow.names
            columns = [
                name for name in (*self._values, own.offset, own.ingested_at) if name in names
            ]
            looked = file.read_row_group(group.number, columns=columns)
        mask = self._mask(looked)
        if not compute.any(mask).as_py():
            return None, looked.num_rows
        return self._cache.read(self._io, group).filter(mask), looked.num_rows

    def _may_have(self, footer: parquet.RowGroupMetaData, schema: pa.Schema) -> bool:
        """Tell by the statistics of a row group whether it may have wanted rows."""
        limits = {
            footer.column(at).path_in_schema: footer.column(at).statistics
            for at in range(footer.num_columns)
        }
        times = limits.get(self._layout.own.ingested_at)
        if times is not None and times.has_min_max:
            first, last = (_epoch_ms(one) for one in (times.min, times.max))
            wanted = self._wanted
            if wanted.end_ms is not None and first >= wanted.end_ms:
                return False
            if wanted.start_ms is not None and last < wanted.start_ms:
                return False
        for name, value in self._values.items():
            found = limits.get(name)
            plain = value.as_py()
            if plain is None or found is None or not found.has_min_max:
                continue
            if isinstance(plain, int | str) and not found.min <= plain <= found.max:
                return False
        return all(
            name in schema.names or not value.is_valid for name, value in self._values.items()
        )

    def _mask(self, rows: pa.Table) -> Any:  # noqa: ANN401 - an array of booleans
        wanted, own = self._wanted, self._layout.own
        offsets = rows.column(own.offset)
        mask = compute.and_(
            compute.greater_equal(offsets, wanted.start), compute.less(offsets, wanted.end)
        )
        times = compute.divide(rows.column(own.ingested_at).cast(pa.int64()), 1_000)
        if wanted.start_ms is not None:
            mask = compute.and_(mask, compute.greater_equal(times, wanted.start_ms))
        if wanted.end_ms is not None:
            mask = compute.and_(mask, compute.less(times, wanted.end_ms))
        for name, value in self._values.items():
            at = rows.schema.get_field_index(name)
            if at < 0:
                continue  # An older file, for which null was asked.
            column = rows.column(at)
            if value.is_valid:
                same = compute.fill_null(compute.equal(column, value), False)
            else:
                same = compute.is_null(column)
            mask = compute.and_(mask, same)
        return mask


def _values(schema: StreamSchema, equality: Equality | None) -> dict[str, Any]:
    """Give the values to compare with as Arrow has them.

    Raises:
        ArchiveUnavailableError: The table does not have the columns of the newest schema yet.
    """
    if equality is None:
        return {}
    fields = [field for field in schema.fields if field.name in equality.values]
    if len(fields) < len(equality.values):
        raise ArchiveUnavailableError("the table is about to get the stream's new fields")
    columns = columns_of(StreamSchema(fields=fields))
    line = b",".join(
        msgspec.json.encode(field.name) + b":" + equality.values[field.name] for field in fields
    )
    row = columns.read_lines(b"{%b}\n" % line)
    return {name: row.column(at)[0] for at, name in enumerate(row.schema.names)}


def _epoch_ms(moment: Any) -> int:  # noqa: ANN401 - a datetime, exact to the microsecond
    microseconds: int = round(moment.timestamp() * 1_000_000)
    return microseconds // 1_000
