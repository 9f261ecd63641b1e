"""A log of format 1 becomes one of this format."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.old_log import OldLog
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import Rid, ViewRid
from sluiceway.streams.log import Batch, StoredRecord
from sluiceway.streams.log_errors import LogCorruptError, LogUnavailableError, LogVersionError

SETTINGS = EmbeddedLogSettings(segment_bytes=64 * 1024)
ONE, OTHER = (ViewRid(Rid(f"ri.foundry-streaming.main.view.{name}")) for name in ("one", "other"))


def make_old(folder: Path) -> None:
    old = OldLog(folder)
    old.add_view(None, 2)
    first, second = old.add_view(ONE, 2)
    (third,) = old.add_view(OTHER, 1, compressed=True)
    for row in range(100):
        old.add_row(first, row * 2, b'{"n":%d}\n' % row * 2, 1_000 + row)
    for row in range(40):
        lines = b"".join(b"%05d" % (row * 10 + number) * 400 + b"\n" for number in range(10))
        old.add_row(third, row * 10, lines, 2_000 + row, compressed=row % 2 == 0)
    old.set_ends(first, 11, 0)
    # Trimmed empty: only this says where it goes on.
    old.set_ends(second, 7, 7)
    old.close()


async def read(log: EmbeddedLog, view: ViewRid, partition: int = 0) -> list[StoredRecord]:
    return await log.read(view, partition, 0, limit=10**6, bytes_max=10**9)


async def check(folder: Path) -> None:
    log = await open_log(folder, SETTINGS)
    assert await log.views() == {ONE, OTHER}
    assert await log.start_offsets(ONE) == {0: 11, 1: 7}
    assert await log.end_offsets(ONE) == {0: 200, 1: 7}
    assert await read(log, ONE) == [
        StoredRecord(offset, b'{"n":%d}' % (offset // 2), 1_000 + offset // 2)
        for offset in range(11, 200)
    ]
    assert await read(log, OTHER) == [
        StoredRecord(offset, b"%05d" % offset * 400, 2_000 + offset // 10) for offset in range(400)
    ]
    await log.close()
    assert not (folder / "records.db").exists()
    assert not (folder / "upgrade").exists()


async def test_records_offsets_and_times_are_the_same(tmp_path: Path) -> None:
    make_old(tmp_path)

    await check(tmp_path)

    log = await open_log(tmp_path, SETTINGS)
    appended = await log.append([Batch(ONE, 0, 1, b"1\n"), Batch(ONE, 1, 1, b"2\n")])
    assert list(appended) == [200, 7]
    assert (await read(log, ONE))[-1].time_ms > 2_039
    await log.close()


async def test_a_log_that_was_not_closed_is_upgraded(tmp_path: Path) -> None:
    make_old(tmp_path / "old")
    connection = sqlite3.connect(tmp_path / "old" / "records.db")
    connection.execute("UPDATE views SET compressed = 1 WHERE rid = ?", (ONE,))
    connection.commit()
    # The write-ahead log still holds the change.
    shutil.copytree(tmp_path / "old", tmp_path / "log")
    connection.close()

    await check(tmp_path / "log")


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from sluiceway.backends.embedded.log import open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings

folder, last = sys.argv[1], int(sys.argv[2])
count = 0

def hook(event, arguments):
    global count
    if event.split(".")[0] in {"open", "os", "shutil", "sqlite3"} and any(
        folder in str(argument) for argument in arguments
    ):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

async def main():
    log = await open_log(Path(folder), EmbeddedLogSettings(segment_bytes=64 * 1024))
    await log.close()

sys.addaudithook(hook)
asyncio.run(main())
print(count)
"""
"""Opens the log in a folder; dies right before it touches a file there for the given time."""


def upgrade_until(folder: Path, last: int) -> int:
    """Upgrade, and be killed at some time; give how often files were touched, if not killed."""
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(last)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert process.returncode == (-9 if last else 0), process.stderr
    return 0 if last else int(process.stdout)


async def test_an_upgrade_that_is_killed_is_begun_anew_or_finished(tmp_path: Path) -> None:
    make_old(tmp_path / "old")
    shutil.copytree(tmp_path / "old", tmp_path / "whole")
    touches = await asyncio.to_thread(upgrade_until, tmp_path / "whole", 0)
    assert touches > 20

    # The last ones are the taking of the old file's place, and then an ordinary start.
    for last in sorted({*range(1, touches, touches // 6), *range(touches - 20, touches, 2)}):
        folder = tmp_path / f"killed-{last}"
        shutil.copytree(tmp_path / "old", folder)
        await asyncio.to_thread(upgrade_until, folder, last)
        await check(folder)


async def test_what_was_damaged_before_stays_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_old(tmp_path)
    connection = sqlite3.connect(tmp_path / "records.db")
    # One in the middle; the last one of another partition.
    connection.execute("UPDATE batches SET data = x'00' WHERE time_ms = 1050")
    connection.execute("UPDATE batches SET time_ms = 9 WHERE time_ms = 2039")
    connection.commit()
    connection.close()

    log = await open_log(tmp_path, SETTINGS)

    assert sum("left out" in record.message for record in caplog.records) == 2
    with pytest.raises(LogCorruptError) as raised:
        await read(log, ONE)
    assert raised.value.offset == 100
    assert list(await log.append([Batch(ONE, 0, 1, b"1\n")])) == [200]
    for _ in range(2):
        with pytest.raises(LogCorruptError):
            await log.append([Batch(OTHER, 0, 1, b"1\n")])
        assert len(await log.read(OTHER, 0, 0, limit=390, bytes_max=10**9)) == 390
        with pytest.raises(LogCorruptError):
            await log.read(OTHER, 0, 390, limit=1, bytes_max=1)
        await log.close()
        log = await open_log(tmp_path, SETTINGS)
    await log.close()


async def test_missing_last_rows_are_still_missed(tmp_path: Path) -> None:
    make_old(tmp_path)
    connection = sqlite3.connect(tmp_path / "records.db")
    connection.execute("UPDATE partitions SET end_offset = 201 WHERE number = 3")
    connection.commit()
    connection.close()

    log = await open_log(tmp_path, SETTINGS)

    assert await log.end_offsets(ONE) == {0: 201, 1: 7}
    with pytest.raises(LogCorruptError):
        await log.append([Batch(ONE, 0, 1, b"1\n")])
    await log.close()


async def test_an_older_file_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    make_old(tmp_path)
    connection = sqlite3.connect(tmp_path / "records.db")
    connection.execute("PRAGMA user_version = 2")
    connection.close()

    with pytest.raises(LogVersionError):
        await open_log(tmp_path)


async def test_records_of_both_formats_are_refused_and_kept(tmp_path: Path) -> None:
    await (await open_log(tmp_path)).close()
    make_old(tmp_path)

    with pytest.raises(LogUnavailableError, match="holds both"):
        await open_log(tmp_path)

    assert (tmp_path / "records.db").exists()


async def test_an_old_file_that_is_no_log_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"something else" * 1000)

    with pytest.raises(LogUnavailableError, match="cannot be opened"):
        await open_log(tmp_path)

    assert (tmp_path / "records.db").read_bytes() == b"something else" * 1000
