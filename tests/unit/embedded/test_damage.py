"""The embedded log when its files are not what was written."""

import logging
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from sluiceway.backends.embedded.catalogue import FILE_NAME
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, StoredRecord
from sluiceway.streams.log_errors import LogCorruptError

SETTINGS = EmbeddedLogSettings(segment_bytes=64 * 1024)
MANY = 1_000_000


def batch(view: ViewRid, values: list[bytes], partition: int = 0) -> Batch:
    return Batch(view, partition, len(values), b"".join(value + b"\n" for value in values))


async def make_view(log: EmbeddedLog, partitions: int = 1) -> ViewRid:
    view = new_view_rid()
    await log.create_view(view, partitions=partitions, compressed=False)
    return view


async def read(log: EmbeddedLog, view: ViewRid, start: int = 0) -> list[StoredRecord]:
    return await log.read(view, 0, start, limit=MANY, bytes_max=MANY * 1000)


def segment_paths(folder: Path, suffix: str = "log") -> list[Path]:
    return sorted((folder / "segments").glob(f"*.{suffix}"))


def flip(path: Path, position: int, bit: int = 0) -> None:
    raw = bytearray(path.read_bytes())
    raw[position] ^= 1 << bit
    path.write_bytes(raw)


def position_of(path: Path, text: bytes) -> int:
    return path.read_bytes().index(text)


def forget_close(folder: Path) -> None:
    """Make the log look as after a crash at its end."""
    connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    connection.execute("UPDATE state SET is_closed = 0, sequence = 1")
    connection.execute("UPDATE partitions SET end_offset = 0")
    connection.close()


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


async def make_log(folder: Path, appends: int = 30, size: int = 1) -> ViewRid:
    log = await open_log(folder, SETTINGS)
    view = await make_view(log)
    for number in range(appends):
        await log.append([batch(view, [b"record-%04d" % number + b"x" * size])])
    await log.close()
    return view


@pytest.mark.parametrize("is_closed", [True, False])
async def test_a_changed_bit_is_an_error_and_the_frames_around_it_are_readable(
    tmp_path: Path,
    is_closed: bool,  # noqa: FBT001 - a parameter of the case
    caplog: pytest.LogCaptureFixture,
) -> None:
    view = await make_log(tmp_path)
    if not is_closed:
        forget_close(tmp_path)
    (path,) = segment_paths(tmp_path)
    flip(path, position_of(path, b"record-0017"))

    log = await open_log(tmp_path, SETTINGS)
    with pytest.raises(LogCorruptError) as raised:
        await read(log, view)

    assert (raised.value.view, raised.value.partition, raised.value.offset) == (view, 0, 17)
    assert len(await read(log, view, start=18)) == 12
    assert len(await log.read(view, 0, 0, limit=17, bytes_max=MANY)) == 17
    assert any("bytes of group 18 changed" in error for error in errors(caplog))
    # Where the partition ends is known.
    assert list(await log.append([batch(view, [b"1"])])) == [30]
    await log.close()


