"""Waiting for records: the log tells all who wait for records of a view."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.errors import TooManyWaitingRequestsError
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.log import RecordReader
from sluiceway.streams.log_errors import LogViewNotFoundError


class Waiter:
    """One who waits; ``end`` ends the wait, whoever calls it."""

    __slots__ = ("_future", "beyond")

    def __init__(self, beyond: int) -> None:
        self.beyond = beyond
        """The end offset of the partition beyond which there is something new."""
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end(self) -> None:
        """End the wait; ending it twice changes nothing."""
        if not self._future.done():
            self._future.set_result(None)

    async def ended(self) -> None:
        """Wait."""
        await self._future


class _ViewArrivals:
    """All who wait for records of one view, by partition."""

    def __init__(self, log: RecordReader, view_rid: ViewRid) -> None:
        self.waiters: dict[int, set[Waiter]] = {}
        self.leave = log.listen(view_rid, self.tell)
        """Ends that the log tells of the view."""

    def tell(self, ends: Mapping[int, int] | None) -> None:
        """End the wait of those for whom there is something; without *ends*, of all."""
        for partition, waiters in self.waiters.items():
            for waiter in waiters:
                if ends is None or ends.get(partition, 0) > waiter.beyond:
                    waiter.end()


@dataclass(slots=True)
class Arrivals:
    """Lets a bounded number of requests wait."""

    log: RecordReader
    settings: ReadingSettings
    is_closed: bool = False
    """Whether nobody waits any more, as the server stops."""
    _views: dict[ViewRid, _ViewArrivals] = field(default_factory=dict)
    _waiting: int = 0

    def close(self) -> None:
        """End every wait; from now on nobody waits."""
        self.is_closed = True
        for arrivals in self._views.values():
            arrivals.tell(None)

    def admit(self) -> None:
        """Take a place, which has to be given back with ``dismiss``.

        Raises:
            TooManyWaitingRequestsError: As many wait as may.
        """
        if self._waiting >= self.settings.waiting_requests_max:
            raise TooManyWaitingRequestsError(self.settings.waiting_requests_max)
        self._waiting += 1

    def dismiss(self) -> None:
        """Give the place back."""
        self._waiting -= 1

    async def wait(
        self, view_rid: ViewRid, partition: int, waiter: Waiter, deadline: float
    ) -> None:
        """Wait until there is something new for *waiter*, or it is ended, or until *deadline*.

        That is on the clock of the loop. It ends as well when the view goes, and when the server
        stops: whoever waits looks again.
        """
        if self.is_closed:
            return
        arrivals = self._views.get(view_rid)
        if arrivals is None:
            arrivals = self._views[view_rid] = _ViewArrivals(self.log, view_rid)
        waiters = arrivals.waiters.setdefault(partition, set())
        waiters.add(waiter)
        timer = asyncio.get_running_loop().call_at(deadline, waiter.end)
        try:
            # What became durable before it was listened, nobody is told of.
            if (await self.log.end_offsets(view_rid)).get(partition, 0) <= waiter.beyond:
                await waiter.ended()
        except LogViewNotFoundError:
            pass  # Whoever waited looks again, and learns what it is.
        finally:
            timer.cancel()
            self._forget(view_rid, arrivals, partition, waiter)

    def _forget(
        self, view_rid: ViewRid, arrivals: _ViewArrivals, partition: int, waiter: Waiter
    ) -> None:
        waiters = arrivals.waiters[partition]
        waiters.discard(waiter)
        if not waiters:
            del arrivals.waiters[partition]
        if not arrivals.waiters:
            arrivals.leave()
            del self._views[view_rid]
