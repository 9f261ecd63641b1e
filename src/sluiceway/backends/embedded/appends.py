"""Appends, and the groups that they wait in for their turn with the writer."""

from asyncio import Future
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from sluiceway.backends.embedded.frames import pieces
from sluiceway.backends.embedded.notes import PlacedNote
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.streams.backlog import Backlog
from sluiceway.streams.log import Batch
from sluiceway.streams.pending import PendingAppend

APPEND_SHARE_BYTES: Final = 256
"""What an append counts for beside its bytes, so that tiny ones are bounded too."""


class Append(PendingAppend):
    """Batches that are stored together or not at all."""

    __slots__ = ("note", "offsets", "size")

    def __init__(self) -> None:
        super().__init__()
        self.size = APPEND_SHARE_BYTES
        """What it counts for in the bounds: its bytes and a share for what surrounds them."""
        self.offsets: Sequence[int] = ()
        """The first offset of each batch, given out when it was taken."""
        self.note: PlacedNote | None = None


class Job(msgspec.Struct, frozen=True, gc=False):
    """Something other than appends that must happen in its turn, for instance a trim."""

    future: Future[Any]
    run: Callable[[], Any]
    """Called in the writer thread; every change it makes is durable when it returns."""


class FrameLines:
    """The lines of one frame, while more may come."""

    __slots__ = ("base_offset", "chunks", "count", "partition", "size")

    def __init__(self, partition: Partition, base_offset: int) -> None:
        self.partition = partition
        self.base_offset = base_offset
        self.count = 0
        self.size = 0
        self.chunks: list[bytes] = []


class Group:
    """Appends that become durable together: those of one partition share frames."""

    __slots__ = ("_frame_bytes_max", "_open", "appends", "batches", "frames", "size")

    def __init__(self, frame_bytes_max: int) -> None:
        self._frame_bytes_max = frame_bytes_max
        self._open: dict[Partition, FrameLines] = {}
        self.appends: list[Append] = []
        self.frames: list[FrameLines] = []
        self.batches = 0
        self.size = 0

    def add(self, append: Append, placed: Sequence[tuple[Partition, Batch]]) -> list[int]:
        """Add *append*; give its records their offsets, the first of each batch is returned."""
        self.appends.append(append)
        self.batches += len(placed)
        self.size += append.size
        offsets = []
        bytes_max = self._frame_bytes_max
        for partition, batch in placed:
            first = partition.next_offset
            offsets.append(first)
            lines = batch.lines
            size = len(lines)
            frame = self._open.get(partition)
            if size > bytes_max:
                self._add_large(partition, lines)
                continue
            if frame is None or frame.size + size > bytes_max:
                frame = self._begin(partition, first)
            frame.chunks.append(lines)
            frame.size += size
            frame.count += batch.count
            partition.next_offset = first + batch.count
        return offsets

    def _begin(self, partition: Partition, base_offset: int) -> FrameLines:
        frame = FrameLines(partition, base_offset)
        self._open[partition] = frame
        self.frames.append(frame)
        return frame

    def _add_large(self, partition: Partition, lines: bytes) -> None:
        for count, piece in pieces(lines, self._frame_bytes_max):
            frame = self._begin(partition, partition.next_offset)
            frame.chunks.append(piece)
            frame.size = len(piece)
            frame.count = count
            partition.next_offset += count


Work = Group | Job


class WaitingWork:
    """Groups and jobs in the order they came, and the bytes that are not durable yet."""

    __slots__ = ("_frame_bytes_max", "_group_bytes_max", "_last", "_queue", "backlog", "batches")

    def __init__(self, backlog: Backlog, group_bytes_max: int, frame_bytes_max: int) -> None:
        self.backlog = backlog
        """Counts the bytes of all appends that were added and not settled."""
        self._group_bytes_max = group_bytes_max
        self._frame_bytes_max = frame_bytes_max
        self._queue: deque[Work] = deque()
        self._last: Group | None = None
        """The group that is last in the queue, if a group is."""
        self.batches = 0
        """Batches of all appends that were added and not settled."""

    def __bool__(self) -> bool:
        """Tell whether there is something to take."""
        return bool(self._queue)

    def add(self, append: Append, placed: Sequence[tuple[Partition, Batch]]) -> None:
        """Put *append* behind everything that waits, and give its records their offsets."""
        group = self._last
        if group is None or (group.appends and group.size + append.size > self._group_bytes_max):
            group = self._last = Group(self._frame_bytes_max)
            self._queue.append(group)
        self.backlog.size += append.size
        self.batches += len(placed)
        append.offsets = group.add(append, placed)

    def add_job(self, job: Job) -> None:
        """Put *job* behind everything that waits."""
        self._last = None
        self._queue.append(job)

    def take(self) -> Work:
        """Take what the writer does next."""
        work = self._queue.popleft()
        if work is self._last:
            self._last = None
        return work

    def settle(self, group: Group) -> None:
        """Note that the outcome of *group*, which was taken, is known."""
        self.batches -= group.batches
        self.backlog.settle(group.size)
