"""A connection whose publishes are answered in their order, while it stays open."""

import asyncio
from collections import deque
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from sluiceway.foundation.rendering import render
from sluiceway.ingest.connection import Connection
from sluiceway.ingest.intake import FastIntake
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.pending import ACCEPTED, Answer
from sluiceway.ingest.requests import PublishRequest

_PIPELINED_MAX: Final = 256
"""Publishes of one connection that may wait for their answers before it is read on."""


class Exchange:
    """Stands where uvicorn keeps the request in progress, while publishes are in progress."""

    def __init__(self) -> None:
        self.response_complete = True
        self.disconnected = False
        self.keep_alive = True
        self.more_body = False
        self.message_event = asyncio.Event()


class AnsweringConnection(Connection):
    """One client's connection, and the answers that it is still to get."""

    def __init__(
        self,
        intake: FastIntake,
        connections: OpenConnections,
        *args: Any,  # noqa: ANN401 - uvicorn's own
        **kwargs: Any,  # noqa: ANN401 - same
    ) -> None:
        super().__init__(intake.counters, connections, *args, **kwargs)
        self._intake = intake
        self._ingest = intake.ingest
        self._statistics = intake.ingest.statistics
        self._holding = intake.holding
        self._exchange: Any = Exchange()
        self._unanswered: deque[PublishRequest] = deque()
        self._no_content_of: list[tuple[bytes, bytes]] | None = None
        self._no_content_head = b""
        self._no_content = b""
        self._is_clear = False
        """Whether what comes next is the start of a request that may be answered from here."""
        self.is_publishing = False
        """Whether the last request was a publish: then the next one most likely is."""
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def begin(self, request: PublishRequest) -> None:
        """Take note of a request that is to be answered behind those before it."""
        self._unanswered.append(request)
        self.is_publishing = True
        self._exchange.response_complete = False
        self.cycle = self._exchange
        if self.flow.write_paused or len(self._unanswered) >= _PIPELINED_MAX:
            self.flow.pause_reading()
            self._is_clear = False

    def heed_backlog(self) -> None:
        """Read no more from who publishes while the log has more than it gets rid of.

        Called behind everything that was read: also who was just refused sends on.
        """
        if not (self.is_publishing and self._holding.is_due()):
            return
        if not (self.flow.is_held or self.has_left()):
            self.flow.hold()
            self._holding.hold(self)

    def release(self) -> None:
        """Read again from a connection that was held."""
        self._idle_since = self.loop.time()
        if not self.transport.is_closing():
            self.flow.release()

    def _let_go(self) -> None:
        if self.flow.is_held:
            self._holding.forget(self)
            self.release()

    def leave(self) -> None:
        """Close, and let the client have all that was written."""
        self._let_go()
        super().leave()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is idle; one that is held is not."""
        if self.flow.is_held:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def settle(self, request: PublishRequest) -> None:
        """Answer a request that was handed in and whose outcome is known."""
        pending = request.pending
        assert pending is not None
        if pending.append.error is not None:
            self.refuse(request, pending.append.error)
            return
        if pending.repeated is None:
            self._statistics.stored(pending.view, pending.batches, pending.started)
        answer = pending.answer()
        if answer is not ACCEPTED:
            self._answer_at_length(request, answer)
            return
        headers = self.server_state.default_headers
        if headers is not self._no_content_of:
            self._no_content_of = headers
            self._no_content_head = STATUS_LINE[204] + self.default_head()
            self._no_content = self._no_content_head + b"\r\n"
        unanswered, exchange = self._unanswered, self._exchange
        if len(unanswered) > 1 or not (request.keep_alive and exchange.keep_alive):
            self._answer(request, 204, self._no_content_head, b"")
            return
        # What _answer does, for a client that waits for each answer before it sends more.
        intake = self._intake
        intake.budget.taken_bytes -= request.taken
        if request.slot is not None:
            request.slot.release()
        intake.counters.answered[request.call.wire_name, 204] += 1
        unanswered.clear()
        if not self.has_left():
            self.transport.write(self._no_content)
        exchange.response_complete = True
        self.rest()

    def _answer_at_length(self, request: PublishRequest, answer: Answer) -> None:
        head = [STATUS_LINE[answer.status], self.default_head()]
        head += [f"{name}: {value}\r\n".encode("latin-1") for name, value in answer.headers]
        if answer.body:
            size = len(answer.body)
            head.append(b"content-type: application/json\r\ncontent-length: %d\r\n" % size)
        self._answer(request, answer.status, b"".join(head), answer.body)

    def refuse(self, request: PublishRequest, error: Exception) -> None:
        """Answer a request that failed."""
        if request.answer is not None:
            return
        rendered = render(error, f"POST {request.call.wire_name}")
        self._intake.counters.rejected[rendered.name] += 1
        self._ingest.refused(request.target, error)
        # By way of the frames it holds what the client sent, and a request holds its error.
        error.__traceback__ = None
        self._answer(request, rendered.status, self.error_head(rendered), rendered.body)

    def _answer(self, request: PublishRequest, status: int, head: bytes, body: bytes) -> None:
        """Keep the answer, and send all that are next in the order of the requests."""
        self._intake.budget.give_back(request.taken)
        if request.slot is not None:
            request.slot.release()
        self._intake.counters.answered[request.call.wire_name, status] += 1
        request.answer = (head, body)
        request.pending = None  # Its records are needed no more, however long its turn may take.
        unanswered, exchange = self._unanswered, self._exchange
        while unanswered and (answer := unanswered[0].answer) is not None:
            sent = unanswered.popleft()
            is_last = not (sent.keep_alive and (unanswered or exchange.keep_alive))
            self._send(*answer, is_last=is_last)
        if not unanswered:
            if not exchange.response_complete:
                exchange.response_complete = True
                self.rest()
        elif self.flow.read_paused and not self.flow.write_paused and self.may_read_on():
            self.flow.resume_reading()

    def _send(self, head: bytes, body: bytes, *, is_last: bool) -> None:
        if self.has_left():
            return
        end = b"connection: close\r\n\r\n" if is_last else b"\r\n"
        self.transport.write(head + end + body)
        if is_last:
            self.leave()

    def rest(self) -> None:
        """Wait for the next request.

        uvicorn arms a timer after each answer and disarms it before the next request; one that
        looks at the clock when it rings does the same for less.
        """
        if self.pipeline or self._last_words or self.flow.read_paused:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._idle_since = self.loop.time()
        if self._idle_timer is None and not self.has_left():
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._ring)

    def _ring(self) -> None:
        self._idle_timer = None
        if self.transport.is_closing() or self.cycle is not self._exchange:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        is_busy = self._unanswered or self._is_in_head or self._is_in_body or self.flow.is_held
        if is_busy or left > 0:
            self._idle_timer = self.loop.call_later(max(left, 0.1), self._ring)
        else:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Note that the client is not idle."""
        super().on_message_begin()
        self._idle_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        self._holding.forget(self)
        super().connection_lost(exc)
