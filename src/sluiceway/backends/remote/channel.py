"""Messages over a Unix socket, in their order."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

_log: Final = logging.getLogger("sluiceway.workers")
_LENGTH_BYTES: Final = 4
_MESSAGE_BYTES_MAX: Final = 1 << 30
_UNREAD_BYTES_MAX: Final = 1 << 30
"""How much the other side may leave unread, before it is taken for dead."""

M = TypeVar("M")
_encoder: Final = msgspec.msgpack.Encoder()


class Channel(asyncio.Protocol, Generic[M]):
    """One side of the socket; what comes in are messages of the type *messages*."""

    def __init__(
        self,
        messages: Any,  # noqa: ANN401 - a union
        receive: Callable[[M], None],
        lost: Callable[[], None],
    ) -> None:
        self._decode: Callable[[memoryview], M] = msgspec.msgpack.Decoder(messages).decode
        self._receive = receive
        self._lost = lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def send(self, message: msgspec.Struct) -> None:
        """Send *message*; without effect once the other side is gone."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        data = bytearray(_LENGTH_BYTES)
        _encoder.encode_into(message, data, _LENGTH_BYTES)
        size = len(data) - _LENGTH_BYTES
        if size > _MESSAGE_BYTES_MAX or transport.get_write_buffer_size() > _UNREAD_BYTES_MAX:
            _log.error("the other process does not read what it is sent")
            transport.abort()
            return
        data[:_LENGTH_BYTES] = size.to_bytes(_LENGTH_BYTES, "big")
        transport.write(data)

    def close(self) -> None:
        """Close the socket, once everything is sent."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand on every message that is whole."""
        buffer = self._buffer
        buffer += data
        start = 0
        with memoryview(buffer) as view:
            while len(view) - start >= _LENGTH_BYTES:
                first = start + _LENGTH_BYTES
                end = first + int.from_bytes(view[start:first], "big")
                if end > len(view):
                    break
                message = self._decode(view[first:end])
                start = end
                self._receive(message)
        del buffer[:start]

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that the other side is gone."""
        del exc
        self._lost()
