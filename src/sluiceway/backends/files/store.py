"""A file store in a folder: one file for each content, synced before it counts as kept."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from sluiceway.datasets.file_errors import FileStoreUnavailableError
from sluiceway.foundation.request_errors import RequestEntityTooLargeError

_log: Final = logging.getLogger("sluiceway.files")
_WRITE_BYTES: Final = 1_048_576
"""So much is gathered before it is written: a thread is not asked for every piece of a body."""
_READ_BYTES: Final = 256 * 1_024
_THREADS: Final = 4
"""How many may wait for the disk at once, apart from all other threads."""
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC

T = TypeVar("T")


class LocalFileStore:
    """Keeps a content in ``<folder>/<first two characters of its id>/<id>``; see ``FileStore``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._threads = ThreadPoolExecutor(_THREADS, "files")

    async def write(self, content_id: str, pieces: AsyncIterator[bytes], *, bytes_max: int) -> int:
        """Keep what *pieces* give; see ``FileStore.write``."""
        file = _NewFile(self._folder, self._path(content_id))
        size = 0
        try:
            await self._run(file.make)
            async for gathered in _gather(pieces, bytes_max):
                await self._run(file.write, gathered)
                size += len(gathered)
            await self._run(file.sync)
        except BaseException:
            await self._run(file.give_up)
            raise
        await self._run(file.close)
        return size

    async def open(self, content_id: str) -> AsyncIterator[bytes]:
        """Give a content in pieces; see ``FileStore.open``."""
        handles: list[int] = []
        try:
            await self._run(_open, self._path(content_id), handles)
        except asyncio.CancelledError:
            for handle in handles:
                os.close(handle)
            raise
        return _Pieces(self._run, handles[0])

    def location(self, content_id: str) -> str:
        """Give the path of a content."""
        return str(self._path(content_id))

    async def delete(self, content_ids: Collection[str]) -> None:
        """Remove contents; see ``FileStore.delete``."""
        await self._run(self._remove, content_ids)

    def close(self) -> None:
        """Finish what is being written to the disk."""
        self._threads.shutdown()

    def _path(self, content_id: str) -> Path:
        return self._folder / content_id[:2] / content_id

    def _remove(self, content_ids: Collection[str]) -> None:
        paths = [self._path(content_id) for content_id in content_ids]
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            if folder.exists():
                _sync_folder(folder)

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - the function's own
        """Run *function* in a thread, to its end also when the caller is cancelled.

        Else a handle would be closed, and its number be another file's, while a thread uses it.
        """
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, function, *arguments)
        cancelled: asyncio.CancelledError | None = None
        while not running.done():
            try:
                await asyncio.wait([running])
            except asyncio.CancelledError as error:
                cancelled = error
        with _translated():
            result = running.result()
        if cancelled is not None:
            raise cancelled
        return result


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failure = FileStoreUnavailableError(str(error))
        _log.exception("%s", failure)
        raise failure from error


async def _gather(pieces: AsyncIterator[bytes], bytes_max: int) -> AsyncIterator[bytes]:
    """Give the pieces in larger ones, as long as they are no more than *bytes_max* in all."""
    gathered = bytearray()
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > bytes_max:
            raise RequestEntityTooLargeError(bytes_max)
        gathered += piece
        if len(gathered) >= _WRITE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


class _NewFile:
    """A content that is being written, with its handle, which no cancelled call can lose."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._path = path
        self._handle: int | None = None

    def make(self) -> None:
        for folder in (self._folder, self._path.parent):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                _sync_folder(folder.parent)
        self._handle = os.open(self._path, _FLAGS, 0o600)

    def write(self, data: bytes) -> None:
        assert self._handle is not None
        left = memoryview(data)
        while left:
            left = left[os.write(self._handle, left) :]

    def sync(self) -> None:
        assert self._handle is not None
        os.fsync(self._handle)
        _sync_folder(self._path.parent)

    def close(self) -> None:
        assert self._handle is not None
        os.close(self._handle)

    def give_up(self) -> None:
        """Close and remove it; one that could not be made is somebody else's, or not there."""
        if self._handle is not None:
            os.close(self._handle)
            self._path.unlink(missing_ok=True)
            _sync_folder(self._path.parent)


class _Pieces:
    """An open content, given a piece at a time."""

    def __init__(self, run: Callable[..., Awaitable[bytes]], handle: int) -> None:
        self._run = run
        self._handle: int | None = handle

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = b""
        if self._handle is not None:
            piece = await self._run(os.read, self._handle, _READ_BYTES)
        if not piece:
            await self.aclose()
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Let go of it, however much of it was given."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _open(path: Path, handles: list[int]) -> None:
    handles.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
