"""Parquet files that the process cannot open, as a file system of the database.

The server opens them and sends their descriptors. DuckDB reads them through the one interface that
it has for files which are not its own to open, that of ``fsspec``; it then takes the columns and
row groups that a query needs, within its own bound on memory. A path names nothing but a descriptor
that the server sent: there is no other file behind it, whatever is asked for.
"""

import datetime as dt
import io
import os
import re
import socket
from typing import Final

import fsspec

FOLDER: Final = "archive://"
"""Before every path; see ``DescriptorFileSystem.add``."""
_PATH: Final = re.compile(r"archive://(0|[1-9][0-9]{0,8})\.parquet")
_UNCHANGED: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class DescriptorsError(Exception):
    """Files that were sent did not come; the message says how many."""


class DescriptorFileSystem(fsspec.AbstractFileSystem):  # type: ignore[misc]  # it has no types
    """Files of which each is an open descriptor, named by the order in which they came."""

    protocol = "archive"
    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self._descriptors: list[int] = []

    def add(self, descriptor: int) -> str:
        """Take a descriptor; give the path by which the database names it."""
        self._descriptors.append(descriptor)
        return f"{FOLDER}{len(self._descriptors) - 1}.parquet"

    def open(self, path: str, mode: str = "rb", **_: object) -> "_Reading":
        """Open a file to read it.

        Raises:
            FileNotFoundError: It is no path that ``add`` gave.
            PermissionError: It is to be written.
        """
        if mode != "rb":
            raise PermissionError(path)
        return _Reading(self._find(path))

    def glob(self, path: str, **_: object) -> list[str]:
        """Give the file of that path; a pattern is no path."""
        return [path] if self.exists(path) else []

    def exists(self, path: str, **_: object) -> bool:
        """Tell whether ``add`` gave that path."""
        try:
            self._find(path)
        except FileNotFoundError:
            return False
        return True

    def size(self, path: str) -> int:
        """Give the bytes of a file."""
        return _size(self._find(path))

    def modified(self, path: str) -> dt.datetime:
        """Give a time that never changes, as no file of the archive does."""
        self._find(path)
        return _UNCHANGED

    def _find(self, path: str) -> int:
        found = _PATH.fullmatch(path)
        if found is None or int(found[1]) >= len(self._descriptors):
            raise FileNotFoundError(path)
        return self._descriptors[int(found[1])]


class _Reading(io.RawIOBase):
    """One reading of a descriptor, which others may read too: each has a place of its own."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._at = 0
        self._size = _size(descriptor)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self._size - self._at if size < 0 else size
        data = os.pread(self._descriptor, max(wanted, 0), self._at)
        self._at += len(data)
        return data


def receive(link: socket.socket, count: int) -> list[int]:
    """Take *count* descriptors that the server has sent over *link*.

    Raises:
        DescriptorsError: There are more than the process may have open.
    """
    _, found, _, _ = socket.recv_fds(link, 1, count)
    if len(found) != count:
        raise DescriptorsError(f"{count} files were to be opened, and {len(found)} could be")
    return found


def _size(descriptor: int) -> int:
    # Not from fstat: the C library makes another system call of that, which is refused.
    return os.lseek(descriptor, 0, os.SEEK_END)
