"""The fast door: publish requests answered without ASGI, on the same port as everything else.

Measured with one record per request and 64 connections on one core, an ASGI server stops at half
of what the bare HTTP parser can do (``docs/decisions/0005-publish-doors.md``). So a publish
request that is nothing unusual is recognised when its head is complete and answered from here;
all else goes the ordinary way. ``ingest.api`` has the same routes with the same results.
"""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from sluiceway.access.errors import ApiUsageDeniedError, MissingCredentialsError
from sluiceway.access.guard import bearer_token
from sluiceway.access.scopes import Operation
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import RenderedError, render
from sluiceway.foundation.request_errors import InternalError, InvalidArgumentError
from sluiceway.ingest.head import check_media
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.paths import match
from sluiceway.ingest.service import Pending
from sluiceway.ingest.types import Call, Target

_UNUSUAL: Final = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"content-encoding"})
"""Headers whose requests go the ordinary way."""
_DRAINED_FACTOR: Final = 4
"""A refused body up to so many times the largest allowed one is read and dropped, so that the
client gets to see the answer; a connection with a larger one is cut."""


class _Request:
    """One publish request, from its head to its answer."""

    __slots__ = (
        "answer",
        "authorization",
        "body",
        "call",
        "content_type",
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
        """Set when the body is to be dropped and this answered."""
        self.answer: bytes | None = None
        """The whole answer, once there is one."""


class _Exchange:
    """Stands where uvicorn keeps the request in progress, while publishes are in progress."""

    def __init__(self) -> None:
        self.response_complete = True
        self.disconnected = False
        self.keep_alive = True
        self.message_event = asyncio.Event()


class PublishProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with the fast door; ``http=partial(PublishProtocol, intake)``."""

    def __init__(self, intake: Intake, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._intake = intake
        self._exchange = _Exchange()
        self._unanswered: deque[_Request] = deque()
        self._current: _Request | None = None
        self._default_headers: list[tuple[bytes, bytes]] = []
        self._default_block = b""
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        """Note only what this door needs; the rest is made when uvicorn gets the request."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._idle_since = self.loop.time()

    def on_headers_complete(self) -> None:
        """Take the request if it is a plain publish; else let uvicorn have it."""
        request = self._recognised()
        if request is None:
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expects
            self.headers.extend(headers)
            super().on_headers_complete()
            return
        self._current = request
        self._unanswered.append(request)
        self._exchange.response_complete = False
        self.cycle = cast("Any", self._exchange)

    def on_body(self, body: bytes) -> None:
        """Collect the body of a publish."""
        if self._current is None:
            super().on_body(body)
        elif self._current.refused is None:
            self._current.body.append(body)

    def on_message_complete(self) -> None:
        """Publish what was collected."""
        request, self._current = self._current, None
        if request is None:
            super().on_message_complete()
            return
        try:
            pending = self._publish(request)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            self._refuse(request, error)
            return
        if pending is None:
            task = self.loop.create_task(self._publish_cold(request))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)
        else:
            self._await_durable(request, pending)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP, in the form of every other error."""
        rendered = render(InvalidArgumentError(msg), "malformed request")
        self._intake.counters.rejected[rendered.name] += 1
        head = self._error_head(rendered)
        self.transport.write(head + b"connection: close\r\n\r\n" + rendered.body)
        self.transport.close()

    def _recognised(self) -> _Request | None:
        """Give the request whose head is complete, if this door may take it."""
        parser = self.parser
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return None
        if self.pipeline or not (
            self.cycle is None
            or cast("Any", self.cycle) is self._exchange
            or self.cycle.response_complete
        ):
            return None  # An ordinary request is before this one: its answer must come first.
        found = match(self.url)
        if found is None:
            return None
        request = _Request(*found, keep_alive=parser.should_keep_alive())
        size = -1
        for name, value in self.headers:
            if name == b"authorization":
                request.authorization = value
            elif name == b"content-type":
                request.content_type = value.decode("latin-1")
            elif name == b"content-length":
                size = int(value)
            elif name in _UNUSUAL:
                return None
        if size < 0:
            return None
        self._take(request, size)
        return request

    def _take(self, request: _Request, size: int) -> None:
        budget = self._intake.budget
        try:
            budget.take(size)
        except SluicewayError as error:
            request.refused = error
            request.keep_alive = False
            if size > _DRAINED_FACTOR * budget.request_bytes_max:
                self.loop.call_soon(self._refuse, request, error)
        else:
            request.size = size

    def _publish(self, request: _Request) -> Pending | None:
        """Hand the records to the log if memory is enough to know the caller and the stream."""
        if request.refused is not None:
            raise request.refused
        intake = self._intake
        caller = intake.callers.peek(_token(request))
        if caller is None:
            return None
        if not caller.may_use(Operation.STREAMS_WRITE):
            raise ApiUsageDeniedError(Operation.STREAMS_WRITE)
        stream = intake.ingest.admitted(caller, request.call, request.target)
        if stream is None:
            return None
        check_media(request.call, request.content_type, None)
        return intake.ingest.publish(stream, request.call, b"".join(request.body))

    async def _publish_cold(self, request: _Request) -> None:
        """The same, with looking up what is not in memory."""
        intake = self._intake
        try:
            caller = await intake.callers.authenticate(_token(request).decode("latin-1"))
            if not caller.may_use(Operation.STREAMS_WRITE):
                raise ApiUsageDeniedError(Operation.STREAMS_WRITE)  # noqa: TRY301 - rendered below like all
            stream = await intake.ingest.admit(caller, request.call, request.target)
            check_media(request.call, request.content_type, None)
            pending = intake.ingest.publish(stream, request.call, b"".join(request.body))
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            self._refuse(request, error)
        else:
            self._await_durable(request, pending)

    def _await_durable(self, request: _Request, pending: Pending) -> None:
        request.body.clear()

        def settled(future: "Future[Sequence[int]]") -> None:
            if future.cancelled():
                self._refuse(request, InternalError())
                return
            error = future.exception()
            if error is None:
                self._accept(request, pending)
            else:
                self._refuse(request, cast("Exception", error))

        pending.future.add_done_callback(settled)

    def _accept(self, request: _Request, pending: Pending) -> None:
        reply = pending.reply()
        status = 200 if reply else 204
        head = STATUS_LINE[status] + self._default_head()
        if reply:
            head += b"content-type: application/json\r\ncontent-length: %d\r\n" % len(reply)
        self._answer(request, status, head, reply)

    def _refuse(self, request: _Request, error: Exception) -> None:
        if request.answer is not None:
            return
        rendered = render(error, f"POST {request.call.wire_name}")
        self._intake.counters.rejected[rendered.name] += 1
        self._answer(request, rendered.status, self._error_head(rendered), rendered.body)

    def _answer(self, request: _Request, status: int, head: bytes, body: bytes) -> None:
        """Keep the answer, and send all that are next in the order of the requests."""
        self._intake.budget.give_back(request.size)
        self._intake.counters.answered[request.call.wire_name, status] += 1
        if not request.keep_alive or not self._exchange.keep_alive:
            head += b"connection: close\r\n"
            request.keep_alive = False
        request.answer = head + b"\r\n" + body
        unanswered = self._unanswered
        while unanswered and (answer := unanswered[0].answer) is not None:
            sent = unanswered.popleft()
            if not self.transport.is_closing():
                self.transport.write(answer)
                if not sent.keep_alive:
                    self.transport.close()
        if not unanswered and not self._exchange.response_complete:
            self._exchange.response_complete = True
            self._rest()

    def _rest(self) -> None:
        """Wait for the next request.

        uvicorn arms a timer after each answer and disarms it before the next request; one that
        looks at the clock when it rings does the same for less.
        """
        if self.pipeline:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._idle_since = self.loop.time()
        if self._idle_timer is None and not self.transport.is_closing():
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
        """Let go of the connection."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        super().connection_lost(exc)

    def _error_head(self, rendered: RenderedError) -> bytes:
        size = len(rendered.body)
        return b"".join(
            [
                STATUS_LINE[rendered.status],
                self._default_head(),
                b"content-type: application/json\r\ncontent-length: %d\r\n" % size,
                *(f"{name}: {value}\r\n".encode() for name, value in rendered.headers.items()),
            ]
        )

    def _default_head(self) -> bytes:
        """Give the headers of every answer; uvicorn makes a new list of them each second."""
        headers = self.server_state.default_headers
        if headers is not self._default_headers:
            self._default_headers = headers
            self._default_block = b"".join(b"%s: %s\r\n" % header for header in headers)
        return self._default_block


def _token(request: _Request) -> bytes:
    """Give the bearer token of a request; see ``access.guard.bearer_token``."""
    authorization = request.authorization
    if authorization is None:
        raise MissingCredentialsError
    if authorization.startswith(b"Bearer "):
        token = authorization[7:].strip()
        if token:
            return token
    return bearer_token(authorization.decode("latin-1")).encode("latin-1")
