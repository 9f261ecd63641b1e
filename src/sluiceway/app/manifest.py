"""What a backup holds, as it says itself."""

import os
from pathlib import Path
from typing import Final

import msgspec

MANIFEST: Final = "backup.json"
FORMAT: Final = 1


class BackupError(Exception):
    """A backup or a restore cannot be made; the message says why."""


class BackupFile(msgspec.Struct, frozen=True):
    """One file of a backup."""

    path: str
    """Below the backup's folder, and below the data folder."""
    size: int
    """In bytes."""
    sha256: str
    """In hexadecimal digits."""


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """What a backup holds, in ``backup.json``; a folder without it is no backup."""

    format: int
    sluiceway_version: str
    created_ms: int
    """When it was complete, in epoch milliseconds."""
    has_metadata: bool
    """False if the metadata are in a database of their own, which has its own backup."""
    warehouse: str | None
    """Where the tables' files were, which name each other by it; ``None`` without any."""
    files: list[BackupFile]


def read_manifest(backup: Path) -> Manifest:
    """Read what a backup holds.

    Raises:
        BackupError: It is no backup, not complete, or of a newer format.
    """
    try:
        manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupError(f"{backup} is no backup, or one that was not finished") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{backup / MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{backup} has the format {manifest.format}, which is not known here")
    return manifest


def write_manifest(backup: Path, manifest: Manifest) -> None:
    """Write it, which makes a folder of files a backup; durable on return."""
    with (backup / MANIFEST).open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(msgspec.json.format(msgspec.json.encode(manifest)))
        file.flush()
        os.fsync(file.fileno())
    sync_folders(backup)


def sync_folders(folder: Path) -> None:
    """Make the names of all that is in *folder* durable, and its own."""
    for place in (*(path for path in folder.rglob("*") if path.is_dir()), folder, folder.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
