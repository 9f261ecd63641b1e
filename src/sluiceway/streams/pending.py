"""What becomes of an append, for the one who asked for it."""

import asyncio
import logging
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final

_logger: Final = logging.getLogger(__name__)


class _Both:
    """Two followers as one; hardly any append has more than one."""

    __slots__ = ("_first", "_second")

    def __init__(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        self._first = first
        self._second = second

    def __call__(self) -> None:
        try:
            self._first()
        finally:
            self._second()


class PendingAppend:
    """Batches that were handed to a record log.

    It is awaited like a future, and costs a fraction of one: the publish path makes one for each
    request, and the event loop has no turn of its own for each that is settled.
    """

    __slots__ = ("_follower", "error", "first_offsets", "time_ms")

    def __init__(self) -> None:
        self.first_offsets: Sequence[int] | None = None
        """The first offset of each batch, in their order, once all are durable."""
        self.time_ms = 0
        """When that was, in epoch milliseconds."""
        self.error: Exception | None = None
        """Why they are not, once that is known."""
        self._follower: Callable[[], None] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the outcome is known."""
        return self.first_offsets is not None or self.error is not None

    def then(self, follower: Callable[[], None]) -> None:
        """Have *follower* called once, when the outcome is known; at once if it is.

        Followers are called on the event loop: those of one append in the order in which they
        came, those of several in the order of the appends.
        """
        if self.first_offsets is not None or self.error is not None:
            follower()
        elif self._follower is None:
            self._follower = follower
        else:
            self._follower = _Both(self._follower, follower)

    def store(self, first_offsets: Sequence[int], time_ms: int) -> None:
        """Settle it: all batches are durable, since *time_ms*."""
        assert self.error is None
        self.time_ms = time_ms
        self.first_offsets = first_offsets
        self._tell()

    def fail(self, error: Exception) -> None:
        """Settle it: the batches were not stored, or nobody knows."""
        assert self.first_offsets is None
        self.error = error
        self._tell()

    def _tell(self) -> None:
        follower, self._follower = self._follower, None
        if follower is None:
            return
        try:
            follower()
        except Exception:
            # The others of the group must hear of theirs.
            _logger.exception("whoever waited for an append failed")

    def result(self) -> Sequence[int]:
        """Give the first offset of each batch; the outcome must be known.

        Raises:
            SluicewayError: The append failed; see `RecordLog.append`.
        """
        if self.error is not None:
            raise self.error
        assert self.first_offsets is not None
        return self.first_offsets

    def __await__(self) -> Generator[Any, None, Sequence[int]]:
        """Wait for the outcome; cancelling the wait does not take the records back."""
        if not self.is_settled:
            settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.then(lambda: None if settled.done() else settled.set_result(None))
            yield from settled
        return self.result()
