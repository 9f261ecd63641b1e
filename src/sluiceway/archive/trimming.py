"""Giving the log's space back, once the tables have had the records for long enough."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sluiceway.archive.retention.hot import Limits, let_go
from sluiceway.archive.retention.types import RetentionPolicy
from sluiceway.archive.types import Offsets
from sluiceway.foundation.clock import Clock
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
    reached: Offsets = field(default_factory=dict)
    """What it has had for long enough."""


@dataclass(slots=True)
class Trimmer:
    """Trims what was in a table for *hot_seconds*. Times are seconds of *now*, any steady clock.

    Of streams with a policy it trims what was in the table for *floor_seconds* and the policy lets go.
    """

    log: RecordLog
    ask: Callable[[ViewRid], Awaitable[Offsets]]
    """Asks a table itself how far it is."""
    policies: Callable[[], Awaitable[Mapping[ViewRid, RetentionPolicy]]]
    """Gives the policies that there are."""
    hot_seconds: int
    floor_seconds: int
    clock: Clock
    now: Callable[[], float]
    _policies: Mapping[ViewRid, RetentionPolicy] = field(default_factory=dict)
    """As they were at the last call of ``trim``."""
    _views: dict[ViewRid, _Marks] = field(default_factory=dict)
    _loaded: dict[ViewRid, float] = field(default_factory=dict)
    """Views with a table that has told nothing since the start, and since when that is."""

    @property
    def pause_seconds(self) -> float:
        """How long to wait between two calls of ``trim``."""
        return min(max(self.floor_seconds / _STEPS, 0.25), 60.0)

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
        self._step(view, marks)

    def forget(self, view: ViewRid) -> None:
        """Forget a view that is gone."""
        self._views.pop(view, None)
        self._loaded.pop(view, None)

    def _seconds(self, view: ViewRid) -> int:
        """Give how long the table of *view* must have had what is trimmed."""
        return self.floor_seconds if view in self._policies else self.hot_seconds

    def _step(self, view: ViewRid, marks: _Marks) -> None:
        """Note how far the table is, unless that was noted just before."""
        now, last = self.now(), marks.steps[-1] if marks.steps else None
        step = self._seconds(view) / _STEPS
        if last is None or (last[1] != marks.latest and now - last[0] >= step):
            marks.steps.append((now, marks.latest))

    async def trim(self) -> None:
        """Let the log forget what is due. What fails is tried again at the next call."""
        self._policies = await self.policies()
        due = self.now() - self.hot_seconds
        for view, since in list(self._loaded.items()):
            # One that fails has its turn again after as long a time.
            if since <= due and not await self._asked(view):
                self._loaded[view] = self.now()
        for view, marks in list(self._views.items()):
            self._step(view, marks)
            due, is_new = self.now() - self._seconds(view), False
            while marks.steps and marks.steps[0][0] <= due:
                marks.reached, is_new = marks.steps.popleft()[1], True
            if (is_new or view in self._policies) and not await self._tried(view, marks.reached):
                marks.steps.appendleft((due, marks.reached))

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
        policy = self._policies.get(view)
        if policy is not None and reached:
            limits = Limits.with_archive(policy, self.clock.now_ms(), self.hot_seconds)
            reached = await let_go(self.log, view, reached, limits)
        starts = await self.log.start_offsets(view)
        for partition, before in reached.items():
            if before > starts.get(partition, 0):
                await self.log.trim(view, partition, before)
