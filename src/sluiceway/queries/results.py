"""Results, in files that have no name and go with the server, however it ends."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_CHUNK_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file without a name; its space is given back once nobody refers to it."""

    file: IO[bytes]

    @property
    def descriptor(self) -> int:
        """The open file."""
        return self.file.fileno()

    async def read(self, start: int, size: int) -> bytes:
        """Give *size* bytes from *start* on, fewer at the end."""
        return await asyncio.to_thread(os.pread, self.descriptor, size, start)

    async def chunks(self, size: int) -> AsyncIterator[bytes]:
        """Give the first *size* bytes."""
        start = 0
        while start < size:
            chunk = await self.read(start, min(_CHUNK_BYTES, size - start))
            if not chunk:
                return
            start += len(chunk)
            yield chunk


def new_result(folder: Path) -> ResultFile:
    """Make an empty file on the file system of *folder*.

    Raises:
        OSError: There is no room, or it cannot be written.
    """
    return ResultFile(tempfile.TemporaryFile(dir=folder, buffering=0))
