"""Clients that wait, unread, while the log has more than it gets rid of.

To refuse a request costs nearly as much as to take it: its body is read for nothing, and the next
one is there at once. A connection that is not read from costs nothing, and TCP tells its client to
wait. So while the log's backlog is deep, whoever publishes is held: first come, first released,
and for a time only.
"""

import asyncio
from typing import Final, Protocol

from sluiceway.ingest.admission import InflightBudget
from sluiceway.streams.backlog import Backlog

_RELEASED_AT_ONCE: Final = 64
"""How many are read from again in one turn of the loop, before it is looked whether there is still
room: each may bring as much as one read gives."""


class Held(Protocol):
    """Somebody who waits."""

    def release(self) -> None:
        """Go on; called once, on the event loop, and never after `Holding.forget`."""
        ...


class _Waiter:
    """A request that waits, at a door that has no connection of its own."""

    def __init__(self) -> None:
        self.released: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def release(self) -> None:
        """Go on."""
        if not self.released.done():
            self.released.set_result(None)


class Holding:
    """Who waits for the log of one process, each for *seconds* at most; 0: nobody ever does.

    They also wait while more than half of the *budget* is taken, as long as the log has anything
    that it will get rid of: then there will be room.
    """

    def __init__(self, backlog: Backlog, budget: InflightBudget, seconds: float) -> None:
        self._backlog = backlog
        self._seconds = seconds
        self._held: dict[Held, float] = {}
        """Until when each is held, in the order in which they came."""
        self._timer: asyncio.TimerHandle | None = None
        self._is_releasing = False
        self._budget = budget
        self._budget_above = budget.bytes_max // 2
        self.held_by_workers = 0
        """How many the workers of this server hold, as they last said."""
        backlog.eased = self._ease

    def __len__(self) -> int:
        """Tell how many wait here."""
        return len(self._held)

    def is_due(self) -> bool:
        """Tell whether who publishes is to be held now, behind those who wait already.

        While anybody waits, also from a quarter on: so each brings what one read gives, and then
        it is the next one's turn.
        """
        backlog = self._backlog
        if backlog.size <= backlog.eased_at and self._budget.taken_bytes <= self._budget_above:
            return False  # As it mostly is: this is asked behind every read.
        return (bool(self._held) and backlog.size > backlog.eased_at) or self._is_without_room()

    def _is_without_room(self) -> bool:
        backlog, budget = self._backlog, self._budget
        if backlog.size <= backlog.deep_above and budget.taken_bytes <= self._budget_above:
            return False
        return backlog.size > 0 and self._seconds > 0

    def hold(self, held: Held) -> None:
        """Let *held* wait until there is room, or its time is over; it is not held yet."""
        loop = asyncio.get_running_loop()
        self._held[held] = until = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(until, self._ring)

    def forget(self, held: Held) -> None:
        """Let *held*, which may wait or not, wait no more and not be told of it."""
        self._held.pop(held, None)

    async def wait(self) -> None:
        """Wait like those who are held, if there is a reason to."""
        if not self.is_due():
            return
        waiter = _Waiter()
        self.hold(waiter)
        try:
            await waiter.released
        finally:
            self.forget(waiter)

    def _ease(self) -> None:
        if self._held and not self._is_releasing:
            self._is_releasing = True
            asyncio.get_running_loop().call_soon(self._release_some)

    def _release_some(self) -> None:
        """Release who came first, and more in the next turn: by then the first have been read."""
        self._is_releasing = False
        if self._is_without_room():
            return  # What waits will be settled, and says so then.
        for held in list(self._held)[:_RELEASED_AT_ONCE]:
            self._release(held)
        self._ease()

    def _release(self, held: Held) -> None:
        del self._held[held]
        held.release()

    def _ring(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for held, until in list(self._held.items()):
            if until > now:
                self._timer = loop.call_at(until, self._ring)
                return
            self._release(held)
