"""Copying the bytes of files."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

_CHUNK_BYTES: Final = 4 * 1024 * 1024


def copy_bytes(source: Path, target: Path, size: int, on_bytes: Callable[[int], None]) -> bool:
    """Copy the first *size* bytes of a file; false when it is not there.

    Raises:
        OSError: It cannot be read, or *target* not written.
    """
    try:
        with source.open("rb") as read, target.open("wb") as written:
            left = size
            while left and (data := read.read(min(left, _CHUNK_BYTES))):
                written.write(data)
                on_bytes(len(data))
                left -= len(data)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return False
    return True
