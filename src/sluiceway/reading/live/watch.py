"""One who watches a stream, from the first event to the last."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import msgspec

from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import render
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.events import (
    EVENT_BYTES_MAX,
    HEARTBEAT,
    burst_of,
    event_id,
    gone_event,
    parse_event_id,
    records_event,
    watched_event,
)
from sluiceway.reading.live.feed import Feed
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.inbox import Inbox
from sluiceway.reading.live.sampling import fair_shares
from sluiceway.streams.log_errors import LogViewNotFoundError
from sluiceway.streams.types import View

TAIL_RECORDS: Final = 100
"""How many of the newest records one is given at first, over all partitions."""
CATCH_UP_RECORDS_MAX: Final = 1_000
"""Most records that one who comes back is given at once of what it missed: the newest."""
CHECK_SECONDS: Final = 0.5
"""How often it is looked whether one may still watch, and whether the stream was reset."""
HEARTBEAT_SECONDS: Final = 15.0
_READ_RECORDS: Final = 200


class Start(msgspec.Struct, frozen=True):
    """Where one begins to watch."""

    is_tail: bool = True
    """Whether the newest records come first, and not only what comes from now on."""
    last_event_id: str | None = None
    """The last event that one has who watched before; it goes before ``is_tail``."""


class _Gap(msgspec.Struct):
    """Records of a partition that are older than what the feed gives."""

    partition: int
    end: int
    skipped: int


class Watch(AsyncIterator[bytes]):
    """Gives server-sent events until the right or the stream is gone, or it is closed.

    *look* finds the stream's view on behalf of who watches; what it raises ends the watch.
    """

    def __init__(
        self, hub: LiveHub, look: Callable[[], Awaitable[View]], partition: int | None
    ) -> None:
        self._hub = hub
        self._look = look
        self._partition = partition
        self._inbox = Inbox(partition)
        self._feed: Feed | None = None
        self._view_rid: ViewRid | None = None
        self._gaps: deque[_Gap] = deque()
        self._due: bytes = b""
        self._is_over = False
        self._is_closed = False
        self._loop = asyncio.get_running_loop()
        self._sent_at = self._checked_at = self._loop.time()
        self.send_limit: asyncio.Timeout | None = None
        """The limit of the send that is under way, which ``close`` ends."""

    async def open(self, view: View, start: Start) -> None:
        """Begin; must be followed by ``close``, also when this fails.

        Raises:
            OverloadedError: As many watch as may, or the server stops.
            LogViewNotFoundError: The log has no such view.
        """
        self._hub.admit(self)
        known = None if start.last_event_id is None else parse_event_id(start.last_event_id, view)
        feed = await self._join(view)
        self._plan(known, TAIL_RECORDS if start.is_tail or start.last_event_id is not None else 0)
        names = ["start"]
        if start.last_event_id is not None and known is None:
            names.append("reset")
        self._due = b"".join(self._watched(name, feed) for name in names)

    def close(self) -> None:
        """Stop, at once; closing twice changes nothing."""
        self._is_closed = True
        self._leave()
        self._hub.dismiss(self)
        self._inbox.wake()
        limit, self.send_limit = self.send_limit, None
        if limit is not None and not limit.expired():
            limit.reschedule(self._loop.time())

    async def __anext__(self) -> bytes:
        """Give the next events, or a heartbeat."""
        while not (self._is_closed or self._is_over):
            try:
                events = await self._next()
            except LogViewNotFoundError:
                # It is being reset or deleted: the next check finds what became of it.
                self._gaps.clear()
                self._leave()
                continue
            except SluicewayError as error:
                events = self._end(error)
            if events:
                self._sent_at = self._loop.time()
                return events
        raise StopAsyncIteration

    async def _next(self) -> bytes:
        if self._due:
            events, self._due = self._due, b""
            return events
        now = self._loop.time()
        if now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            return await self._check()
        if self._gaps:
            return await self._fill(self._gaps[0])
        events = self._inbox.take()
        if events:
            return events
        if now - self._sent_at >= HEARTBEAT_SECONDS:
            return HEARTBEAT
        await self._inbox.wait(self._checked_at + CHECK_SECONDS - now)
        return b""

    async def _check(self) -> bytes:
        """Look whether one may still watch, and what; gives an event when that is another view."""
        view = await self._look()
        feed = self._feed
        if self._is_closed:
            return b""
        if feed is None or view.view_rid != feed.view.view_rid:
            known = self._inbox.positions
            is_same = feed is None and self._view_rid == view.view_rid
            self._leave()
            feed = await self._join(view)
            self._plan(known if is_same else [0] * view.partitions, 0)
            if not is_same:
                return self._watched("reset", feed)
        elif feed.is_over:
            self._leave()
        return b""

    async def _join(self, view: View) -> Feed:
        inbox = Inbox(self._partition)
        feed = await self._hub.join(view, inbox)
        self._inbox, self._feed, self._view_rid = inbox, feed, view.view_rid
        if self._is_closed:
            self._leave()
        return feed

    def _leave(self) -> None:
        if self._feed is not None:
            self._hub.leave(self._feed, self._inbox)
            self._feed = None

    def _plan(self, known: Sequence[int] | None, tail: int) -> None:
        """Note what is to be read before the feed: from *known* on, or the newest *tail*."""
        positions = self._inbox.positions
        wanted = range(len(positions)) if self._partition is None else [self._partition]
        old = {p: 0 if known is None else min(known[p], positions[p]) for p in wanted}
        waiting = {p: positions[p] - old[p] for p in wanted if positions[p] > old[p]}
        most = tail if known is None else CATCH_UP_RECORDS_MAX
        shares = fair_shares(waiting, most, 0)
        self._gaps.clear()
        for partition in waiting:
            end = positions[partition]
            start = end - shares.get(partition, 0)
            skipped = 0 if known is None else start - old[partition]
            if start < end or skipped:
                positions[partition] = start
                self._gaps.append(_Gap(partition, end, skipped))

    async def _fill(self, gap: _Gap) -> bytes:
        """Read a part of what is older than the feed."""
        assert self._view_rid is not None
        positions, start = self._inbox.positions, self._inbox.positions[gap.partition]
        found = []
        if start < gap.end:
            limit = min(_READ_RECORDS, gap.end - start)
            found = await self._hub.log.read(
                self._view_rid, gap.partition, start, limit=limit, bytes_max=EVENT_BYTES_MAX
            )
            found = [record for record in found if record.offset < gap.end]
        skipped = gap.skipped + (found[0].offset if found else gap.end) - start
        positions[gap.partition] = found[-1].offset + 1 if found else gap.end
        gap.skipped = 0
        if positions[gap.partition] >= gap.end:
            self._gaps.popleft()
        place = event_id(self._view_rid, positions)
        return records_event(
            burst_of(gap.partition, skipped, positions[gap.partition], found, place)
        )

    def _watched(self, name: str, feed: Feed) -> bytes:
        place = event_id(feed.view.view_rid, self._inbox.positions)
        rate = self._hub.settings.live_records_per_second
        return watched_event(name, feed.view, rate, place)

    def _end(self, error: SluicewayError) -> bytes:
        """Say that it is over; what may pass by itself ends without a word, to be tried again."""
        self._is_over = True
        if error.retryable:
            return b""
        return gone_event(render(error, "a watched stream").body)
