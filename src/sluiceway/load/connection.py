"""One connection of the load: sends requests, and tells what was answered."""

import asyncio
from collections import deque
from typing import Final, Protocol, cast

import httptools

BODY_BYTES_MAX: Final = 65_536
"""What is kept of an answer's body; the rest is read and forgotten."""
_BUFFERED_BYTES_MAX: Final = 1 << 20


class Sent:
    """A request that has no answer yet."""

    __slots__ = ("due", "sent")

    def __init__(self, due: float, sent: float) -> None:
        self.due = due
        """When it should have been sent, in the time of ``time.perf_counter``."""
        self.sent = sent
        """When it was."""


class Listener(Protocol):
    """Who hears what becomes of requests."""

    def opened(self, connection: "Connection") -> None:
        """Take note of a new connection."""

    def answered(self, connection: "Connection", request: Sent, status: int, body: bytes) -> None:
        """Take the answer to a request."""

    def refused(self, status: int, body: bytes) -> None:
        """Take an answer that nobody asked for: the server is about to close the connection."""

    def writable(self, connection: "Connection") -> None:
        """Take note that the connection has room again for what is sent."""

    def lost(self, connection: "Connection", unanswered: list[Sent], reason: str) -> None:
        """Take note of the connection's end, and of what was never answered on it."""


class Connection(asyncio.Protocol):
    """HTTP/1.1 from the side of the client, with up to *in_flight_max* requests on their way."""

    def __init__(self, listener: Listener, in_flight_max: int) -> None:
        self._listener = listener
        self._in_flight_max = in_flight_max
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._sent: deque[Sent] = deque()
        self._body = b""
        self._is_writable = True
        self._reason = "connection lost"
        self.is_queued = False
        """For the listener: whether it has this connection among those that are free."""

    def has_room(self) -> bool:
        """Tell whether a request may be sent now."""
        return (
            self._transport is not None
            and self._is_writable
            and len(self._sent) < self._in_flight_max
            and not self._transport.is_closing()
        )

    def send(self, request: bytes, due: float, now: float) -> None:
        """Send a request; only when there is room."""
        assert self._transport is not None
        self._sent.append(Sent(due, now))
        self._transport.write(request)

    def abort_if_older(self, sent_before: float, reason: str) -> None:
        """End the connection when its oldest request was sent before that time."""
        if self._sent and self._sent[0].sent < sent_before:
            self.abort(reason)

    def abort(self, reason: str) -> None:
        """End the connection; what is unanswered is lost for that reason."""
        if self._transport is not None:
            self._reason = reason
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transport has its methods, and is none by its class.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_BUFFERED_BYTES_MAX)
        self._listener.opened(self)

    def data_received(self, data: bytes) -> None:
        """Read answers."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise
        except httptools.HttpParserError as error:
            self.abort(f"not an HTTP answer: {error}")

    def pause_writing(self) -> None:
        """Send no more for now."""
        self._is_writable = False

    def resume_writing(self) -> None:
        """Send again."""
        self._is_writable = True
        self._listener.writable(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Give up what is unanswered."""
        del error
        self._transport = None
        unanswered = list(self._sent)
        self._sent.clear()
        self._listener.lost(self, unanswered, self._reason)

    # What the parser calls.

    def on_body(self, body: bytes) -> None:
        """Keep the beginning of an answer's body."""
        self._body = (self._body + body)[:BODY_BYTES_MAX]

    def on_message_complete(self) -> None:
        """Tell of an answer."""
        body, self._body = self._body, b""
        status = self._parser.get_status_code()
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()
        if self._sent:
            self._listener.answered(self, self._sent.popleft(), status, body)
        else:
            self._listener.refused(status, body)
