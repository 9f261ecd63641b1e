"""What datasets need from whoever reads files as one table."""

import enum
from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from sluiceway.datasets.schemas import DataframeReader, DatasetSchema


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
    reader: DataframeReader
    """``PARQUET`` or ``CSV``."""


class TableJob(msgspec.Struct, frozen=True, kw_only=True):
    """A table to be read: the rows of the files, one after the other."""

    format: TableFormat
    schema: DatasetSchema
    columns: list[str] | None
    """Those wanted, in this order; ``None`` for all of the schema."""
    files: list[TableFile]
    row_limit: int | None
    """How many rows to give at most."""
    rows_max: int
    """How many rows a table may have of which a file is not Parquet."""


class TableFaultKind(enum.StrEnum):
    """What stands in the way of a table."""

    FILE = "FILE"
    """A file is not what the schema says."""
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
    """Reads tables, a little at a time in memory."""

    async def read(self, job: TableJob) -> AsyncIterator[bytes]:
        """Begin to read a table; gives its bytes in pieces of up to 1 MiB.

        What is given has an ``aclose``, which ends the reading, and must be called at the end.

        Raises:
            TableFaultError: It cannot be read; also while it is read.
            OverloadedError: Too many tables are being read.
        """
        ...
