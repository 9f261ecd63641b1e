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
from sluiceway.backends.duckdb.descriptors import DescriptorFileSystem, DescriptorsError, receive
from sluiceway.backends.duckdb.statement import StatementError, tables_of
from sluiceway.backends.duckdb.tables import Table
from sluiceway.backends.duckdb.wire import (
    LENGTH_BYTES,
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

_BATCH_ROWS: Final = 10_000
_REASON_LENGTH_MAX: Final = 4_000
_decoder: Final = msgspec.msgpack.Decoder(ToProcess)


class _Link:
    """The socket to the server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")

    def receive(self) -> ToProcess:
        head = self._file.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
            raise SystemExit(0)  # The server has no use for this any more.
        body = self._file.read(int.from_bytes(head, "big"))
        message: ToProcess = _decoder.decode(body)
        return message

    def send(self, message: FromProcess) -> None:
        data = msgspec.msgpack.encode(message)
        self._connection.sendall(len(data).to_bytes(LENGTH_BYTES, "big") + data)


def run(
    parent_pid: int,
    link: socket.socket,
    result: io.FileIO,
    *,
    source: io.FileIO | None = None,
    files: socket.socket | None = None,
) -> None:
    """Compute what the server asks for over *link*, and write it to *result*.

    A query gets descriptors of the archive's files over *files*; a result that is to be written in
    another format is in *source*.

    Raises:
        ConfinementError: The process cannot be shut in; nothing was computed.
    """
    confinement.die_with(parent_pid)
    given = (link, result, source, files)
    confinement.close_all_but({one.fileno() for one in given if one is not None})
    server = _Link(link)
    first = server.receive()
    assert isinstance(first, Begin | Convert)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    archive = None if files is None else DescriptorFileSystem()
    database = open_database(first.limits.memory_bytes // 2, archive)
    confinement.limit(
        memory_bytes=first.limits.memory_bytes,
        cpu_seconds=first.limits.seconds + 1,
        file_bytes=first.limits.result_bytes + 2 * 1_048_576,
        files=first.limits.files,
    )
    confinement.forbid()
    try:
        if isinstance(first, Begin):
            assert archive is not None
            assert files is not None
            server.send(_compute(first, server, database, _Inputs(archive, files), result))
        else:
            assert source is not None
            compute = server.receive()
            assert isinstance(compute, Compute)
            server.send(output.convert(source, result, first.written_as, first.limits))
    except Exception as error:  # noqa: BLE001 - whatever it is, the server is told
        server.send(_failed(error, first.limits.memory_bytes))


class _Inputs:
    """The streams of a query, as the server hands them over."""

    def __init__(self, archive: DescriptorFileSystem, files: socket.socket) -> None:
        self._archive = archive
        self._files = files
        self.tables: dict[int, Table] = {}

    def take(self, message: ToProcess) -> Attached | None:
        """Take one part; give what is to be answered."""
        match message:
            case Declare(number=number):
                self.tables[number] = Table(message)
            case Attach(number, count, is_state):
                table = self.tables[number]
                paths = map(self._archive.add, receive(self._files, count))
                (table.state if is_state else table.files).extend(paths)
                return Attached()
            case Feed(number=number):
                self.tables[number].add(message)
        return None


def _compute(
    begin: Begin,
    server: _Link,
    database: duckdb.DuckDBPyConnection,
    inputs: _Inputs,
    result: io.FileIO,
) -> Done:
    read = database.execute("SELECT json_serialize_sql(?::VARCHAR)", [begin.text])
    # All of them: a connection with rows left to fetch takes no other statement.
    [(serialized,)] = read.fetchall()
    server.send(Tables(tables_of(serialized)))
    while not isinstance(message := server.receive(), Compute):
        answer = inputs.take(message)
        if answer is not None:
            server.send(answer)
    for number, table in inputs.tables.items():
        table.register(database, number)
    database.execute("SET lock_configuration=true")
    reader = _query(database, begin.text).to_arrow_reader(_BATCH_ROWS)
    return output.write_result(reader, result, begin.written_as, begin.limits)


def _query(database: duckdb.DuckDBPyConnection, text: str) -> duckdb.DuckDBPyRelation:
    """Begin a query whose rows are computed while they are fetched, as those of a cursor are not."""
    try:
        return database.sql(text)
    except (duckdb.BinderException, duckdb.CatalogException):
        database.execute(text)  # Fails in the same way, and says where in the text.
        raise


def _failed(error: Exception, memory_bytes: int) -> Failed:
    """Say in words why there is no result."""
    match error:
        case StatementError():
            return Failed(Failure.PARSE, error.reason[:_REASON_LENGTH_MAX], error.position)
        case output.UnsupportedTypesError():
            return Failed(Failure.TYPES, str(error)[:_REASON_LENGTH_MAX])
        case MemoryError() | duckdb.OutOfMemoryException():  # ArrowMemoryError is a MemoryError.
            reason = f"it needs more memory than the {memory_bytes:,} bytes of a query"
        case output.OutputError() | DescriptorsError() | duckdb.Error():
            reason = str(error)
        case OSError():
            reason = "the result cannot be written, or is larger than it may be"
        case _:
            reason = f"{type(error).__name__}: {error}"
    failure = Failure.FAILED
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        failure = Failure.PARSE
    return Failed(failure, reason[:_REASON_LENGTH_MAX])
