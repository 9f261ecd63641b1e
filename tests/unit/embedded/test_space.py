"""The embedded log giving space back."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, Note, NoteKind

SETTINGS = EmbeddedLogSettings(segment_bytes=64 * 1024)
SECONDS = 10


async def make_view(log: EmbeddedLog, partitions: int = 1) -> ViewRid:
    view = new_view_rid()
    await log.create_view(view, partitions=partitions, compressed=False)
    return view


async def fill(log: EmbeddedLog, view: ViewRid, appends: int, partition: int = 0) -> None:
    for number in range(appends):
        await log.append([Batch(view, partition, 1, b"%05d" % number + b"x" * 7_000 + b"\n")])


def segment_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "segments").glob("*.log"))


async def wait_until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not is_true():  # noqa: ASYNC110 - a folder is looked at, nobody sets an event
            await asyncio.sleep(0.01)


async def offsets(log: EmbeddedLog, view: ViewRid, partition: int = 0) -> list[int]:
    found = await log.read(view, partition, 0, limit=10**6, bytes_max=10**9)
    return [record.offset for record in found]


async def test_the_segments_of_trimmed_records_are_used_again(tmp_path: Path) -> None:
    log = await open_log(tmp_path, SETTINGS)
    view = await make_view(log)

    for _ in range(10):
        await fill(log, view, 20)
        await log.trim(view, 0, (await log.end_offsets(view))[0] - 1)
        await wait_until(lambda: len(segment_files(tmp_path)) <= 2)

    assert await offsets(log, view) == [199]
    files = list((tmp_path / "segments").iterdir())
    assert sum(path.stat().st_size for path in files) < 8 * SETTINGS.segment_bytes
    await log.close()


async def test_the_segments_of_a_deleted_view_are_given_back(tmp_path: Path) -> None:
    log = await open_log(tmp_path, SETTINGS)
    view, other = await make_view(log, 3), await make_view(log)
    for partition in range(3):
        await fill(log, view, 20, partition)
    await fill(log, other, 1)

    await log.delete_view(view)

    await wait_until(lambda: len(segment_files(tmp_path)) == 1)
    assert await offsets(log, other) == [0]
    await log.close()


async def test_giving_back_goes_on_after_a_restart(tmp_path: Path) -> None:
    log = await open_log(tmp_path, SETTINGS)
    view, other = await make_view(log), await make_view(log)
    await fill(log, view, 40)
    await fill(log, other, 20)
    await log.trim(other, 0, 19)
    await log.delete_view(view)
    await log.close()

    log = await open_log(tmp_path, SETTINGS)

    await wait_until(lambda: len(segment_files(tmp_path)) <= 2)
    assert await offsets(log, other) == [19]
    await log.close()


async def test_a_few_records_are_copied_out_of_a_segment(tmp_path: Path) -> None:
    log = await open_log(tmp_path, SETTINGS)
    kept, view = await make_view(log), await make_view(log)
    for _ in range(6):
        await fill(log, kept, 1)
        await fill(log, view, 9)
    before = await log.read(kept, 0, 0, limit=100, bytes_max=10**9)
    first = segment_files(tmp_path)

    await log.trim(view, 0, 54)
    await wait_until(lambda: not set(first[:-1]) & set(segment_files(tmp_path)))
    await fill(log, kept, 3)

    found = await log.read(kept, 0, 0, limit=100, bytes_max=10**9)
    assert found[:6] == before
    assert await offsets(log, kept) == list(range(9))
    await log.close()
    log = await open_log(tmp_path, SETTINGS)
    assert (await log.read(kept, 0, 0, limit=100, bytes_max=10**9))[:6] == before
    assert await offsets(log, kept) == list(range(9))
    await log.close()


async def test_notes_are_copied_out_of_a_segment(tmp_path: Path) -> None:
    log = await open_log(tmp_path, SETTINGS)
    view = await make_view(log)
    await log.append([Batch(view, 0, 1, b"1\n")], Note(view, NoteKind.KEY, b"k", b"v"))
    await log.append([], Note(view, NoteKind.KEY, b"replaced", b"old"))
    # Both in one group.
    twice = [log.append([], Note(view, NoteKind.KEY, b"twice", value)) for value in (b"1", b"2")]
    await asyncio.gather(*twice)
    before = log.note(view, NoteKind.KEY, b"k")
    await fill(log, view, 20)
    first = segment_files(tmp_path)[0]
    await log.append([], Note(view, NoteKind.KEY, b"replaced", b"new"))

    await log.trim(view, 0, 21)
    await wait_until(lambda: first not in segment_files(tmp_path))

    for _ in range(2):
        assert log.note(view, NoteKind.KEY, b"k") == before
        for name, value in ((b"replaced", b"new"), (b"twice", b"2")):
            note = log.note(view, NoteKind.KEY, name)
            assert note is not None
            assert note.value == value
        await log.close()
        log = await open_log(tmp_path, SETTINGS)
    await log.close()


async def test_old_notes_keep_no_segment(tmp_path: Path) -> None:
    now_ms = 1_700_000_000_000
    log = await open_log(tmp_path, SETTINGS, now_ms=lambda: now_ms)
    view = await make_view(log)
    await log.append([], Note(view, NoteKind.KEY, b"k", b"v"))
    await fill(log, view, 20)
    first = segment_files(tmp_path)[0]

    now_ms += 86_400_000 + 1
    await log.append([], Note(view, NoteKind.KEY, b"l", b"v"))
    await log.trim(view, 0, 20)

    await wait_until(lambda: first not in segment_files(tmp_path))
    assert log.note(view, NoteKind.KEY, b"k") is None
    await log.close()
