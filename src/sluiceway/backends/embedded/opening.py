"""Opening the files of a log, and releasing them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import google_crc32c

from sluiceway.backends.embedded.catalogue import Catalogue
from sluiceway.backends.embedded.files import DiskFiles, Files
from sluiceway.backends.embedded.journal import Journal
from sluiceway.backends.embedded.keeper import Keeper
from sluiceway.backends.embedded.notes import NoteTable, load
from sluiceway.backends.embedded.opened import OpenedLog
from sluiceway.backends.embedded.recovery import Recovery
from sluiceway.backends.embedded.segments import FOLDER_NAME, Segments
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.backends.embedded.upgrade import upgrade
from sluiceway.streams.log_errors import LogUnavailableError


def open_files(
    folder: Path,
    settings: EmbeddedLogSettings,
    now_ms: Callable[[], int],
    files: Files | None = None,
) -> OpenedLog:
    """Open the log in *folder*, or make one there; what an older program left is upgraded.

    Raises:
        LogUnavailableError: The folder cannot be used, holds something else, or is damaged.
        LogVersionError: A newer program wrote it.
    """
    disk = files or DiskFiles()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        upgrade(folder, lambda place: _open(place, settings, now_ms, DiskFiles()))
        opened = _open(folder, settings, now_ms, disk)
        disk.sync_folder(folder.parent)
    except (sqlite3.Error, OSError, TypeError, ValueError) as error:
        # Damage may also turn a column into another type, or a text into what is none.
        raise LogUnavailableError(f"{folder} cannot be opened: {error}") from error
    return opened


def _open(
    folder: Path, settings: EmbeddedLogSettings, now_ms: Callable[[], int], files: Files
) -> OpenedLog:
    (folder / FOLDER_NAME).mkdir(exist_ok=True)
    catalogue = Catalogue(folder)
    try:
        opened = _recover(folder, settings, now_ms, files, catalogue)
        files.sync_folder(folder)
    except BaseException:
        catalogue.close()
        raise
    return opened


def _recover(
    folder: Path,
    settings: EmbeddedLogSettings,
    now_ms: Callable[[], int],
    files: Files,
    catalogue: Catalogue,
) -> OpenedLog:
    state = catalogue.state()
    views = catalogue.views()
    segments = Segments(folder / FOLDER_NAME, files, google_crc32c.value(state.log_id))
    keeper = Keeper(segments)
    segments.on_rebuilt = keeper.seal
    journal = Journal(
        segments,
        catalogue,
        {one.number: one for partitions in views.values() for one in partitions},
        segment_bytes=settings.segment_bytes,
        size_max_bytes=settings.size_max_bytes,
    )
    journal.on_zeros_needed = keeper.extend
    journal.on_full = keeper.seal
    journal.on_written = keeper.snapshot
    recovery = Recovery(journal, catalogue, state)
    recovery.run()
    catalogue.note_open()
    notes = NoteTable(segments, settings, now_ms)
    load(notes, recovery.notes, {parts[0].view_number for parts in views.values()})
    keeper.start()
    return OpenedLog(views, journal, segments, catalogue, notes, keeper)
