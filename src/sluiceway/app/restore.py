"""Making a data folder from a backup."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sluiceway.app.data_folder import locked, warehouse_folder
from sluiceway.app.manifest import (
    MANIFEST,
    BackupError,
    BackupFile,
    Manifest,
    read_manifest,
    sync_folders,
)

_CHUNK_BYTES: Final = 4 * 1024 * 1024


def restore(
    backup: Path, folder: Path, on_bytes: Callable[[int], None] = lambda _: None
) -> Manifest:
    """Make the data folder *folder*, which is empty or not there, from a backup.

    It has its name only once every file is in it, checked and durable.

    Raises:
        BackupError: It is no backup, a file is damaged, or the folder cannot be made.
    """
    manifest = read_manifest(backup)
    here = str(warehouse_folder(folder).absolute())
    if manifest.warehouse not in {None, here}:
        raise BackupError(
            f"the tables in {backup} name their files by their place: restore them to"
            f" {Path(manifest.warehouse or '').parent}, where they were"
        )
    made = folder.absolute().with_name(f".{folder.absolute().name}.restoring")
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")
    try:
        shutil.rmtree(made, ignore_errors=True)
        # Whoever starts a server on it meanwhile finds it locked.
        with locked(made):
            for file in manifest.files:
                _restore_file(backup, made, file, on_bytes)
            sync_folders(made)
            made.rename(folder.absolute())
        sync_folders(folder.absolute())
    except OSError as error:
        raise BackupError(f"cannot restore {backup} to {folder}: {error}") from error
    return manifest


def _restore_file(
    backup: Path, made: Path, file: BackupFile, on_bytes: Callable[[int], None]
) -> None:
    source, target = backup / file.path, (made / file.path).resolve()
    if not target.is_relative_to(made.resolve()):
        raise BackupError(f"{backup / MANIFEST} names {file.path}, which is outside of the folder")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read, target.open("xb") as written:
        while data := read.read(_CHUNK_BYTES):
            digest.update(data)
            written.write(data)
            size += len(data)
            on_bytes(len(data))
        written.flush()
        os.fsync(written.fileno())
    target.chmod(0o600)
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        raise BackupError(f"{source} is damaged: it is not what {MANIFEST} says")
