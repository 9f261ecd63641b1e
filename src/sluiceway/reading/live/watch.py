"""One who watches a stream, from the first event to the last."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

import msgspec

from sluiceway.foundation.connections import Outlet
from sluiceway.foundation.errors import SluicewayError
from sluiceway.reading.errors import InvalidPartitionError
from sluiceway.reading.live.direct import Direct
from sluiceway.reading.live.events import (
    EVENT_BYTES_MAX,
    HEARTBEAT,
    Beginning,
    End,
    EndCause,
    Watched,
    records_event,
    watched_event,
)
from sluiceway.reading.live.feed import Feed
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.inbox import INBOX_BYTES_MAX, Inbox
from sluiceway.reading.live.permits import Permit
from sluiceway.reading.live.places import check_place, locator_of, parse_place, place_id
from sluiceway.reading.live.sampling import fair_shares
from sluiceway.streams.log_errors import LogViewNotFoundError
from sluiceway.streams.types import View

TAIL_RECORDS: Final = 100
"""How many of the newest records one is given at first, over all partitions."""
CATCH_UP_RECORDS_MAX: Final = 1_000
"""Most records that one who comes back is given at once of what it missed: the newest. Where
nothing is left out: how near to the end one joins those who are there."""
HEARTBEAT_SECONDS: Final = 15.0
SEND_SECONDS_MAX: Final = 60.0
"""How long a client may take nothing; its connection is closed then, and its place is free."""
_READ_RECORDS: Final = 500


class Start(msgspec.Struct, frozen=True):
    """What one wants to watch, and from where."""

    is_tail: bool = True
    """Whether the newest records come first, and not only what comes from now on."""
    last_event_id: str | None = None
    """The last event that one has who watched before; it goes before ``is_tail``."""
    partition: int | None = None
    """The only partition that is wanted; ``None`` for all."""
    is_sampled: bool = True
    """Whether records may be left out when there are too many to look at."""


class _Gap(msgspec.Struct, frozen=True):
    """Records of a partition that are older than what the feed gives."""

    partition: int
    start: int
    end: int


class Watch(AsyncIterator[bytes]):
    """Gives server-sent events until the right or the stream is gone, or it is closed."""

    def __init__(self, hub: LiveHub, start: Start) -> None:
        self.outlet: Outlet | None = None
        """The way to the client; set by who sends."""
        self.sending_since: float | None = None
        """When the send that is under way began; set by who sends."""
        self.on_close: Callable[[], None] | None = None
        """Called when it is closed."""
        self._hub = hub
        self._start = start
        self._permit: Permit | None = None
        self._view: View | None = None
        self._told: list[int] = []
        self._feed: Feed | None = None
        self._inbox: Inbox | None = None
        self._gaps: deque[_Gap] = deque()
        self._due = b""
        self._end: End | None = None
        self._is_over = False
        self._is_closed = False
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._sent_at = self._loop.time()
        self._direct: Direct | None = None
        """While events are written past who sends."""

    async def open(self, permit: Permit) -> None:
        """Begin; must be followed by ``close``, also when this fails.

        Raises:
            OverloadedError: As many watch as may, or the server stops.
            InvalidLastEventIdError: It is not an id that was given for this.
            LogViewNotFoundError: The log has no such view.
        """
        self._hub.admit(self)
        self._permit, view, start = permit, permit.view, self._start
        beginning = Beginning.TAIL if start.is_tail else Beginning.LATEST
        known: Mapping[int, int] | None = None
        if start.last_event_id is not None:
            beginning, known = await self._known(start.last_event_id, view)
        await self._join(view, known)
        self._due = self._watched("start", beginning)
        if beginning is Beginning.NEW_VIEW:
            self._due += self._watched("reset", beginning)

    async def _known(self, last: str, view: View) -> tuple[Beginning, Mapping[int, int]]:
        place = parse_place(last, view)
        if place.locator != locator_of(view.view_rid):
            return Beginning.NEW_VIEW, dict.fromkeys(range(view.partitions), 0)
        ends = await self._hub.log.end_offsets(view.view_rid)
        check_place(last, place, view, ends, self._start.partition)
        return Beginning.RESUMED, place.offsets

    def close(self) -> None:
        """Stop, at once; closing twice changes nothing."""
        self._is_closed = True
        self._leave()
        self._hub.dismiss(self)
        self.wake()
        on_close, self.on_close = self.on_close, None
        if on_close is not None:
            on_close()

    def wake(self) -> None:
        """End the wait: there may be something to give."""
        self._step_back()
        self._arrived.set()

    def _step_back(self) -> None:
        """Have nothing written past who sends: it could overtake what is given now."""
        if self._direct is not None and self._feed is not None and self._inbox is not None:
            assert self.outlet is not None
            self.outlet.close()
            self._sent_at = max(self._sent_at, self._direct.gave_at)
            self._feed.step_back(self._inbox)
            self._direct = None

    def end(self, end: End) -> None:
        """Say why it is over, and stop. Who does not take what was sent before is cut off."""
        self._end = end
        self.wake()
        if self.sending_since is not None:
            self._cut()

    def _cut(self) -> None:
        if self.outlet is not None:
            self.outlet.abort()

    def tick(self, now: float) -> None:
        """Do what is due at *now*."""
        sent_at = (
            self._sent_at if self._direct is None else max(self._sent_at, self._direct.gave_at)
        )
        if self.sending_since is not None:
            if now - self.sending_since >= SEND_SECONDS_MAX:
                self._cut()
        elif self._feed is None or now - sent_at >= HEARTBEAT_SECONDS:
            self.wake()

    async def __anext__(self) -> bytes:
        """Give the next events, or a heartbeat."""
        while not (self._is_closed or self._is_over):
            try:
                events = await self._next()
            except LogViewNotFoundError:
                # It is being reset or deleted: the permit will say what became of it.
                self._gaps.clear()
                self._leave()
                await self._pause()
                continue
            except SluicewayError as error:
                events = self._last(End(EndCause.UNAVAILABLE, error))
            if events:
                self._sent_at = self._loop.time()
                return events
        raise StopAsyncIteration

    async def _next(self) -> bytes:
        permit = self._permit
        assert permit is not None
        assert self._view is not None
        if self._due:
            events, self._due = self._due, b""
            return events
        end = self._end or permit.end
        if end is not None:
            return self._last(end)
        if permit.view.view_rid != self._view.view_rid:
            return await self._change(permit.view)
        if self._gaps:
            return await self._fill(self._gaps[0])
        if self._feed is None or self._inbox is None:
            await self._join(self._view, dict(enumerate(self._told)))
            return b""
        return await self._follow(self._feed, self._inbox)

    async def _follow(self, feed: Feed, inbox: Inbox) -> bytes:
        """Give what the feed has given, when there is something."""
        events = inbox.take()
        if events:
            return events
        if inbox.has_overflowed:
            return self._last(End(EndCause.TOO_SLOW))
        if self._loop.time() - self._sent_at >= HEARTBEAT_SECONDS:
            return HEARTBEAT
        if feed.is_over:
            self._leave()
        elif self.outlet is not None and inbox.is_abreast and self.outlet.open(self.wake):
            # Nothing waits, and all that was given is written.
            self._direct = feed.go_direct(inbox, self.outlet)
        await self._pause()
        return b""

    async def _pause(self) -> None:
        """Wait for something to arrive or to change, or for the next tick where that is due."""
        self._arrived.clear()
        await self._arrived.wait()

    async def _change(self, view: View) -> bytes:
        """Go on with the view that took the place of the one before."""
        partition = self._start.partition
        self._leave()
        self._gaps.clear()
        if partition is not None and partition >= view.partitions:
            error = InvalidPartitionError(str(partition), view.partitions)
            return self._last(End(EndCause.STREAM_RESET, error))
        await self._join(view, dict.fromkeys(range(view.partitions), 0))
        return self._watched("reset", Beginning.NEW_VIEW)

    async def _join(self, view: View, known: Mapping[int, int] | None) -> None:
        """Begin with what is behind *known*, where that is given."""
        is_complete = not self._start.is_sampled
        if is_complete and known is not None and await self._catch_up(view, known):
            return
        feed = await self._hub.feed(view, is_complete=is_complete)
        # From here on without a pause, so that the feed goes on where the gaps end.
        told = list(feed.positions)
        self._view, self._told = view, told
        self._plan(known, feed.positions)
        self._feed, self._inbox = feed, self._new_inbox(view, feed)
        feed.add(self._inbox)
        if self._is_closed:
            self._leave()

    async def _catch_up(self, view: View, known: Mapping[int, int]) -> bool:
        """Note what is to be read before the feed is joined; ``False`` when that is little."""
        ends = await self._hub.log.end_offsets(view.view_rid)
        wanted = self._wanted(view)
        if sum(ends[number] - known[number] for number in wanted) <= CATCH_UP_RECORDS_MAX:
            return False
        self._view = view
        self._told = [known.get(number, ends[number]) for number in range(view.partitions)]
        gaps = (_Gap(number, known[number], ends[number]) for number in wanted)
        self._gaps = deque(gap for gap in gaps if gap.start < gap.end)
        return True

    def _plan(self, known: Mapping[int, int] | None, positions: list[int]) -> None:
        """Note what is to be read before the feed: from *known* on, or the newest."""
        assert self._view is not None
        wanted = self._wanted(self._view)
        old = {number: 0 if known is None else known[number] for number in wanted}
        waiting = {n: positions[n] - old[n] for n in wanted if positions[n] > old[n]}
        shares = waiting
        if known is None:
            shares = fair_shares(waiting, TAIL_RECORDS if self._start.is_tail else 0, 0)
        elif self._start.is_sampled:
            shares = fair_shares(waiting, CATCH_UP_RECORDS_MAX, 0)
        self._gaps.clear()
        for number in wanted:
            end = positions[number]
            share = shares.get(number, 0)
            # Who did not watch before is not told of what it did not see.
            self._told[number] = end - share if known is None else known[number]
            if self._told[number] < end:
                self._gaps.append(_Gap(number, end - share, end))

    def _wanted(self, view: View) -> list[int]:
        partition = self._start.partition
        return list(range(view.partitions)) if partition is None else [partition]

    def _new_inbox(self, view: View, feed: Feed) -> Inbox:
        is_complete = not self._start.is_sampled
        bytes_max = self._hub.settings.live_backlog_bytes_max if is_complete else INBOX_BYTES_MAX
        return Inbox(
            view.view_rid,
            self._told,
            feed.positions,
            wake=self.wake,
            partition=self._start.partition,
            is_complete=is_complete,
            bytes_max=bytes_max,
        )

    async def _fill(self, gap: _Gap) -> bytes:
        """Read a part of what is older than the feed."""
        assert self._view is not None
        view_rid, partition, told = self._view.view_rid, gap.partition, self._told
        start = max(gap.start, told[partition])
        found = []
        if start < gap.end:
            limit = min(_READ_RECORDS, gap.end - start)
            found = await self._hub.log.read(
                view_rid, partition, start, limit=limit, bytes_max=EVENT_BYTES_MAX
            )
            found = [record for record in found if record.offset < gap.end]
        skipped = (found[0].offset if found else gap.end) - told[partition]
        told[partition] = found[-1].offset + 1 if found else gap.end
        # Each partition in its turn, so that none waits until the others are read.
        self._gaps.popleft()
        if told[partition] < gap.end:
            self._gaps.append(gap)
        return records_event(partition, skipped, found, self._place())

    def _leave(self) -> None:
        self._step_back()
        if self._feed is not None and self._inbox is not None:
            self._hub.leave(self._feed, self._inbox)
        self._feed = self._inbox = None

    def _place(self) -> bytes:
        assert self._view is not None
        return place_id(self._view.view_rid, self._told, self._start.partition)

    def _watched(self, name: str, beginning: Beginning) -> bytes:
        assert self._view is not None
        rate = self._hub.settings.live_records_per_second if self._start.is_sampled else None
        watched = Watched(
            view_rid=self._view.view_rid,
            partitions_count=self._view.partitions,
            records_per_second_max=rate,
            begins=beginning,
        )
        return watched_event(name, watched, self._place())

    def _last(self, end: End) -> bytes:
        """Say that it is over."""
        self._is_over = True
        self._leave()
        return end.event()
