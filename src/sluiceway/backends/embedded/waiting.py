"""What waits for its turn with the writer."""

from collections import deque

from sluiceway.backends.embedded.groups import Append
from sluiceway.backends.embedded.writer import Job, Work


class WaitingWork:
    """Appends and jobs in the order they came, and the bytes that are not durable yet."""

    __slots__ = ("_group_bytes_max", "_queue", "batches", "size")

    def __init__(self, group_bytes_max: int) -> None:
        self._group_bytes_max = group_bytes_max
        self._queue: deque[Append | Job] = deque()
        self.size = 0
        """Bytes of all appends that were added and not settled."""
        self.batches = 0
        """Batches of the same."""

    def __bool__(self) -> bool:
        """Tell whether there is something to take."""
        return bool(self._queue)

    def add(self, work: Append | Job) -> None:
        """Put *work* behind everything that waits."""
        if isinstance(work, Append):
            self.size += work.size
            self.batches += len(work.placed)
        self._queue.append(work)

    def take(self) -> Work:
        """Take what the writer does next: a job, or the appends up to a job or to the bound."""
        queue = self._queue
        first = queue.popleft()
        if isinstance(first, Job):
            return first
        group = [first]
        size = first.size
        while queue:
            work = queue[0]
            if isinstance(work, Job):
                break
            size += work.size
            if size > self._group_bytes_max:
                break
            group.append(work)
            queue.popleft()
        return group

    def settle(self, append: Append) -> None:
        """Note that the outcome of *append*, which was taken, is known."""
        self.size -= append.size
        self.batches -= len(append.placed)
