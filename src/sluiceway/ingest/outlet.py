"""The way to the client of a request that uvicorn has, past ASGI."""

from collections.abc import Callable
from typing import cast

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from sluiceway.ingest.patience import CountingFlow


class CycleOutlet:
    """An `Outlet`: what uvicorn does for a part of a body, without its task and its messages."""

    __slots__ = ("_cycle", "write")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self.write: Callable[[bytes], None] = cycle.transport.write

    def open(self, stopped: Callable[[], None]) -> bool:
        """Begin to write past ASGI; see `Outlet.open`."""
        cycle = self._cycle
        flow = cast("CountingFlow", cycle.flow)
        if (
            not (cycle.response_started and cycle.chunked_encoding)
            or cycle.response_complete
            or cycle.disconnected
            or flow.write_paused
        ):
            return False
        flow.stopped = stopped
        return True

    def close(self) -> None:
        """Go on through ASGI; see `Outlet.close`."""
        cast("CountingFlow", self._cycle.flow).stopped = None

    def abort(self) -> None:
        """Cut the connection; see `Outlet.abort`."""
        self._cycle.transport.abort()
