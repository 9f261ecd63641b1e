"""The fast door: publish requests answered without ASGI, on the same port as everything else.

Measured with one record per request and 64 connections on one core, an ASGI server stops at half
of what the bare HTTP parser can do (``docs/decisions/0005-publish-doors.md``). So a publish
request that is nothing unusual is recognised when its head is complete and answered from here;
all else goes the ordinary way. ``ingest.api`` has the same routes with the same results.
"""

import time
from collections import deque
from functools import partial
from math import inf
from typing import Any, Final

from sluiceway.access.caller import Caller
from sluiceway.access.errors import ApiUsageDeniedError
from sluiceway.access.scopes import Operation
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.answering import AnsweringConnection
from sluiceway.ingest.head import bearer_of, body_kind, bulk_kind, claim_of
from sluiceway.ingest.identity import HEADERS
from sluiceway.ingest.intake import FastIntake
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.paths import match
from sluiceway.ingest.pending import Pending
from sluiceway.ingest.recall import Admission, KnownHead
from sluiceway.ingest.requests import ParsedRequest, PublishRequest
from sluiceway.streams.directory import OpenStream

_UNUSUAL: Final = frozenset({b"transfer-encoding", b"expect", b"content-encoding"})
"""Headers whose requests go the ordinary way."""
_IDENTITY: Final = frozenset(name.encode() for name in HEADERS)
_READ: Final = _IDENTITY | {b"authorization", b"content-type", b"content-length"}
"""Headers that are read here; one that is there twice goes the ordinary way."""
_DRAINED_FACTOR: Final = 4
"""A refused body up to so many times the largest allowed one is read and dropped, so that the
client gets to see the answer; a connection with a larger one is cut."""
_PIECES_MAX: Final = 256
"""Pieces of a body that are kept apart: a piece of one byte takes forty."""
_URL_BYTES_MAX: Final = 2_048
"""A longer URL goes the ordinary way: the ones of this door are remembered."""


