"""Files of the tables; those of a folder are durable once they are closed."""

import io
import os
from pathlib import Path
from typing import Any, Final, cast

from pyiceberg.io import OutputFile, OutputStream
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO

FILE_IO: Final = "sluiceway.backends.iceberg.files.DurableFileIO"
"""What the catalogue is told to use, by its name."""


class DurableFileIO(PyArrowFileIO):
    """PyIceberg's own way to files, but what is written into a folder is synced.

    The catalogue names a file only after it was closed, and the log may then give up what is in
    it. PyArrow leaves it to the operating system when it writes to the disk.
    """

    def new_output(self, location: str) -> PyArrowFile:
        """Give a file to write; see ``FileIO.new_output``."""
        file = super().new_output(location)
        scheme, _, path = self.parse_location(location, self.properties)
        return _LocalFile(location, path, file._filesystem) if scheme == "file" else file  # noqa: SLF001


class _LocalFile(PyArrowFile):
    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: FBT001, FBT002 - PyIceberg's
        path = Path(self._path)
        make_folder(path.parent)
        return cast("OutputStream", _SyncedFile(io.FileIO(path, "wb" if overwrite else "xb"), path))


class _SyncedFile(io.BufferedWriter):
    """A file that is on the disk, with its name, once it is closed."""

    def __init__(self, raw: io.FileIO, path: Path) -> None:
        super().__init__(raw, 1 << 20)
        self._path = path

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.flush()
            os.fsync(self.fileno())
        finally:
            super().close()
        sync_folder(self._path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_folder(file_io: PyArrowFileIO, location: str) -> None:
    """Remove whatever is below a location; nothing when there is nothing."""
    scheme, netloc, path = file_io.parse_location(location, file_io.properties)
    filesystem: Any = file_io.fs_by_scheme(scheme, netloc)
    filesystem.delete_dir_contents(path, missing_dir_ok=True)
    if scheme == "file" and Path(path).is_dir():
        Path(path).rmdir()
        sync_folder(Path(path).parent)


__all__ = ["FILE_IO", "DurableFileIO", "OutputFile", "make_folder", "remove_folder", "sync_folder"]
