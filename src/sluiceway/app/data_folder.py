"""The folder that holds everything the server keeps, and who may have it open."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LOCK: Final = "sluiceway.lock"
_DATABASE: Final = "sluiceway.db"
_LOG: Final = "log"
_FILES: Final = "files"
_WAREHOUSE: Final = "warehouse"
_CATALOGUE: Final = "warehouse.db"


class DataFolderError(Exception):
    """The data folder cannot be used; the message says why, and which it is."""


def database_file(folder: Path) -> Path:
    """Give the file of the metadata in a data folder."""
    return folder / _DATABASE


def database_url(folder: Path) -> str:
    """Give the SQLAlchemy URL of the metadata in a data folder."""
    return f"sqlite+aiosqlite:///{database_file(folder).absolute()}"


def log_folder(folder: Path) -> Path:
    """Give the folder of the record log in a data folder."""
    return folder / _LOG


def files_folder(folder: Path) -> Path:
    """Give the folder of the contents of files in a data folder."""
    return folder / _FILES


def warehouse_folder(folder: Path) -> Path:
    """Give the folder of the tables' files in a data folder, where no other is set."""
    return folder / _WAREHOUSE


def catalogue_file(folder: Path) -> Path:
    """Give the file of the tables' catalogue in a data folder, where no other is set."""
    return folder / _CATALOGUE


def has_database(folder: Path) -> bool:
    """Tell whether a server was ever started on this folder."""
    return database_file(folder).is_file()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder if it is missing, and hold it against any second server.

    The lock is the kernel's (``flock``) and goes with the process, however it ends.

    Raises:
        DataFolderError: Another server has it, or it cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataFolderError(f"cannot use the data folder {folder}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(descriptor, 20, 0).decode("ascii", errors="replace").strip()
            raise DataFolderError(
                f"the data folder {folder} is in use by another server (process {owner or '?'})"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
