"""The embedded log, in what it promises beyond the contract of every record log."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sluiceway.backends.embedded.file import FILE_NAME, FORMAT_VERSION, PAGE_BYTES
from sluiceway.backends.embedded.log import APPEND_SHARE_BYTES, EmbeddedLog, open_log
from sluiceway.backends.embedded.observer import Commit
from sluiceway.backends.embedded.reading import _ROWS
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, StoredRecord
from sluiceway.streams.log_errors import (
    LogBusyError,
    LogCorruptError,
    LogUnavailableError,
    LogVersionError,
)

MANY = 1_000_000


class Notes:
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


def change_file(folder: Path, statement: str, *values: str) -> None:
    connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    connection.execute(statement, values)
    connection.close()


async def wait_until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_true():  # noqa: ASYNC110 - a file is looked at, nobody sets an event
            await asyncio.sleep(0.01)


async def test_appends_of_one_turn_of_the_loop_share_a_commit(tmp_path: Path) -> None:
    notes = Notes()
    log = await open_log(tmp_path, observer=notes)
    view = await make_view(log)

    await asyncio.gather(*(log.append([batch(view, [b"%d" % n])]) for n in range(64)))
    await log.close()

    assert [(commit.appends, commit.records) for commit in notes.commits] == [(64, 64)]
    assert 0 < notes.commits[0].fsync_seconds <= notes.commits[0].commit_seconds


async def test_appends_during_a_commit_go_together_with_the_next(tmp_path: Path) -> None:
    notes = Notes()
    log = await open_log(tmp_path, observer=notes)
    view = await make_view(log)

    futures = [log.append([batch(view, [b"1"])])]
    await asyncio.sleep(0)
    futures += [log.append([batch(view, [b"1"])]) for _ in range(20)]
    await asyncio.gather(*futures)
    await log.close()

    assert [commit.appends for commit in notes.commits] == [1, 20]


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
    times = iter([3000, 2000, 1000, 4000])
    log = await open_log(tmp_path, now_ms=lambda: next(times))
    view = await make_view(log)

    for _ in range(2):
        await log.append([batch(view, [b"1"])])
    await log.close()
    log = await open_log(tmp_path, now_ms=lambda: next(times))
    for _ in range(2):
        await log.append([batch(view, [b"1"])])

    assert [record.time_ms for record in await read(log, view)] == [3000, 3000, 3000, 4000]
    await log.close()


async def test_a_read_finds_its_row_without_a_scan(tmp_path: Path) -> None:
    await (await open_log(tmp_path)).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {_ROWS}", (1, 500_000))]
    connection.close()

    steps = [step for step in plan if "batches" in step]
    assert len(steps) == 2
    assert all("PRIMARY KEY (partition_number=? AND base_offset" in step for step in steps)


async def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    await (await open_log(tmp_path)).close()
    change_file(tmp_path, f"PRAGMA user_version = {FORMAT_VERSION + 1}")

    with pytest.raises(LogVersionError, match="start the newer program"):
        await open_log(tmp_path)


async def test_a_file_that_is_no_log_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"something else" * 1000)

    with pytest.raises(LogUnavailableError, match="cannot be opened"):
        await open_log(tmp_path)

    assert (tmp_path / FILE_NAME).read_bytes() == b"something else" * 1000


async def test_a_changed_bit_is_an_error_and_the_rows_around_it_are_readable(
    tmp_path: Path,
) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    for number in range(30):
        await log.append([batch(view, [b"record-%04d" % number])])
    await log.close()
    raw = bytearray((tmp_path / FILE_NAME).read_bytes())
    raw[raw.index(b"record-0017")] ^= 1
    (tmp_path / FILE_NAME).write_bytes(raw)

    log = await open_log(tmp_path)
    with pytest.raises(LogCorruptError) as raised:
        await read(log, view)

    assert (raised.value.view, raised.value.partition, raised.value.offset) == (view, 0, 17)
    assert len(await read(log, view, start=18)) == 12
    assert len(await log.read(view, 0, 0, limit=17, bytes_max=MANY)) == 17
    await log.close()


async def test_no_change_of_a_bit_makes_a_read_give_something_else(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "good")
    view = await make_view(log)
    for number in range(300):
        await log.append([batch(view, [b"%06d" % number] * (1 + number % 40))])
    expected = await read(log, view)
    await log.close()
    good = (tmp_path / "good" / FILE_NAME).read_bytes()
    connection = sqlite3.connect(tmp_path / "good" / FILE_NAME)
    (first,) = connection.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'batches'"
    ).fetchone()
    connection.close()
    seed = random.randrange(2**32)
    print(f"{seed=}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    damaged = tmp_path / "damaged"
    damaged.mkdir()

    for _ in range(100):
        raw = bytearray(good)
        position = chance.randrange((first - 1) * PAGE_BYTES, len(raw))
        raw[position] ^= 1 << chance.randrange(8)
        (damaged / FILE_NAME).write_bytes(raw)
        try:
            log = await open_log(damaged)
        except LogUnavailableError:
            continue
        try:
            # Up to where it ended, as a reader that followed it would.
            found = await read(log, view)
            if len(found) < len(expected):
                found += await read(log, view, start=len(found))
        except LogCorruptError:
            pass
        else:
            assert found == expected, position
        finally:
            await log.close()


@pytest.mark.parametrize("kept", [2, 0])
async def test_missing_rows_at_the_end_are_an_error(tmp_path: Path, kept: int) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    for number in range(3):
        await log.append([batch(view, [b"%d" % number])])
    await log.close()
    change_file(tmp_path, "DELETE FROM batches WHERE base_offset >= ?", kept)

    log = await open_log(tmp_path)

    assert await log.end_offsets(view) == {0: 3}
    with pytest.raises(LogCorruptError):
        await read(log, view, start=kept)
    with pytest.raises(LogCorruptError):
        await log.append([batch(view, [b"1"])])
    await log.close()


async def test_a_partition_that_was_trimmed_empty_goes_on_after_a_restart(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    await log.append([batch(view, [b"1", b"2"])])
    await log.trim(view, 0, 2)
    await log.close()

    log = await open_log(tmp_path)

    assert list(await log.append([batch(view, [b"3"])])) == [2]
    assert [record.offset for record in await read(log, view)] == [2]
    await log.close()


async def test_a_missing_row_is_an_error(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    for number in range(3):
        await log.append([batch(view, [b"%d" % number])])
    change_file(tmp_path, "DELETE FROM batches WHERE base_offset = 1")

    for start in (0, 1):
        with pytest.raises(LogCorruptError) as raised:
            await read(log, view, start)
        assert raised.value.offset == 1
    await log.close()


async def test_missing_last_rows_are_an_error(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    for number in range(3):
        await log.append([batch(view, [b"%d" % number])])
    change_file(tmp_path, "DELETE FROM batches WHERE base_offset = 2")

    with pytest.raises(LogCorruptError) as raised:
        await read(log, view)

    assert raised.value.offset == 2
    await log.close()


async def test_a_partition_whose_last_row_is_damaged_takes_nothing_more(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view, other = await make_view(log), await make_view(log)
    for number in range(3):
        await log.append([batch(view, [b"%d" % number] * 5), batch(other, [b"1"])])
    await log.close()
    change_file(
        tmp_path,
        "UPDATE batches SET count = 4 WHERE base_offset = 10",
    )

    log = await open_log(tmp_path)

    with pytest.raises(LogCorruptError):
        await log.append([batch(view, [b"1"])])
    with pytest.raises(LogCorruptError):
        await read(log, view, start=10)
    assert len(await log.read(view, 0, 0, limit=10, bytes_max=MANY)) == 10
    assert list(await log.append([batch(other, [b"1"])])) == [3]
    await log.close()


def stored_rows(folder: Path, table: str = "batches") -> int:
    connection = sqlite3.connect(folder / FILE_NAME)
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - a test's own words
    connection.close()
    return int(count)


async def test_the_rows_of_a_deleted_view_are_deleted_in_the_background(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view, other = await make_view(log, partitions=3), await make_view(log)
    for _ in range(20):
        await log.append([batch(view, [b"1" * 99_999], partition) for partition in range(3)])
    await log.append([batch(other, [b"1"])])

    await log.delete_view(view)
    # The last step takes the last partition and, with it, the view.
    await wait_until(lambda: stored_rows(tmp_path, "partitions") == 1)
    await log.close()

    assert stored_rows(tmp_path) == 1
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    assert connection.execute("SELECT rid FROM views").fetchall() == [(other,)]
    connection.close()


async def test_deleting_goes_on_after_a_restart(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    deleted, trimmed = await make_view(log), await make_view(log)
    for _ in range(3):
        await log.append([batch(deleted, [b"1"]), batch(trimmed, [b"1"])])
    await log.close()
    change_file(tmp_path, "UPDATE views SET rid = NULL WHERE rid = ?", deleted)
    change_file(tmp_path, "UPDATE partitions SET start_offset = 2 WHERE number = 2")

    log = await open_log(tmp_path)
    await wait_until(lambda: stored_rows(tmp_path) == 1)

    assert [record.offset for record in await read(log, trimmed)] == [2]
    await log.close()


async def test_a_trim_while_reading_hurts_no_reader(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    for number in range(200):
        await log.append([batch(view, [b"%d" % number])])

    async def read_all() -> None:
        for start in range(0, 200, 3):
            offsets = [record.offset for record in await read(log, view, start)]
            assert offsets == list(range(offsets[0], 200))
            assert offsets[0] >= start

    async def trim_all() -> None:
        for before in range(0, 200, 7):
            await log.trim(view, 0, before)

    async with asyncio.TaskGroup() as group:
        group.create_task(read_all())
        group.create_task(trim_all())
    await log.close()


async def test_the_write_ahead_log_stays_bounded(tmp_path: Path) -> None:
    settings = EmbeddedLogSettings(checkpoint_bytes=256 * 1024)
    log = await open_log(tmp_path, settings)
    view = await make_view(log)

    for _ in range(100):
        await log.append([batch(view, [b"1" * 50_000])])

    size = (tmp_path / f"{FILE_NAME}-wal").stat().st_size
    assert size < 3 * settings.checkpoint_bytes
    await log.close()


async def test_reading_all_the_time_does_not_unbound_the_write_ahead_log(tmp_path: Path) -> None:
    settings = EmbeddedLogSettings(checkpoint_bytes=64 * 1024, wal_bytes_max=512 * 1024)
    log = await open_log(tmp_path, settings)
    view = await make_view(log)
    await log.append([batch(view, [b"1" * 50_000])])
    is_done = False

    async def keep_reading() -> None:
        while not is_done:
            await log.read(view, 0, 0, limit=20, bytes_max=MANY)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(keep_reading())
        for _ in range(100):
            await log.append([batch(view, [b"1" * 50_000])])
        is_done = True

    assert (tmp_path / f"{FILE_NAME}-wal").stat().st_size < 3 * settings.wal_bytes_max
    await log.close()


async def test_a_log_whose_views_are_damaged_is_refused_with_a_clear_error(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    await make_view(log)
    await log.close()
    change_file(tmp_path, "UPDATE views SET rid = CAST(x'FF00FF' AS TEXT)")

    with pytest.raises(LogUnavailableError, match="cannot be opened"):
        await open_log(tmp_path)
