"""Taking over a log of format 1, which kept its records in SQLite.

The new files are made in a folder of their own. Once they are complete and durable, a marker says
so; only then they take their place and the old file goes. A start that finds no marker begins
anew, one that finds it only has the rest to do, so the upgrade may be killed at any time.
"""

import logging
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import google_crc32c

from sluiceway.backends.embedded.catalogue import FILE_NAME
from sluiceway.backends.embedded.files import DiskFiles
from sluiceway.backends.embedded.frames import Frame
from sluiceway.backends.embedded.journal import Journal
from sluiceway.backends.embedded.opened import OpenedLog
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import FOLDER_NAME
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log_errors import LogUnavailableError, LogVersionError

_logger: Final = logging.getLogger(__name__)

OLD_NAME: Final = "records.db"
_OLD_VERSION: Final = 1
_WORK_NAME: Final = "upgrade"
_MARKER_NAME: Final = "complete"
_GROUP_BYTES: Final = 8 * 1024 * 1024
_FACTS: Final = struct.Struct("<QQQQB")
"""What a row's checksum covers beside its bytes: partition, offset, count, time, codec."""


def upgrade(folder: Path, open_new: Callable[[Path], OpenedLog]) -> None:
    """Turn a log of format 1 in *folder* into one of this format; nothing to do for any other.

    *open_new* makes a log in an empty folder.

    Raises:
        LogUnavailableError: There are records of both formats.
        LogVersionError: The old file has a format that is not known.
        sqlite3.Error: The old file cannot be read.
        OSError: A file cannot be written.
    """
    old, work = folder / OLD_NAME, folder / _WORK_NAME
    if not (work / _MARKER_NAME).exists():
        if work.exists():
            shutil.rmtree(work)
        if not old.exists():
            return
        if (folder / FILE_NAME).exists():
            raise LogUnavailableError(
                f"{folder} holds both {OLD_NAME} and {FILE_NAME}; one of them belongs elsewhere"
            )
        _logger.warning("upgrading %s, %d bytes", old, old.stat().st_size)
        _convert(old, work, open_new)
    _take_place(folder, work)
    _logger.warning("%s was upgraded", old)


def _convert(old: Path, work: Path, open_new: Callable[[Path], OpenedLog]) -> None:
    source = sqlite3.connect(f"{old.absolute().as_uri()}?mode=rw", uri=True)
    try:
        (version,) = source.execute("PRAGMA user_version").fetchone()
        if version > _OLD_VERSION:
            raise LogVersionError(str(old), version, _OLD_VERSION)
        work.mkdir()
        opened = open_new(work)
        try:
            # Format 0 is a file that was made and never written to.
            if version == _OLD_VERSION:
                _copy(source, opened)
            opened.journal.finish()
        finally:
            opened.journal.close()
            opened.close()
    finally:
        source.close()
    (work / _MARKER_NAME).touch()
    DiskFiles().sync_folder(work / FOLDER_NAME)
    DiskFiles().sync_folder(work)
    DiskFiles().sync_folder(work.parent)


def _copy(source: sqlite3.Connection, opened: OpenedLog) -> None:
    partitions = _partitions(source)
    opened.catalogue.insert_partitions(partitions)
    opened.journal.numbers.update({one.number: one for one in partitions})
    group: list[Frame] = []
    size = 0
    for partition in partitions:
        for frame in _frames(source, partition, opened.journal):
            group.append(frame)
            size += frame.size
            if size >= _GROUP_BYTES:
                opened.journal.write(group, max(one.time_ms for one in group))
                group, size = [], 0
    if group:
        opened.journal.write(group, max(one.time_ms for one in group))
    opened.catalogue.note_damage([one for one in partitions if one.damage is not None])


def _partitions(source: sqlite3.Connection) -> list[Partition]:
    rows = source.execute(
        "SELECT p.number, v.rid, v.number, v.compressed, p.partition, p.start_offset, p.end_offset"
        " FROM partitions p JOIN views v ON v.number = p.view_number"
        " WHERE v.rid IS NOT NULL ORDER BY p.number"
    )
    return [
        Partition(
            number,
            ViewRid(rid),
            index,
            compressed=bool(compressed),
            start=start,
            end=end,
            view_number=view_number,
        )
        for number, rid, view_number, compressed, index, start, end in rows
    ]


def _frames(source: sqlite3.Connection, partition: Partition, journal: Journal) -> Iterator[Frame]:
    """Yield the rows of *partition* that can be read, as frames with the same bytes."""
    rows = source.execute(
        "SELECT base_offset, count, time_ms, codec, crc, data FROM batches"
        " WHERE partition_number = ? AND base_offset + count > ? ORDER BY base_offset",
        (partition.number, partition.start_offset),
    )
    for base, count, time_ms, codec, crc, data in rows:
        # Of a damaged last row nobody knows where it ends.
        partition.damage = None
        try:
            facts = _FACTS.pack(partition.number, base, count, time_ms, codec)
            is_intact = google_crc32c.extend(google_crc32c.value(facts), data) == crc
        except (TypeError, struct.error):
            # Damage may also turn a number into another type, or out of its range.
            is_intact = False
        if is_intact:
            yield Frame(partition.number, base, time_ms, count, codec, (data,), journal.seed)
            continue
        _logger.error(
            "the records from offset %s on in partition %d of %s were damaged in %s; they are"
            " left out",
            base,
            partition.index,
            partition.view,
            OLD_NAME,
        )
        partition.damage = "its last records were damaged before an upgrade"
        if isinstance(base, int):
            partition.end_offset = max(partition.end_offset, base)


def _take_place(folder: Path, work: Path) -> None:
    """Put the new files where the old one was; every step may have been done before."""
    for name in (FOLDER_NAME, FILE_NAME):
        if (work / name).exists():
            (work / name).rename(folder / name)
    DiskFiles().sync_folder(folder)
    # What belongs to a database goes before it: it is nothing without.
    for suffix in ("-wal", "-shm", ""):
        (folder / f"{OLD_NAME}{suffix}").unlink(missing_ok=True)
    DiskFiles().sync_folder(folder)
    (work / _MARKER_NAME).unlink()
    shutil.rmtree(work)
