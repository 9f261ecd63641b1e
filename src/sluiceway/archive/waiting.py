"""Which views have records that are in no table, since when, and whose turn it is."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from sluiceway.archive.types import Offsets
from sluiceway.foundation.rids import ViewRid

_DELAY_SECONDS: Final = 0.5
_DELAY_SECONDS_MAX: Final = 60.0


@dataclass(slots=True)
class _Lag:
    """What waits of one view."""

    since: float
    """When the oldest record that is in no table was first seen, or committed to the log."""
    records: int


@dataclass(slots=True)
class _Failure:
    reason: str
    until: float
    delay: float


@dataclass(slots=True)
class Waiting:
    """The views that have something for a commit: the one that waits longest for its turn is first.

    A view of which a commit could not take all goes to the end, so that none waits for ever for
    others that get more than can be archived. Times are seconds of *now*, any clock that never goes back.
    """

    age_seconds: float
    commit_bytes: int
    now: Callable[[], float]
    archived: dict[ViewRid, Offsets] = field(default_factory=dict)
    """How far the table of each view is."""
    record_bytes: dict[ViewRid, float] = field(default_factory=dict)
    """How large records of a view were at the last commit."""
    _lags: dict[ViewRid, _Lag] = field(default_factory=dict)
    """In the order of their turns."""
    _moving: set[ViewRid] = field(default_factory=set)
    _failures: dict[ViewRid, _Failure] = field(default_factory=dict)
    _skipped: set[ViewRid] = field(default_factory=set)

    def seen(self, view: ViewRid, ends: Offsets) -> None:
        """Take note of where the log of *view* ends."""
        if view in self._skipped:
            return
        records = sum(ends.values()) - sum(self.archived.get(view, {}).values())
        lag = self._lags.get(view)
        if records <= 0:
            self._lags.pop(view, None)
        elif lag is None:
            self._lags[view] = _Lag(self.now(), records)
        else:
            lag.records = records

    def take(self) -> ViewRid | None:
        """Give a view whose turn it is, and nobody else that view until it is ``done``."""
        now = self.now()
        old = now - self.age_seconds
        for view, lag in self._lags.items():
            failure = self._failures.get(view)
            if view in self._moving or (failure is not None and failure.until > now):
                continue
            if lag.since <= old or self._is_full(view, lag):
                self._moving.add(view)
                return view
        return None

    def _is_full(self, view: ViewRid, lag: _Lag) -> bool:
        return lag.records * self.record_bytes.get(view, 0.0) >= self.commit_bytes

    def moved(
        self, view: ViewRid, archived: Offsets, ends: Offsets, left_seconds: float | None = None
    ) -> None:
        """Take note that a commit took *view* to *archived*, when its log ended at *ends*.

        What it did not take waits for *left_seconds*, or, if that is not known, as long as before.
        """
        self._failures.pop(view, None)
        self.archived[view] = archived
        self.seen(view, ends)
        if (left := self._lags.pop(view, None)) is not None:
            self._lags[view] = left
            if left_seconds is not None:
                left.since = self.now() - left_seconds

    def failed(self, view: ViewRid, reason: str) -> None:
        """Take note that a commit failed: the next try comes later, each time twice as long."""
        last = self._failures.get(view)
        delay = _DELAY_SECONDS if last is None else min(2 * last.delay, _DELAY_SECONDS_MAX)
        self._failures[view] = _Failure(reason, self.now() + delay, delay)

    def done(self, view: ViewRid) -> None:
        """Let the view be taken again."""
        self._moving.discard(view)

    def skip(self, view: ViewRid) -> None:
        """Look at a view no more: what the log has under this name is no active view."""
        self.forget(view)
        self._skipped.add(view)

    def forget(self, view: ViewRid) -> None:
        """Forget a view that is gone."""
        for known in (self._lags, self._failures, self.archived, self.record_bytes):
            known.pop(view, None)

    def retain(self, views: AbstractSet[ViewRid]) -> None:
        """Forget every view but these."""
        self._skipped &= views
        for view in (self._lags.keys() | self._failures.keys() | self.archived.keys()) - views:
            self.forget(view)

    @property
    def lag_records(self) -> int:
        """How many records are in no table."""
        return sum(lag.records for lag in self._lags.values())

    @property
    def lag_seconds(self) -> float:
        """How long the oldest of them waits."""
        now = self.now()
        return now - min((lag.since for lag in self._lags.values()), default=now)

    def behind_seconds(self, view: ViewRid) -> float:
        """Tell how long the oldest record of *view* that is in no table waits."""
        lag = self._lags.get(view)
        return 0.0 if lag is None else self.now() - lag.since

    @property
    def failing(self) -> tuple[int, str] | None:
        """How many views cannot be moved now, and why one of them; ``None`` when all can."""
        if not self._failures:
            return None
        return len(self._failures), next(iter(self._failures.values())).reason
