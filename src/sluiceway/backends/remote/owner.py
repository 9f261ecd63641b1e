"""What the process that has the log does for one worker."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from sluiceway.backends.remote.channel import Channel
from sluiceway.backends.remote.failures import taken_apart
from sluiceway.backends.remote.wire import (
    AppendRequest,
    Appends,
    Counts,
    Forget,
    FromWorker,
    Outcome,
    Outcomes,
    Ready,
    Stop,
)
from sluiceway.streams.log import Batch, RecordAppender
from sluiceway.streams.log_errors import AdmissionOutdatedError
from sluiceway.streams.pending import PendingAppend


class WorkerObserver(Protocol):
    """Hears what a worker did."""

    def stored(self, batches: Sequence[Batch], started: float) -> None:
        """Count an append that is durable; it came when ``time.perf_counter`` said *started*."""
        ...

    def counted(self, worker: "WorkerLink", counts: Counts) -> None:
        """Add what the worker counted."""
        ...


class WorkerLink:
    """The way to one worker, over a connected Unix socket."""

    def __init__(
        self, log: RecordAppender, observer: WorkerObserver, generation: Callable[[], int]
    ) -> None:
        self._log = log
        self._observer = observer
        self._generation = generation
        self._loop = asyncio.get_running_loop()
        self._outcomes: list[Outcome] = []
        self.channel: Channel[FromWorker] = Channel(FromWorker, self._receive, self._lose)
        self.ready = self._loop.create_future()
        """Done once the worker takes connections, or is gone."""

    def forget(self) -> None:
        """Tell the worker that something changed."""
        self.channel.send(Forget(self._generation()))

    def stop(self) -> None:
        """Tell the worker to finish and end."""
        self.channel.send(Stop())

    def _receive(self, message: FromWorker) -> None:
        if isinstance(message, Appends):
            started = time.perf_counter()
            for request in message.requests:
                self._take(request, started)
        elif isinstance(message, Counts):
            self._observer.counted(self, message)
        elif isinstance(message, Ready) and not self.ready.done():
            self.ready.set_result(None)

    def _lose(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _take(self, request: AppendRequest, started: float) -> None:
        if request.generation != self._generation():
            append = PendingAppend()
            append.fail(AdmissionOutdatedError())
        elif request.batches or request.note is not None:
            append = self._log.append(request.batches, request.note)
        else:
            append = PendingAppend()
            append.store((), 0)
        append.then(partial(self._tell, request, append, started))

    def _tell(self, request: AppendRequest, append: PendingAppend, started: float) -> None:
        if append.error is not None:
            name, facts = taken_apart(append.error)
            outcome = Outcome(request.number, error=name, facts=facts)
        else:
            if request.batches:
                self._observer.stored(request.batches, started)
            outcome = Outcome(request.number, tuple(append.result()), append.time_ms)
        if not self._outcomes:
            # At the end of the loop's turn, so that all outcomes of a group go together.
            self._loop.call_soon(self._flush)
        self._outcomes.append(outcome)

    def _flush(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        self.channel.send(Outcomes(outcomes))
