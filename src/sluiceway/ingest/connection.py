"""A connection with bounds: uvicorn's HTTP protocol, where that leaves things open.

By itself uvicorn takes any number of connections and a head of any length, and waits for the rest
of a request, and for the first one, for ever. It answers bytes that are not HTTP at once, in plain
text, before the answers that are still due. And its parser leaves out the body of a request that
offers another protocol.
"""

import asyncio
from collections import deque
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from sluiceway.foundation.connections import extensions, is_quiet
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import RenderedError, render
from sluiceway.foundation.request_errors import (
    InvalidArgumentError,
    OverloadedError,
    RequestHeaderTooLargeError,
)
from sluiceway.foundation.telemetry import RequestCounters
from sluiceway.ingest.open_connections import TURNED_AWAY_MAX, OpenConnections
from sluiceway.ingest.outlet import CycleOutlet
from sluiceway.ingest.patience import CountingFlow, Slowness, Wait
from sluiceway.ingest.taking import Taking

HEAD_BYTES_MAX: Final = 64 * 1024
"""Largest head of a request: its first line and its headers."""
_LINGER_BYTES_MAX: Final = 1024 * 1024
"""How much of what still comes in meanwhile is dropped, before the connection is cut."""
_LINGER_SECONDS: Final = 5.0
"""How long a client may take to close its side of a connection that is closed."""


class _UnwantedRequestError(Exception):
    """Raised into the parser, so that it stops: this request is not to be read."""


