"""The thread that writes: one group after the other, each one write and one sync."""

import logging
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final

import msgspec

from sluiceway.backends.embedded.appends import Group, Job, Work
from sluiceway.backends.embedded.cleaning import Cleaner
from sluiceway.backends.embedded.files import PartlyWrittenError
from sluiceway.backends.embedded.frames import NOTE, Frame, Sealer
from sluiceway.backends.embedded.journal import Journal, SyncFailedError
from sluiceway.backends.embedded.observer import Commit
from sluiceway.backends.embedded.segments import Segment
from sluiceway.streams.log_errors import LogOutcomeUnknownError, LogUnavailableError

_logger: Final = logging.getLogger(__name__)


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A group became durable."""

    commit: Commit
    segment: Segment
    sequence: int
    time_ms: int


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
    """Owns the journal; reports on the event loop.

    It is given one piece of work at a time. After an error it writes nothing any more: what the
    disk holds then is only certain once the log is opened again.
    """

    def __init__(
        self,
        journal: Journal,
        cleaner: Cleaner,
        sealer: Sealer,
        *,
        loop: AbstractEventLoop,
        now_ms: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._cleaner = cleaner
        self._sealer = sealer
        self._loop = loop
        self._now_ms = now_ms
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._failure: Failed | None = None
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
        """End the thread after the work at hand; the files are closed with it."""
        self._work.put(None)

    def _run(self) -> None:
        try:
            while True:
                try:
                    work = self._work.get(timeout=self._seconds_to_next_step())
                except Empty:
                    self._clean()
                    continue
                if work is None:
                    break
                outcome = self._do(work)
                self._loop.call_soon_threadsafe(self._on_outcome, work, outcome)
                if self._seconds_to_next_step() == 0:
                    self._clean()
        finally:
            self._journal.close()
            self._loop.call_soon_threadsafe(self._on_end)

    def _seconds_to_next_step(self) -> float | None:
        return None if self._failure else self._cleaner.seconds_to_next()

    def _do(self, work: Work) -> Outcome:
        if self._failure is not None:
            return Failed(self._failure.reason, is_outcome_known=True)
        if isinstance(work, Job):
            try:
                return Done(work.run())
            except Exception as error:  # noqa: BLE001 - whatever it is, someone waits for it
                return self._fail("writing failed", error, is_outcome_known=False)
        try:
            return self._store(work)
        except Exception as error:  # noqa: BLE001 - whatever it is, the group waits for it
            is_unknown = isinstance(error, SyncFailedError | PartlyWrittenError)
            what = "making records durable" if is_unknown else "writing"
            return self._fail(f"{what} failed", error, is_outcome_known=not is_unknown)

    def _store(self, group: Group) -> Stored:
        journal, seal = self._journal, self._sealer.seal
        started = time.perf_counter()
        time_ms = max(journal.time_ms, self._now_ms())
        frames = [
            seal(lines.partition, lines.base_offset, lines.count, time_ms, lines.chunks)
            for lines in group.frames
        ]
        records = sum(frame.count for frame in frames)
        stored_bytes = sum(frame.size for frame in frames)
        frames += [
            Frame(
                note.view_number,
                journal.sequence,
                time_ms,
                note.place_count,
                NOTE,
                (note.data,),
                journal.seed,
            )
            for append in group.appends
            if (note := append.note) is not None
        ]
        writing = time.perf_counter()
        if frames:
            journal.write(frames, time_ms)
        done = time.perf_counter()
        commit = Commit(
            appends=len(group.appends),
            records=records,
            stored_bytes=stored_bytes,
            commit_seconds=done - started,
            fsync_seconds=done - writing,
        )
        return Stored(commit, journal.segment, journal.sequence - 1, time_ms)

    def _clean(self) -> None:
        """Do a step of what is due between two groups."""
        try:
            self._cleaner.step()
        except Exception as error:  # noqa: BLE001 - a writer that ended silently would block all
            failure = self._fail("giving space back failed", error, is_outcome_known=True)
            self._loop.call_soon_threadsafe(self._on_failure, failure)

    def _fail(self, what: str, error: Exception, *, is_outcome_known: bool) -> Failed:
        self._failure = Failed(f"{what}: {error}", is_outcome_known=is_outcome_known)
        _logger.error(
            "the log takes no more writes until it is restarted: %s: %s",
            what,
            error,
            exc_info=error,
        )
        return self._failure
