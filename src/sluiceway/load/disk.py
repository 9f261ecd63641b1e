"""What the disk takes to make a small write durable: the least that an acknowledgement can take."""

import os
import time
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from sluiceway.load.histogram import Histogram

_WRITE: Final = b"x" * 256


def measure_fsync(folder: Path, seconds: float = 1.0) -> Histogram:
    """Append 256 bytes and ``fdatasync`` them, again and again, in a file of *folder*'s.

    The file is removed. It has a name until then: some file systems sync one without a name for
    nothing.

    Raises:
        OSError: The folder is not there, or a file in it cannot be written.
    """
    found = Histogram()
    descriptor, name = mkstemp(prefix=".fsync-", dir=folder)
    try:
        now = time.perf_counter()
        end = now + seconds
        while now < end:
            started = now
            os.write(descriptor, _WRITE)
            os.fdatasync(descriptor)
            now = time.perf_counter()
            found.add(now - started)
    finally:
        os.close(descriptor)
        Path(name).unlink()
    return found
