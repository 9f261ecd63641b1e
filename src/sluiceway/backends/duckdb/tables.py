"""Streams as tables of the database: their records as columns, and three columns of our own."""

from typing import Final

import duckdb
import msgspec
import pyarrow as pa

from sluiceway.backends.duckdb.statement import StatementError
from sluiceway.backends.duckdb.wire import Declare, Feed
from sluiceway.queries.types import TableName
from sluiceway.schema.arrow.columns import columns_of
from sluiceway.schema.types import StreamSchema

_OWN: Final = (
    ("_partition", pa.int32()),
    ("_offset", pa.int64()),
    ("_ingested_at", pa.timestamp("us", "UTC")),
)


class Table:
    """One stream of a query."""

    def __init__(self, declared: Declare) -> None:
        self.name: TableName = declared.table
        self._columns = columns_of(msgspec.json.decode(declared.schema, type=StreamSchema))
        fields = [*self._columns.arrow_schema, *_own_fields(self._columns.arrow_schema.names)]
        self._schema = pa.schema(fields)
        self._batches: list[pa.RecordBatch] = []

    def add(self, piece: Feed) -> None:
        """Add records."""
        batch = self._columns.read_lines(piece.lines)
        offsets = [pa.array(range(start, start + count)) for start, count, _ in piece.runs]
        times = [
            pa.repeat(pa.scalar(time_ms, pa.int64()), count) for _, count, time_ms in piece.runs
        ]
        own = [
            pa.repeat(pa.scalar(piece.partition, pa.int32()), batch.num_rows),
            pa.concat_arrays(offsets),
            pa.concat_arrays(times).cast(pa.timestamp("ms", "UTC")).cast(_OWN[2][1]),
        ]
        self._batches.append(
            pa.RecordBatch.from_arrays([*batch.columns, *own], schema=self._schema)
        )

    def register(self, database: duckdb.DuckDBPyConnection, number: int) -> None:
        """Make the stream known to the database, by the name that the query gives it."""
        inner = f"stream {number}"
        database.register(inner, pa.Table.from_batches(self._batches, self._schema))
        name = _quoted(self.name.name)
        if self.name.branch is not None:
            schema = _quoted(self.name.branch)
            database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            name = f"{schema}.{name}"
        try:
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM {_quoted(inner)}")  # noqa: S608 - quoted
        except duckdb.CatalogException:
            raise StatementError(
                f"{self.name.name!r} is named twice, once with its branch: do so both times"
            ) from None


def _own_fields(taken: list[str]) -> list[pa.Field]:
    """Give our columns, with underscores in front until no field of the stream has their names."""
    names = {name.casefold() for name in taken}
    fields = []
    for name, kind in _OWN:
        own = name
        while own.casefold() in names:
            own = f"_{own}"
        fields.append(pa.field(own, kind, nullable=False))
    return fields


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
