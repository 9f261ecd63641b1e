"""Paths of files in a dataset."""

import unicodedata
from typing import Final

from sluiceway.datasets.file_errors import InvalidFilePathError

FILE_PATH_BYTES_MAX: Final = 1_024
"""Longest path, in bytes of its UTF-8: as object stores have it."""
_REFUSED_CATEGORIES: Final = {"Cc", "Cs"}


def check_file_path(path: str) -> str:
    """Give *path* back if a file may have it: names with a single ``/`` between.

    Raises:
        InvalidFilePathError: It may not.
    """
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in path):
        raise InvalidFilePathError(ascii(path), "must not have control characters")
    if len(path.encode()) > FILE_PATH_BYTES_MAX:
        raise InvalidFilePathError(path, f"has at most {FILE_PATH_BYTES_MAX} bytes")
    if path.startswith("/"):
        raise InvalidFilePathError(path, "must not begin with a /")
    if {"", ".", ".."}.intersection(path.split("/")):
        raise InvalidFilePathError(path, "must not have a part that is empty, . or ..")
    return path
