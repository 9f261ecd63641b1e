"""What one watcher has not yet been given."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.bursts import Burst
from sluiceway.reading.live.events import records_event
from sluiceway.reading.live.places import place_id

INBOX_BYTES_MAX: Final = 512 * 1_024
"""Most bytes of events that wait for a watcher that is given samples."""
INBOX_BURSTS_MAX: Final = 1_000
"""Most events that wait for one watcher, however small."""
TAKE_BYTES_MAX: Final = 256 * 1_024
"""About how many bytes are taken out at once; at least one event is."""


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    """An event that waits, and what it stands for."""

    partition: int
    end: int
    passed: int
    """How many offsets it goes forward: records in it, and records left out."""
    event: bytes


class Inbox:
    """Takes bursts for one watcher, in *told* of which is written what it has been given.

    Of a slow watcher the oldest events are left out, and counted. Where nothing may be left out
    (*is_complete*) all is let go instead, ``has_overflowed`` says so, and nothing more is taken.
    """

    __slots__ = (
        "_ahead",
        "_bytes_max",
        "_fronts",
        "_missed",
        "_size",
        "_view_rid",
        "_waiting",
        "_wake",
        "has_overflowed",
        "is_complete",
        "partition",
        "told",
    )

    def __init__(
        self,
        view_rid: ViewRid,
        told: list[int],
        feed_positions: Sequence[int],
        *,
        wake: Callable[[], None],
        partition: int | None = None,
        is_complete: bool = False,
        bytes_max: int = INBOX_BYTES_MAX,
    ) -> None:
        self.partition = partition
        """The only partition that is wanted; ``None`` for all."""
        self.told = told
        """The offset of each partition behind what the watcher has been given."""
        self.is_complete = is_complete
        self.has_overflowed = False
        self._view_rid = view_rid
        self._wake = wake
        self._bytes_max = bytes_max
        self._fronts = list(map(max, told, feed_positions))
        """The offset of each partition behind all that was put, or that the watcher has."""
        self._ahead = {
            number for number, front in enumerate(self._fronts) if front > feed_positions[number]
        }
        """Partitions of which the watcher has more than the feed has given."""
        self._waiting: deque[_Waiting] = deque()
        self._missed: dict[int, tuple[int, int]] = {}
        """How many were left out of a partition, and the offset behind them."""
        self._size = 0

    def put(self, burst: Burst) -> None:
        """Take a burst, unless it is of a partition that is not wanted, or nothing new."""
        partition = burst.partition
        if self.has_overflowed or (self.partition is not None and partition != self.partition):
            return
        front = self._fronts[partition]
        if burst.end >= front:
            self._ahead.discard(partition)
        if burst.end <= front:
            return
        self._fronts[partition] = burst.end
        self._add(_Waiting(partition, burst.end, burst.end - front, self._event(burst, front)))

    def _event(self, burst: Burst, front: int) -> bytes:
        """Give the event that is the same for all who have what this watcher has."""
        if burst.start == front:
            if self.partition is not None:
                return burst.event_of_one
            if not self._ahead:
                return burst.event
        return burst.event_behind(front, place_id(self._view_rid, self._fronts, self.partition))

    def _add(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        self._size += len(waiting.event)
        while len(self._waiting) > 1 and (
            self._size > self._bytes_max or len(self._waiting) > INBOX_BURSTS_MAX
        ):
            if self.is_complete:
                self._waiting.clear()
                self.has_overflowed = True
                break
            lost = self._waiting.popleft()
            self._size -= len(lost.event)
            missed, _ = self._missed.get(lost.partition, (0, 0))
            self._missed[lost.partition] = (missed + lost.passed, lost.end)
        self._wake()

    @property
    def is_abreast(self) -> bool:
        """Whether nothing waits, and the watcher has what the feed has given, and no more."""
        return not (self._waiting or self._missed or self._ahead or self.has_overflowed)

    def skip_to(self, positions: Sequence[int]) -> None:
        """Note that the watcher was given everything before *positions* in another way."""
        self.told[:] = self._fronts[:] = positions

    def wake(self) -> None:
        """Let the watcher look again."""
        self._wake()

    def take(self) -> bytes:
        """Give what waits, as events; empty when nothing does."""
        events = []
        # What was left out is older than all that waits, so it is told first.
        for partition, (missed, end) in self._missed.items():
            self.told[partition] = end
            place = place_id(self._view_rid, self.told, self.partition)
            events.append(records_event(partition, missed, (), place))
        self._missed.clear()
        size = 0
        while self._waiting and (not size or size + len(self._waiting[0].event) <= TAKE_BYTES_MAX):
            waiting = self._waiting.popleft()
            self.told[waiting.partition] = waiting.end
            events.append(waiting.event)
            size += len(waiting.event)
        self._size -= size
        return events[0] if len(events) == 1 else b"".join(events)
