"""Backing up a data folder; decision 30 says why a running server needs no part in it."""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from sluiceway import __version__
from sluiceway.app.data_folder import (
    catalogue_file,
    database_file,
    database_url,
    files_folder,
    has_database,
    log_folder,
    warehouse_folder,
)
from sluiceway.app.folder_copy import FolderCopy
from sluiceway.app.manifest import (
    FORMAT,
    BackupError,
    BackupFile,
    Manifest,
    sync_folders,
    write_manifest,
)
from sluiceway.backends.embedded.copying import LogCopy, LogMovedError
from sluiceway.backends.sql.copying import copy_database, is_a_file
from sluiceway.backends.sql.database import Database, open_database
from sluiceway.backends.sql.streams import SqlStreamStore
from sluiceway.foundation.clock import SystemClock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.settings import Settings

_TRIES_MAX: Final = 20


async def back_up(
    settings: Settings, target: Path, on_bytes: Callable[[int], None] = lambda _: None
) -> Manifest:
    """Copy the data folder into *target*, which is empty or not there; a server may run on it.

    *on_bytes* is told of bytes as they are copied, from another thread.

    Raises:
        BackupError: There is no data folder, or the backup cannot be written.
    """
    folder = Path(settings.server.data_dir)
    if not log_folder(folder).is_dir():
        raise BackupError(f"no server was ever started on the data folder {folder}")
    try:
        _make_empty(target)
        async with _opened(settings, folder) as database:
            backup = _Backup(folder, target, database, on_bytes)
            await backup.copy()
        return await asyncio.to_thread(_seal, backup)
    except (OSError, SluicewayError) as error:
        raise BackupError(f"cannot back up {folder} to {target}: {error}") from error


@contextlib.asynccontextmanager
async def _opened(settings: Settings, folder: Path) -> AsyncIterator[Database]:
    url = settings.server.database_url
    if not url and not has_database(folder):
        raise BackupError(f"no server was ever started on the data folder {folder}")
    database = open_database(url or database_url(folder))
    try:
        yield database
    finally:
        await database.close()


def _make_empty(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")


class _Backup:
    """The parts of one backup, which belong together at the end of ``copy``."""

    def __init__(
        self, folder: Path, target: Path, database: Database, on_bytes: Callable[[int], None]
    ) -> None:
        self.target = target
        self.warehouse = warehouse_folder(folder).absolute()
        self.has_metadata = is_a_file(database)
        self.has_tables = catalogue_file(folder).is_file()
        self._database = database
        self._catalogue = catalogue_file(folder)
        self._log = LogCopy(log_folder(folder), log_folder(target), on_bytes)
        self._files = [
            FolderCopy(warehouse_folder(folder), warehouse_folder(target), on_bytes),
            FolderCopy(files_folder(folder), files_folder(target), on_bytes),
        ]

    async def copy(self) -> None:
        """Copy everything; what takes long first, then what has to be of one time.

        Raises:
            BackupError: The log changes faster than it can be copied.
        """
        missing_before: frozenset[ViewRid] | None = None
        for _ in range(_TRIES_MAX):
            await asyncio.to_thread(self._copy_files)
            await asyncio.to_thread(self._log.copy_full)
            await self._copy_databases()
            # What these name, and was not there yet.
            await asyncio.to_thread(self._copy_files)
            try:
                copied = await asyncio.to_thread(self._log.finish)
            except LogMovedError:
                continue
            missing = await self._known_views() - copied.views
            # Those that the server itself misses are missing again; others were reset meanwhile.
            if not missing or missing == missing_before:
                return
            missing_before = missing
        raise BackupError("the log changes faster than it can be copied: try again")

    def _copy_files(self) -> None:
        for files in self._files:
            files.copy()

    async def _copy_databases(self) -> None:
        if self.has_tables:
            catalogue = open_database(f"sqlite+aiosqlite:///{self._catalogue.absolute()}")
            try:
                await copy_database(catalogue, catalogue_file(self.target))
            finally:
                await catalogue.close()
        if self.has_metadata:
            await copy_database(self._database, database_file(self.target))

    async def _known_views(self) -> frozenset[ViewRid]:
        """Give every stream view that the copied metadata know."""
        if not self.has_metadata:
            return frozenset()
        database = open_database(database_url(self.target))
        try:
            return frozenset(await SqlStreamStore(database).all_views())
        finally:
            await database.close()


def _seal(backup: _Backup) -> Manifest:
    """Make everything durable, then say what it is."""
    files, target = [], backup.target
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        path.chmod(0o600)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        files.append(BackupFile(str(path.relative_to(target)), path.stat().st_size, sha256))
    sync_folders(target)
    now = SystemClock().now_ms()
    warehouse = str(backup.warehouse) if backup.has_tables else None
    manifest = Manifest(FORMAT, __version__, now, backup.has_metadata, warehouse, files)
    write_manifest(target, manifest)
    return manifest
