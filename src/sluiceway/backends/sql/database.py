"""Connections, transactions and the change counter, on SQLite or PostgreSQL."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import event, func, make_url, select, update
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from sluiceway.backends.sql.errors import DatabaseUnavailableError, InvalidDatabaseUrlError
from sluiceway.backends.sql.tables.changes import CHANGES
from sluiceway.foundation.request_errors import InvalidArgumentError

_log: Final = logging.getLogger("sluiceway.database")
_BUSY_TIMEOUT_MS: Final = 10_000
"""How long a write waits for another process (the command line) to finish its own."""
_CHANGE_COUNTER_SECONDS: Final = 5.0
"""How long the answer about changes may take, before caches must be taken for wrong."""
_WRITER_LOCK: Final = 1_366_629_605
"""Key of the advisory lock that writers hold on PostgreSQL: any number that is only ours."""
_COUNT_CHANGE: Final = update(CHANGES).values(counter=CHANGES.c.counter + 1)


@dataclass(slots=True)
class _Transaction:
    """The transaction that the current task is in."""

    connection: AsyncConnection
    touches_caches: bool
    """Whether one of its changes may matter to caches."""
    after_commit: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


_ambient: ContextVar[_Transaction | None] = ContextVar("ambient_transaction", default=None)


@dataclass(slots=True)
class Database:
    """One SQL database, and the transaction that the current task is in.

    Store calls join the transaction that a service began (``foundation.transactions``); outside
    of one, each is a transaction of its own.
    """

    engine: AsyncEngine
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called after each committed change that may matter to caches."""
    _write_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One writer at a time: SQLite has one anyway, and waiting here is fair.

    Rules are checked and kept in one transaction and need not fear another writer. The command
    line is a further process: SQLite's write lock and, on PostgreSQL, an advisory lock hold it off.
    """

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """Make every store call inside the block one transaction; see ``Transactions.begin``."""
        async with self.write(touches_caches=False):
            yield

    @contextlib.asynccontextmanager
    async def write(self, *, touches_caches: bool = True) -> AsyncIterator[AsyncConnection]:
        """Give the connection of the current transaction, or of a new one.

        A change with *touches_caches* raises the change counter in the same transaction, by which
        other processes learn of it.

        Raises:
            DatabaseUnavailableError: The database does not answer, or not as it must.
        """
        ambient = _ambient.get()
        if ambient is not None:
            ambient.touches_caches |= touches_caches
            yield ambient.connection
            return
        with _translated():
            async with self._write_lock, self._connect() as connection:
                transaction = _Transaction(connection, touches_caches)
                token = _ambient.set(transaction)
                try:
                    async with connection.begin():
                        await self._lock_out_writers(connection)
                        yield connection
                        if transaction.touches_caches:
                            await connection.execute(_COUNT_CHANGE)
                finally:
                    _ambient.reset(token)
        if transaction.touches_caches:
            for listener in self.listeners:
                listener()
        for action in transaction.after_commit:
            try:
                await action()
            except Exception:  # noqa: BLE001 - the change is made: it must not look as if it were not
                _log.exception("what should follow a committed change failed")

    def after_commit(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run *action* once the current transaction is committed; see ``Transactions``."""
        ambient = _ambient.get()
        assert ambient is not None, "after_commit outside of a transaction"
        ambient.after_commit.append(action)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection to read with: the current transaction's, or one of its own."""
        ambient = _ambient.get()
        if ambient is not None:
            yield ambient.connection
            return
        with _translated():
            async with self._connect() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def _connect(self) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await self.engine.connect().start()
        except Exception as error:
            # No route, a wrong password, a database that is starting: SQLAlchemy hands on what
            # the driver raises while it connects, and each driver has classes of its own.
            raise _unavailable(error) from error
        try:
            yield connection
        finally:
            await connection.close()

    async def _lock_out_writers(self, connection: AsyncConnection) -> None:
        if self.engine.dialect.name == "sqlite":
            # Take the write lock at once: a read lock cannot be raised under load.
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.execute(select(func.pg_advisory_xact_lock(_WRITER_LOCK)))

    async def change_counter(self) -> int:
        """Give a number that grows with every committed change, by whichever process.

        Raises:
            DatabaseUnavailableError: The database does not answer, or not as it must.
            TimeoutError: It does not answer for 5 s.
        """
        async with asyncio.timeout(_CHANGE_COUNTER_SECONDS), self.read() as connection:
            return int((await connection.execute(select(CHANGES.c.counter))).scalar_one())

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def open_database(url: str) -> Database:
    """Make the database of *url*; nothing is connected yet.

    Raises:
        InvalidDatabaseUrlError: It is no such URL, or its driver is not installed.
    """
    try:
        engine = create_async_engine(make_url(url), pool_pre_ping=True)
    except (ArgumentError, ImportError) as error:
        # The text may hold a password, so it is not shown.
        raise InvalidDatabaseUrlError(str(error)) from error
    event.listen(engine.sync_engine, "before_cursor_execute", _refuse_nul)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    return Database(engine)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what the driver raises into our own error; what a statement did wrong stays a fault."""
    try:
        yield
    except (DataError, IntegrityError, NotSupportedError, ProgrammingError):
        raise
    except (ConnectionError, DatabaseError, InterfaceError, PoolTimeoutError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> DatabaseUnavailableError:
    failure = DatabaseUnavailableError(reason_of(error))
    _log.error("%s", failure)
    return failure


def reason_of(error: Exception) -> str:
    """Give what the driver said, in one line and without SQLAlchemy's own words around it."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def _set_up_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own
    # The driver must not begin transactions by itself: we do, with BEGIN IMMEDIATE.
    connection.isolation_level = None
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.close()
        # SQLite's own ``lower`` knows only the 26 letters of ASCII; PostgreSQL's knows all.
        connection.create_function("lower", 1, _lower, deterministic=True)
    except Exception:
        # The pool forgets a connection that fails here; its thread would stay.
        connection.close()
        raise


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _refuse_nul(
    _connection: object,
    _cursor: object,
    _statement: str,
    parameters: Any,  # noqa: ANN401 - the driver's own
    _context: object,
    executemany: bool,  # noqa: FBT001 - the event's own
) -> None:
    """Refuse a text with a NUL: PostgreSQL cannot take one, and SQLite shall not differ."""
    for row in parameters if executemany else (parameters,):
        for value in row.values() if isinstance(row, dict) else row:
            if isinstance(value, str) and "\x00" in value:
                raise InvalidArgumentError("a text holds a NUL character")
