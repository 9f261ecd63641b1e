"""One Parquet file of a table, as its rows come."""

import contextlib
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import Table
from pyiceberg.typedef import Record

from sluiceway.backends.iceberg.layout import Layout, file_schema

_GROUP_ROWS: Final = 131_072
"""Rows of a row group, at which it is written; one piece more is the most there may be."""
_GROUP_BYTES: Final = 32 * 1_048_576
"""The same, in bytes of columns."""


class FileWriter:
    """Writes row groups of one partition each, which bounds what it holds."""

    def __init__(self, table: Table, name: str, layout: Layout, compression_level: int) -> None:
        self._table = table
        self._io: FileIO = table.io
        location = table.location_provider().new_data_location(name)
        self.location: str = location
        self.schema: pa.Schema = file_schema(layout.arrow_schema(), table.schema())
        """Of the file, with Iceberg's ids."""
        self._file: Any = self._io.new_output(location).create()
        self._metadata: list[parquet.FileMetaData] = []
        self._writer = parquet.ParquetWriter(
            self._file,
            self.schema,
            compression="zstd",
            compression_level=compression_level,
            write_page_index=True,
            store_schema=False,
            metadata_collector=self._metadata,
        )
        self._partition = -1
        self._group: list[pa.RecordBatch] = []
        self._group_rows = 0
        self._group_bytes = 0
        self.ranges: dict[int, tuple[int, int]] = {}
        """By partition the first offset, and the one after the last."""

    def add_group(self, partition: int, group: pa.Table, ends: tuple[int, int]) -> None:
        """Add rows of one partition, by their offsets, which are in the range *ends*.

        A row group never reaches over offsets that are in neither: another file may have them, and
        readers find rows by the first and the last offset of each row group.
        """
        begun = self.ranges.get(partition)
        if partition != self._partition or (begun is not None and begun[1] != ends[0]):
            self._write_group()
            self._partition = partition
        for rows in group.to_batches():
            self.add_rows(rows)
        self.ranges[partition] = (ends[0] if begun is None else begun[0], ends[1])

    def add_rows(self, rows: pa.RecordBatch) -> None:
        """Add rows of a table that has an order of its own, in that order."""
        self._group.append(rows)
        self._group_rows += rows.num_rows
        self._group_bytes += rows.nbytes
        if self._group_rows >= _GROUP_ROWS or self._group_bytes >= _GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        if self._group:
            table = pa.Table.from_batches(self._group, schema=self.schema)
            self._writer.write_table(table, row_group_size=table.num_rows)
        self._group, self._group_rows, self._group_bytes = [], 0, 0

    @property
    def footer(self) -> parquet.FileMetaData:
        """What the file says about itself, once it is finished."""
        return self._metadata[0]

    def finish(self) -> DataFile:
        """Write what is left and close the file; it is durable on return."""
        self._write_group()
        self._writer.close()
        size = self._file.tell()
        self._file.close()
        metadata = self._table.metadata
        schema = metadata.schema()
        statistics = data_file_statistics_from_parquet_metadata(
            parquet_metadata=self.footer,
            stats_columns=compute_statistics_plan(schema, metadata.properties),
            parquet_column_mapping=parquet_path_to_id_mapping(schema),
        )
        return DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=self.location,
            file_format=FileFormat.PARQUET,
            partition=Record(),
            file_size_in_bytes=size,
            sort_order_id=self._table.sort_order().order_id,
            spec_id=metadata.default_spec_id,
            equality_ids=None,
            key_metadata=None,
            **statistics.to_serialized_dict(),
        )

    def abort(self) -> None:
        """Close and remove the file; what cannot be removed is an orphan."""
        # What the file lacks does not matter any more.
        with contextlib.suppress(OSError, RuntimeError, pa.ArrowException):
            self._writer.close()
        self._writer.is_open = False  # Or it would try again when it is forgotten.
        with contextlib.suppress(OSError):
            self._file.close()
        self._io.delete(self.location)
