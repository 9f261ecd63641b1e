"""Copying the files of a log, also while a server writes to it, into what can be opened as a log.

The copy is a state that a power cut could have left; decision 30 says why this holds.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import google_crc32c
import msgspec

from sluiceway.backends.embedded.catalogue import FILE_NAME, Catalogue, SegmentRow
from sluiceway.backends.embedded.files import DiskFiles
from sluiceway.backends.embedded.groups import FoundGroup
from sluiceway.backends.embedded.scanning import Scanner, Stretch
from sluiceway.backends.embedded.segments import FOLDER_NAME, Segments
from sluiceway.foundation.copying import copy_bytes
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log_errors import LogUnavailableError

_LOOKS_MAX: Final = 3
_LOOK_SECONDS: Final = 0.05
"""What seems damaged in the open segment is looked at so often, so far apart: it may have been
written between two reads, which takes less than a commit does."""
_BUSY_SECONDS: Final = 10.0
"""How long to wait for the lock of the server's own change to the catalogue."""


class LogMovedError(Exception):
    """The log went on to other segments meanwhile; the copy has to be finished anew."""


class CopiedLog(msgspec.Struct, frozen=True):
    """What a copy holds."""

    views: frozenset[ViewRid]
    """Every view that has a log in it."""


class LogCopy:
    """One copy of the log in *source*, made in *target*, an empty folder.

    `copy_full` takes nearly all of the time and may be called at any moment, also again; `finish`
    makes the copy one of a moment that lies within the call.
    """

    def __init__(self, source: Path, target: Path, on_bytes: Callable[[int], None]) -> None:
        self._source = source
        self._target = target
        self._on_bytes = on_bytes
        self._files = DiskFiles()
        self._full: set[int] = set()
        (target / FOLDER_NAME).mkdir(parents=True)

    def copy_full(self) -> None:
        """Copy the full segments that are not in the copy yet.

        Raises:
            LogUnavailableError: The catalogue cannot be read or written.
            OSError: A file cannot be read or written.
        """
        for row in self._named():
            if row.end_position is not None and row.id not in self._full:
                self._copy_full(row.id, row.end_position)

    def finish(self) -> CopiedLog:
        """Copy the catalogue, and what it names and is not in the copy yet.

        Raises:
            LogMovedError: Another segment was begun or given back meanwhile: call it again.
            LogUnavailableError: The catalogue cannot be read or written.
            OSError: A file cannot be read or written.
        """
        copied = self._target / FILE_NAME
        copied.unlink(missing_ok=True)
        with _catalogue(self._source) as connection:
            connection.execute("VACUUM INTO ?", (str(copied),))
        catalogue = Catalogue(self._target)
        try:
            state, rows, views = catalogue.state(), catalogue.segments(), catalogue.views()
        finally:
            catalogue.close()
        self._drop_all_but({row.id for row in rows})
        for row in rows:
            if row.end_position is None:
                seed = google_crc32c.value(state.log_id)
                self._copy_open(row, state.sequence, seed)
            elif row.id not in self._full and not self._copy_full(row.id, row.end_position):
                self._check_named(row.id)
        return CopiedLog(frozenset(views))

    def _named(self) -> list[SegmentRow]:
        """Give the segments that the log's own catalogue names now."""
        with _catalogue(self._source) as connection:
            rows = connection.execute("SELECT * FROM segments ORDER BY id").fetchall()
        return [SegmentRow(*row) for row in rows]

    def _check_named(self, segment: int) -> None:
        """Make sure that a segment without a file is one that the log misses too."""
        if segment not in {row.id for row in self._named()}:
            raise LogMovedError

    def _copy_full(self, segment: int, end: int) -> bool:
        """Copy a segment that does not change any more, with its index; false if it is not there."""
        source, target = self._segments(self._source), self._segments(self._target)
        if not copy_bytes(source.path(segment), target.path(segment), end, self._on_bytes):
            return False
        # An index that is not written yet is made anew when the copy is opened.
        index = source.index_path(segment)
        try:
            size = index.stat().st_size
        except FileNotFoundError:
            size = 0
        if size:
            copy_bytes(index, target.index_path(segment), size, self._on_bytes)
        self._full.add(segment)
        return True

    def _copy_open(self, row: SegmentRow, known_sequence: int, seed: int) -> None:
        """Copy the segment that is written to, up to the last group that is whole."""
        path = self._segments(self._source).path(row.id)
        try:
            handle = self._files.open(path)
        except FileNotFoundError:
            self._check_named(row.id)
            return
        try:
            end = self._end_of(handle, row, known_sequence, seed)
        finally:
            self._files.close(handle)
        copy_bytes(path, self._segments(self._target).path(row.id), end, self._on_bytes)
        # Given back meanwhile, its file may have become that of another segment.
        self._check_named(row.id)

    def _end_of(self, handle: int, row: SegmentRow, known_sequence: int, seed: int) -> int:
        """Tell where the groups of the segment end that is written to."""
        position, sequence, looks = 0, row.first_sequence, 0
        while True:
            scanner = Scanner(self._files, handle, row.id, seed)
            for found in scanner.scan(position, sequence, known_sequence):
                is_odd = isinstance(found, Stretch) or (
                    isinstance(found, FoundGroup) and not found.is_intact
                )
                if is_odd and looks < _LOOKS_MAX:
                    looks += 1
                    time.sleep(_LOOK_SECONDS)
                    break
                if isinstance(found, FoundGroup):
                    position, sequence, looks = found.end, found.header.sequence + 1, 0
                elif isinstance(found, Stretch):
                    position, sequence = found.end, found.end_sequence
                else:
                    return found.position

    def _drop_all_but(self, named: set[int]) -> None:
        """Remove from the copy what was given back since."""
        target = self._segments(self._target)
        for segment in self._full - named:
            target.path(segment).unlink()
            target.index_path(segment).unlink(missing_ok=True)
        self._full &= named

    def _segments(self, folder: Path) -> Segments:
        """Give the names of the files in *folder*."""
        return Segments(folder / FOLDER_NAME, self._files, 0)


@contextlib.contextmanager
def _catalogue(folder: Path) -> Iterator[sqlite3.Connection]:
    """Give the catalogue of a log that another process may have open."""
    url = f"{(folder / FILE_NAME).absolute().as_uri()}?mode=rw"
    try:
        with contextlib.closing(
            sqlite3.connect(url, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
        ) as connection:
            yield connection
    except sqlite3.Error as error:
        raise LogUnavailableError(f"{folder / FILE_NAME} cannot be copied: {error}") from error
