"""One worker: the fast door alone, in front of a record log that another process has."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

from sluiceway.app.access import build_access
from sluiceway.app.data_folder import database_url
from sluiceway.app.filesystem import build_filesystem
from sluiceway.app.server import (
    Server,
    configuration,
    leave_garbage_be,
    share_of_budget,
    share_of_connections,
)
from sluiceway.backends.remote.channel import Channel
from sluiceway.backends.remote.connections import ConnectionSender
from sluiceway.backends.remote.log import RemoteLog
from sluiceway.backends.remote.wire import Counts, Forget, FromOwner, Outcomes, Ready
from sluiceway.backends.sql.database import open_database
from sluiceway.backends.sql.streams import SqlStreamStore
from sluiceway.foundation.clock import SystemClock
from sluiceway.foundation.connections import abort
from sluiceway.foundation.telemetry import RequestCounters
from sluiceway.ingest.holding import Holding
from sluiceway.ingest.intake import FastIntake
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.service import IngestService
from sluiceway.ingest.workers.protocol import WorkerProtocol
from sluiceway.ingest.workers.tally import RefusalTally
from sluiceway.settings import Settings
from sluiceway.streams.directory import StreamDirectory

_TELL_SECONDS: Final = 1.0
_FIRST_WORD_SECONDS: Final = 30.0
_LAST_ANSWERS_SECONDS: Final = 0.05
"""How long a worker without a log lives, so that those who wait are told."""


@dataclass(frozen=True, slots=True)
class _Door:
    """What a worker's connections work with."""

    intake: FastIntake
    tally: RefusalTally
    connections: OpenConnections
    listeners: Sequence[Callable[[], None]]
    """To be called when something changed."""

    def counts(self) -> Counts:
        """Give what was counted, and begin to count anew."""
        counters, refusals = self.intake.counters, self.tally.refusals
        counts = Counts(
            answered=[(call, status, n) for (call, status), n in counters.answered.items()],
            rejected=dict(counters.rejected),
            refused=[(view, kind.value, n) for (view, kind), n in refusals.items()],
            cut={reason.value: n for reason, n in self.connections.cut.items()},
            connections=self.connections.served,
            inflight_bytes=self.intake.budget.taken_bytes,
            held=len(self.intake.holding),
        )
        counters.answered.clear()
        counters.rejected.clear()
        refusals.clear()
        self.connections.cut.clear()
        return counts


@contextlib.asynccontextmanager
async def _open_door(settings: Settings, log: RemoteLog) -> AsyncIterator[_Door]:
    """Build the fast door on the server's database, which is up to date and only read here."""
    folder = Path(settings.server.data_dir)
    database = open_database(settings.server.database_url or database_url(folder))
    try:
        clock = SystemClock()
        access = build_access(database, clock, settings.access)
        filesystem = build_filesystem(
            database,
            clock,
            settings.filesystem,
            audit=access.audit,
            users=access.users,
            purge_listeners=(),
        )
        streams = settings.streams
        store, permissions = SqlStreamStore(database), filesystem.permissions
        directory = StreamDirectory(store, permissions, streams.cache_entries_max)
        tally = RefusalTally(clock, streams.statistics_streams_max)
        budget = share_of_budget(settings)
        intake = FastIntake(
            callers=access.authenticator,
            ingest=IngestService(directory, log, settings.ingest, tally, None),
            budget=budget,
            holding=Holding(log.backlog, budget, settings.ingest.hold_seconds),
            counters=RequestCounters(),
        )
        connections = share_of_connections(settings)
        yield _Door(intake, tally, connections, [directory.forget, access.authenticator.forget])
    finally:
        await database.close()


async def _cut(scope: Any, _receive: object, _send: object) -> None:  # noqa: ANN401 - ASGI's
    """Stand for the application, which is in another process: no request ever gets here."""
    abort(scope)
    raise AssertionError(f"a worker was to answer {scope['path']}")


class _WorkerServer(Server):
    """Says when it takes connections, and leaves signals to the process that started it."""

    ready: Callable[[], None]

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        await super().startup(sockets)
        self.ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Go on: a terminal sends its signal to every process, and the other one decides."""


class Worker:
    """One worker of a server, over the sockets that it was started with.

    *link* is the way to the process that has the log, *passing* the one on which connections go
    there, *listeners* are where new ones come in.
    """

    def __init__(
        self,
        settings: Settings,
        link: socket.socket,
        passing: socket.socket,
        listeners: Sequence[socket.socket],
    ) -> None:
        loop = asyncio.get_running_loop()
        self._settings = settings
        self._link = link
        self._listeners = list(listeners)
        self._channel: Channel[FromOwner] = Channel(FromOwner, self._receive, self._lose)
        share_bytes = settings.log.queue_bytes_max // settings.server.workers
        self._log = RemoteLog(loop, self._channel.send, share_bytes)
        self._sender = ConnectionSender(passing)
        self._first_word: asyncio.Future[None] = loop.create_future()
        self._door: _Door | None = None
        self._server: _WorkerServer | None = None
        self._is_stopping = False
        self._is_over = False

    async def run(self) -> None:
        """Answer requests until told to stop; the process ends when the other one is gone."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self._channel, sock=self._link)
        await asyncio.wait_for(self._first_word, _FIRST_WORD_SECONDS)
        async with _open_door(self._settings, self._log) as door:
            self._door = door
            protocol = partial(WorkerProtocol, self._sender.give, door.intake, door.connections)
            self._server = _WorkerServer(configuration(self._settings, _cut, protocol))
            self._server.ready = partial(self._channel.send, Ready())
            self._server.should_exit = self._is_stopping
            leave_garbage_be()
            telling = loop.create_task(self._tell(door))
            await self._server.serve(sockets=self._listeners)
            telling.cancel()
            self._channel.send(door.counts())
            await self._sender.emptied()
        self._is_over = True
        self._channel.close()

    async def _tell(self, door: _Door) -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            self._channel.send(door.counts())

    def _receive(self, message: FromOwner) -> None:
        if isinstance(message, Outcomes):
            self._log.settle(message.outcomes)
        elif isinstance(message, Forget):
            self._log.generation = message.generation
            for listener in self._door.listeners if self._door is not None else ():
                listener()
            if not self._first_word.done():
                self._first_word.set_result(None)
        else:
            self._is_stopping = True
            if self._server is not None:
                self._server.should_exit = True

    def _lose(self) -> None:
        """End at once: the log has no owner, and another server may be about to start."""
        if not self._is_over:
            self._log.lose()
            asyncio.get_running_loop().call_later(_LAST_ANSWERS_SECONDS, os._exit, 1)
