"""Who watches what: one feed for each view that is watched, none for the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol

from sluiceway.foundation.request_errors import OverloadedError
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.events import End, EndCause
from sluiceway.reading.live.feed import Feed
from sluiceway.reading.live.inbox import Inbox
from sluiceway.reading.live.permits import Permits
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.log import RecordReader
from sluiceway.streams.types import View

TICK_SECONDS: Final = 0.5
"""How often each watcher is let look at the clock."""

_FeedKey = tuple[ViewRid, bool]


class Watcher(Protocol):
    """One who watches."""

    def end(self, end: End) -> None:
        """Say why it is over, and stop."""
        ...

    def tick(self, now: float) -> None:
        """Do what is due at *now*, on the loop's clock."""
        ...

    def close(self) -> None:
        """Stop at once, without a word."""
        ...


@dataclass(slots=True)
class LiveHub:
    """Keeps the feeds; ``start`` gives it the group in which they run, ``stop`` and ``close`` end them."""

    log: RecordReader
    settings: ReadingSettings
    permits: Permits = field(default_factory=Permits)
    _group: asyncio.TaskGroup | None = None
    _feeds: dict[_FeedKey, tuple[Feed, asyncio.Task[None]]] = field(default_factory=dict)
    _watchers: set[Watcher] = field(default_factory=set)
    _clock: asyncio.Task[None] | None = None

    def start(self, group: asyncio.TaskGroup) -> None:
        """Run the feeds as tasks of *group*."""
        self._group = group

    def stop(self) -> None:
        """Tell everyone who watches that it is over, and let nobody in any more."""
        self._group = None
        for watcher in list(self._watchers):
            watcher.end(End(EndCause.SERVER_STOPPING))

    def close(self) -> None:
        """Close whoever is still there."""
        self._group = None
        for watcher in list(self._watchers):
            watcher.close()

    def group(self) -> asyncio.TaskGroup:
        """Give the group in which what belongs to watchers runs.

        Raises:
            OverloadedError: The server stops.
        """
        if self._group is None:
            raise OverloadedError("live subscribers")
        return self._group

    def admit(self, watcher: Watcher) -> None:
        """Let one in, who has to ``dismiss`` itself.

        Raises:
            OverloadedError: There are as many as there may be, or the server stops.
        """
        if len(self._watchers) >= self.settings.live_subscribers_max:
            raise OverloadedError("live subscribers")
        group = self.group()
        self._watchers.add(watcher)
        if self._clock is None:
            self._clock = group.create_task(self._tick())

    def dismiss(self, watcher: Watcher) -> None:
        """Let one go; doing it twice changes nothing."""
        self._watchers.discard(watcher)
        if not self._watchers and self._clock is not None:
            self._clock.cancel()
            self._clock = None

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            for watcher in list(self._watchers):
                watcher.tick(now)

    async def feed(self, view: View, *, is_complete: bool) -> Feed:
        """Give what is published to *view* from now on; who wants it adds an inbox to it at once.

        Raises:
            LogViewNotFoundError: The log has no such view.
            OverloadedError: The server stops.
        """
        ends = await self.log.end_offsets(view.view_rid)
        key = (view.view_rid, is_complete)
        held = self._feeds.get(key)
        if held is None or held[0].is_over:
            rate = None if is_complete else self.settings.live_records_per_second
            feed = Feed(self.log, view, ends, rate)
            held = self._feeds[key] = (feed, self.group().create_task(feed.run()))
        return held[0]

    def leave(self, feed: Feed, inbox: Inbox) -> None:
        """Take an inbox out of a feed; a feed that nobody watches ends."""
        feed.remove(inbox)
        key = (feed.view.view_rid, inbox.is_complete)
        held = self._feeds.get(key)
        if not feed.watchers and held is not None and held[0] is feed:
            held[1].cancel()
            del self._feeds[key]
