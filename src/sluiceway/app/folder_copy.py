"""Copying a folder of files that are written once, while more are written and some removed."""

from collections.abc import Callable
from pathlib import Path

from sluiceway.foundation.copying import copy_bytes


class FolderCopy:
    """One copy of *source*, which may be missing, made in *target*."""

    def __init__(self, source: Path, target: Path, on_bytes: Callable[[int], None]) -> None:
        self._source = source
        self._target = target
        self._on_bytes = on_bytes
        self._copied: dict[Path, tuple[int, int]] = {}

    def copy(self) -> None:
        """Copy every file that is new, or was still being written when it was copied.

        Raises:
            OSError: A file cannot be read or written.
        """
        for path in self._source.rglob("*"):
            try:
                state = path.stat()
            except FileNotFoundError:
                continue  # It was removed meanwhile.
            name, seen = path.relative_to(self._source), (state.st_size, state.st_mtime_ns)
            if not path.is_file() or self._copied.get(name) == seen:
                continue
            target = self._target / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if copy_bytes(path, target, state.st_size, self._on_bytes):
                self._copied[name] = seen
