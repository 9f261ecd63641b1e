"""The thread that writes: one group after the other, each one transaction."""

import logging
import sqlite3
import threading
import time
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final

import msgspec

from sluiceway.backends.embedded.erasing import Eraser
from sluiceway.backends.embedded.file import checkpoint, roll_back
from sluiceway.backends.embedded.groups import Append, GroupLayout, lay_out
from sluiceway.backends.embedded.observer import Commit
from sluiceway.backends.embedded.rows import Sealer
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.streams.log_errors import LogOutcomeUnknownError, LogUnavailableError

_logger: Final = logging.getLogger(__name__)

_INSERT: Final = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)"

_ROW_WAL_BYTES: Final = 2 * 4096
"""About what a row adds to the write-ahead log beside its bytes: a leaf page, a part of a page."""

_JOB_WAL_BYTES: Final = 64 * 1024
"""About what the largest job adds to it: a view of 256 partitions."""

_STEP_WAL_BYTES: Final = 512 * 1024
"""About what a step of erasing adds to it."""


class Job(msgspec.Struct, frozen=True, gc=False):
    """Something other than appends that must happen in its turn, for instance a trim."""

    future: Future[Any]
    run: Callable[[sqlite3.Connection, Eraser], Any]
    """Called in the writer thread; every change it makes is in transactions of its own."""


Work = list[Append] | Job


class Stored(msgspec.Struct, frozen=True):
    """A group became durable."""

    layout: GroupLayout
    commit: Commit


class Done(msgspec.Struct, frozen=True):
    """A job was done."""

    result: Any


class Failed(msgspec.Struct, frozen=True):
    """The work failed, and the writer takes no more."""

    reason: str
    is_outcome_known: bool
    """Whether it is certain that nothing was written."""

    def error(self) -> LogUnavailableError:
        """Make the error for one of those who wait."""
        if self.is_outcome_known:
            return LogUnavailableError(self.reason)
        return LogOutcomeUnknownError(self.reason)


Outcome = Stored | Done | Failed


class Writer:
    """Owns the connection that writes; reports on the event loop.

    It is given one piece of work at a time. After an error it writes nothing any more: what the
    file and the disk hold then is only certain once the log is opened again.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        settings: EmbeddedLogSettings,
        eraser: Eraser,
        *,
        loop: AbstractEventLoop,
        now_ms: Callable[[], int],
        newest_ms: int,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._eraser = eraser
        self._loop = loop
        self._now_ms = now_ms
        self._time_ms = newest_ms
        self._sealer = Sealer(settings.compression_level)
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._failure: Failed | None = None
        self._wal_bytes = 0
        # The thread holds nothing that is not durable, so a program that ends may leave it.
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)

    def start(
        self,
        on_outcome: Callable[[Work, Outcome], None],
        on_failure: Callable[[Failed], None],
        on_end: Callable[[], None],
    ) -> None:
        """Start the thread. The functions are called on the event loop."""
        self._on_outcome = on_outcome
        self._on_failure = on_failure
        self._on_end = on_end
        self._thread.start()

    def submit(self, work: Work) -> None:
        """Hand over *work*; the outcome of the one before must have been reported."""
        self._work.put(work)

    def stop(self) -> None:
        """End the thread after the work at hand; the file is closed with it."""
        self._work.put(None)

    def _run(self) -> None:
        try:
            while True:
                try:
                    work = self._work.get(timeout=self._seconds_to_next_step())
                except Empty:
                    self._maintain(erase=True)
                    continue
                if work is None:
                    break
                outcome = self._do(work)
                self._loop.call_soon_threadsafe(self._on_outcome, work, outcome)
                self._maintain(erase=self._seconds_to_next_step() == 0)
        finally:
            self._connection.close()
            self._loop.call_soon_threadsafe(self._on_end)

    def _seconds_to_next_step(self) -> float | None:
        return None if self._failure else self._eraser.seconds_to_next()

    def _do(self, work: Work) -> Outcome:
        if self._failure is not None:
            return Failed(self._failure.reason, is_outcome_known=True)
        if isinstance(work, Job):
            self._wal_bytes += _JOB_WAL_BYTES
            try:
                return Done(work.run(self._connection, self._eraser))
            except Exception as error:  # noqa: BLE001 - whatever it is, someone waits for it
                return self._fail("writing failed", error, is_outcome_known=False)
        return self._store(work)

    def _store(self, group: list[Append]) -> Outcome:
        connection = self._connection
        started = time.perf_counter()
        self._time_ms = max(self._time_ms, self._now_ms())
        try:
            layout = lay_out(
                group,
                self._sealer,
                time_ms=self._time_ms,
                row_bytes_max=self._settings.row_bytes_max,
            )
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, layout.rows)
        except Exception as error:  # noqa: BLE001 - whatever it is, the group waits for it
            return self._fail("writing failed", error, is_outcome_known=True)
        committing = time.perf_counter()
        try:
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - see above
            return self._fail("making records durable failed", error, is_outcome_known=False)
        done = time.perf_counter()
        for partition, end in layout.ends.items():
            partition.next_offset = end
        stored_bytes = sum(len(row.data) for row in layout.rows)
        self._wal_bytes += stored_bytes + len(layout.rows) * _ROW_WAL_BYTES
        return Stored(
            layout,
            Commit(
                appends=len(group),
                records=sum(row.record_count for row in layout.rows),
                stored_bytes=stored_bytes,
                commit_seconds=done - started,
                fsync_seconds=done - committing,
            ),
        )

    def _maintain(self, *, erase: bool) -> None:
        """Do what is due between two groups: a step of erasing, a checkpoint."""
        if self._failure is not None:
            return
        try:
            if erase:
                self._eraser.step()
                self._wal_bytes += _STEP_WAL_BYTES
            if self._wal_bytes >= self._settings.checkpoint_bytes:
                self._wal_bytes = 0
                checkpoint(self._connection, wal_bytes_max=self._settings.wal_bytes_max)
        except Exception as error:  # noqa: BLE001 - a writer that ended silently would block all
            failure = self._fail("maintaining the file failed", error, is_outcome_known=True)
            self._loop.call_soon_threadsafe(self._on_failure, failure)

    def _fail(self, what: str, error: Exception, *, is_outcome_known: bool) -> Failed:
        try:
            roll_back(self._connection)
        except sqlite3.Error:
            _logger.warning("rolling back after an error failed too", exc_info=True)
        self._failure = Failed(f"{what}: {error}", is_outcome_known=is_outcome_known)
        _logger.error(
            "the log takes no more writes until it is restarted: %s: %s",
            what,
            error,
            exc_info=error,
        )
        return self._failure
