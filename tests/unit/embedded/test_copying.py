"""Copies of a log that is written to, trimmed and cleaned meanwhile."""

import asyncio
import random
from pathlib import Path

import pytest

from sluiceway.backends.embedded.copying import LogCopy, LogMovedError
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, StoredRecord
from sluiceway.streams.log_errors import LogUnavailableError

SETTINGS = EmbeddedLogSettings(segment_bytes=64 * 1024)
VIEWS = 3


def line(view: int, number: int) -> bytes:
    return b'{"view":%d,"number":%d,"pad":"%s"}\n' % (view, number, b"x" * (number % 900))


async def read_all(log: EmbeddedLog, view: ViewRid) -> list[StoredRecord]:
    return await log.read(view, 0, 0, limit=10**6, bytes_max=10**9)


class Writing:
    """Appends to all views until stopped; knows what was acknowledged."""

    def __init__(self, log: EmbeddedLog, views: list[ViewRid]) -> None:
        self._log = log
        self._views = views
        self.acknowledged = [0] * len(views)
        self.is_over = False

    async def run(self) -> None:
        await asyncio.gather(*[self._write(at) for at in range(len(self._views))])

    async def _write(self, at: int) -> None:
        while not self.is_over:
            first = self.acknowledged[at]
            lines = [line(at, first + more) for more in range(random.randint(1, 20))]
            await self._log.append([Batch(self._views[at], 0, len(lines), b"".join(lines))])
            self.acknowledged[at] += len(lines)
            if at and first // 500 != self.acknowledged[at] // 500:
                await self._log.trim(self._views[at], 0, first - 100)


async def copy(source: Path, target: Path) -> None:
    made = LogCopy(source, target, lambda _: None)
    for _ in range(50):
        await asyncio.to_thread(made.copy_full)
        try:
            await asyncio.to_thread(made.finish)
        except LogMovedError:
            continue
        return
    raise AssertionError("the log never stood still")


async def test_a_copy_holds_every_record_that_was_acknowledged_before_and_no_gap(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    log = await open_log(tmp_path / "log", SETTINGS)
    views = [new_view_rid() for _ in range(VIEWS)]
    for view in views:
        await log.create_view(view, partitions=1, compressed=view is views[0])
    writing = Writing(log, views)
    task = asyncio.create_task(writing.run())

    for number in range(8):
        await asyncio.sleep(0.05)
        acknowledged = list(writing.acknowledged)
        starts = [(await log.start_offsets(view))[0] for view in views]
        await copy(tmp_path / "log", tmp_path / f"copy{number}")
        copied = await open_log(tmp_path / f"copy{number}", SETTINGS)
        for at, view in enumerate(views):
            found = await read_all(copied, view)
            offsets = [record.offset for record in found]
            assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
            assert offsets[-1] >= acknowledged[at] - 1
            assert starts[at] <= offsets[0] or not starts[at]
            assert [record.value + b"\n" for record in found] == [line(at, n) for n in offsets]
            # It goes on as a log.
            await copied.append([Batch(view, 0, 1, b"{}\n")])
        await copied.close()

    writing.is_over = True
    await task
    await log.close()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_the_copy_of_a_closed_log_is_equal_to_it(tmp_path: Path):
    log = await open_log(tmp_path / "log", SETTINGS)
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)
    for number in range(300):
        await log.append([Batch(view, 0, 1, line(0, number))])
    stored = await read_all(log, view)
    await log.close()

    made = LogCopy(tmp_path / "log", tmp_path / "copy", lambda _: None)
    copied_log = made.finish()

    copied = await open_log(tmp_path / "copy", SETTINGS)
    assert copied_log.views == {view}
    assert await read_all(copied, view) == stored
    await copied.close()


async def test_a_segment_that_was_given_back_is_not_in_the_copy(tmp_path: Path):
    log = await open_log(tmp_path / "log", SETTINGS)
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)
    for number in range(600):
        await log.append([Batch(view, 0, 1, line(0, number))])
    made = LogCopy(tmp_path / "log", tmp_path / "copy", lambda _: None)
    made.copy_full()
    early = len(list((tmp_path / "copy" / "segments").glob("*.log")))

    await log.trim(view, 0, 599)
    async with asyncio.timeout(10):
        while len(list((tmp_path / "log" / "segments").glob("*.log"))) > 1:  # noqa: ASYNC110 - files
            await asyncio.sleep(0.01)
    made.finish()

    assert early > 2
    copied = await open_log(tmp_path / "copy", SETTINGS)
    assert [record.offset for record in await read_all(copied, view)] == [599]
    assert len(list((tmp_path / "copy" / "segments").glob("*.log"))) == 1
    await copied.close()
    await log.close()


async def test_damage_is_copied_and_named_as_in_the_log_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    log = await open_log(tmp_path / "log", SETTINGS)
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)
    for number in range(40):
        await log.append([Batch(view, 0, 1, line(0, number))])
    path = next((tmp_path / "log" / "segments").glob("*.log"))
    with path.open("r+b") as file:
        file.seek(path.read_bytes().index(b'"number":20,') + 2)
        file.write(b"#")

    LogCopy(tmp_path / "log", tmp_path / "copy", lambda _: None).finish()
    await log.close()

    copied = await open_log(tmp_path / "copy", SETTINGS)
    assert (await copied.end_offsets(view)) == {0: 40}
    assert "is damaged: bytes of group" in caplog.text
    await copied.close()


def test_what_is_no_log_is_said(tmp_path: Path):
    (tmp_path / "log").mkdir()

    with pytest.raises(LogUnavailableError, match=r"catalogue\.db cannot be copied"):
        LogCopy(tmp_path / "log", tmp_path / "copy", lambda _: None).finish()