@pytest.mark.parametrize("number", [0, 17, 29])
async def test_a_damaged_group_of_a_log_that_was_closed_is_named(
    tmp_path: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    view = await make_log(tmp_path)
    (path,) = segment_paths(tmp_path)
    # The header of the group lies before the record's frame.
    flip(path, position_of(path, b"record-%04d" % number) - 60)

    log = await open_log(tmp_path, SETTINGS)

    assert any(f"groups {number + 1} to {number + 1}" in error for error in errors(caplog))
    assert await log.end_offsets(view) == {0: 30}
    with pytest.raises(LogCorruptError) as raised:
        await read(log, view)
    assert raised.value.offset == number
    assert len(await read(log, view, number + 1)) == 29 - number if number < 29 else True
    await log.close()


async def test_a_damaged_group_after_a_crash_takes_out_what_may_have_ended_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = await open_log(tmp_path, SETTINGS)
    view, other = await make_view(log), await make_view(log)
    await log.append([batch(view, [b"a-first"])])
    await log.append([batch(other, [b"b-first"])])
    await log.append([batch(view, [b"a-second"])])
    await log.append([batch(other, [b"b-second"])])
    await log.close()
    forget_close(tmp_path)
    (path,) = segment_paths(tmp_path)
    flip(path, position_of(path, b"a-second") - 60)

    for _ in range(2):
        log = await open_log(tmp_path, SETTINGS)
        with pytest.raises(LogCorruptError):
            await log.append([batch(view, [b"1"])])
        with pytest.raises(LogCorruptError):
            await read(log, view, 1)
        assert [record.value for record in await read(log, other)][:2] == [b"b-first", b"b-second"]
        await log.append([batch(other, [b"1"])])
        await log.close()
    assert any("takes no more writes" in error for error in errors(caplog))


async def test_a_torn_last_group_is_cut_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = await open_log(tmp_path, SETTINGS)
    view = await make_view(log)
    for number in range(3):
        await log.append([batch(view, [b"record-%d" % number + b"x" * 2_000])])
    shutil.copytree(tmp_path, tmp_path / "crashed")
    await log.close()
    (path,) = segment_paths(tmp_path / "crashed")
    flip(path, position_of(path, b"record-2"))

    log = await open_log(tmp_path / "crashed", SETTINGS)

    assert [record.offset for record in await read(log, view)] == [0, 1]
    assert errors(caplog) == []
    assert any("never acknowledged; it is cut" in each.getMessage() for each in caplog.records)
    assert list(await log.append([batch(view, [b"1"])])) == [2]
    await log.close()


async def test_no_change_of_a_bit_makes_a_read_give_something_else(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "good", SETTINGS)
    view = await make_view(log)
    for number in range(300):
        await log.append([batch(view, [b"%06d" % number] * (1 + number % 40))])
    expected = await read(log, view)
    await log.close()
    seed = random.randrange(2**32)
    print(f"{seed=}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)

    for number in range(60):
        damaged = tmp_path / f"damaged-{number}"
        shutil.copytree(tmp_path / "good", damaged)
        path = chance.choice([*segment_paths(damaged), *segment_paths(damaged, "index")])
        position = chance.randrange(path.stat().st_size)
        flip(path, position, chance.randrange(8))
        log = await open_log(damaged, SETTINGS)
        try:
            # Up to where it ended, as a reader that followed it would.
            found = await read(log, view)
            if len(found) < len(expected):
                found += await read(log, view, start=len(found))
        except LogCorruptError:
            assert path.suffix == ".log"
        else:
            assert found == expected, (path, position)
        finally:
            await log.close()


@pytest.mark.parametrize("is_index_there", [True, False])
async def test_a_missing_segment_is_named_and_the_others_are_readable(
    tmp_path: Path,
    is_index_there: bool,  # noqa: FBT001 - a parameter of the case
    caplog: pytest.LogCaptureFixture,
) -> None:
    view = await make_log(tmp_path, 30, 7_000)
    gone = segment_paths(tmp_path)[1]
    gone.unlink()
    if not is_index_there:
        gone.with_suffix(".index").unlink()

    log = await open_log(tmp_path, SETTINGS)

    assert any(f"{gone} is missing" in error for error in errors(caplog))
    with pytest.raises(LogCorruptError) as raised:
        await read(log, view)
    first = raised.value.offset
    assert 0 < first < 29
    assert len(await log.read(view, 0, 0, limit=first, bytes_max=10**9)) == first
    assert (await read(log, view, 29))[0].value.startswith(b"record-0029")
    assert list(await log.append([batch(view, [b"1"])])) == [30]
    await log.close()


@pytest.mark.parametrize("is_closed", [True, False])
async def test_a_missing_last_segment_is_named_and_no_offset_is_given_twice(
    tmp_path: Path,
    is_closed: bool,  # noqa: FBT001 - a parameter of the case
    caplog: pytest.LogCaptureFixture,
) -> None:
    view = await make_log(tmp_path, 30, 7_000)
    if not is_closed:
        connection = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        connection.execute("UPDATE state SET is_closed = 0")
        connection.close()
    segment_paths(tmp_path)[-1].unlink()

    log = await open_log(tmp_path, SETTINGS)
    other = await make_view(log)

    assert any("is missing" in error for error in errors(caplog))
    with pytest.raises(LogCorruptError):
        await log.append([batch(view, [b"1"])])
    await log.append([batch(other, [b"1"])])
    await log.close()


@pytest.mark.parametrize("damage", ["missing", "flipped", "empty", "cut", "of another segment"])
async def test_an_index_that_is_not_right_is_made_anew(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    view = await make_log(tmp_path, 30, 7_000)
    first, second = segment_paths(tmp_path, "index")[:2]
    if damage == "missing":
        first.unlink()
    elif damage == "flipped":
        flip(first, 60)
    elif damage == "empty":
        first.write_bytes(b"")
    elif damage == "cut":
        first.write_bytes(first.read_bytes()[:-1])
    else:
        shutil.copy(second, first)

    log = await open_log(tmp_path, SETTINGS)

    assert len(await read(log, view)) == 30
    assert any("is made anew" in each.getMessage() for each in caplog.records)
    await log.close()
    caplog.clear()
    log = await open_log(tmp_path, SETTINGS)
    assert len(await read(log, view)) == 30
    assert caplog.records == []
    await log.close()


async def test_a_snapshot_of_the_index_shortens_the_start(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    view = await make_view(log)
    for number in range(40):
        await log.append([batch(view, [b"%04d" % number + b"x" * 500_000])])
    await log.close()
    (path,) = segment_paths(tmp_path)
    flip(path, position_of(path, b"0003"))

    log = await open_log(tmp_path)

    # What the snapshot covers is not looked at before somebody reads it.
    assert len(segment_paths(tmp_path, "index")) == 1
    assert len(await read(log, view, 4)) == 36
    with pytest.raises(LogCorruptError):
        await read(log, view, 3)
    await log.close()


async def test_a_segment_of_another_log_is_not_taken(tmp_path: Path) -> None:
    view = await make_log(tmp_path / "one")
    await make_log(tmp_path / "other")
    shutil.copy(segment_paths(tmp_path / "other")[0], segment_paths(tmp_path / "one")[0])

    log = await open_log(tmp_path / "one", SETTINGS)

    with pytest.raises(LogCorruptError):
        await read(log, view)
    with pytest.raises(LogCorruptError):
        await log.append([batch(view, [b"1"])])
    await log.close()
