"""Numbers of one stream over time: buckets of ten seconds for an hour, of five minutes for a day.

What happens is added to plain integers. A bucket is closed when something happens after its end,
or when somebody asks; it then keeps two percentiles in place of the histogram, packed into bytes,
and buckets in which nothing happened are not kept at all.
"""

import enum
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import msgspec

from sluiceway.streams.log import Counted

FINE_MS: Final = 10_000
FINE_KEPT: Final = 360
COARSE_MS: Final = 300_000
COARSE_KEPT: Final = 288

LATENCY_BOUNDS_MS: Final = (
    *(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0),
    *(48.0, 64.0, 96.0, 128.0, 192.0, 256.0, 384.0, 512.0, 1_024.0, 2_048.0, 4_096.0),
)
"""The upper bounds of the classes of latencies, in milliseconds; a last class has the rest."""
_CLASSES: Final = len(LATENCY_BOUNDS_MS) + 1
_BOUNDS_SECONDS: Final = tuple(bound / 1_000 for bound in LATENCY_BOUNDS_MS)

_PACKED: Final = struct.Struct("<IIQQII")
"""Index, requests, records, bytes, and the two percentiles in microseconds."""
_MICROSECONDS: Final = 1_000


class Refusal(enum.StrEnum):
    """Why records were refused, as far as statistics tell it apart."""

    SCHEMA = "schema"
    BODY = "body"
    TOO_LARGE = "tooLarge"
    TOO_MANY = "tooMany"
    PERMISSION = "permission"
    VIEW = "view"
    TRASHED = "trashed"
    OVERLOAD = "overload"
    UNAVAILABLE = "unavailable"
    OTHER = "other"


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """What happened in one span of time."""

    index: int
    """The span's number: its start in epoch milliseconds, divided by its length."""
    requests: int
    records: int
    bytes: int
    p50_ms: float | None
    p99_ms: float | None


class Span:
    """What happens in the span that is still open."""

    __slots__ = ("bytes", "index", "latencies", "records", "refusals", "requests")

    def __init__(self, index: int) -> None:
        self.index = index
        self.requests = self.records = self.bytes = 0
        self.latencies = [0] * _CLASSES
        self.refusals: dict[Refusal, int] = {}

    def add(self, other: "Span") -> None:
        """Add what happened in a shorter span."""
        self.requests += other.requests
        self.records += other.records
        self.bytes += other.bytes
        for place, count in enumerate(other.latencies):
            self.latencies[place] += count
        for refusal, count in other.refusals.items():
            self.refusals[refusal] = self.refusals.get(refusal, 0) + count

    def bucket(self) -> Bucket:
        """Sum it up."""
        return Bucket(
            self.index,
            self.requests,
            self.records,
            self.bytes,
            percentile_ms(self.latencies, 0.5),
            percentile_ms(self.latencies, 0.99),
        )


class Series:
    """The closed spans of one length; the oldest are dropped."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._packed = bytearray()
        self._refusals: list[tuple[int, dict[Refusal, int]]] = []

    def close(self, span: Span) -> None:
        """Keep a span, if anything happened in it."""
        if span.requests:
            one = span.bucket()
            percentiles = (round((ms or 0.0) * _MICROSECONDS) for ms in (one.p50_ms, one.p99_ms))
            self._packed += _PACKED.pack(
                one.index, one.requests, one.records, one.bytes, *percentiles
            )
            del self._packed[: -self._kept * _PACKED.size]
        if span.refusals:
            self._refusals.append((span.index, span.refusals))
            del self._refusals[: -self._kept]

    def buckets(self) -> Iterator[Bucket]:
        """Give the spans in which records were stored, oldest first."""
        for index, requests, records, size, p50, p99 in _PACKED.iter_unpack(self._packed):
            yield Bucket(index, requests, records, size, p50 / _MICROSECONDS, p99 / _MICROSECONDS)

    def refusals(self) -> Iterator[tuple[int, dict[Refusal, int]]]:
        """Give the spans in which something was refused, oldest first."""
        yield from self._refusals


class Meter:
    """The numbers of one view. ``ends_at`` is for who adds: beyond it, ``roll`` comes first."""

    __slots__ = ("coarse", "ends_at", "fine", "hour", "partitions", "since_ms", "today")

    def __init__(self, partitions: int, now_ms: int) -> None:
        self.since_ms = now_ms
        self.partitions = [0] * partitions
        """Records stored in each partition since ``since_ms``."""
        self.fine = Span(now_ms // FINE_MS)
        self.coarse = Span(now_ms // COARSE_MS)
        self.hour = Series(FINE_KEPT)
        self.today = Series(COARSE_KEPT)
        self.ends_at = 0.0

    def stored(self, batches: Sequence[Counted], seconds: float) -> None:
        """Count one request that was durable *seconds* after it was handed in."""
        span = self.fine
        span.requests += 1
        for batch in batches:
            span.records += batch.count
            span.bytes += batch.size
            self.partitions[batch.partition] += batch.count
        span.latencies[bisect_right(_BOUNDS_SECONDS, seconds)] += 1

    def refused(self, refusal: Refusal, count: int = 1) -> None:
        """Count so many requests that were refused."""
        refusals = self.fine.refusals
        refusals[refusal] = refusals.get(refusal, 0) + count

    def roll(self, now_ms: int) -> None:
        """Close the spans that have ended; a clock that was put back closes none."""
        fine, coarse = now_ms // FINE_MS, now_ms // COARSE_MS
        if fine > self.fine.index:
            self.coarse.add(self.fine)
            self.hour.close(self.fine)
            self.fine = Span(fine)
        if coarse > self.coarse.index:
            self.today.close(self.coarse)
            self.coarse = Span(coarse)


def percentile_ms(latencies: Sequence[int], share: float) -> float | None:
    """Give the latency, in milliseconds, that so large a *share* does not exceed.

    It is interpolated within its class, and never beyond the last bound; ``None`` of nothing.
    """
    total = sum(latencies)
    if not total:
        return None
    wanted = share * total
    for place, reached in enumerate(accumulate(latencies)):
        if reached >= wanted and latencies[place]:
            if place == len(LATENCY_BOUNDS_MS):
                break
            low = LATENCY_BOUNDS_MS[place - 1] if place else 0.0
            inside = 1 - (reached - wanted) / latencies[place]
            return round(low + (LATENCY_BOUNDS_MS[place] - low) * inside, 3)
    return LATENCY_BOUNDS_MS[-1]
