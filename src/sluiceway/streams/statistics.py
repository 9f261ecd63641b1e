"""Statistics of the streams that are published to, counted as it happens, kept in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import Counted
from sluiceway.streams.meters import COARSE_MS, FINE_MS, Bucket, Meter, Refusal, Span
from sluiceway.streams.types import View

_BY_NAME: Final = {
    "RecordDoesNotMatchStreamSchema": Refusal.SCHEMA,
    "FailedToProcessBinaryRecord": Refusal.SCHEMA,
    "RecordTooLarge": Refusal.TOO_LARGE,
    "Default:RequestEntityTooLarge": Refusal.TOO_LARGE,
    "TooManyRecords": Refusal.TOO_MANY,
    "ViewNotFound": Refusal.VIEW,
    "CannotWriteToTrashedStream": Refusal.TRASHED,
    "LogBusy": Refusal.OVERLOAD,
    "Default:Overloaded": Refusal.OVERLOAD,
    "LogUnavailable": Refusal.UNAVAILABLE,
}
_BY_CODE: Final = {
    ErrorCode.PERMISSION_DENIED: Refusal.PERMISSION,
    ErrorCode.INVALID_ARGUMENT: Refusal.BODY,
    ErrorCode.REQUEST_ENTITY_TOO_LARGE: Refusal.TOO_LARGE,
}


class Window(msgspec.Struct, frozen=True):
    """So many buckets of so many milliseconds, the last of which is still open."""

    bucket_ms: int
    buckets: int


class Numbers(msgspec.Struct, frozen=True):
    """What is known of a view within a window; buckets in which nothing happened are left out."""

    first_index: int
    """Of the window's first bucket; see ``Bucket.index``."""
    buckets: Sequence[Bucket]
    refusals: Sequence[tuple[int, dict[Refusal, int]]]
    partitions: Sequence[int]
    """Records stored in each partition since ``since_ms``; empty when nothing was counted."""
    since_ms: int | None


@dataclass(slots=True)
class StreamStatistics:
    """Counts by view, for the views that were last published to.

    ``stored`` and ``refused`` belong on the publish path: they wait for nothing, and a request
    costs a few additions.
    """

    clock: Clock
    streams_max: int
    monotonic: Callable[[], float] = time.perf_counter
    """Seconds on a clock that is never put back, the one that ``started`` is read from."""
    _meters: OrderedDict[ViewRid, Meter] = field(default_factory=OrderedDict)

    def stored(self, view: View, batches: Sequence[Counted], started: float) -> None:
        """Count a request that is durable now and was handed in when ``monotonic`` said so."""
        now = self.monotonic()
        meter = self._meters.get(view.view_rid)
        if meter is None or now >= meter.ends_at:
            meter = self._current(view, now)
        meter.stored(batches, now - started)

    def refused(self, view: View, error: Exception) -> None:
        """Count a request to publish to *view* that was refused with *error*."""
        self.add_refused(view, refusal_of(error), 1)

    def add_refused(self, view: View, refusal: Refusal, count: int) -> None:
        """Count so many requests to publish to *view* that were refused."""
        now = self.monotonic()
        meter = self._meters.get(view.view_rid)
        if meter is None or now >= meter.ends_at:
            meter = self._current(view, now)
        meter.refused(refusal, count)

    def numbers(self, view: View, window: Window) -> Numbers:
        """Give what is known of *view*."""
        now_ms = self.clock.now_ms()
        first = now_ms // window.bucket_ms - window.buckets + 1
        meter = self._meters.get(view.view_rid)
        if meter is None:
            return Numbers(first, (), (), (), None)
        meter.roll(now_ms)
        series, span = meter.hour, meter.fine
        if window.bucket_ms == COARSE_MS:
            series, span = meter.today, Span(meter.coarse.index)
            span.add(meter.coarse)
            span.add(meter.fine)
        buckets = [*series.buckets(), *([span.bucket()] if span.requests else ())]
        refusals = [*series.refusals(), (span.index, dict(span.refusals))]
        return Numbers(
            first,
            [one for one in buckets if first <= one.index < first + window.buckets],
            [one for one in refusals if first <= one[0] < first + window.buckets],
            tuple(meter.partitions),
            meter.since_ms,
        )

    def _current(self, view: View, now: float) -> Meter:
        """Give the view's meter with an open span, and note that it is active."""
        now_ms = self.clock.now_ms()
        meter = self._meters.get(view.view_rid)
        if meter is None:
            while len(self._meters) >= self.streams_max:
                self._meters.popitem(last=False)
            meter = self._meters[view.view_rid] = Meter(view.partitions, now_ms)
        else:
            self._meters.move_to_end(view.view_rid)
            meter.roll(now_ms)
        meter.ends_at = now + (FINE_MS - now_ms % FINE_MS) / 1_000
        return meter


def refusal_of(error: Exception) -> Refusal:
    """Tell which of the few kinds an error is."""
    if not isinstance(error, SluicewayError):
        return Refusal.OTHER
    return _BY_NAME.get(error.name) or _BY_CODE.get(error.code, Refusal.OTHER)
