"""Streams as tables of the database: their records as columns, and three columns of our own.

A table is read from two places at once: Parquet files, which have most of the records, and batches
in memory, which have those that are in no file yet.
"""

from collections.abc import Sequence
from typing import Final

import duckdb
import msgspec
import pyarrow as pa

from sluiceway.backends.duckdb.current import current_select, quoted
from sluiceway.backends.duckdb.statement import StatementError
from sluiceway.backends.duckdb.wire import Declare, Feed
from sluiceway.queries.types import TableName
from sluiceway.schema.arrow.columns import columns_of
from sluiceway.schema.arrow.current import latest, without_deleted
from sluiceway.schema.arrow.own import INGESTED_AT, own_fields
from sluiceway.schema.current import current_rule
from sluiceway.schema.own_columns import own_columns
from sluiceway.schema.types import StreamSchema

_PARQUET_OPTIONS: Final = "union_by_name=true, hive_partitioning=false, can_have_nan=true"
"""Statistics of a Parquet file leave out what is not a number, and to DuckDB that is the largest
one: it must not skip rows by them."""


class Table:
    """One stream of a query."""

    def __init__(self, declared: Declare) -> None:
        self.name: TableName = declared.table
        self.files: list[str] = []
        """Paths, as the database knows them, of files with records that were not added."""
        self.state: list[str] = []
        """Those of the current state."""
        self._known = declared.known
        schema = msgspec.json.decode(declared.schema, type=StreamSchema)
        self._rule = current_rule(schema)
        self._columns = columns_of(schema)
        self._schema = pa.schema([*self._columns.arrow_schema, *own_fields(own_columns(schema))])
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
            pa.concat_arrays(times).cast(pa.timestamp("ms", "UTC")).cast(INGESTED_AT),
        ]
        self._batches.append(
            pa.RecordBatch.from_arrays([*batch.columns, *own], schema=self._schema)
        )

    def register(self, database: duckdb.DuckDBPyConnection, number: int) -> None:
        """Make the stream known to the database, by the name that the query gives it."""
        inner = f"stream {number}"
        database.register(inner, self._added())
        name = quoted(self.name.name)
        if self.name.branch is not None:
            schema = quoted(self.name.branch)
            database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            name = f"{schema}.{name}"
        try:
            database.execute(f"CREATE VIEW {name} AS {self._select(inner)}")
        except duckdb.CatalogException:
            raise StatementError(
                f"{self.name.name!r} is named twice, once with its branch: do so both times"
            ) from None

    @property
    def _has_files(self) -> bool:
        return bool(self.files or self.state)

    def _added(self) -> pa.Table:
        """Give what was added; when that is all, and the current state is asked for, that state.

        It is found by the very names of columns then: the engine, for which two that differ in case
        only are one, is given such streams without files.
        """
        records = pa.Table.from_batches(self._batches, self._schema)
        if self._rule is None or self._known is None or self._has_files:
            return records
        return without_deleted(latest(records, self._rule), self._rule)

    def _select(self, inner: str) -> str:
        """Write what reads the table."""
        memory = f"SELECT * FROM {quoted(inner)}"  # noqa: S608 - quoted
        records = self._read(self.files, memory)
        if self._rule is None or self._known is None or not self._has_files:
            return records
        state = self._read(self.state, f"{memory} LIMIT 0") if self.state else None
        return current_select(self._rule, self._known, records, state)

    def _read(self, paths: Sequence[str], records: str) -> str:
        """Write what reads files and *records*.

        Columns go by their names: a file that was written before a field was added has none for
        it, and one from before a type became wider has the narrower one.
        """
        if not paths:
            return records
        names = ", ".join(quoted(name) for name in self._schema.names)
        listed = ", ".join(f"'{path}'" for path in paths)
        files = f"SELECT * FROM read_parquet([{listed}], {_PARQUET_OPTIONS})"  # noqa: S608 - our own paths
        return f"SELECT {names} FROM ({files} UNION ALL BY NAME ({records}))"  # noqa: S608 - quoted
