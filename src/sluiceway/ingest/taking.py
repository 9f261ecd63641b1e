"""Cuts a connection whose client takes its answer too slowly, or not at all.

An answer is in memory until its client has taken it. What the kernel has still to deliver counts as not
taken: it takes megabytes at once, so by what is left here a slow client would look like one that stands still.
"""

import asyncio
from collections.abc import Callable

from sluiceway.foundation.connections import untaken_bytes
from sluiceway.ingest.patience import CountingFlow, Patience


class Taking:
    """Looks at one connection while it has something that its client does not take."""

    __slots__ = (
        "_cut",
        "_flow",
        "_loop",
        "_patience",
        "_pauses",
        "_timer",
        "_transport",
        "_untaken",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        flow: CountingFlow,
        patience: Patience,
        cut: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._flow = flow
        self._patience = patience
        self._cut = cut
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._untaken = 0
        self._pauses = -1
        """How often it had to be waited for the client, as of the last look; -1: it had not."""

    def begin(self) -> None:
        """Look at it from now on, for as long as something is left here."""
        if self._timer is None and self._transport.get_write_buffer_size():
            self._note()

    def stop(self) -> None:
        """Look at it no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_waiting(self) -> bool:
        return self._flow.write_paused or self._transport.is_closing()

    def _note(self) -> None:
        self._untaken = untaken_bytes(self._transport)
        self._pauses = self._flow.write_pauses if self._is_waiting() else -1
        self._timer = self._loop.call_later(self._patience.answer_stall_seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._transport.get_write_buffer_size():
            return
        taken = self._untaken - untaken_bytes(self._transport)
        is_same_wait = self._is_waiting() and self._pauses == self._flow.write_pauses
        # With less than nothing taken, something was written: then it is not known how much was.
        if is_same_wait and taken >= 0 and self._patience.is_taken_too_slowly(taken):
            self._cut()
        else:
            self._note()
