"""What one watcher has not yet been given."""

import asyncio
from collections import deque
from typing import Final

from sluiceway.reading.live.events import Burst, records_event

INBOX_BYTES_MAX: Final = 512 * 1_024
"""Most bytes that wait for one watcher; beyond that the oldest are left out, and counted."""
INBOX_BURSTS_MAX: Final = 1_000
"""Most bursts that wait for one watcher, however small."""


class Inbox:
    """Takes bursts for one watcher; a slow one loses the oldest and is told how many."""

    __slots__ = ("_arrived", "_bursts", "_missed", "_size", "partition", "positions")

    def __init__(self, partition: int | None = None) -> None:
        self.partition = partition
        """The only partition that is wanted; ``None`` for all."""
        self.positions: list[int] = []
        """The offset from which each partition goes on, after what was taken out."""
        self._arrived = asyncio.Event()
        self._bursts: deque[Burst] = deque()
        self._missed: dict[int, int] = {}
        self._size = 0

    def put(self, burst: Burst) -> None:
        """Take a burst, unless it is of a partition that is not wanted."""
        if self.partition is not None and burst.partition != self.partition:
            return
        self._bursts.append(burst)
        self._size += len(burst.body)
        while len(self._bursts) > 1 and (
            self._size > INBOX_BYTES_MAX or len(self._bursts) > INBOX_BURSTS_MAX
        ):
            lost = self._bursts.popleft()
            self._size -= len(lost.body)
            missed = self._missed.get(lost.partition, 0)
            self._missed[lost.partition] = missed + lost.count + lost.skipped
            self.positions[lost.partition] = lost.end
        self._arrived.set()

    def take(self) -> bytes:
        """Give everything that waits, as events; empty when nothing does."""
        events = []
        for burst in self._bursts:
            events.append(records_event(burst, self._missed.pop(burst.partition, 0)))
            self.positions[burst.partition] = burst.end
        last = self._bursts[-1].event_id if self._bursts else b""
        for partition, missed in self._missed.items():
            end = self.positions[partition]
            events.append(records_event(Burst(partition, 0, missed, end, b"", last)))
        self._bursts.clear()
        self._missed.clear()
        self._size = 0
        return b"".join(events)

    def wake(self) -> None:
        """End the wait of whoever waits."""
        self._arrived.set()

    async def wait(self, seconds: float) -> None:
        """Wait until something arrives, or is to be looked at, but at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return
        self._arrived.clear()
