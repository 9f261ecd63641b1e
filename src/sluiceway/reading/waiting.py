"""Reading records that may not be there yet: long polling."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sluiceway.access.caller import Caller
from sluiceway.foundation.request_errors import ClientDisconnectedError, InvalidArgumentError
from sluiceway.reading.arrivals import Arrivals, Waiter
from sluiceway.reading.callers import Callers, reader
from sluiceway.reading.service import ReadingService
from sluiceway.reading.types import RecordsWanted, RecordWithOffset

WAIT_MS_MAX: Final = 30_000
"""Longest wait: below the minute after which proxies usually give up."""


@dataclass(frozen=True, slots=True)
class WaitingService:
    """Lets callers wait for records."""

    reading: ReadingService
    callers: Callers
    arrivals: Arrivals

    async def get_records(
        self,
        token: str,
        caller: Caller,
        wanted: RecordsWanted,
        wait_ms: int,
        has_left: Callable[[], Awaitable[None]],
    ) -> list[RecordWithOffset]:
        """Give records as `ReadingService.get_records` does, of *caller*, who has *token*.

        When there are none, wait for the first one, but at most *wait_ms*, or until *has_left*
        returns: the client is gone then. The token and the role are looked at again before the
        answer. An empty list means that none came in time, or that the server stops.

        Raises:
            InvalidArgumentError: *wait_ms* is out of range.
            TooManyWaitingRequestsError: As many requests wait as may.
            ClientDisconnectedError: The client went away.
        And what ``reading.get_records`` and ``reader`` raise.
        """
        if not 0 <= wait_ms <= WAIT_MS_MAX:
            raise InvalidArgumentError(f"waitMs is {wait_ms}: must be 0 to {WAIT_MS_MAX}")
        found = await self.reading.get_records(caller, wanted)
        if found or not wait_ms:
            return found
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_ms / 1_000
        self.arrivals.admit()
        client = asyncio.ensure_future(has_left())
        try:
            while not found and loop.time() < deadline and not self.arrivals.is_closed:
                await self._wait(caller, wanted, deadline, client)
                if client.done():
                    raise ClientDisconnectedError
                caller = await reader(self.callers, token)
                found = await self.reading.get_records(caller, wanted)
        finally:
            client.cancel()
            self.arrivals.dismiss()
        return found

    async def _wait(
        self,
        caller: Caller,
        wanted: RecordsWanted,
        deadline: float,
        client: asyncio.Future[None],
    ) -> None:
        """Wait until it is worth looking again."""
        view, partition = await self.reading.partition(caller, wanted)
        end = (await self.reading.log.end_offsets(view.view_rid))[partition]
        # What came since it was looked for is found by looking again.
        if end > wanted.start and await self.reading.read(view, partition, wanted.start, 1):
            return
        waiter = Waiter(max(end, wanted.start))
        client.add_done_callback(lambda _: waiter.end())
        await self.arrivals.wait(view.view_rid, partition, waiter, deadline)
