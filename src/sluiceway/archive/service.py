"""When records are put into tables, and what becomes of a failure."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sluiceway.archive.errors import ArchiveConflictError
from sluiceway.archive.folding import Folding
from sluiceway.archive.moving import Moved, Mover
from sluiceway.archive.trimming import Trimmer
from sluiceway.archive.waiting import Waiting
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import RecordLog
from sluiceway.streams.log_errors import LogViewNotFoundError

_log: Final = logging.getLogger("sluiceway.archive")
_LOOK_SECONDS: Final = 0.25
_LOOK_PAUSES: Final = 20
"""A look may take that part of the time, however many views there are."""
_VIEWS_AT_ONCE: Final = 200
"""How many views are looked at before others get a turn: well under a millisecond."""
_COMMITS: Final = 2
"""Commits that run at the same time: one waits for the disk or the network while one computes."""
_RETRY_SECONDS: Final = 5.0
_SWEEP_SECONDS: Final = 60.0
_SWEEP_PAUSE_SECONDS: Final = 1.0
_MAINTAIN_SECONDS: Final = 1.0
_FOLD_SECONDS: Final = 1.0
_LOG_SECONDS: Final = 10.0
"""How often it is logged that records wait, however many streams they are of."""


@dataclass(slots=True)
class Counts:
    """What archiving did since the start."""

    commits: int = 0
    records: int = 0
    stored_bytes: int = 0
    merged_files: int = 0
    failures: int = 0


@dataclass(slots=True)
class ArchiveService:
    """Looks what waits, and moves it. Nothing here holds up or fails a publish."""

    log: RecordLog
    mover: Mover
    waiting: Waiting
    trimmer: Trimmer
    maintain_commits: int
    counts: Counts = field(default_factory=Counts)
    folding: Folding = field(default_factory=Folding)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _log_again: float = 0.0
    _commits_since: dict[ViewRid, int] = field(default_factory=dict)
    """Commits to a view's table since it was maintained, or since the start."""

    async def run(self) -> None:
        """Archive until ``stop`` is called, then finish the commits in progress."""
        while not await self._tried(self._load):
            if await self._stops_within(_RETRY_SECONDS):
                return
        self._changed.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look())
            tasks.create_task(self._sweep())
            tasks.create_task(self._trim())
            tasks.create_task(self._maintain())
            tasks.create_task(self._fold())
            for _ in range(_COMMITS):
                tasks.create_task(self._move())

    def stop(self) -> None:
        """Begin no further commit."""
        self._stopping.set()
        self._changed.set()

    def streams_changed(self) -> None:
        """Look soon whether tables have lost their streams, or these have other schemas."""
        self._changed.set()

    async def _load(self) -> None:
        loaded = await self.mover.load()
        self.waiting.archived.update(loaded)
        self.trimmer.loaded(loaded)

    async def _look(self) -> None:
        pause = _LOOK_SECONDS
        while not await self._stops_within(pause):
            began = time.perf_counter()
            for at, view in enumerate(await self.log.views()):
                if at % _VIEWS_AT_ONCE == 0:
                    await asyncio.sleep(0)
                try:
                    ends = await self.log.end_offsets(view)
                except LogViewNotFoundError:
                    self.waiting.forget(view)
                else:
                    self.waiting.seen(view, ends)
            pause = max(_LOOK_SECONDS, (time.perf_counter() - began) * _LOOK_PAUSES)

    async def _move(self) -> None:
        while not self._stopping.is_set():
            view = self.waiting.take()
            if view is None:
                await self._stops_within(_LOOK_SECONDS)
                continue
            try:
                is_moved = await self._move_one(view)
            finally:
                self.waiting.done(view)
            if not is_moved:
                await self._stops_within(_LOOK_SECONDS)

    async def _move_one(self, view: ViewRid) -> bool:
        try:
            moved = await self.mover.move(view)
        except LogViewNotFoundError:
            self.waiting.forget(view)
        except ArchiveConflictError as error:
            # Its table was told from the database, or changed by another program.
            self.waiting.archived[view] = error.next_offsets
        except SluicewayError as error:
            return self._failed(view, error.message)
        except Exception as error:  # noqa: BLE001 - the records are in the log: tried again
            _log.exception("records of %s could not be archived", view)
            return self._failed(view, f"it failed: {type(error).__name__}")
        else:
            self._count(view, moved)
        return True

    def _count(self, view: ViewRid, moved: Moved | None) -> None:
        if moved is None:
            self.waiting.skip(view)
            return
        if moved.transaction is not None:
            rows = moved.transaction.rows
            self.waiting.record_bytes[view] = moved.line_bytes / max(rows, 1)
            self.counts.commits += 1
            self.counts.records += rows
            self.counts.stored_bytes += moved.transaction.stored_bytes
            self._commits_since[view] = self._commits_since.get(view, 0) + 1
            if moved.has_current:
                self.folding.archived(view, rows)
        self.waiting.moved(view, moved.next_offsets, moved.ends, moved.left_seconds)
        self.trimmer.archived(view, moved.next_offsets)

    def _failed(self, view: ViewRid, reason: str) -> bool:
        self.counts.failures += 1
        self.waiting.failed(view, reason)
        now = self.waiting.now()
        if now >= self._log_again:
            self._log_again = now + _LOG_SECONDS
            _log.error("records of %s wait to be archived: %s", view, reason)
        return False

    async def _trim(self) -> None:
        while not await self._stops_within(self.trimmer.pause_seconds):
            await self._tried(self.trimmer.trim)

    async def _sweep(self) -> None:
        """Remove the tables of streams that were reset or deleted, also before a crash.

        And give the others the columns of their streams' schemas.
        """
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _SWEEP_SECONDS)
            self._changed.clear()
            if not self._stopping.is_set():
                is_done = await self._tried(self._drop_gone)
                is_done &= await self._tried(self._evolve)
                await self._stops_within(_SWEEP_PAUSE_SECONDS if is_done else _RETRY_SECONDS)

    async def _maintain(self) -> None:
        """Maintain tables that had many commits, one after the other."""
        while not await self._stops_within(_MAINTAIN_SECONDS):
            many = self.maintain_commits
            due = [view for view, commits in self._commits_since.items() if commits >= many]
            for view in due:
                if self._stopping.is_set():
                    return
                del self._commits_since[view]
                if not await self._tried(partial(self._maintain_one, view)):
                    await self._stops_within(_RETRY_SECONDS)

    async def _maintain_one(self, view: ViewRid) -> None:
        done = await self.mover.maintain(view)
        if done is not None:
            self.counts.merged_files += done.merged_files
            _log.info("maintained the table of %s: %s", view, done)

    async def _fold(self) -> None:
        """Bring current states up to date, one after the other, each a step at a time."""
        while not await self._stops_within(_FOLD_SECONDS):
            for view in self.folding.due():
                if self._stopping.is_set():
                    return
                self.folding.begin(view)
                if not await self._tried(partial(self._fold_one, view)):
                    self.folding.failed(view)
                    await self._stops_within(_RETRY_SECONDS)

    async def _fold_one(self, view: ViewRid) -> None:
        done = await self.mover.fold(view)
        if done is not None:
            self.folding.folded(view, done)

    async def _drop_gone(self) -> None:
        gone = await self.mover.drop_gone()
        self.folding.forget(gone)
        for view in gone:
            self.waiting.forget(view)
            self.trimmer.forget(view)
            self._commits_since.pop(view, None)
        self.waiting.retain(await self.log.views())

    async def _evolve(self) -> None:
        for view in await self.mover.evolve():
            _log.info("the table of %s has the columns of its stream's new schema", view)

    async def _tried(self, call: Callable[[], Awaitable[None]]) -> bool:
        """Tell whether *call* succeeded; it is made again later."""
        try:
            await call()
        except SluicewayError as error:
            _log.error("the archive waits: %s", error.message)
        except Exception:  # noqa: BLE001 - tried again
            _log.exception("the archive waits")
        else:
            return True
        self.counts.failures += 1
        return False

    async def _stops_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()
