"""The record log as a worker has it: another process writes."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from sluiceway.backends.remote.failures import put_together
from sluiceway.backends.remote.wire import AppendRequest, Appends, Outcome
from sluiceway.streams.backlog import Backlog
from sluiceway.streams.log import Batch, Note
from sluiceway.streams.log_errors import LogOutcomeUnknownError, LogUnavailableError
from sluiceway.streams.pending import PendingAppend

_GONE: Final = "the process that has it is gone"
_GROUP_BYTES_MAX: Final = 8 * 1_048_576
"""From this size on what is to be appended is sent without waiting for the end of the turn."""


class RemoteLog:
    """A `RecordAppender` whose batches go to the process that has the log.

    What is appended in one turn of the loop goes together. An append fails with
    `AdmissionOutdatedError`, and nothing is written, if something had changed by then of which
    ``generation`` does not know; one without batches asks for nothing but that.

    Of the bytes that may wait in the log *share_bytes* are this process's: it knows only its own.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send: Callable[[Appends], None],
        share_bytes: int,
    ) -> None:
        self._loop = loop
        self._send = send
        self._number = 0
        self._waiting: dict[int, tuple[PendingAppend, int]] = {}
        """What was sent and is not settled, and its bytes."""
        self.backlog = Backlog(share_bytes)
        self._outgoing: list[AppendRequest] = []
        self._outgoing_bytes = 0
        self._is_gone = False
        self.generation = 0
        """Of what was changed: the last one heard of."""

    def append(self, batches: Sequence[Batch], note: Note | None = None) -> PendingAppend:
        """Store all of *batches* and *note*, or nothing; see `RecordAppender.append`."""
        append = PendingAppend()
        if self._is_gone:
            append.fail(LogUnavailableError(_GONE))
            return append
        self._number += 1
        size = sum(len(batch.lines) for batch in batches)
        self._waiting[self._number] = append, size
        self.backlog.size += size
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        request = AppendRequest(self._number, self.generation, tuple(batches), note)
        self._outgoing.append(request)
        self._outgoing_bytes += size
        if self._outgoing_bytes > _GROUP_BYTES_MAX:
            self._flush()
        return append

    def _flush(self) -> None:
        requests, self._outgoing, self._outgoing_bytes = self._outgoing, [], 0
        if requests and not self._is_gone:
            self._send(Appends(requests))

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Tell those who appended what became of it."""
        for outcome in outcomes:
            append, size = self._waiting.pop(outcome.number)
            self.backlog.settle(size)
            if outcome.error:
                append.fail(put_together(outcome.error, outcome.facts))
            else:
                append.store(outcome.first_offsets, outcome.time_ms)

    def lose(self) -> None:
        """Give up: nobody will say what becomes of what was sent."""
        self._is_gone = True
        waiting, self._waiting = self._waiting, {}
        for append, size in waiting.values():
            self.backlog.settle(size)
            append.fail(LogOutcomeUnknownError(_GONE))
