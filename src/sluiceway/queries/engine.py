"""What queries need of whatever computes them, and of where the records are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.queries.types import (
    DownloadFormat,
    NamedStream,
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


class ColdState(Protocol):
    """The current state of a stream with change data capture, as far as it is in files."""

    @property
    def paths(self) -> Sequence[str]:
        """Of Parquet files with the latest record of each key, also of those that are gone."""
        ...

    @property
    def next_offsets(self) -> Mapping[int, int]:
        """By partition: the state knows every record before, and none after."""
        ...

    @property
    def changes(self) -> Sequence[str]:
        """Paths of all files that have records from there on; they may have others too."""
        ...


class ColdFiles(Protocol):
    """Files of a stream that can be opened here."""

    @property
    def paths(self) -> Sequence[str]:
        """Of Parquet files; one may be gone by the time that it is opened."""
        ...

    @property
    def next_offsets(self) -> Mapping[int, int]:
        """By partition: the files have every record before, and none after."""
        ...

    @property
    def current(self) -> ColdState | None:
        """The current state, of a stream that has one."""
        ...


class ColdFilesSource(Protocol):
    """Tells what files a stream has."""

    async def of_view(self, view: ViewRid) -> ColdFiles | None:
        """Give those that *view* has now; ``None`` when its records must be had another way."""
        ...


class Relation(Protocol):
    """A stream as it was at one moment."""

    @property
    def view(self) -> View:
        """The view whose records these are."""
        ...

    @property
    def files(self) -> Sequence[str]:
        """Paths of Parquet files with the records that ``pieces`` leaves out."""
        ...

    @property
    def state(self) -> Sequence[str]:
        """Paths of Parquet files with the current state before ``known``."""
        ...

    @property
    def known(self) -> Mapping[int, int] | None:
        """By partition: from where on records change the current state, which is asked for.

        Those before do not count; where there is a state, every partition is named. ``None``: the records are asked for as they came.
        """
        ...

    def pieces(self) -> AsyncIterator[Piece]:
        """Give every record that is in none of the files, once."""
        ...


class RelationSource(Protocol):
    """Opens streams for queries."""

    async def open(self, stream: NamedStream) -> Relation:
        """Fix what of *stream* a query reads: all that is durable now, and nothing later.

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

    async def declare(
        self,
        number: int,
        table: TableName,
        schema: StreamSchema,
        known: Mapping[int, int] | None = None,
    ) -> None:
        """Say what the stream *table* looks like; it has no record then, also when said again.

        *number* is what the other calls name it by; *known* is that of a `Relation`.
        """
        ...

    async def attach(self, number: int, paths: Sequence[str], *, is_state: bool = False) -> None:
        """Hand over Parquet files of a stream, or of its current state, opened for reading.

        Raises:
            FileNotFoundError: One of them is gone; the stream is to be declared again.
            QueryFailedError: One cannot be opened, or the engine failed.
        """
        ...

    async def feed(self, number: int, piece: Piece) -> None:
        """Hand over records of a stream; waits while there is no room."""
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
