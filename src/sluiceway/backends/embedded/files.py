"""The operations on files that the journal is made of: few, so that a test can fail each."""

import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

_BUFFERS_MAX: Final = 1024
"""Linux takes no more buffers in one call (IOV_MAX)."""


class Files(Protocol):
    """A file system. Every operation raises `OSError` when it fails.

    What is written is durable after `sync`; a file that was made, renamed or removed after
    `sync_folder` of its folder.
    """

    def open(self, path: Path, *, make: bool = False) -> int:
        """Open a file for reading and writing, or *make* it first. Give its handle."""
        ...

    def close(self, handle: int) -> None:
        """Give the handle back."""
        ...

    def size(self, handle: int) -> int:
        """Give the size of an open file in bytes."""
        ...

    def write(self, handle: int, buffers: Sequence[bytes], position: int) -> int:
        """Write *buffers* one after the other; give how many bytes were written, maybe fewer."""
        ...

    def read(self, handle: int, size: int, position: int) -> bytes:
        """Read up to *size* bytes; fewer only at the end of the file."""
        ...

    def sync(self, handle: int) -> None:
        """Make what was written, and the size, durable."""
        ...

    def view(self, path: Path) -> memoryview:
        """Give the whole content of a file that nobody writes to any more."""
        ...

    def names(self, folder: Path) -> list[str]:
        """Give the names of everything in *folder*."""
        ...

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, in the same folder."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is fine."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make the names in *folder* durable."""
        ...


class DiskFiles:
    """The operating system's files."""

    def open(self, path: Path, *, make: bool = False) -> int:
        """Open a file; see `Files.open`."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o644)

    def close(self, handle: int) -> None:
        """Close a file; see `Files.close`."""
        os.close(handle)

    def size(self, handle: int) -> int:
        """Give the size of a file; see `Files.size`."""
        return os.fstat(handle).st_size

    def write(self, handle: int, buffers: Sequence[bytes], position: int) -> int:
        """Write with one call; see `Files.write`."""
        return os.pwritev(handle, buffers[:_BUFFERS_MAX], position)

    def read(self, handle: int, size: int, position: int) -> bytes:
        """Read; see `Files.read`."""
        data = os.pread(handle, size, position)
        while len(data) < size:
            more = os.pread(handle, size - len(data), position + len(data))
            if not more:
                break
            data += more
        return data

    def sync(self, handle: int) -> None:
        """Sync a file; see `Files.sync`."""
        os.fdatasync(handle)

    def view(self, path: Path) -> memoryview:
        """Map a file; see `Files.view`."""
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def names(self, folder: Path) -> list[str]:
        """List a folder; see `Files.names`."""
        return [path.name for path in folder.iterdir()]

    def rename(self, old: Path, new: Path) -> None:
        """Rename a file; see `Files.rename`."""
        old.rename(new)

    def remove(self, path: Path) -> None:
        """Remove a file; see `Files.remove`."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Sync a folder; see `Files.sync_folder`."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(files: Files, handle: int, buffers: Sequence[bytes], position: int) -> None:
    """Write all of *buffers*, however many calls it takes.

    Raises:
        PartlyWrittenError: Some bytes were written, then an error came.
        OSError: An error came and nothing was written.
    """
    left = list(buffers)
    written = 0
    while left:
        try:
            count = files.write(handle, left, position + written)
        except OSError as error:
            if written:
                raise PartlyWrittenError(str(error)) from error
            raise
        if not count:
            raise PartlyWrittenError("the file takes no more bytes")
        written += count
        while left and count >= len(left[0]):
            count -= len(left.pop(0))
        if count:
            left[0] = left[0][count:]


class PartlyWrittenError(OSError):
    """Some of the bytes were written; what the file holds is not known."""
