"""What queries need of whatever computes them, and of where the records are."""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from sluiceway.queries.types import (
    DownloadFormat,
    Outcome,
    QueryLimits,
    SerializationFormat,
    TableName,
)
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.types import View


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Records of one partition, in their order."""

    partition: int
    runs: list[tuple[int, int, int]]
    """Of records that became durable together: the first offset, how many, and the epoch ms."""
    lines: bytes
    """The records: each one canonical JSON object followed by a newline."""


class Relation(Protocol):
    """A stream as it was at one moment."""

    @property
    def view(self) -> View:
        """The view whose records these are."""
        ...

    def pieces(self) -> AsyncIterator[Piece]:
        """Give every record once."""
        ...


class RelationSource(Protocol):
    """Opens streams for queries."""

    async def open(self, view: View) -> Relation:
        """Fix what of *view* a query reads: all that is durable now, and nothing later.

        Raises:
            LogViewNotFoundError: The stream was reset meanwhile.
            LogUnavailableError: The log cannot be read.
        """
        ...


class QueryRun(Protocol):
    """One query on its way."""

    async def tables(self) -> list[TableName]:
        """Give the streams that the query names, each once.

        Raises:
            QueryParseError: It is no single SELECT over streams.
            QueryFailedError: The engine failed.
        """
        ...

    async def declare(self, table: TableName, schema: StreamSchema) -> None:
        """Say what the stream *table* looks like; records that follow are its own."""
        ...

    async def feed(self, piece: Piece) -> None:
        """Hand over records of the stream that was declared last; waits while there is no room."""
        ...

    async def finish(self) -> Outcome:
        """Compute the result.

        Raises:
            QueryParseError: The query does not fit its streams.
            ColumnTypesNotSupportedError: The result does not fit its format.
            QueryFailedError: It needs more than it may, or cannot be computed.
        """
        ...

    async def stop(self) -> None:
        """End it, whatever it does, and give back what it held. Stopping twice changes nothing."""
        ...


class QueryEngine(Protocol):
    """Computes queries, where they can harm nobody."""

    async def start(
        self, text: str, written_as: SerializationFormat, limits: QueryLimits, result: int
    ) -> QueryRun:
        """Begin a query that writes its result into the open file *result*.

        Raises:
            QueryFailedError: There is no process for it.
        """
        ...

    async def convert(
        self, source: int, written_as: DownloadFormat, limits: QueryLimits, result: int
    ) -> QueryRun:
        """Begin to write the Arrow stream in the open file *source* in another format."""
        ...
