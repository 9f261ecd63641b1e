"""How much of its log a stream's policy lets go: what is too old, and what is too much."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Self

import msgspec

from sluiceway.archive.retention.types import RetentionPolicy
from sluiceway.archive.types import Offsets
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import RecordLog

_MS = 1_000


class Limits(msgspec.Struct, frozen=True):
    """What the log keeps of a view."""

    before_ms: int | None
    """Records that were committed before are too old; ``None``: none is."""
    bytes_max: int | None
    """More than that, as it is stored, is too much; ``None``: nothing is."""

    @classmethod
    def with_archive(cls, policy: RetentionPolicy, now_ms: int, hot_seconds: int) -> Self:
        """Give what *policy* says of what is in the table; *hot_seconds* where it says nothing."""
        seconds = hot_seconds if policy.hot_seconds is None else policy.hot_seconds
        return cls(now_ms - seconds * _MS, policy.hot_bytes)

    @classmethod
    def without_archive(cls, policy: RetentionPolicy, now_ms: int) -> Self:
        """Give what *policy* says where the log is all there is."""
        times = [one for one in (policy.hot_seconds, policy.cold_seconds) if one is not None]
        return cls(now_ms - min(times) * _MS if times else None, policy.hot_bytes)


async def let_go(log: RecordLog, view: ViewRid, ends: Mapping[int, int], limits: Limits) -> Offsets:
    """Give by partition the offset before which *limits* let the log go, at most that of *ends*.

    It is that of a batch's first record, or where a partition begins or ends.
    """
    found: Offsets = await log.start_offsets(view)
    if limits.bytes_max is not None:
        found = await _within_bytes(log, view, ends, limits.bytes_max)
    if limits.before_ms is not None:
        for partition, start in found.items():
            found[partition] = await _young_from(
                log, view, (partition, start, ends.get(partition, 0)), limits.before_ms
            )
    return found


async def _young_from(
    log: RecordLog, view: ViewRid, place: tuple[int, int, int], before_ms: int
) -> int:
    """Find the first record of a partition, from one offset to another, that is not too old.

    Commit times do not fall from one record to the next.
    """
    partition, start, end = place

    async def is_young(offset: int) -> bool:
        batches = await log.read_batches(view, partition, offset, bytes_max=1)
        return not batches or batches[0].time_ms >= before_ms

    return await _first(start, end, is_young)


async def _within_bytes(
    log: RecordLog, view: ViewRid, ends: Mapping[int, int], bytes_max: int
) -> Offsets:
    """Find where each partition begins when all together have *bytes_max*.

    The largest lose something, until all that do are of one size.
    """
    starts, stops = await log.start_offsets(view), await log.end_offsets(view)
    sizes = {
        partition: await log.stored_bytes(view, partition, start, stops[partition])
        for partition, start in starts.items()
    }
    share = _share(sorted(sizes.values()), bytes_max)
    found: Offsets = {}
    for partition, start in starts.items():

        async def fits(offset: int, partition: int = partition) -> bool:
            stop = stops[partition]
            return await log.stored_bytes(view, partition, offset, stop) <= share

        found[partition] = await _first(start, ends.get(partition, 0), fits)
    return found


def _share(sizes: list[int], bytes_max: int) -> int:
    """Give the size down to which the largest of *sizes*, smallest first, go to fit together."""
    left = bytes_max
    for at, size in enumerate(sizes):
        share = left // (len(sizes) - at)
        if size > share:
            return share
        left -= size
    return max(sizes, default=0)


async def _first(start: int, end: int, holds: Callable[[int], Awaitable[bool]]) -> int:
    """Give the first offset from *start* on that *holds*, as all after it do; *end* if none does."""
    if start >= end or await holds(start):
        return start
    low, high = start, end
    while high - low > 1:
        middle = (low + high) // 2
        if await holds(middle):
            high = middle
        else:
            low = middle
    return high
