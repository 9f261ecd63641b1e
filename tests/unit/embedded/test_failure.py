"""The embedded log when the disk takes no more."""

import asyncio
import logging
from pathlib import Path

import pytest

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch
from sluiceway.streams.log_errors import LogUnavailableError

MIB = 1024 * 1024
VALUE = b"1" * 9_999


async def fill(log: EmbeddedLog, view: ViewRid, appends: int = 20) -> tuple[int, list[Exception]]:
    """Append until the log takes no more; give what was acknowledged, and the errors."""
    acknowledged = 0
    while True:
        outcomes = await asyncio.gather(
            *(log.append([Batch(view, 0, 1, VALUE + b"\n")]) for _ in range(appends)),
            return_exceptions=True,
        )
        errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        acknowledged += appends - len(errors)
        if errors:
            return acknowledged, errors


async def open_full(folder: Path) -> tuple[EmbeddedLog, ViewRid, int]:
    log = await open_log(folder, EmbeddedLogSettings(size_max_bytes=2 * MIB))
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)
    acknowledged, _ = await fill(log, view)
    return log, view, acknowledged


async def count(log: EmbeddedLog, view: ViewRid) -> int:
    return len(await log.read(view, 0, 0, limit=1_000_000, bytes_max=1_000 * MIB))


async def test_every_append_of_a_group_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    log = await open_log(tmp_path, EmbeddedLogSettings(size_max_bytes=2 * MIB))
    view = new_view_rid()
    await log.create_view(view, partitions=1, compressed=False)

    acknowledged, errors = await fill(log, view)

    assert acknowledged > 0
    assert len(errors) == 20
    for error in errors:
        assert isinstance(error, LogUnavailableError)
        assert "full" in str(error)
        assert error.wrote_nothing
        assert (error.http_status, error.retryable) == (503, True)
        assert error.headers["Retry-After"]
    assert await log.end_offsets(view) == {0: acknowledged}
    await log.close()


async def test_a_full_log_takes_no_writes_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log, view, _ = await open_full(tmp_path)

    health = log.health()

    assert not health.is_writable
    assert health.reason is not None
    assert "full" in health.reason
    assert (health.queued_batches, health.queued_bytes) == (0, 0)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    refused = log.append([Batch(view, 0, 1, b"1\n")])
    assert refused.is_settled
    for call in (
        refused,
        log.create_view(new_view_rid(), partitions=1, compressed=False),
        log.trim(view, 0, 1),
        log.delete_view(view),
    ):
        with pytest.raises(LogUnavailableError):
            await call
    await log.close()


async def test_a_full_log_is_still_readable(tmp_path: Path) -> None:
    log, view, acknowledged = await open_full(tmp_path)

    assert await count(log, view) == acknowledged
    await log.close()


async def test_a_full_log_goes_on_when_reopened_with_more_room(tmp_path: Path) -> None:
    log, view, acknowledged = await open_full(tmp_path)
    await log.close()

    log = await open_log(tmp_path, EmbeddedLogSettings(size_max_bytes=4 * MIB))

    assert await count(log, view) == acknowledged
    assert list(await log.append([Batch(view, 0, 1, b"1\n")])) == [acknowledged]
    await log.close()


async def test_a_full_log_goes_on_after_a_trim_made_room(tmp_path: Path) -> None:
    log, view, acknowledged = await open_full(tmp_path)
    await log.close()
    log = await open_log(tmp_path, EmbeddedLogSettings(size_max_bytes=3 * MIB))
    await log.trim(view, 0, acknowledged)
    await log.close()

    log = await open_log(tmp_path, EmbeddedLogSettings(size_max_bytes=2 * MIB))
    await asyncio.sleep(0.2)

    offsets = await log.append([Batch(view, 0, 1, VALUE + b"\n")])
    assert list(offsets) == [acknowledged]
    await log.close()


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LogUnavailableError, match="cannot be opened"):
        await open_log(tmp_path / "file" / "log")
