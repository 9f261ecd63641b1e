"""The fast door: publish requests answered without ASGI, on the same port as everything else.

Measured with one record per request and 64 connections on one core, an ASGI server stops at half
of what the bare HTTP parser can do (``docs/decisions/0005-publish-doors.md``). So a publish
request that is nothing unusual is recognised when its head is complete and answered from here;
all else goes the ordinary way. ``ingest.api`` has the same routes with the same results.
"""

import asyncio
import time
from collections import deque
from math import inf
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from sluiceway.access.caller import Caller
from sluiceway.access.credentials import bearer_token
from sluiceway.access.errors import ApiUsageDeniedError, MissingCredentialsError
from sluiceway.access.scopes import Operation
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import render
from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.connection import Connection
from sluiceway.ingest.head import check_media
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.paths import match
from sluiceway.ingest.recall import KnownHead
from sluiceway.ingest.service import Pending
from sluiceway.ingest.types import Call, Target
from sluiceway.streams.directory import OpenStream

_UNUSUAL: Final = frozenset({b"transfer-encoding", b"expect", b"content-encoding"})
"""Headers whose requests go the ordinary way."""
_DRAINED_FACTOR: Final = 4
"""A refused body up to so many times the largest allowed one is read and dropped, so that the
client gets to see the answer; a connection with a larger one is cut."""
_PIPELINED_MAX: Final = 256
"""Publishes of one connection that may wait for their answers before it is read on."""
_URL_BYTES_MAX: Final = 2_048
"""A longer URL goes the ordinary way: the ones of this door are remembered."""


_ANSWERED_WITH_PLACES: Final = frozenset({Call.JSON_RECORD, Call.JSON_RECORDS})
"""The calls whose answer says where the records lie; the others answer 204."""


class _Request:
    """One publish request, from its head to its answer."""

    __slots__ = (
        "answer",
        "authorization",
        "body",
        "call",
        "content_type",
        "is_decided",
        "keep_alive",
        "refused",
        "size",
        "target",
    )

    def __init__(self, call: Call, target: Target, *, keep_alive: bool) -> None:
        self.call = call
        self.target = target
        self.keep_alive = keep_alive
        self.authorization: bytes | None = None
        self.content_type: str | None = None
        self.size = 0
        """Bytes of the body that were taken from the budget."""
        self.body: list[bytes] = []
        self.refused: SluicewayError | None = None
        """Set when the body is to be dropped and this answered to whoever may publish."""
        self.is_decided = False
        """Whether it was handed in or refused."""
        self.answer: tuple[bytes, bytes] | None = None
        """The head, without its end, and the body of the answer, once there is one."""


class _Exchange:
    """Stands where uvicorn keeps the request in progress, while publishes are in progress."""

    def __init__(self) -> None:
        self.response_complete = True
        self.disconnected = False
        self.keep_alive = True
        self.more_body = False
        self.message_event = asyncio.Event()


