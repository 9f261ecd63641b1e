"""The embedded log on a file system of its own that fills up."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch
from sluiceway.streams.log_errors import LogUnavailableError

SETTINGS = EmbeddedLogSettings(segment_bytes=1024 * 1024)
VALUE = b"1" * 9_999 + b"\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small file system needs root: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def fill(log: EmbeddedLog, view: ViewRid) -> tuple[int, LogUnavailableError]:
    acknowledged = 0
    while True:
        try:
            await log.append([Batch(view, 0, 1, VALUE)])
        except LogUnavailableError as error:
            return acknowledged, error
        acknowledged += 1


async def count(log: EmbeddedLog, view: ViewRid) -> int:
    return len(await log.read(view, 0, 0, limit=10**6, bytes_max=10**9))


async def test_a_full_disk_stops_the_log_and_loses_nothing(small_disk: Path) -> None:
    log = await open_log(small_disk / "log", SETTINGS)
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)

    acknowledged, error = await fill(log, view)

    # All but the catalogue's share was used, zeros ahead or not.
    assert acknowledged > 350
    assert "No space left" in str(error)
    assert not log.health().is_writable
    assert await count(log, view) == acknowledged
    await log.close()
    subprocess.run(["mount", "-o", "remount,size=12m", str(small_disk)], check=True)  # noqa: ASYNC221
    log = await open_log(small_disk / "log", SETTINGS)
    assert await count(log, view) - acknowledged in ({0} if error.wrote_nothing else {0, 1})
    assert (await fill(log, view))[0] > 100
    await log.close()


async def test_a_full_disk_goes_on_once_records_were_trimmed(small_disk: Path) -> None:
    log = await open_log(small_disk / "log", SETTINGS)
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)
    await fill(log, view)
    await log.close()
    # Room for the catalogue, as an operator would make.
    subprocess.run(["mount", "-o", "remount,size=7m", str(small_disk)], check=True)  # noqa: ASYNC221
    log = await open_log(small_disk / "log", SETTINGS)

    end = (await log.end_offsets(view))[0]
    await log.trim(view, 0, end)
    appended, _ = await fill(log, view)

    assert appended > 350
    assert await log.start_offsets(view) == {0: end}
    assert await count(log, view) == appended
    await log.close()
