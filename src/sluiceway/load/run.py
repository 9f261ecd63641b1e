"""A run of requests, each at its time or each behind the last one, and what became of them."""

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ssl import SSLContext
from typing import Final

from sluiceway.load.alarm import Alarm
from sluiceway.load.connection import Connection, Sent
from sluiceway.load.counts import Counts

TIMED_OUT: Final = "timed out"
UNANSWERED: Final = "no answer by the end"
NO_CONNECTION: Final = "no connection"
_DISTANCE_SECONDS_MIN: Final = 100e-6
"""Requests that are due within less go out together: an alarm for each would be all that is done."""
_SECOND: Final = 1.0
_OPENING_MAX: Final = 64
_REOPEN_SECONDS: Final = 0.1
_STOPPED_GRACE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where the connections go."""

    host: str
    port: int
    tls: SSLContext | None = None


class Load:
    """Sends requests and counts what becomes of them; for one run.

    With a *rate* request ``i`` is due ``i / rate`` seconds after the start, whatever was answered
    before; latencies count from then. Without, each connection sends its next request when the last
    one was answered.
    """

    def __init__(
        self,
        target: Target,
        requests: Sequence[bytes],
        *,
        connections: int,
        rate: float | None,
        timeout_seconds: float,
        in_flight_max: int = 1,
    ) -> None:
        """*requests* are whole HTTP requests, sent in turn.

        *in_flight_max* is how many of them may be on their way on one connection.
        """
        self.counts = Counts()
        self.in_flight = 0
        self._target = target
        self._requests = requests
        self._connections_max = connections
        self._rate = rate
        self._timeout = timeout_seconds
        self._in_flight_max = in_flight_max
        self._connections: set[Connection] = set()
        self._free: deque[Connection] = deque()
        self._free_since = 0.0
        """Since when there is a connection for what becomes due."""
        self._reopening: set[asyncio.Task[None]] = set()
        self._alarm: Alarm | None = None
        self._started = 0.0
        self._index = 0
        """How many requests were sent; the number of the next one."""
        self._total = 0
        """How many are due before the end."""
        self._is_over = False
        self._last_answer = 0.0

    async def run(
        self,
        seconds: float,
        stop: asyncio.Event | None = None,
        each_second: Callable[[], None] = lambda: None,
    ) -> Counts:
        """Run for so many seconds, or until *stop*.

        Raises:
            OSError: The connections cannot be opened.
        """
        stop = stop or asyncio.Event()
        self._alarm = Alarm(asyncio.get_running_loop(), self._ring)
        try:
            await self._open_all()
            used = time.process_time()
            self._start(seconds)
            await self._until(stop, self._started + seconds, each_second)
            used = time.process_time() - used
            now = time.perf_counter()
            end = min(now, self._started + seconds)
            self._end(end)
            await self._drain(_STOPPED_GRACE_SECONDS if stop.is_set() else self._timeout)
        finally:
            await self._close()
        self.counts.processor_share = used / (now - self._started)
        self.counts.seconds = max(end, self._last_answer) - self._started
        return self.counts

    async def _open_all(self) -> None:
        gate = asyncio.Semaphore(_OPENING_MAX)

        async def open_one() -> None:
            async with gate:
                async with asyncio.timeout(self._timeout):
                    await self._open()

        opening = [open_one() for _ in range(self._connections_max)]
        done = await asyncio.gather(*opening, return_exceptions=True)
        failures = [one for one in done if one is not None]
        if failures:
            opened = self._connections_max - len(failures)
            raise OSError(f"only {opened} connections could be opened: {failures[0]}")

    async def _open(self) -> Connection:
        target = self._target
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self, self._in_flight_max), target.host, target.port, ssl=target.tls
        )
        return connection

    def _start(self, seconds: float) -> None:
        now = self._started = self._free_since = time.perf_counter()
        if self._rate is not None:
            self._total = max(math.ceil(seconds * self._rate), 1)
        for connection in list(self._connections):
            self._use(connection, now)

    async def _until(
        self, stop: asyncio.Event, end: float, each_second: Callable[[], None]
    ) -> None:
        while not stop.is_set() and (left := end - time.perf_counter()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(left, _SECOND))
            oldest = time.perf_counter() - self._timeout
            for connection in list(self._connections):
                connection.abort_if_older(oldest, TIMED_OUT)
            each_second()

    def _end(self, end: float) -> None:
        """Send no more, and count what was due until *end* and waits."""
        self._is_over = True
        if self._rate is not None:
            due = min(math.ceil((end - self._started) * self._rate), self._total)
            if due > self._index:
                self.counts.leave_unsent(due - self._index, end - self._due())

    async def _drain(self, seconds: float) -> None:
        """Wait for the last answers."""
        end = time.perf_counter() + seconds
        while self.in_flight and time.perf_counter() < end:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(0.005)
        for connection in list(self._connections):
            connection.abort_if_older(math.inf, UNANSWERED)

    async def _close(self) -> None:
        self._is_over = True
        assert self._alarm is not None
        self._alarm.close()
        for task in self._reopening:
            task.cancel()
        while self._connections or self._reopening:
            for connection in list(self._connections):
                connection.abort(UNANSWERED)
            await asyncio.sleep(0)

    # Sending.

    def _use(self, connection: Connection, now: float) -> None:
        """Give a connection that has room what it is to send."""
        if self._is_over:
            return
        if self._rate is None:
            while connection.has_room():
                self._send(connection, now, now)
            return
        if not connection.is_queued:
            if not self._free:
                self._free_since = now
            connection.is_queued = True
            self._free.append(connection)
        self._send_due(now)

    def _ring(self) -> None:
        if not self._is_over:
            self._send_due(time.perf_counter())

    def _send_due(self, now: float) -> None:
        """Send what is due as far as there are connections for it, and set the alarm for the rest."""
        free, delay = self._free, self.counts.delay
        while self._index < self._total and (due := self._due()) <= now:
            if not free:
                return
            connection = free.popleft()
            connection.is_queued = False
            if not connection.has_room():
                continue
            delay.add(now - max(due, self._free_since))
            self._send(connection, due, now)
            if connection.has_room():
                connection.is_queued = True
                free.append(connection)
        if free and self._index < self._total:
            assert self._alarm is not None
            self._alarm.set(max(self._due(), now + _DISTANCE_SECONDS_MIN))

    def _due(self) -> float:
        """Give when the next request is due."""
        assert self._rate is not None
        return self._started + self._index / self._rate

    def _send(self, connection: Connection, due: float, now: float) -> None:
        connection.send(self._requests[self._index % len(self._requests)], due, now)
        self._index += 1
        self.counts.sent += 1
        self.in_flight += 1

    # What connections tell.

    def opened(self, connection: Connection) -> None:
        """Know a connection until it is lost."""
        self._connections.add(connection)

    def answered(self, connection: Connection, request: Sent, status: int, body: bytes) -> None:
        """Count an answer, and send the next request."""
        now = self._last_answer = time.perf_counter()
        self.in_flight -= 1
        self.counts.answer(status, body, now - request.due, now - request.sent)
        self._use(connection, now)

    def refused(self, status: int, body: bytes) -> None:
        """Count what the server says before it closes."""
        self.counts.refuse(status, body)

    def writable(self, connection: Connection) -> None:
        """Use a connection again."""
        self._use(connection, time.perf_counter())

    def lost(self, connection: Connection, unanswered: list[Sent], reason: str) -> None:
        """Count what was on its way, and open another connection."""
        self._connections.discard(connection)
        self.in_flight -= len(unanswered)
        now = time.perf_counter()
        for request in unanswered:
            self.counts.fail(reason)
            self.counts.latency.add(now - request.due)
        if not self._is_over:
            task = asyncio.get_running_loop().create_task(self._reopen())
            self._reopening.add(task)
            task.add_done_callback(self._reopening.discard)

    async def _reopen(self) -> None:
        while not self._is_over:
            try:
                connection = await self._open()
            except OSError as error:
                self.counts.fail(NO_CONNECTION, str(error))
                await asyncio.sleep(_REOPEN_SECONDS)
                continue
            self._use(connection, time.perf_counter())
            return
