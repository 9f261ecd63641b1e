"""The file store: what is read is what was written, and what failed leaves nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sluiceway.backends.files.store import LocalFileStore
from sluiceway.datasets.contents import FileStore
from sluiceway.datasets.file_errors import FileStoreUnavailableError
from sluiceway.foundation.request_errors import RequestEntityTooLargeError

ID = "5d0d9b0e-0000-4000-8000-000000000001"
MIB = 1_048_576


@pytest.fixture
def store(tmp_path: Path):
    """An empty store."""
    opened = LocalFileStore(tmp_path / "files")
    yield opened
    opened.close()


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def read(store: FileStore, content_id: str = ID) -> bytes:
    return b"".join([piece async for piece in await store.open(content_id)])


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1])
async def test_what_is_read_is_what_was_written(store: FileStore, size: int):
    content = bytes(index % 251 for index in range(size))

    written = await store.write(ID, pieces(content[:700], content[700:]), bytes_max=MIB + 1)

    assert written == size
    assert await read(store) == content
    assert store.location(ID).endswith(ID)


async def test_one_byte_too_many_leaves_nothing(store: FileStore, tmp_path: Path):
    await store.write(ID, pieces(b"x" * 10), bytes_max=10)
    other = ID.replace("5d", "6d")

    with pytest.raises(RequestEntityTooLargeError):
        await store.write(other, pieces(b"x" * 10, b"x"), bytes_max=10)

    assert files(tmp_path) == [ID]


@pytest.mark.parametrize("pieces_before", [0, 1, 25])
async def test_what_breaks_off_leaves_nothing(store: FileStore, tmp_path: Path, pieces_before: int):
    reached = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        for number in itertools.count():
            if number == pieces_before:
                reached.set()
            yield b"x" * 100_000

    writing = asyncio.create_task(store.write(ID, endless(), bytes_max=10**12))
    await (reached.wait() if pieces_before else asyncio.sleep(0))
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert files(tmp_path) == []


async def test_what_is_open_can_be_read_to_its_end(store: FileStore):
    await store.write(ID, pieces(b"x" * 3 * MIB), bytes_max=3 * MIB)
    opened = await store.open(ID)

    await store.delete([ID])
    await store.delete([ID, "5d-never-was"])

    assert len(b"".join([piece async for piece in opened])) == 3 * MIB
    with pytest.raises(FileStoreUnavailableError):
        await store.open(ID)


async def test_a_folder_that_cannot_be_written_is_named_in_the_log_only(tmp_path: Path):
    (tmp_path / "files").write_text("in the way")
    store = LocalFileStore(tmp_path / "files")

    with pytest.raises(FileStoreUnavailableError) as caught:
        await store.write(ID, pieces(b"x"), bytes_max=1)

    store.close()
    assert "files" in str(caught.value)
    assert "files" not in caught.value.message.replace("file store", "")
