"""How many bytes a record log has taken that are not durable yet: what says that it has no room."""

from collections.abc import Callable
from typing import Final

from sluiceway.streams.log_errors import LogBusyError

_DEEP_SHARE: Final = 2
_EASED_SHARE: Final = 4


def _nobody() -> None:
    """Stand for whoever waits, where nobody does."""


class Backlog:
    """The bytes that wait to become durable, and from how many on there is no room for more.

    It is deep with more than half of the most that may wait. Who can then lets others wait,
    and goes on once it has eased, to a quarter; who cannot is refused when it is full.
    """

    __slots__ = ("bytes_max", "deep_above", "eased", "eased_at", "size")

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max: Final = bytes_max
        self.deep_above: Final = bytes_max // _DEEP_SHARE
        self.eased_at: Final = bytes_max // _EASED_SHARE
        self.size = 0
        """Bytes of all that was taken and is not settled."""
        self.eased: Callable[[], None] = _nobody
        """Called on the event loop, whenever something was settled and not much waits any more."""

    def check(self, size: int) -> None:
        """Make sure that there is room for *size* bytes more; what comes alone always fits.

        Raises:
            LogBusyError: There is not; it may be sent again.
        """
        if self.size and self.size + size > self.bytes_max:
            raise LogBusyError(self.size, self.bytes_max)

    def settle(self, size: int) -> None:
        """Note that the outcome of *size* bytes is known."""
        self.size -= size
        if self.size <= self.eased_at:
            self.eased()
