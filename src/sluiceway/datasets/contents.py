"""What datasets need from the place where the bytes of files are kept."""

from collections.abc import AsyncIterator, Collection
from typing import Protocol


class FileStore(Protocol):
    """Keeps contents by id. One that is written is never changed."""

    async def write(self, content_id: str, pieces: AsyncIterator[bytes], *, bytes_max: int) -> int:
        """Keep what *pieces* give, a little at a time in memory; durable on return.

        Gives its size. When it fails, nothing of it stays, unless the process ends meanwhile.

        Raises:
            RequestEntityTooLargeError: It is larger than *bytes_max*.
            FileStoreUnavailableError: It cannot be kept.
        """
        ...

    async def open(self, content_id: str) -> AsyncIterator[bytes]:
        """Give a content in pieces of up to 256 KiB.

        What is open can be read to its end, also when it is deleted meanwhile. It has an
        ``aclose``, which must be called at the end.

        Raises:
            FileStoreUnavailableError: It is not there, or cannot be read.
        """
        ...

    def location(self, content_id: str) -> str:
        """Give where another process of this machine finds a content."""
        ...

    async def delete(self, content_ids: Collection[str]) -> None:
        """Remove contents, or what was written of them; they do not come back.

        Deleting one twice changes nothing.

        Raises:
            FileStoreUnavailableError: One cannot be removed.
        """
        ...
