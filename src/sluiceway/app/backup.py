"""Backing up a data folder; decision 30 says why a running server needs no part in it."""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from sluiceway import __version__
from sluiceway.app.data_folder import database_file, database_url, has_database, log_folder
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
        log = LogCopy(log_folder(folder), log_folder(target), on_bytes)
        async with _opened(settings, folder) as database:
            has_metadata = is_a_file(database)
            await _copy(log, database, database_file(target) if has_metadata else None)
        return await asyncio.to_thread(_seal, target, has_metadata=has_metadata)
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


async def _copy(log: LogCopy, database: Database, metadata: Path | None) -> None:
    """Copy metadata, where they are a file, and log, so that they belong together."""
    missing_before: frozenset[ViewRid] | None = None
    for _ in range(_TRIES_MAX):
        await asyncio.to_thread(log.copy_full)
        if metadata is not None:
            await copy_database(database, metadata)
        try:
            copied = await asyncio.to_thread(log.finish)
        except LogMovedError:
            continue
        known = await _views(metadata) if metadata is not None else frozenset()
        missing = known - copied.views
        # Streams whose log the server itself misses are missing again; others were reset meanwhile.
        if not missing or missing == missing_before:
            return
        missing_before = missing
    raise BackupError("the log changes faster than it can be copied: try again")


async def _views(metadata: Path) -> frozenset[ViewRid]:
    """Give every stream view that the copied metadata know."""
    database = open_database(database_url(metadata.parent))
    try:
        return frozenset(await SqlStreamStore(database).all_views())
    finally:
        await database.close()


def _seal(target: Path, *, has_metadata: bool) -> Manifest:
    """Make everything durable, then say what it is."""
    files = []
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        path.chmod(0o600)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        files.append(BackupFile(str(path.relative_to(target)), path.stat().st_size, sha256))
    sync_folders(target)
    now = SystemClock().now_ms()
    manifest = Manifest(FORMAT, __version__, now, has_metadata, files)
    write_manifest(target, manifest)
    return manifest
