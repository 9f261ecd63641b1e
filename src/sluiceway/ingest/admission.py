"""Bounds on what is taken but not yet stored."""

from dataclasses import dataclass

from sluiceway.foundation.request_errors import OverloadedError, RequestEntityTooLargeError


@dataclass(slots=True)
class InflightBudget:
    """Bytes of bodies that were taken but are not yet stored, over all streams.

    A request takes the bytes of its body as they arrive, and holds them until it is answered: a
    slow disk, or a thousand slow clients, cannot fill the memory.
    """

    bytes_max: int
    request_bytes_max: int
    taken_bytes: int = 0

    def take(self, size: int, of: int = 0) -> None:
        """Take *size* bytes for a request that has taken *of* bytes so far.

        Raises:
            RequestEntityTooLargeError: No request may be that large.
            OverloadedError: There is no room now; nothing was taken.
        """
        if of + size > self.request_bytes_max:
            raise RequestEntityTooLargeError(self.request_bytes_max)
        if self.taken_bytes + size > self.bytes_max:
            raise OverloadedError("bytes in flight")
        self.taken_bytes += size

    def give_back(self, size: int) -> None:
        """Give back what a request took, when it is answered."""
        self.taken_bytes -= size
