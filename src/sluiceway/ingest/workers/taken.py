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
        """Read what was read before anything that follows."""
        super().connection_made(transport)
        first, self._first = self._first, b""
        self.data_received(first)
