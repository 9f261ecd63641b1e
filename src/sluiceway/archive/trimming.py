"""Giving the log's space back, once the tables have had the records for long enough."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sluiceway.archive.types import Offsets
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import RecordLog
from sluiceway.streams.log_errors import LogViewNotFoundError

_log: Final = logging.getLogger("sluiceway.archive")
_STEPS: Final = 16
"""In how many steps the time is told since when a table has its records."""


@dataclass(slots=True)
class _Marks:
    """Since when a table is how far."""

    latest: Offsets
    steps: deque[tuple[float, Offsets]]


@dataclass(slots=True)
class Trimmer:
    """Trims what was in a table for *hot_seconds*. Times are seconds of *now*, any steady clock."""

    log: RecordLog
    ask: Callable[[ViewRid], Awaitable[Offsets]]
    """Asks a table itself how far it is."""
    hot_seconds: float
    now: Callable[[], float]
    _views: dict[ViewRid, _Marks] = field(default_factory=dict)
    _loaded: dict[ViewRid, float] = field(default_factory=dict)
    """Views with a table that has told nothing since the start, and since when that is."""

    @property
    def pause_seconds(self) -> float:
        """How long to wait between two calls of ``trim``."""
        return min(max(self.hot_seconds / _STEPS, 0.25), 60.0)

    def loaded(self, views: Iterable[ViewRid]) -> None:
        """Take note of the tables that there are; they are asked before their log is trimmed.

        What the metadata say of them may be of another time, after a restore.
        """
        self._loaded.update(dict.fromkeys(views, self.now()))

    def archived(self, view: ViewRid, next_offsets: Offsets) -> None:
        """Take note that the table of *view* has everything before *next_offsets*."""
        self._loaded.pop(view, None)
        marks = self._views.get(view)
        if marks is None:
            marks = self._views[view] = _Marks(next_offsets, deque())
        marks.latest = next_offsets
        self._step(marks)

    def forget(self, view: ViewRid) -> None:
        """Forget a view that is gone."""
        self._views.pop(view, None)
        self._loaded.pop(view, None)

    def _step(self, marks: _Marks) -> None:
        """Note how far the table is, unless that was noted just before."""
        now, last = self.now(), marks.steps[-1] if marks.steps else None
        if last is None or (last[1] != marks.latest and now - last[0] >= self.hot_seconds / _STEPS):
            marks.steps.append((now, marks.latest))

    async def trim(self) -> None:
        """Let the log forget what is due. What fails is tried again at the next call."""
        due = self.now() - self.hot_seconds
        for view, since in list(self._loaded.items()):
            # One that fails has its turn again after as long a time.
            if since <= due and not await self._asked(view):
                self._loaded[view] = self.now()
        for view, marks in list(self._views.items()):
            self._step(marks)
            reached: Offsets | None = None
            while marks.steps and marks.steps[0][0] <= due:
                reached = marks.steps.popleft()[1]
            if reached is not None and not await self._tried(view, reached):
                marks.steps.appendleft((due, reached))

    async def _asked(self, view: ViewRid) -> bool:
        """Tell whether the log of a view is trimmed as far as its table says itself."""
        self._loaded.pop(view, None)
        try:
            if await self.log.start_offsets(view) == await self.log.end_offsets(view):
                return True
            reached = await self.ask(view)
        except LogViewNotFoundError:
            return True
        except SluicewayError as error:
            _log.warning("the log of %s was not trimmed: %s", view, error.message)
            return False
        return await self._tried(view, reached)

    async def _tried(self, view: ViewRid, reached: Offsets) -> bool:
        """Tell whether the log is trimmed as far as the table has *reached*."""
        try:
            await self._trim(view, reached)
        except LogViewNotFoundError:
            self.forget(view)
        except SluicewayError as error:
            _log.warning("the log of %s was not trimmed: %s", view, error.message)
            return False
        return True

    async def _trim(self, view: ViewRid, reached: Offsets) -> None:
        starts = await self.log.start_offsets(view)
        for partition, before in reached.items():
            if before > starts.get(partition, 0):
                await self.log.trim(view, partition, before)
