"""Reads the files of a table one after the other, a batch at a time."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv

from sluiceway.backends.tables.csv_files import csv_batches
from sluiceway.backends.tables.current import StateReader
from sluiceway.backends.tables.opening import FileOpener, OpenFiles
from sluiceway.backends.tables.ordered import BATCH_ROWS, OrderedRows
from sluiceway.backends.tables.sink import Sink
from sluiceway.backends.tables.types import NESTED, arrow_field, cast, fits
from sluiceway.datasets.schemas import DataframeReader, SchemaFieldType
from sluiceway.datasets.tables import (
    TableFaultError,
    TableFaultKind,
    TableFile,
    TableFormat,
    TableJob,
)

_UNREADABLE: Final = (pa.ArrowException, OSError, ValueError)
_NOT_IN_CSV: Final = NESTED | {SchemaFieldType.BINARY}


class Table:
    """A table that can be read: what can be checked before its first byte is right."""

    def __init__(self, job: TableJob, opener: FileOpener) -> None:
        """Check the columns and every file.

        Raises:
            TableFaultError: The table cannot be read.
        """
        self._job = job
        self._opener = opener
        self._ordered = None if job.offsets is None else OrderedRows(job.offsets)
        self._state = None if job.current is None else StateReader(job.current)
        fields = {str(field.name): field for field in job.schema.field_schema_list}
        self._columns = list(fields) if job.columns is None else job.columns
        wanted = [fields[name] for name in self._columns]
        self._schema = pa.schema([arrow_field(field) for field in wanted])
        self._read = self._schema
        if job.current is not None:
            read = [*self._columns, *job.current.rule.columns]
            self._read = pa.schema([arrow_field(fields[name]) for name in dict.fromkeys(read)])
        is_csv = any(file.reader is DataframeReader.CSV for file in job.files)
        # In a CSV file every column is read, if only to be passed over.
        for field in fields.values() if is_csv else wanted:
            is_sent = job.format is TableFormat.CSV and field in wanted
            if (is_csv or is_sent) and field.type in _NOT_IN_CSV:
                message = f"column {field.name!r}: CSV has no {field.type}"
                raise TableFaultError(TableFaultKind.TYPES, message)
        for file in [] if job.current is None else job.current.state:
            self._check_parquet(file, is_state=True)
        for file in job.files:
            if file.reader is DataframeReader.PARQUET:
                self._check_parquet(file)
        if self._ordered is not None:
            self._ordered.sort()
        if is_csv:
            self._count()

    def write(self, sink: Sink) -> None:
        """Write the table.

        Raises:
            TableFaultError: It cannot be read to its end.
        """
        if self._job.format is TableFormat.ARROW:
            with pa.ipc.new_stream(sink, self._schema) as stream:
                for batch in self._batches():
                    stream.write_batch(batch)
        else:
            with pyarrow.csv.CSVWriter(sink, self._schema) as writer:
                for batch in self._batches():
                    writer.write_batch(batch)

    def _batches(self) -> Iterator[Any]:
        left = self._job.row_limit
        if left == 0:
            return
        for batch in self._rows():
            wanted = batch if left is None else batch.slice(0, left)
            yield wanted
            if left is not None:
                left -= wanted.num_rows
                if left == 0:
                    return

    def _rows(self) -> Iterator[Any]:
        if self._ordered is not None:
            yield from self._in_order(self._ordered)
        elif self._state is not None:
            yield from self._current(self._state)
        else:
            for file in self._job.files:
                yield from self._of_file(file)

    def _in_order(self, ordered: OrderedRows) -> Iterator[Any]:
        with OpenFiles(self._opener) as files:
            for group in ordered.groups:
                try:
                    opened = files.get(group.file)
                    for batch in ordered.batches(group, opened, self._columns):
                        yield _with_columns(batch, self._schema)
                except _UNREADABLE as error:
                    raise _fault(group.file, error) from error

    def _current(self, state: StateReader) -> Iterator[Any]:
        with OpenFiles(self._opener) as files:

            def read(file: TableFile, numbers: list[int] | None) -> Iterator[Any]:
                try:
                    opened = files.get(file)
                    there = [name for name in self._read.names if name in opened.schema_arrow.names]
                    for batch in opened.iter_batches(BATCH_ROWS, row_groups=numbers, columns=there):
                        yield pa.Table.from_batches([_with_columns(batch, self._read)])
                except _UNREADABLE as error:
                    raise _fault(file, error) from error

            for part in state.rows(read, self._read):
                yield from part.select(self._schema.names).to_batches(BATCH_ROWS)

    def _of_file(self, file: TableFile) -> Iterator[Any]:
        try:
            if file.reader is DataframeReader.CSV:
                found = csv_batches(file.location, self._job.schema, self._columns)
            else:
                found = self._parquet_batches(file)
            for batch in found:
                yield _with_columns(batch, self._schema)
        except _UNREADABLE as error:
            raise _fault(file, error) from error

    def _parquet_batches(self, file: TableFile) -> Iterator[Any]:
        with self._opener.parquet(file) as opened:
            there = [name for name in self._columns if name in opened.schema_arrow.names]
            yield from opened.iter_batches(BATCH_ROWS, columns=there)

    def _check_parquet(self, file: TableFile, *, is_state: bool = False) -> None:
        try:
            with self._opener.parquet(file) as opened:
                found = opened.schema_arrow
                if self._ordered is not None:
                    self._ordered.add(file, opened.metadata)
                if self._state is not None and not is_state:
                    self._state.add(file, opened.metadata)
        except _UNREADABLE as error:
            raise _fault(file, error) from error
        for field in self._read:
            places = found.get_all_field_indices(field.name)
            if len(places) > 1:
                message = f"{file.path!r} has two columns {field.name!r}"
                raise TableFaultError(TableFaultKind.FILE, message)
            if places and not fits(found.field(places[0]).type, field.type):
                message = (
                    f"{file.path!r}: column {field.name!r} is {found.field(places[0]).type},"
                    f" not {field.type}"
                )
                raise TableFaultError(TableFaultKind.FILE, message)

    def _count(self) -> None:
        rows = 0
        for batch in self._batches():
            rows += batch.num_rows
            if rows > self._job.rows_max:
                raise TableFaultError(TableFaultKind.ROWS, f"over {self._job.rows_max} rows")


def _with_columns(batch: Any, schema: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Give a batch with the columns of *schema*; those that its file lacks are null."""
    names = batch.schema.names
    arrays = [
        cast(batch.column(names.index(field.name)), field.type)
        if field.name in names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _fault(file: TableFile, error: Exception) -> TableFaultError:
    # What pyarrow says may name the place of the file on this machine, or quote a long row.
    reason = str(error).replace(file.location, file.path)[:500]
    return TableFaultError(TableFaultKind.FILE, f"{file.path!r}: {reason}")
