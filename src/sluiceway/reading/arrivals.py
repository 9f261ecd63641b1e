"""Waiting for records: the log is asked once for all who wait for records of a view."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.errors import TooManyWaitingRequestsError
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.log import RecordReader

POLL_SECONDS: Final = 0.01
"""How often the log is asked: half of that is what a record waits."""

_log: Final = logging.getLogger("sluiceway.reading.arrivals")


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

    def __init__(self) -> None:
        self.waiters: dict[int, set[Waiter]] = {}
        self.task: asyncio.Task[None] | None = None

    def tell(self, ends: dict[int, int] | None) -> None:
        """End the wait of those for whom there is something; without *ends*, of all."""
        for partition, waiters in self.waiters.items():
            for waiter in waiters:
                if ends is None or ends.get(partition, 0) > waiter.beyond:
                    waiter.end()


@dataclass(slots=True)
class Arrivals:
    """Lets a bounded number of requests wait; ``start`` gives it the group in which it asks."""

    log: RecordReader
    settings: ReadingSettings
    _group: asyncio.TaskGroup | None = None
    _views: dict[ViewRid, _ViewArrivals] = field(default_factory=dict)
    _waiting: int = 0

    def start(self, group: asyncio.TaskGroup) -> None:
        """Ask the log in tasks of *group*."""
        self._group = group

    def close(self) -> None:
        """End every wait; from now on nobody waits."""
        self._group = None
        for arrivals in self._views.values():
            arrivals.tell(None)

    @property
    def is_closed(self) -> bool:
        """Whether nobody waits any more, as the server stops."""
        return self._group is None

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
        if self._group is None:
            return
        arrivals = self._views.get(view_rid)
        if arrivals is None:
            arrivals = self._views[view_rid] = _ViewArrivals()
            arrivals.task = self._group.create_task(self._ask(view_rid, arrivals))
        waiters = arrivals.waiters.setdefault(partition, set())
        waiters.add(waiter)
        timer = asyncio.get_running_loop().call_at(deadline, waiter.end)
        try:
            await waiter.ended()
        finally:
            timer.cancel()
            waiters.discard(waiter)
            if not waiters:
                del arrivals.waiters[partition]
            if not arrivals.waiters and arrivals.task is not None:
                arrivals.task.cancel()
                self._forget(view_rid, arrivals)

    async def _ask(self, view_rid: ViewRid, arrivals: _ViewArrivals) -> None:
        try:
            while True:
                await asyncio.sleep(POLL_SECONDS)
                arrivals.tell(await self.log.end_offsets(view_rid))
        except SluicewayError:
            pass  # Whoever waited looks again, and learns what it is.
        except Exception:  # noqa: BLE001 - one view's trouble must not end the server
            _log.exception("cannot ask for the ends of %s", view_rid)
        finally:
            self._forget(view_rid, arrivals)
            arrivals.tell(None)

    def _forget(self, view_rid: ViewRid, arrivals: _ViewArrivals) -> None:
        if self._views.get(view_rid) is arrivals:
            del self._views[view_rid]
