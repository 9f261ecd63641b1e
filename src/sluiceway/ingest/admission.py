"""Bounds on what is taken but not yet stored."""

from dataclasses import dataclass
from typing import Final

from sluiceway.foundation.request_errors import OverloadedError, RequestEntityTooLargeError

REQUEST_BYTES: Final = 2_048
"""What a request takes beside its body: a hundred thousand small ones are not small together."""


@dataclass(slots=True)
class InflightBudget:
    """Bytes of bodies that were taken but are not yet answered, over all connections.

    A request takes the bytes of its body as they arrive, and `REQUEST_BYTES` for itself, and holds
    them until it is answered: a slow disk, or a thousand slow clients, cannot fill the memory.
    """

    bytes_max: int
    request_bytes_max: int
    taken_bytes: int = 0
    workers_bytes: int = 0
    """What the workers of this server hold of budgets of their own, as they last said."""

    def take(self, size: int, of: int = 0) -> int:
        """Take *size* bytes for a request whose body had *of* bytes so far.

        Gives what is to be given back for them.

        Raises:
            RequestEntityTooLargeError: No request may be that large.
            OverloadedError: There is no room now; nothing was taken.
        """
        if of + size > self.request_bytes_max:
            raise RequestEntityTooLargeError(self.request_bytes_max)
        # A request that is alone always fits.
        if self.taken_bytes + size > self.bytes_max + REQUEST_BYTES:
            raise OverloadedError("bytes in flight")
        taken = size if of else size + REQUEST_BYTES
        self.taken_bytes += taken
        return taken

    def give_back(self, size: int) -> None:
        """Give back what a request took, when it is answered."""
        self.taken_bytes -= size
