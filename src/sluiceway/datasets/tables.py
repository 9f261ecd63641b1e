"""What datasets need from whoever reads files as one table."""

import enum
from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from sluiceway.datasets.schemas import DataframeReader, DatasetSchema
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.schema.current import CurrentRule
from sluiceway.schema.own_columns import OwnColumns


class TableFormat(enum.StrEnum):
    """How a table is sent."""

    ARROW = "ARROW"
    """An Arrow IPC stream."""
    CSV = "CSV"
    """Comma-separated values, with the names of the columns in the first line."""


class TableFile(msgspec.Struct, frozen=True):
    """A file of a table."""

    path: str
    """What it is called, for people."""
    location: str
    """Where the reader finds it, see ``FileStore.location``."""
    reader: DataframeReader = DataframeReader.PARQUET
    """``PARQUET`` or ``CSV``."""


OffsetRanges = dict[int, tuple[int, int]]
"""By partition: the first offset of the rows, and the one after the last."""


class OffsetRows(msgspec.Struct, frozen=True):
    """Rows of a stream, in the order of partition and offset."""

    own: OwnColumns
    """The columns that say which row is which."""
    ranges: OffsetRanges | None
    """The rows that are wanted; ``None`` for all."""


class CurrentRows(msgspec.Struct, frozen=True, kw_only=True):
    """The current state of a stream of changes: its state at one moment, and what changed since."""

    rule: CurrentRule
    state: list[TableFile]
    """Files of the state, sorted by their keys."""
    starts: dict[int, int]
    """By partition: the offset of the first change since; 0 where none is named."""
    ends: dict[int, int] | None
    """The one after the last that counts; ``None``: all that the files have."""


class TableJob(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A table to be read: the rows of the files, one after the other, or by their offsets."""

    format: TableFormat
    schema: DatasetSchema
    columns: list[str] | None
    """Those wanted, in this order; ``None`` for all of the schema."""
    files: list[TableFile]
    row_limit: int | None
    """How many rows to give at most."""
    rows_max: int
    """How many rows a table may have of which a file is not Parquet."""
    offsets: OffsetRows | None = None
    """Which rows, and that they are sorted; every file is Parquet then."""
    current: CurrentRows | None = None
    """Of which rows the current state is wanted, instead; ``files`` have the changes."""


class FileJob(msgspec.Struct, frozen=True, tag=True):
    """A file to be read as it is."""

    path: str
    """What it is called, for people."""
    location: str
    """Where the reader finds it."""
    size_bytes: int
    """How large it is; at any other size the reading fails."""


class TableQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What of a table is wanted, and how."""

    format: TableFormat
    columns: list[str] | None
    row_limit: int | None

    def check(self, schema: DatasetSchema) -> None:
        """Check it against the columns that there are.

        Raises:
            InvalidArgumentError: There is no such column, or it is named twice.
        """
        there = {field.name for field in schema.field_schema_list}
        columns = self.columns or []
        for column in columns:
            if column not in there:
                shown = column[:255]
                raise InvalidArgumentError(f"there is no column {shown!r}", column=shown)
        if len(set(columns)) < len(columns):
            raise InvalidArgumentError("a column is named twice")


class TableFaultKind(enum.StrEnum):
    """What stands in the way of a table."""

    FILE = "FILE"
    """A file is not what the schema says."""
    GONE = "GONE"
    """A file is not there any more."""
    AWAY = "AWAY"
    """A file cannot be opened now, where it is kept."""
    ROWS = "ROWS"
    """There are more rows than may be."""
    TYPES = "TYPES"
    """A type cannot be read from such a file, or sent in the wanted format."""
    TIME = "TIME"
    """It took too long."""


class TableFaultError(Exception):
    """A table cannot be read, or not to its end."""

    def __init__(self, kind: TableFaultKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class TableReader(Protocol):
    """Reads tables and files, a little at a time in memory."""

    async def read(self, job: TableJob | FileJob) -> AsyncIterator[bytes]:
        """Begin to read a table or a file; gives its bytes in pieces of up to 1 MiB.

        What is given has an ``aclose``, which ends the reading, and must be called at the end.

        Raises:
            TableFaultError: It cannot be read; also while it is read.
            OverloadedError: Too many tables are being read.
        """
        ...
