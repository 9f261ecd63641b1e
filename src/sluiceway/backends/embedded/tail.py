"""The file that is written to, with zeros ahead of what is written.

A sync after a write into blocks that were written before, if only with zeros, has the data to
write and nothing of the file system's own. Blocks that are merely reserved do not do: the first
write to each changes what the file system says about it.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from sluiceway.backends.embedded.files import Files

_logger: Final = logging.getLogger(__name__)

_STEP_BYTES: Final = 1024 * 1024
"""Zeros written and synced at once; a commit may have to wait for that."""
_AHEAD_BYTES_MIN: Final = 1024 * 1024
_AHEAD_BYTES_MAX: Final = 32 * 1024 * 1024
"""How far ahead: as much as was written, within these bounds. A log that is hardly used stays
small."""


class OpenFile:
    """The file of a segment that is written to.

    The writer thread claims what it writes; another thread writes zeros behind the end.
    """

    def __init__(self, files: Files, handle: int, position: int, limit: Callable[[], int]) -> None:
        self.handle = handle
        self.size = files.size(handle)
        """Bytes of the file; from what is claimed up to here it may be overwritten."""
        self._files = files
        self._claimed = position
        self._limit = limit
        self._lock = threading.Lock()
        self._takes_zeros = True

    def claim(self, end: int) -> bool:
        """Take the bytes up to *end* for a group; tell whether zeros should be written ahead."""
        if end > self.size:
            with self._lock:
                self.size = max(self.size, end)
        self._claimed = end
        return self._takes_zeros and self.size - end < self._ahead() // 2

    def _ahead(self) -> int:
        return min(max(self._claimed, _AHEAD_BYTES_MIN), _AHEAD_BYTES_MAX)

    def extend(self) -> bool:
        """Write zeros behind the end; tell whether there are more to write.

        An error ends that for this file: groups are written without, as long as they fit.
        """
        with self._lock:
            wanted, limit = self._claimed + self._ahead(), self._limit()
            size = min(wanted, limit) - self.size
            if wanted >= limit and size <= _STEP_BYTES:
                # These are the last ones; nobody need ask again.
                self._takes_zeros, takes_zeros = False, self._takes_zeros
            else:
                takes_zeros = self._takes_zeros
            if size <= 0 or not takes_zeros:
                return False
            try:
                zeros = bytes(min(size, _STEP_BYTES))
                self.size += self._files.write(self.handle, [zeros], self.size)
                self._files.sync(self.handle)
            except OSError as error:
                _logger.warning("writing zeros ahead failed: %s", error)
                self._takes_zeros = False
                return False
            return True

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._takes_zeros = False
            self._files.close(self.handle)
