"""The processes of queries, as the server sees them: started, fed, heard and ended."""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from sluiceway.backends.duckdb.wire import (
    FILES_AT_ONCE,
    LENGTH_BYTES,
    REPLY_BYTES_MAX,
    Attach,
    Attached,
    Begin,
    Compute,
    Convert,
    Declare,
    Done,
    Failed,
    Failure,
    Feed,
    FromProcess,
    Tables,
    ToProcess,
)
from sluiceway.foundation.errors import SluicewayError
from sluiceway.queries.engine import Piece
from sluiceway.queries.errors import (
    ColumnTypesNotSupportedError,
    QueryFailedError,
    QueryParseError,
)
from sluiceway.queries.types import (
    DownloadFormat,
    Outcome,
    QueryLimits,
    SerializationFormat,
    TableName,
)
from sluiceway.schema.types import StreamSchema

_KEPT_VARIABLES: Final = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")
"""Nothing else of the environment is for a query to know."""
_OWN_VARIABLES: Final = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
}
_decoder: Final = msgspec.msgpack.Decoder(FromProcess)
_encoder: Final = msgspec.msgpack.Encoder()

M = TypeVar("M")


class ProcessRun:
    """A query in a process of its own."""

    def __init__(
        self,
        process: Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        files: socket.socket | None,
    ) -> None:
        self._process = process
        self._files = files
        self._reader = reader
        self._writer = writer

    async def tables(self) -> list[TableName]:
        """Give the streams that the query names."""
        return (await self._reply(Tables)).tables

    async def declare(
        self,
        number: int,
        table: TableName,
        schema: StreamSchema,
        known: Mapping[int, int] | None = None,
    ) -> None:
        """Say what the stream *table* looks like."""
        offsets = None if known is None else dict(known)
        await self.send(Declare(number, table, msgspec.json.encode(schema), offsets))

    async def attach(self, number: int, paths: Sequence[str], *, is_state: bool = False) -> None:
        """Hand over Parquet files of a stream, a few at a time."""
        assert self._files is not None
        for start in range(0, len(paths), FILES_AT_ONCE):
            some = paths[start : start + FILES_AT_ONCE]
            try:
                await asyncio.to_thread(_send_opened, self._files, some)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise QueryFailedError(f"a file of the archive cannot be read: {error}") from error
            await self.send(Attach(number, len(some), is_state))
            await self._reply(Attached)

    async def feed(self, number: int, piece: Piece) -> None:
        """Hand over records of a stream."""
        await self.send(Feed(number, piece.partition, piece.runs, piece.lines))

    async def finish(self) -> Outcome:
        """Have the result computed."""
        await self.send(Compute())
        done = await self._reply(Done)
        return Outcome(done.result_bytes, done.page_bytes, done.rows)

    async def stop(self) -> None:
        """Kill the process, if it has not ended."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        self._writer.close()
        if self._files is not None:
            self._files.close()

    async def send(self, message: ToProcess) -> None:
        """Send *message*, as soon as there is room for it."""
        data = bytearray(LENGTH_BYTES)
        _encoder.encode_into(message, data, LENGTH_BYTES)
        data[:LENGTH_BYTES] = (len(data) - LENGTH_BYTES).to_bytes(LENGTH_BYTES, "big")
        self._writer.write(data)
        # One that has ended has said why before.
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def _reply(self, expected: type[M]) -> M:
        message = await self._receive()
        if isinstance(message, Failed):
            raise _error(message)
        if not isinstance(message, expected):
            raise QueryFailedError("the process of the query said what it should not")
        return message

    async def _receive(self) -> FromProcess:
        try:
            size = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
            if size > REPLY_BYTES_MAX:
                raise QueryFailedError("the process of the query said more than it may")
            message: FromProcess = _decoder.decode(await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self._process.wait()
            raise QueryFailedError(_epitaph(code)) from None
        except msgspec.DecodeError as error:
            raise QueryFailedError(f"the process of the query cannot be read: {error}") from None
        return message


class DuckDbEngine:
    """Starts a process for each query."""

    async def start(
        self, text: str, written_as: SerializationFormat, limits: QueryLimits, result: int
    ) -> ProcessRun:
        """Begin a query that writes its result into the open file *result*."""
        ours, theirs = _socket_pair()
        ours.setblocking(False)
        with theirs:
            given = {"--files": theirs.fileno()}
            return await self._start(result, given, Begin(text, written_as, limits), ours)

    async def convert(
        self, source: int, written_as: DownloadFormat, limits: QueryLimits, result: int
    ) -> ProcessRun:
        """Begin to write the Arrow stream in the open file *source* in another format."""
        return await self._start(result, {"--source": source}, Convert(written_as, limits))

    async def _start(
        self,
        result: int,
        given: Mapping[str, int],
        first: Begin | Convert,
        files: socket.socket | None = None,
    ) -> ProcessRun:
        ours, theirs = _socket_pair()
        try:
            with theirs:
                process = await _spawn([theirs.fileno(), result], given)
            reader, writer = await asyncio.open_connection(sock=ours)
        except OSError as error:
            ours.close()
            if files is not None:
                files.close()
            raise QueryFailedError(f"no process could be started for it: {error}") from error
        run = ProcessRun(process, reader, writer, files)
        try:
            await run.send(first)
        except BaseException:
            await asyncio.shield(run.stop())
            raise
        return run


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:
        raise QueryFailedError(f"no process could be started for it: {error}") from error


def _send_opened(link: socket.socket, paths: Sequence[str]) -> None:
    """Open files and send their descriptors; here they are closed again.

    Raises:
        OSError: One cannot be opened, or the other side takes none.
    """
    with contextlib.ExitStack() as stack:
        descriptors = []
        for path in paths:
            descriptors.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
            stack.callback(os.close, descriptors[-1])
        socket.send_fds(link, [b"f"], descriptors)


async def _spawn(inherited: Sequence[int], given: Mapping[str, int]) -> Process:
    environment: dict[str, Any] = {
        name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sluiceway", "query", str(os.getpid())),
        *map(str, inherited),
        *(f"{option}={descriptor}" for option, descriptor in given.items()),
        stdin=DEVNULL,
        stdout=DEVNULL,
        pass_fds=[*inherited, *given.values()],
        env=environment | _OWN_VARIABLES,
        cwd="/",
    )


def _error(failed: Failed) -> SluicewayError:
    match failed.failure:
        case Failure.PARSE:
            return QueryParseError(failed.reason, failed.position)
        case Failure.TYPES:
            return ColumnTypesNotSupportedError(failed.reason)
        case Failure.FAILED:
            return QueryFailedError(failed.reason)


def _epitaph(code: int) -> str:
    if code < 0:
        return "it needed more time or memory than a query may have, or broke the engine"
    return f"its process ended with {code}"
