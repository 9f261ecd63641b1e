"""A connection that a worker passed on."""

import asyncio
from typing import Any

from sluiceway.ingest.protocol import PublishProtocol


class TakenProtocol(PublishProtocol):
    """A connection of which somebody else has read the first bytes."""

    def __init__(self, first: bytes, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._first = first

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Read what was read before, as soon as it can be said to read no more.

        uvloop reads once this returns, also from a connection that was paused or held meanwhile.
        """
        super().connection_made(transport)
        self.loop.call_soon(self._read_first)

    def data_received(self, data: bytes) -> None:
        """Read what was read before anything that follows."""
        first, self._first = self._first, b""
        super().data_received(first + data if first else data)

    def eof_received(self) -> None:
        """Read what was read before, also of a client that says no more."""
        self._read_first()
        super().eof_received()

    def _read_first(self) -> None:
        if self._first and not self.transport.is_closing():
            self.data_received(b"")