class Connection(HttpToolsProtocol):
    """One client's connection."""

    flow: CountingFlow

    def __init__(
        self,
        counters: RequestCounters,
        connections: OpenConnections,
        *args: Any,  # noqa: ANN401 - uvicorn's own
        **kwargs: Any,  # noqa: ANN401 - same
    ) -> None:
        super().__init__(*args, **kwargs)
        self._counters = counters
        self._open = connections
        self._is_served = True
        self._wait = Wait(connections.patience)
        self._wait_timer: asyncio.TimerHandle | None = None
        self._pauses_seen = 0
        self._linger_timer: asyncio.TimerHandle | None = None
        self._dropped_bytes = 0
        self._last_words: bytes | None = None
        """Sent when all answers that are due are given; what comes in meanwhile is not read."""
        self._is_declining = False
        """Whether the request offers another protocol; it is then parsed anew without that."""
        self._is_in_head = False
        self._is_in_body = False
        self._head_bytes = 0
        """Bytes of the head in all chunks but the one in which it began."""
        self._begin_bytes = 0
        """Bytes of the chunk in which it began, other requests' among them."""
        self._chunk_bytes = 0
        self._is_in_chunks = False
        """Whether the body of the request comes in chunks (RFC 9112, section 7.1)."""
        self._trailer_bytes = 0
        """Bytes that came behind the last of the body; then they can only be a trailer."""
        self._cycles: deque[RequestResponseCycle] = deque()
        """Requests that uvicorn has, in their order; those in front may be answered by now."""
        self._default_headers: list[tuple[bytes, bytes]] = []
        self._default_block = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve a client, or tell it that there are too many."""
        super().connection_made(transport)
        self.flow = CountingFlow(transport)
        self._taking = Taking(transport, self.flow, self._open.patience, self._cut_slow_answer)
        connections = self._open
        if connections.served < connections.connections_max:
            connections.served += 1
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
            return
        self._is_served = False
        connections.turned_away += 1
        if connections.turned_away > TURNED_AWAY_MAX:
            self._last_words = b""
            transport.abort()
        else:
            self._say_last(OverloadedError("connections"))

    def take_request(self) -> bool:
        """Take the request whose head is complete; ``False`` leaves it to uvicorn."""
        return False

    def may_read_on(self) -> bool:
        """Tell whether no request that was read waits to be begun."""
        return not self.pipeline

    def is_request_incomplete(self) -> bool:
        """Tell whether a request is in progress whose body is not all there."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and cycle.more_body

    def is_answer_due(self) -> bool:
        """Tell whether a request is in progress."""
        return self.cycle is not None and not self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """Parse what came in."""
        if self._last_words is not None:
            self._drop(data)
            return
        self._chunk_bytes = len(data)
        if self._is_in_head:
            self._head_bytes += len(data)
        self._trailer_bytes += len(data)
        self._feed(data)
        if self._is_in_chunks and self._trailer_bytes > HEAD_BYTES_MAX:
            self._say_last(RequestHeaderTooLargeError(HEAD_BYTES_MAX))
            return
        if self._is_in_head or self._is_in_body:
            if self._is_in_head and self._head_bytes > HEAD_BYTES_MAX:
                self._say_last(RequestHeaderTooLargeError(HEAD_BYTES_MAX))
            now = self.loop.time()
            self._wait.hear(len(data), now)
            if self._wait_timer is None:
                left, _ = self._wait.left(now, is_head=self._is_in_head)
                self._wait_timer = self.loop.call_later(left, self._look_at_wait)

    def _drop(self, data: bytes) -> None:
        self._dropped_bytes += len(data)
        if self._linger_timer is not None and self._dropped_bytes > _LINGER_BYTES_MAX:
            self.transport.close()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self.send_400_response(f"this is not HTTP: {error}")

    def _decline(self, rest: bytes) -> None:
        """Parse the request again as one that offers no other protocol."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._say_last(InvalidArgumentError("CONNECT is not taken"))
            return
        head = [b"%b %b HTTP/%b\r\n" % (method, self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            kept = value
            if name == b"connection":
                options = [option.strip() for option in value.split(b",")]
                kept = b", ".join(o for o in options if o.lower() != b"upgrade")
            if name != b"upgrade":
                head.append(b"%b: %b\r\n" % (name, kept))
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._is_declining = False
        self._feed(b"".join([*head, b"\r\n", rest]))

    def on_message_begin(self) -> None:
        """Note only what is always needed; the rest is made when uvicorn gets the request."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._unset_keepalive_if_required()
        self._wait.begin()
        self._is_in_head = True
        self._begin_bytes = self._chunk_bytes
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Take the request, or let uvicorn have it."""
        self._is_in_head, self._is_in_body = False, True
        self._wait.begin()
        self._is_declining = self.parser.should_upgrade()
        if self._is_declining:
            return
        if self._last_words is not None:
            raise _UnwantedRequestError
        if self._begin_bytes + self._head_bytes > HEAD_BYTES_MAX:
            self._measure_head()
        if self.take_request():
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()
        # Its task has not begun.
        self.scope["extensions"] = extensions(CycleOutlet(self.cycle))
        while self._cycles and self._cycles[0].response_complete:
            self._cycles.popleft()
        self._cycles.append(self.cycle)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; not one of a trailer, as none of those means anything here.

        uvicorn would take it for one of the head (RFC 9110, section 6.5.1, forbids that).
        """
        if self._is_in_head:
            super().on_header(name, value)

    def on_chunk_header(self) -> None:
        """Note that the body comes in chunks."""
        if not self._is_in_chunks:
            self._is_in_chunks = True
            self._trailer_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Give a part of the body to uvicorn."""
        self._trailer_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let uvicorn know, unless the request is parsed anew."""
        self._is_in_body = False
        if self._is_in_chunks:
            self._is_in_chunks = False
            self._heed_trailer()
        if not self._is_declining:
            super().on_message_complete()

    def _heed_trailer(self) -> None:
        """Close if the parser does: to it, and to it alone, a trailer may say so."""
        if self.parser.should_keep_alive():
            return
        if self.cycle.response_complete:
            self.leave()
        else:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP, in the form of every other error."""
        if self._last_words is None:
            self._say_last(InvalidArgumentError(msg))

    def on_response_complete(self) -> None:
        """Go on with the next request, or close."""
        is_last = not self.pipeline
        self._taking.begin()
        super().on_response_complete()
        if is_last and self._last_words:
            self._part()
        elif self.flow.write_paused:
            self.flow.pause_reading()

    def pause_writing(self) -> None:
        """Wait for the client to take its answers, for a time."""
        super().pause_writing()
        self._taking.begin()

    def _cut_slow_answer(self) -> None:
        self._open.cut[Slowness.SLOW_ANSWER] += 1
        self.transport.abort()

    def resume_writing(self) -> None:
        """Read on: the client takes its answers again."""
        super().resume_writing()
        if self.may_read_on():
            self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection, and tell every request that its client is gone.

        uvicorn tells only the one that came last, which waits while one before it is answered.
        """
        if self._is_served:
            self._open.served -= 1
        else:
            self._open.turned_away -= 1
        for timer in (self._wait_timer, self._linger_timer, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        self._taking.stop()
        self._dismiss()
        super().connection_lost(exc)

    def _dismiss(self) -> None:
        for cycle in self._cycles:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.flow.stop()

    def _measure_head(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > HEAD_BYTES_MAX:
            self._say_last(RequestHeaderTooLargeError(HEAD_BYTES_MAX))
            raise _UnwantedRequestError

    def _say_last(self, error: SluicewayError) -> None:
        """Answer *error* behind all answers that are due, then close."""
        rendered = render(error, "a request that cannot be read")
        self._counters.rejected[rendered.name] += 1
        head = self.error_head(rendered)
        self._last_words = head + b"connection: close\r\n\r\n" + rendered.body
        if self.pipeline and self.is_request_incomplete():
            # It waits behind others, which are answered; the rest of it will not be read.
            self.pipeline.popleft()
        elif not self.is_answer_due() or self.is_request_incomplete():
            self._part()

    def _part(self) -> None:
        if not self.has_left():
            self.transport.write(cast("bytes", self._last_words))
            self.leave()

    def has_left(self) -> bool:
        """Tell whether nothing may be written any more."""
        return self._linger_timer is not None or self.transport.is_closing()

    def leave(self) -> None:
        """Close, and let the client have all that was written (RFC 9112, section 9.6).

        To close while something unread is there cuts the connection, and with it the answers that
        are under way. So what still comes in is dropped until the client closes too.
        """
        self._last_words = self._last_words or b""
        if self.has_left():
            return
        self._taking.begin()
        self._dismiss()
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._linger_timer = self.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def shutdown(self) -> None:
        """Close if nothing is in progress; called when the server is told to stop.

        What was answered just before may still be on its way to the client, with requests behind it
        that are not read any more. Under TLS to close is to wait for the client, which may not be
        reading.
        """
        transport = self.transport
        if self.is_answer_due() or transport.is_closing() or is_quiet(transport):
            super().shutdown()
        else:
            self.leave()
        if self.transport.is_closing() and not self.transport.can_write_eof():
            self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def _look_at_wait(self) -> None:
        """Close if the client goes on too slowly with the request that it has begun."""
        self._wait_timer = None
        is_waiting = self._is_in_head or self._is_in_body
        if not is_waiting or self._last_words is not None or self.transport.is_closing():
            return
        now = self.loop.time()
        flow = self.flow
        if flow.read_paused or flow.is_held or flow.pauses != self._pauses_seen:
            self._pauses_seen = flow.pauses
            self._wait.forgive(now)
        left, slowness = self._wait.left(now, is_head=self._is_in_head)
        if left > 0:
            self._wait_timer = self.loop.call_later(left, self._look_at_wait)
        else:
            self._open.cut[slowness] += 1
            self.transport.close()

    def error_head(self, rendered: RenderedError) -> bytes:
        """Write the head of an error's answer, up to where further headers go."""
        size = len(rendered.body)
        return b"".join(
            [
                STATUS_LINE[rendered.status],
                self.default_head(),
                b"content-type: application/json\r\ncontent-length: %d\r\n" % size,
                *(f"{name}: {value}\r\n".encode() for name, value in rendered.headers.items()),
            ]
        )

    def default_head(self) -> bytes:
        """Give the headers of every answer; uvicorn makes a new list of them each second."""
        headers = self.server_state.default_headers
        if headers is not self._default_headers:
            self._default_headers = headers
            self._default_block = b"".join(b"%s: %s\r\n" % header for header in headers)
        return self._default_block