class PublishProtocol(Connection):
    """A connection with the fast door; ``http=partial(PublishProtocol, intake, stall_seconds)``."""

    def __init__(self, intake: Intake, stall_seconds: int, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(intake.counters, stall_seconds, *args, **kwargs)
        self._intake = intake
        self._exchange = _Exchange()
        self._unanswered: deque[_Request] = deque()
        self._current: _Request | None = None
        self._cold: deque[_Request] = deque()
        """Requests for which memory is not enough, and those behind them, in their order."""
        self._admitted: KnownHead | None = None
        """The last request that was admitted from memory, while one chunk is parsed."""
        self._no_content_of: bytes | None = None
        self._no_content_head = b""
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Take a request whose head is known to the last byte; parse anything else."""
        if not self._is_between_requests():
            super().data_received(data)
            return
        memory = self._intake.heads
        known = memory.recall(data, self._intake.ingest.generation, self.loop.time())
        if known is not None:
            self._unset_keepalive_if_required()
            self._publish_known(known, data[-known.body_bytes :] if known.body_bytes else b"")
            return
        self._admitted = None
        super().data_received(data)
        self._learn(data)

    def _learn(self, data: bytes) -> None:
        if self._admitted is not None:
            self._intake.heads.learn(data, self._admitted)

    def _is_between_requests(self) -> bool:
        """Tell whether what comes in is the start of a request that may be answered from here."""
        return (
            not self._is_in_head
            and self._current is None
            and self._last_words is None
            and not self._cold
            and not self.flow.read_paused
            and self._may_go_next()
            and self._exchange.keep_alive
        )

    def _may_go_next(self) -> bool:
        """Tell whether no ordinary request is in progress, whose answer must come first."""
        return not self.pipeline and (
            self.cycle is None
            or cast("Any", self.cycle) is self._exchange
            or self.cycle.response_complete
        )

    def _publish_known(self, known: KnownHead, body: bytes) -> None:
        request = _Request(known.call, known.target, keep_alive=True)
        request.is_decided = True
        self._begin(request)
        try:
            self._intake.budget.take(len(body))
            request.size = len(body)
            pending = self._intake.ingest.publish(known.stream, known.call, body)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            self._refuse(request, error)
        else:
            self._await_durable(request, pending)

    def on_message_begin(self) -> None:
        """Note that the client is not idle."""
        super().on_message_begin()
        self._idle_since = self.loop.time()

    def take_request(self) -> bool:
        """Take the request if it is a plain publish."""
        request = self._recognised()
        if request is None:
            return False
        self._current = request
        self._exchange.more_body = True
        self._begin(request)
        return True

    def _begin(self, request: _Request) -> None:
        self._unanswered.append(request)
        self._exchange.response_complete = False
        self.cycle = cast("Any", self._exchange)
        if len(self._unanswered) >= _PIPELINED_MAX or self.flow.write_paused:
            self.flow.pause_reading()

    def on_body(self, body: bytes) -> None:
        """Collect the body of a publish."""
        request = self._current
        if request is None:
            super().on_body(body)
        elif request.refused is None:
            try:
                self._intake.budget.take(len(body), of=request.size)
            except SluicewayError as error:
                request.refused = error
                request.body.clear()
            else:
                request.size += len(body)
                request.body.append(body)

    def on_message_complete(self) -> None:
        """Publish what was collected."""
        request, self._current = self._current, None
        if request is None:
            super().on_message_complete()
            return
        self._exchange.more_body = False
        if not (request.keep_alive and self._exchange.keep_alive):
            self._last_words = b""
        self._decide(request)

    def _decide(self, request: _Request) -> None:
        if request.is_decided:
            return
        request.is_decided = True
        if self._cold:
            self._cold.append(request)
            return
        try:
            pending = self._publish(request)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            self._refuse(request, error)
            return
        if pending is not None:
            self._await_durable(request, pending)
            return
        self._cold.append(request)
        task = self.loop.create_task(self._publish_cold())
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _recognised(self) -> _Request | None:
        """Give the request whose head is complete, if this door may take it."""
        parser = self.parser
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return None
        if not self._may_go_next():
            return None
        found = match(self.url) if len(self.url) <= _URL_BYTES_MAX else None
        if found is None:
            return None
        request = _Request(*found, keep_alive=parser.should_keep_alive())
        size = self._read_headers(request)
        if size is None:
            return None
        bytes_max = self._intake.budget.request_bytes_max
        if size > bytes_max:
            request.refused = RequestEntityTooLargeError(bytes_max)
            if size > _DRAINED_FACTOR * bytes_max:
                request.keep_alive = False
                self.loop.call_soon(self._decide, request)
        return request

    def _read_headers(self, request: _Request) -> int | None:
        """Take what is needed from the headers; give the body's size, ``None`` if unusual."""
        size = None
        for name, value in self.headers:
            if name == b"authorization":
                if request.authorization is not None:
                    return None
                request.authorization = value
            elif name == b"content-type":
                if request.content_type is not None:
                    return None
                request.content_type = value.decode("latin-1")
            elif name == b"content-length":
                size = int(value)
            elif name in _UNUSUAL:
                return None
        # Without this header there may be a cookie, which the ordinary way understands.
        return None if request.authorization is None else size

    def _publish(self, request: _Request) -> Pending | None:
        """Hand the records to the log if memory is enough to know the caller and the stream."""
        ingest = self._intake.ingest
        caller = self._intake.callers.peek(_token(request))
        if caller is None:
            return None
        if not caller.may_use(Operation.STREAMS_WRITE):
            raise ApiUsageDeniedError(Operation.STREAMS_WRITE)
        stream = ingest.admitted(caller, request.call, request.target)
        if stream is None:
            return None
        pending = self._hand_in(request, stream)
        if request.keep_alive:
            self._admitted = KnownHead(
                request.call,
                request.target,
                request.size,
                stream,
                generation=ingest.generation,
                until=self._end_of(caller),
            )
        return pending

    def _end_of(self, caller: Caller) -> float:
        """Give the loop's time at which the caller's token ends."""
        if caller.expires_ms is None:
            return inf
        return self.loop.time() + caller.expires_ms / 1_000 - time.time()

    async def _publish_cold(self) -> None:
        """The same for all that wait, one after the other, looking up what is not in memory."""
        intake = self._intake
        while self._cold:
            request = self._cold[0]
            try:
                caller = await intake.callers.authenticate(_token(request).decode("latin-1"))
                if not caller.may_use(Operation.STREAMS_WRITE):
                    raise ApiUsageDeniedError(Operation.STREAMS_WRITE)  # noqa: TRY301 - rendered below like all
                stream = await intake.ingest.admit(caller, request.call, request.target)
                pending = self._hand_in(request, stream)
            except Exception as error:  # noqa: BLE001 - every error becomes an answer
                self._refuse(request, error)
            else:
                self._await_durable(request, pending)
            self._cold.popleft()

    def _hand_in(self, request: _Request, stream: OpenStream) -> Pending:
        check_media(request.call, request.content_type, None)
        if request.refused is not None:
            raise request.refused
        return self._intake.ingest.publish(stream, request.call, b"".join(request.body))

    def _await_durable(self, request: _Request, pending: Pending) -> None:
        request.body.clear()

        def settled() -> None:
            error = pending.append.error
            if error is None:
                self._accept(request, pending)
            else:
                self._refuse(request, error)

        pending.append.then(settled)

    def _accept(self, request: _Request, pending: Pending) -> None:
        self._intake.ingest.stored(pending)
        if pending.call not in _ANSWERED_WITH_PLACES:
            self._answer(request, 204, self._no_content(), b"")
            return
        reply = pending.reply()
        head = STATUS_LINE[200] + self.default_head()
        head += b"content-type: application/json\r\ncontent-length: %d\r\n" % len(reply)
        self._answer(request, 200, head, reply)

    def _no_content(self) -> bytes:
        """Give the head of a 204, which is the same for a second."""
        headers = self.default_head()
        if headers is not self._no_content_of:
            self._no_content_of = headers
            self._no_content_head = STATUS_LINE[204] + headers
        return self._no_content_head

    def _refuse(self, request: _Request, error: Exception) -> None:
        if request.answer is not None:
            return
        rendered = render(error, f"POST {request.call.wire_name}")
        self._intake.counters.rejected[rendered.name] += 1
        self._intake.ingest.refused(request.target, error)
        self._answer(request, rendered.status, self.error_head(rendered), rendered.body)

    def _answer(self, request: _Request, status: int, head: bytes, body: bytes) -> None:
        """Keep the answer, and send all that are next in the order of the requests."""
        self._intake.budget.give_back(request.size)
        self._intake.counters.answered[request.call.wire_name, status] += 1
        request.answer = (head, body)
        unanswered, exchange = self._unanswered, self._exchange
        while unanswered and (answer := unanswered[0].answer) is not None:
            sent = unanswered.popleft()
            is_last = not (sent.keep_alive and (unanswered or exchange.keep_alive))
            self._send(*answer, is_last=is_last)
        if not unanswered:
            if not exchange.response_complete:
                exchange.response_complete = True
                self._rest()
        elif self.flow.read_paused and not (self.flow.write_paused or self.pipeline):
            self.flow.resume_reading()

    def _send(self, head: bytes, body: bytes, *, is_last: bool) -> None:
        if self.has_left():
            return
        end = b"connection: close\r\n\r\n" if is_last else b"\r\n"
        self.transport.write(head + end + body)
        if is_last:
            self.leave()

    def shutdown(self) -> None:
        """Answer what is in progress, then close; called when the server is told to stop."""
        super().shutdown()
        if self._unanswered and self._current is None:
            self._last_words = b""

    def _rest(self) -> None:
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
        if self.transport.is_closing() or self.cycle is not cast("Any", self._exchange):
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if self._unanswered or self._current is not None or left > 0:
            self._idle_timer = self.loop.call_later(max(left, 0.1), self._ring)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection, and of a body that was cut short."""
        current, self._current = self._current, None
        if current is not None:
            self._intake.budget.give_back(current.size)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        super().connection_lost(exc)


def _token(request: _Request) -> bytes:
    """Give the bearer token of a request; see ``access.credentials``."""
    authorization = request.authorization
    if authorization is None:
        raise MissingCredentialsError
    if authorization.startswith(b"Bearer "):
        token = authorization[7:].strip()
        if token:
            return token
    return bearer_token(authorization.decode("latin-1")).encode("latin-1")
