"""The archiver of a server: started on first need, started again, and stopped."""

import asyncio
import logging
import socket
import time
from asyncio.subprocess import Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sluiceway.access.audit.service import AuditTrail
from sluiceway.app.processes import give_settings, spawn
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.files import ArchiveFiles
from sluiceway.archive.hybrid import HybridReader
from sluiceway.archive.moving import Mover
from sluiceway.archive.retention.deleting import Deleter
from sluiceway.archive.retention.service import RetentionService
from sluiceway.archive.service import ArchiveService
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.telling import Teller
from sluiceway.archive.trimming import Trimmer
from sluiceway.archive.upkeep import UpkeepService
from sluiceway.archive.verification.service import VerificationService
from sluiceway.archive.waiting import Waiting
from sluiceway.backends.remote.archive import ArchiverLink, RemoteTables
from sluiceway.backends.sql.archive import SqlArchiveStore
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.filesystem import SqlResourceStore
from sluiceway.backends.sql.retention import SqlRetentionStore
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.rids import ViewRid
from sluiceway.settings import Settings
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.log import RecordLog

_log: Final = logging.getLogger("sluiceway.archive")
_DELAY_SECONDS: Final = 0.5
_DELAY_SECONDS_MAX: Final = 30.0
_END_SECONDS: Final = 5.0
"""How long an archiver that has nothing to do any more may take to end."""
_HEALTHY_SECONDS: Final = 10.0
"""An archiver that lived that long is started again without delay."""
_NICENESS: Final = 5
"""Where there are too few cores, publishing comes first and the archive may be late, but not starve: of a
core that is never idle it gets a quarter (`sched(7)`: the weight of 5 is a third of that of 0)."""


@dataclass(slots=True)
class Archive:
    """What archives the streams of a server; ``start`` it once, then ``close`` it."""

    settings: ArchiveSettings
    service: ArchiveService
    process: "ArchiverProcess"
    tables: RemoteTables
    store: ArchiveStore
    reader: HybridReader
    """One stream over the log and the tables."""
    files: ArchiveFiles
    """What of the tables can be opened here."""
    verification: VerificationService
    upkeep: UpkeepService
    retention: RetentionService
    _running: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Apply retention in a task of *group*, and archive, if that is set."""
        self._running.append(group.create_task(self.retention.deleter.run()))
        if self.settings.enabled:
            self._running.append(group.create_task(self.service.run()))

    def archived(self, view: ViewRid) -> Mapping[int, int]:
        """Give the offset that comes next in the table of *view*, of each partition it has."""
        return self.service.waiting.archived.get(view, {})

    def end(self) -> None:
        """Begin no further commit, and no deletion."""
        self.service.stop()
        self.retention.deleter.stop()

    async def close(self) -> None:
        """Finish what is in progress; what takes too long is cut off, which loses nothing."""
        self.end()
        if self._running:
            await asyncio.wait(self._running, timeout=self.settings.stop_seconds)
        await self.process.stop(_END_SECONDS)


def build_archive(
    settings: Settings,
    database: Database,
    log: RecordLog,
    directory: StreamDirectory,
    audit: AuditTrail,
    clock: Clock,
) -> Archive:
    """Put the archive together; no process is started yet."""
    process = ArchiverProcess(settings)
    tables = RemoteTables(process.link)
    store, policies = SqlArchiveStore(database), SqlRetentionStore(database)
    mover = Mover(
        log=log,
        tables=tables,
        teller=Teller(store, database, audit),
        directory=directory,
        resources=SqlResourceStore(database),
        settings=settings.archive,
        clock=clock,
    )
    waiting = Waiting(settings.archive.age_seconds, settings.archive.commit_bytes, time.monotonic)
    trimmer = Trimmer(
        log=log,
        ask=mover.offsets_of,
        policies=policies.policies,
        hot_seconds=settings.archive.hot_seconds,
        floor_seconds=settings.archive.hot_floor_seconds,
        clock=clock,
        now=time.monotonic,
    )
    service = ArchiveService(
        log, mover, waiting, trimmer, maintain_commits=settings.archive.maintain_commits
    )
    database.listeners.append(service.streams_changed)
    reader = HybridReader(log, tables, store)
    deleter = Deleter(
        log=log,
        mover=mover,
        store=policies,
        transactions=database,
        audit=audit,
        clock=clock,
        settings=settings.archive,
        now=time.monotonic,
    )
    return Archive(
        settings.archive,
        service,
        process,
        tables,
        store,
        reader,
        files=ArchiveFiles(tables, store),
        verification=VerificationService(directory, log, tables, store),
        upkeep=UpkeepService(mover),
        retention=RetentionService(directory, reader, deleter),
    )


class ArchiverProcess:
    """At most one archiver at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._starting = asyncio.Lock()
        self._link: ArchiverLink | None = None
        self._process: Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._delay = _DELAY_SECONDS
        self._not_before = 0.0
        self._is_stopped = False

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._process is None else self._process.pid

    async def link(self) -> ArchiverLink:
        """Give the way to the archiver, which is started if there is none.

        Raises:
            ArchiveUnavailableError: It cannot be started, or ended too shortly ago.
        """
        async with self._starting:
            if self._link is not None and not self._link.is_lost:
                return self._link
            if self._is_stopped:
                raise ArchiveUnavailableError("the server is stopping")
            if self._process is not None:
                raise ArchiveUnavailableError("its process is ending")
            left = self._not_before - asyncio.get_running_loop().time()
            if left > 0:
                raise ArchiveUnavailableError(f"its process ended and starts again in {left:.1f} s")
            try:
                self._link = await self._start()
            except OSError as error:
                self._put_off(0.0)
                raise ArchiveUnavailableError(f"its process cannot start: {error}") from error
            return self._link

    async def _start(self) -> ArchiverLink:
        loop, link = asyncio.get_running_loop(), ArchiverLink()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await spawn("archiver", [theirs.fileno()], _NICENESS)
            await loop.create_connection(lambda: link.channel, sock=ours)
        except BaseException:
            ours.close()
            raise
        give_settings(process, self._settings)
        self._process = process
        self._watching = loop.create_task(self._watch(process, link))
        return link

    async def _watch(self, process: Process, link: ArchiverLink) -> None:
        began = asyncio.get_running_loop().time()
        code = await process.wait()
        self._process = None
        link.channel.close()
        if not self._is_stopped:
            _log.error("the archiver ended with %s", code)
            self._put_off(began)

    def _put_off(self, began: float) -> None:
        """Let the next start come later, each time twice as long."""
        now = asyncio.get_running_loop().time()
        if began and now - began > _HEALTHY_SECONDS:
            self._delay = _DELAY_SECONDS
            return
        self._not_before = now + self._delay
        self._delay = min(2 * self._delay, _DELAY_SECONDS_MAX)

    async def stop(self, seconds: float) -> None:
        """Have the archiver finish what it was asked and end; kill it when that takes too long."""
        async with self._starting:
            self._is_stopped = True
            process, watching = self._process, self._watching
            if process is None or watching is None or self._link is None:
                return
            self._link.stop()
            _, late = await asyncio.wait([watching], timeout=seconds)
            if late:
                process.kill()
                await watching