class PublishProtocol(AnsweringConnection):
    """A connection with the fast door; ``http=partial(PublishProtocol, intake, connections)``."""

    def __init__(
        self,
        intake: FastIntake,
        connections: OpenConnections,
        *args: Any,  # noqa: ANN401 - uvicorn's own
        **kwargs: Any,  # noqa: ANN401 - same
    ) -> None:
        super().__init__(intake, connections, *args, **kwargs)
        self._directory = intake.ingest.directory
        self._limits = intake.limits
        self._current: ParsedRequest | None = None
        self._cold: deque[ParsedRequest] = deque()
        """Requests for which memory is not enough, and those behind them, in their order."""
        self._admission: Admission | None = None
        """Of the last request that was admitted from memory, while one chunk is parsed."""
        self._known: KnownHead | None = None
        """The head of the last such request, which the next one most likely has too."""

    def data_received(self, data: bytes) -> None:
        """Take a request whose head is known to the last byte; parse anything else."""
        if self._is_clear:
            known = self._known
            if known is None or not known.begins(data):
                known = self._known = self._intake.heads.recall(data)
            if known is not None and known.admission.holds(
                self._directory.generation, self.loop.time()
            ):
                if self.timeout_keep_alive_task is not None:
                    self._unset_keepalive_if_required()
                self._publish_known(known.admission, data[known.head_bytes :])
                self.heed_backlog()
                return
        self._is_clear, self._admission = False, None
        super().data_received(data)
        if self._is_between_requests():
            self._is_clear = True
            self._learn(data)
        self.heed_backlog()

    def may_read_on(self) -> bool:
        """Tell whether no request that was read waits to be begun, be it for what is looked up."""
        return not self._cold and super().may_read_on()

    def _learn(self, data: bytes) -> None:
        if self._admission is not None:
            self._known = self._intake.heads.learn(data, self._admission)

    def _is_between_requests(self) -> bool:
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
            self.cycle is None or self.cycle is self._exchange or self.cycle.response_complete
        )

    def _publish_known(self, admission: Admission, body: bytes) -> None:
        request = PublishRequest(admission.call, admission.target, keep_alive=True)
        self.begin(request)
        try:
            request.taken = self._intake.budget.take(len(body))
            if self._limits is not None:
                request.slot = self._limits.take(admission.caller, admission.stream.view)
            pending = self._ingest.publish(admission.stream, admission.call, admission.kind, body)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            self.refuse(request, error)
        else:
            request.pending = pending
            pending.append.then(partial(self.settle, request))

    def take_request(self) -> bool:
        """Take the request if it is a plain publish."""
        request = self._recognised()
        if request is None:
            self.is_publishing = False
            return False
        self._current = request
        self._exchange.more_body = True
        self.begin(request)
        return True

    def on_body(self, body: bytes) -> None:
        """Collect the body of a publish."""
        request = self._current
        if request is None:
            super().on_body(body)
        elif request.refused is None:
            try:
                request.taken += self._intake.budget.take(len(body), of=request.size)
            except SluicewayError as error:
                request.refused = error.with_traceback(None)
                request.body.clear()
                self._intake.budget.give_back(request.taken)
                request.taken = 0
            else:
                request.size += len(body)
                request.body.append(body)
                if len(request.body) > _PIECES_MAX:
                    request.body[:] = [b"".join(request.body)]

    def on_message_complete(self) -> None:
        """Publish what was collected."""
        request, self._current = self._current, None
        if request is None:
            super().on_message_complete()
            return
        self._is_in_body = False
        self._exchange.more_body = False
        if not (request.keep_alive and self._exchange.keep_alive):
            self._last_words = b""
        self._decide(request)

    def _decide(self, request: ParsedRequest) -> None:
        if request.is_decided:
            return
        request.is_decided = True
        if self._cold:
            self._cold.append(request)
            return
        try:
            pending = self._publish(request)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            self.refuse(request, error)
            return
        if pending is not None:
            self._await_durable(request, pending)
            return
        self._cold.append(request)
        # Read on with its answer: what comes meanwhile would be kept, since order is.
        self.flow.pause_reading()
        task = self.loop.create_task(self._publish_cold())
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _recognised(self) -> ParsedRequest | None:
        """Give the request whose head is complete, if this door may take it."""
        parser = self.parser
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return None
        if not self._may_go_next():
            return None
        found = match(self.url) if len(self.url) <= _URL_BYTES_MAX else None
        if found is None:
            return None
        request = ParsedRequest(*found, keep_alive=parser.should_keep_alive())
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

    def _read_headers(self, request: ParsedRequest) -> int | None:
        """Take what is needed from the headers; give the body's size, ``None`` if unusual."""
        found: dict[bytes, bytes] = {}
        for name, value in self.headers:
            if name in _READ:
                if name in found:
                    return None
                found[name] = value
            elif name in _UNUSUAL:
                return None
        content_type = found.get(b"content-type")
        request.content_type = None if content_type is None else content_type.decode("latin-1")
        if bulk_kind(request.call, request.content_type) is not None:
            return None
        request.identity = {name: found[name] for name in _IDENTITY & found.keys()}
        # Without this header there may be a cookie, which the ordinary way understands.
        request.authorization = found.get(b"authorization")
        size = found.get(b"content-length")
        return None if request.authorization is None or size is None else int(size)

    def _publish(self, request: ParsedRequest) -> Pending | None:
        """Hand the records to the log if memory is enough to know the caller and the stream."""
        ingest = self._ingest
        caller = self._intake.callers.peek(bearer_of(request.authorization))
        if caller is None:
            return None
        if not caller.may_use(Operation.STREAMS_WRITE):
            raise ApiUsageDeniedError(Operation.STREAMS_WRITE)
        stream = ingest.admitted(caller, request.call, request.target)
        if stream is None:
            return None
        pending = self._hand_in(request, stream, caller)
        if request.keep_alive and not request.identity:
            self._admission = Admission(
                request.call,
                request.target,
                body_kind(request.call, request.content_type),
                request.size,
                stream,
                caller,
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
        while self._cold:
            request = self._cold[0]
            try:
                caller, stream = await self.admit_cold(request)
                pending = self._hand_in(request, stream, caller)
            except Exception as error:  # noqa: BLE001 - every error becomes an answer
                self.refuse(request, error)
            else:
                self._await_durable(request, pending)
            self._cold.popleft()
            self.heed_backlog()

    async def admit_cold(self, request: ParsedRequest) -> tuple[Caller, OpenStream]:
        """Look up who asks, and the stream that they may publish to."""
        intake = self._intake
        caller = await intake.callers.authenticate(
            bearer_of(request.authorization).decode("latin-1")
        )
        if not caller.may_use(Operation.STREAMS_WRITE):
            raise ApiUsageDeniedError(Operation.STREAMS_WRITE)
        return caller, await intake.ingest.admit(caller, request.call, request.target)

    def _hand_in(self, request: ParsedRequest, stream: OpenStream, caller: Caller) -> Pending:
        kind = body_kind(request.call, request.content_type)
        if request.refused is not None:
            raise request.refused
        claim = claim_of(caller, request.identity) if request.identity else None
        if self._limits is not None:
            request.slot = self._limits.take(caller, stream.view)
        body = b"".join(request.body)
        request.body.clear()
        return self._ingest.publish(stream, request.call, kind, body, claim)

    def _await_durable(self, request: PublishRequest, pending: Pending) -> None:
        request.pending = pending
        pending.append.then(partial(self.settle, request))

    def shutdown(self) -> None:
        """Answer what is in progress, then close; called when the server is told to stop."""
        self._is_clear = False
        super().shutdown()
        if self._unanswered and self._current is None:
            self._last_words = b""

    def leave(self) -> None:
        """Close, and let the client have all that was written."""
        self._is_clear = False
        super().leave()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection, and of a body that was cut short."""
        current, self._current = self._current, None
        if current is not None:
            self._intake.budget.give_back(current.taken)
        super().connection_lost(exc)
