"""The workers of a server: started, heard, told, started again, and stopped."""

import asyncio
import contextlib
import logging
import socket
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import uvicorn

from sluiceway.app.processes import give_settings, spawn
from sluiceway.app.server import BACKLOG
from sluiceway.app.services import Services
from sluiceway.backends.remote.connections import ConnectionReceiver
from sluiceway.backends.remote.owner import WorkerLink
from sluiceway.backends.remote.wire import Counts
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.ingest.patience import Slowness
from sluiceway.ingest.workers.taken import TakenProtocol
from sluiceway.settings import Settings
from sluiceway.streams.log import Batch
from sluiceway.streams.meters import Refusal
from sluiceway.streams.types import View

_log: Final = logging.getLogger("sluiceway.workers")
_DELAY_SECONDS: Final = 0.1
_DELAY_SECONDS_MAX: Final = 5.0
_HEALTHY_SECONDS: Final = 10.0
"""A worker that lived that long is started again without delay."""
_START_SECONDS: Final = 30.0


def listen(settings: Settings) -> list[socket.socket]:
    """Listen on every address of the host that is set.

    Raises:
        OSError: One of them cannot be listened on.
    """
    server = settings.server
    found = socket.getaddrinfo(
        server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    with contextlib.ExitStack() as opened:
        sockets = []
        for family, kind, protocol, _, address in dict.fromkeys(found):
            made = opened.enter_context(socket.socket(family, kind, protocol))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind(address)
            made.listen(BACKLOG)
            made.setblocking(False)
            sockets.append(made)
        opened.pop_all()
        return sockets


@dataclass(eq=False)
class _Counting:
    """Adds what workers did to what the server itself counts."""

    services: Services
    _last: dict[WorkerLink, Counts] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def stored(self, batches: Sequence[Batch], started: float) -> None:
        """Count an append that is durable."""
        statistics = self.services.page.statistics
        self._with_view(batches[0].view, lambda view: statistics.stored(view, batches, started))

    def counted(self, worker: WorkerLink, counts: Counts) -> None:
        """Add what a worker counted."""
        counters, statistics = self.services.counters, self.services.page.statistics
        for call, status, count in counts.answered:
            counters.answered[call, status] += count
        counters.rejected.update(counts.rejected)
        for view_rid, kind, count in counts.refused:
            refusal = Refusal(kind)
            self._with_view(view_rid, partial(_refuse, statistics.add_refused, refusal, count))
        for reason, count in counts.cut.items():
            self.services.connections.cut[Slowness(reason)] += count
        self._last[worker] = counts
        self._sum()

    def gone(self, worker: WorkerLink) -> None:
        """Forget what a worker held."""
        self._last.pop(worker, None)
        self._sum()

    def _sum(self) -> None:
        last = self._last.values()
        self.services.intake.budget.workers_bytes = sum(one.inflight_bytes for one in last)
        self.services.intake.holding.held_by_workers = sum(one.held for one in last)
        self.services.connections.served_by_workers = sum(one.connections for one in last)

    def _with_view(self, view_rid: ViewRid, count: Callable[[View], None]) -> None:
        """Count for a view, which may have to be looked up first."""
        stream = self.services.intake.ingest.directory.peek_view(view_rid)
        if stream is not None:
            count(stream.view)
            return
        task = asyncio.get_running_loop().create_task(self._look_up(view_rid, count))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look_up(self, view_rid: ViewRid, count: Callable[[View], None]) -> None:
        try:
            stream = await self.services.intake.ingest.directory.view(view_rid)
        except SluicewayError as error:
            _log.warning("something is missing in the statistics: %s", error)
            return
        if stream is not None:  # None: it was reset meanwhile, and nobody asks for it any more.
            count(stream.view)


def _refuse(
    add: Callable[[View, Refusal, int], None], refusal: Refusal, count: int, view: View
) -> None:
    add(view, refusal, count)


class Workers:
    """All workers of a server. They take the connections of *listeners*, which this closes."""

    def __init__(self, services: Services, listeners: Sequence[socket.socket]) -> None:
        self._services = services
        self._listeners = listeners
        self._counting = _Counting(services)
        self._generation = 0
        self._links: set[WorkerLink] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: set[Process] = set()
        self._taking: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._server: uvicorn.Server | None = None

    async def start(self, server: uvicorn.Server) -> None:
        """Start them all, and wait until each takes connections; *server* answers all else."""
        self._server = server
        self._services.database.listeners.append(self._forget)
        first = []
        for number in range(self._services.settings.server.workers):
            started = asyncio.get_running_loop().create_future()
            first.append(started)
            self._tasks.append(asyncio.create_task(self._keep(number, started)))
        await asyncio.wait(first, timeout=_START_SECONDS)

    async def stop(self) -> None:
        """Have them finish what is in progress; one that does not end in time is killed."""
        self._stopping.set()
        for listener in self._listeners:
            listener.close()
        for link in self._links:
            link.stop()
        if self._tasks:
            seconds = self._services.settings.server.shutdown_seconds + 1
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for process in self._processes if late else ():
                process.kill()
            await asyncio.gather(*self._tasks)

    def _forget(self) -> None:
        self._generation += 1
        for link in self._links:
            link.forget()

    async def _keep(self, number: int, started: asyncio.Future[None]) -> None:
        """Run a worker, and another one whenever it ends."""
        loop, delay = asyncio.get_running_loop(), _DELAY_SECONDS
        while not self._stopping.is_set():
            began = loop.time()
            try:
                code = await self._run_one(started)
            except OSError as error:
                code = -1
                _log.error("worker %d could not be started: %s", number, error)
            if self._stopping.is_set():
                break
            if loop.time() - began > _HEALTHY_SECONDS:
                delay = _DELAY_SECONDS
            _log.error("worker %d ended with %s; another one starts in %s s", number, code, delay)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
            delay = min(2 * delay, _DELAY_SECONDS_MAX)

    async def _run_one(self, started: asyncio.Future[None]) -> int:
        loop = asyncio.get_running_loop()
        link = WorkerLink(self._services.log, self._counting, lambda: self._generation)
        ours, theirs = socket.socketpair()
        passing, theirs_passing = socket.socketpair()
        receiver = ConnectionReceiver(passing, self._take)
        try:
            with theirs, theirs_passing:
                inherited = [theirs, theirs_passing, *self._listeners]
                process = await spawn("worker", [one.fileno() for one in inherited])
            self._processes.add(process)
            await loop.create_connection(lambda: link.channel, sock=ours)
            self._links.add(link)
            link.forget()
            if self._stopping.is_set():
                link.stop()
            give_settings(process, self._services.settings)
            await link.ready
            if not started.done():
                started.set_result(None)
            code = await process.wait()
            self._processes.discard(process)
            return code
        finally:
            self._links.discard(link)
            self._counting.gone(link)
            link.channel.close()
            ours.close()
            receiver.close()

    def _take(self, connection: socket.socket, first: bytes) -> None:
        """Answer a connection that a worker passed on."""
        task = asyncio.get_running_loop().create_task(self._answer(connection, first))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _answer(self, connection: socket.socket, first: bytes) -> None:
        server, loop = self._server, asyncio.get_running_loop()
        assert server is not None

        def protocol() -> TakenProtocol:
            return TakenProtocol(
                first,
                self._services.intake,
                self._services.connections,
                config=server.config,
                server_state=server.server_state,
                app_state={},
                _loop=loop,
            )

        try:
            _, taken = await loop.connect_accepted_socket(protocol, connection)
        except OSError as error:  # The client is gone already.
            connection.close()
            _log.info("a connection was lost on its way: %s", error)
            return
        if self._stopping.is_set():
            taken.shutdown()
