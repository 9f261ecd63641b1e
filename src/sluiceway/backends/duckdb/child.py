"""The process of one query: it shuts itself in, reads the query, is given its streams, and computes.

It ends with its query. Nothing that the query says is looked at before the process is shut in.
"""

import io
import socket
from typing import Final

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.dataset

from sluiceway.backends.duckdb import confinement, output
from sluiceway.backends.duckdb.database import open_database
from sluiceway.backends.duckdb.statement import StatementError, tables_of
from sluiceway.backends.duckdb.tables import Table
from sluiceway.backends.duckdb.wire import (
    LENGTH_BYTES,
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

_BATCH_ROWS: Final = 10_000
_REASON_LENGTH_MAX: Final = 4_000
_decoder: Final = msgspec.msgpack.Decoder(ToProcess)


class _Link:
    """The socket to the server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")

    def receive(self) -> Begin | Convert | Declare | Feed | Compute:
        head = self._file.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
            raise SystemExit(0)  # The server has no use for this any more.
        body = self._file.read(int.from_bytes(head, "big"))
        message: Begin | Convert | Declare | Feed | Compute = _decoder.decode(body)
        return message

    def send(self, message: FromProcess) -> None:
        data = msgspec.msgpack.encode(message)
        self._connection.sendall(len(data).to_bytes(LENGTH_BYTES, "big") + data)


def run(parent_pid: int, link: socket.socket, result: io.FileIO, source: io.FileIO | None) -> None:
    """Compute what the server asks for over *link*, and write it to *result*.

    Raises:
        ConfinementError: The process cannot be shut in; nothing was computed.
    """
    confinement.die_with(parent_pid)
    kept = {link.fileno(), result.fileno(), *(() if source is None else (source.fileno(),))}
    confinement.close_all_but(kept)
    server = _Link(link)
    first = server.receive()
    assert isinstance(first, Begin | Convert)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    database = open_database(first.limits.memory_bytes // 2)
    confinement.limit(
        memory_bytes=first.limits.memory_bytes,
        cpu_seconds=first.limits.seconds + 1,
        file_bytes=first.limits.result_bytes + 2 * 1_048_576,
    )
    confinement.forbid()
    try:
        if isinstance(first, Begin):
            server.send(_compute(first, server, database, result))
        else:
            assert source is not None
            compute = server.receive()
            assert isinstance(compute, Compute)
            server.send(output.convert(source, result, first.written_as, first.limits))
    except Exception as error:  # noqa: BLE001 - whatever it is, the server is told
        server.send(_failed(error, first.limits.memory_bytes))


def _compute(
    begin: Begin, server: _Link, database: duckdb.DuckDBPyConnection, result: io.FileIO
) -> Done:
    read = database.execute("SELECT json_serialize_sql(?::VARCHAR)", [begin.text])
    # All of them: a connection with rows left to fetch takes no other statement.
    [(serialized,)] = read.fetchall()
    server.send(Tables(tables_of(serialized)))
    tables: list[Table] = []
    while not isinstance(message := server.receive(), Compute):
        if isinstance(message, Declare):
            tables.append(Table(message))
        elif isinstance(message, Feed):
            tables[-1].add(message)
    for number, table in enumerate(tables):
        table.register(database, number)
    database.execute("SET lock_configuration=true")
    reader = database.execute(begin.text).to_arrow_reader(_BATCH_ROWS)
    return output.write_result(reader, result, begin.written_as, begin.limits)


def _failed(error: Exception, memory_bytes: int) -> Failed:
    """Say in words why there is no result."""
    match error:
        case StatementError():
            return Failed(Failure.PARSE, error.reason[:_REASON_LENGTH_MAX], error.position)
        case output.UnsupportedTypesError():
            return Failed(Failure.TYPES, str(error)[:_REASON_LENGTH_MAX])
        case MemoryError() | duckdb.OutOfMemoryException():  # ArrowMemoryError is a MemoryError.
            reason = f"it needs more memory than the {memory_bytes:,} bytes of a query"
        case output.OutputError() | duckdb.Error():
            reason = str(error)
        case OSError():
            reason = "the result cannot be written, or is larger than it may be"
        case _:
            reason = f"{type(error).__name__}: {error}"
    failure = Failure.FAILED
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        failure = Failure.PARSE
    return Failed(failure, reason[:_REASON_LENGTH_MAX])
