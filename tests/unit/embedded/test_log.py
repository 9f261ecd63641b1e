"""The embedded log, in what it promises beyond the contract of every record log."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from sluiceway.backends.embedded.appends import APPEND_SHARE_BYTES
from sluiceway.backends.embedded.catalogue import FILE_NAME
from sluiceway.backends.embedded.groups import FORMAT_VERSION
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.observer import Commit
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, StoredRecord
from sluiceway.streams.log_errors import (
    LogBusyError,
    LogUnavailableError,
    LogVersionError,
)

MANY = 1_000_000


class Observed:
    """What an observer was told."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.stops: list[str] = []

    def observe_commit(self, commit: Commit) -> None:
        self.commits.append(commit)

    def observe_stop(self, reason: str) -> None:
        self.stops.append(reason)


def batch(view: ViewRid, values: list[bytes], partition: int = 0) -> Batch:
    return Batch(view, partition, len(values), b"".join(value + b"\n" for value in values))


async def make_view(log: EmbeddedLog, *, partitions: int = 1) -> ViewRid:
    view = new_view_rid()
    await log.create_view(view, partitions=partitions, compressed=False)
    return view


async def read(log: EmbeddedLog, view: ViewRid, start: int = 0) -> list[StoredRecord]:
    return await log.read(view, 0, start, limit=MANY, bytes_max=MANY * 1000)


def change_catalogue(folder: Path, statement: str, *values: str) -> None:
    connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    connection.execute(statement, values)
    connection.close()


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def test_appends_of_one_turn_of_the_loop_share_a_commit(tmp_path: Path) -> None:
    observed = Observed()
    log = await open_log(tmp_path, observer=observed)
    view = await make_view(log)

    await asyncio.gather(*(log.append([batch(view, [b"%d" % n])]) for n in range(64)))
    await log.close()

    assert [(commit.appends, commit.records) for commit in observed.commits] == [(64, 64)]
    assert 0 < observed.commits[0].fsync_seconds <= observed.commits[0].commit_seconds


async def test_appends_during_a_commit_go_together_with_the_next(tmp_path: Path) -> None:
    observed = Observed()
    log = await open_log(tmp_path, observer=observed)
    view = await make_view(log)

    futures = [log.append([batch(view, [b"1"])])]
    await asyncio.sleep(0)
    futures += [log.append([batch(view, [b"1"])]) for _ in range(20)]
    await asyncio.gather(*futures)
    await log.close()

    assert [commit.appends for commit in observed.commits] == [1, 20]


@pytest.mark.parametrize("surplus", [0, 1])
async def test_an_append_past_the_bound_of_the_queue_is_refused_at_once(
    tmp_path: Path, surplus: int
) -> None:
    first = b"1" * (8192 - 1)
    second = b"2" * (8192 - 1 + surplus)
    settings = EmbeddedLogSettings(queue_bytes_max=2 * (8192 + APPEND_SHARE_BYTES))
    log = await open_log(tmp_path, settings)
    view = await make_view(log)

    futures = [log.append([batch(view, [value])]) for value in (first, second)]

    assert futures[1].is_settled == bool(surplus)
    await futures[0]
    if surplus:
        with pytest.raises(LogBusyError) as raised:
            await futures[1]
        assert raised.value.wrote_nothing
        assert raised.value.headers["Retry-After"] == "1"
    else:
        await futures[1]
    # Room comes back with the commit.
    await log.append([batch(view, [b"3"])])
    await log.close()


async def test_one_append_larger_than_the_queue_is_taken_when_nothing_waits(
    tmp_path: Path,
) -> None:
    log = await open_log(tmp_path, EmbeddedLogSettings(queue_bytes_max=4096))
    view = await make_view(log)

    await log.append([batch(view, [b"1" * 10_000])])

    assert await log.end_offsets(view) == {0: 1}
    await log.close()


async def test_commit_times_do_not_follow_a_clock_that_goes_back(tmp_path: Path) -> None:
    clock = [3000]
    log = await open_log(tmp_path, now_ms=lambda: clock[0])
    view = await make_view(log)

    for now in (3000, 2000):
        clock[0] = now
        await log.append([batch(view, [b"1"])])
    await log.close()
    clock[0] = 1000
    log = await open_log(tmp_path, now_ms=lambda: clock[0])
    for now in (1000, 4000):
        clock[0] = now
        await log.append([batch(view, [b"1"])])

    assert [record.time_ms for record in await read(log, view)] == [3000, 3000, 3000, 4000]
    await log.close()


async def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    await (await open_log(tmp_path)).close()
    change_catalogue(tmp_path, f"PRAGMA user_version = {FORMAT_VERSION + 1}")

    with pytest.raises(LogVersionError, match="start the newer program"):
        await open_log(tmp_path)


async def test_a_file_that_is_no_log_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"something else" * 1000)

    with pytest.raises(LogUnavailableError, match="cannot be opened"):
        await open_log(tmp_path)

    assert (tmp_path / FILE_NAME).read_bytes() == b"something else" * 1000


async def test_a_log_whose_views_are_damaged_is_refused_with_a_clear_error(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    await make_view(log)
    await log.close()
    change_catalogue(tmp_path, "UPDATE views SET rid = CAST(x'FF00FF' AS TEXT)")

    with pytest.raises(LogUnavailableError, match="cannot be opened"):
        await open_log(tmp_path)


async def test_a_trim_while_reading_hurts_no_reader(tmp_path: Path) -> None:
    log = await open_log(tmp_path, EmbeddedLogSettings(segment_bytes=64 * 1024))
    view = await make_view(log)
    for number in range(400):
        await log.append([batch(view, [b"%d" % number])])

    async def read_all() -> None:
        for start in range(0, 400, 3):
            offsets = [record.offset for record in await read(log, view, start)]
            assert offsets == list(range(offsets[0], 400))
            assert offsets[0] >= start

    async def trim_all() -> None:
        for before in range(0, 400, 7):
            await log.trim(view, 0, before)

    async with asyncio.TaskGroup() as group:
        group.create_task(read_all())
        group.create_task(trim_all())
    await log.close()


async def test_a_log_that_is_hardly_used_stays_small(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    await log.append([batch(view, [b"1"])])
    await log.close()

    assert folder_bytes(tmp_path) < 2 * 1024 * 1024


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("size", [10, 1000, 600_000, 3_000_000])
async def test_records_and_appends_of_all_sizes_are_stored(
    tmp_path: Path,
    size: int,
    compressed: bool,  # noqa: FBT001 - drawn by pytest
) -> None:
    settings = EmbeddedLogSettings(segment_bytes=64 * 1024)
    log = await open_log(tmp_path, settings)
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=compressed)
    values = [b"%d" % number * size for number in range(4)]

    await log.append([batch(view, values)])
    await log.append([batch(view, [value]) for value in values])
    before = await read(log, view)
    await log.close()
    log = await open_log(tmp_path, settings)

    assert [record.value for record in before] == values * 2
    assert await read(log, view) == before
    await log.close()
