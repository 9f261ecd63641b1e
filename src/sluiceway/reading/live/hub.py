"""Who watches what: one feed for each view that is watched, none for the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from sluiceway.foundation.request_errors import OverloadedError
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.feed import Feed
from sluiceway.reading.live.inbox import Inbox
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.log import RecordLog
from sluiceway.streams.types import View


class Closable(Protocol):
    """One who watches."""

    def close(self) -> None:
        """Stop watching, at once."""
        ...


@dataclass(slots=True)
class LiveHub:
    """Keeps the feeds; ``start`` gives it the group in which they run, ``close`` ends them."""

    log: RecordLog
    settings: ReadingSettings
    _group: asyncio.TaskGroup | None = None
    _feeds: dict[ViewRid, Feed] = field(default_factory=dict)
    _tasks: dict[ViewRid, asyncio.Task[None]] = field(default_factory=dict)
    _watchers: set[Closable] = field(default_factory=set)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Run the feeds as tasks of *group*."""
        self._group = group

    def close(self) -> None:
        """Send away everyone who watches, and let nobody in any more."""
        self._group = None
        for watcher in list(self._watchers):
            watcher.close()

    def admit(self, watcher: Closable) -> None:
        """Let one in, who has to ``dismiss`` itself.

        Raises:
            OverloadedError: There are as many as there may be, or the server stops.
        """
        if self._group is None or len(self._watchers) >= self.settings.live_subscribers_max:
            raise OverloadedError("live subscribers")
        self._watchers.add(watcher)

    def dismiss(self, watcher: Closable) -> None:
        """Let one go; doing it twice changes nothing."""
        self._watchers.discard(watcher)

    async def join(self, view: View, inbox: Inbox) -> Feed:
        """Put into *inbox* what is published to *view* from now on; its positions say from where.

        Raises:
            LogViewNotFoundError: The log has no such view.
            OverloadedError: The server stops.
        """
        ends = await self.log.end_offsets(view.view_rid)
        feed = self._feeds.get(view.view_rid)
        if feed is None:
            feed = self._open(view, ends)
        inbox.positions = list(feed.positions)
        feed.inboxes.add(inbox)
        return feed

    def leave(self, feed: Feed, inbox: Inbox) -> None:
        """Undo ``join``; a feed that nobody watches ends."""
        feed.inboxes.discard(inbox)
        if not feed.inboxes and self._feeds.get(feed.view.view_rid) is feed:
            self._tasks[feed.view.view_rid].cancel()
            self._forget(feed)

    def _open(self, view: View, ends: dict[int, int]) -> Feed:
        if self._group is None:
            raise OverloadedError("live subscribers")
        feed = Feed(self.log, view, ends, self.settings.live_records_per_second)
        task = self._group.create_task(feed.run())
        self._feeds[view.view_rid], self._tasks[view.view_rid] = feed, task
        task.add_done_callback(lambda _: self._forget(feed))
        return feed

    def _forget(self, feed: Feed) -> None:
        if self._feeds.get(feed.view.view_rid) is feed:
            del self._feeds[feed.view.view_rid], self._tasks[feed.view.view_rid]
