"""Those who take at once what a feed gives: the same bytes, written to each."""

import logging
from collections.abc import Callable
from math import inf
from typing import Final

from sluiceway.foundation.connections import Outlet
from sluiceway.reading.live.inbox import Inbox

_log: Final = logging.getLogger("sluiceway.reading.live")


class Direct:
    """Those who have all that a feed gave, of one partition or of all, with nothing on its way.

    Where each of them is needs no note, as it is where the feed is.
    """

    __slots__ = ("_outlets", "_writes", "gave_at")

    def __init__(self) -> None:
        self.gave_at = -inf
        """When something was given last, on the clock of the loop."""
        self._outlets: dict[Inbox, Outlet] = {}
        self._writes: tuple[Callable[[bytes], None], ...] | None = None
        """Of all of them; ``None`` when one has come or gone since."""

    def __len__(self) -> int:
        """Tell how many they are."""
        return len(self._outlets)

    def add(self, inbox: Inbox, outlet: Outlet) -> None:
        """Write to *outlet* what *inbox* would get."""
        self._outlets[inbox] = outlet
        self._writes = None

    def remove(self, inbox: Inbox) -> bool:
        """Write no more to the outlet of *inbox*; tell whether it was one of them."""
        self._writes = None
        return self._outlets.pop(inbox, None) is not None

    def give(self, chunk: bytes, now: float) -> None:
        """Write *chunk* to all."""
        self.gave_at = now
        # A copy, as one that is full is removed as soon as it is written to; kept, as the less is
        # touched for each of a thousand, the better.
        if self._writes is None:
            self._writes = tuple(outlet.write for outlet in self._outlets.values())
        for write in self._writes:
            try:
                write(chunk)
            except Exception:  # noqa: BLE001 - whatever it is, the others get theirs
                _log.exception("cannot write to one who watches")
                self._abort(write)

    def _abort(self, write: Callable[[bytes], None]) -> None:
        """Cut the connection of one who may have lost something: it comes back with its last id."""
        for outlet in tuple(self._outlets.values()):
            if outlet.write == write:
                outlet.abort()

    def wake(self) -> None:
        """Let each look again."""
        for inbox in tuple(self._outlets):
            inbox.wake()
