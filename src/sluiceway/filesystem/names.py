"""Names and paths of resources."""

import hashlib
import unicodedata
from typing import Final

from sluiceway.filesystem.errors import InvalidDisplayNameError, InvalidPathError

DISPLAY_NAME_LENGTH_MAX: Final = 700
"""Longest name, in characters; Foundry's own bound."""

_KEY_LENGTH_MAX: Final = 160
_DIGEST_LENGTH: Final = 64
_REFUSED_CATEGORIES: Final = {"Cc", "Cs"}


def check_display_name(display_name: str) -> str:
    """Give *display_name* back if a resource may have it.

    Raises:
        InvalidDisplayNameError: It is empty, ``.`` or ``..``, too long, or has a ``/`` or a
            control character.
    """
    if not display_name.strip():
        raise InvalidDisplayNameError(display_name, "a name must not be empty")
    if display_name in {".", ".."}:
        raise InvalidDisplayNameError(display_name, "a name must not be . or ..")
    if len(display_name) > DISPLAY_NAME_LENGTH_MAX:
        reason = f"a name has at most {DISPLAY_NAME_LENGTH_MAX} characters"
        raise InvalidDisplayNameError(display_name, reason)
    if "/" in display_name:
        raise InvalidDisplayNameError(display_name, "a name must not have a /")
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in display_name):
        raise InvalidDisplayNameError(display_name, "a name must not have control characters")
    return display_name


def name_key(display_name: str) -> str:
    """Make the text by which a name is found, sorted and kept unique in its folder.

    A name of 160 characters or less is its own key. A longer one is cut and ends in its digest:
    databases bound the size of what they index, and page tokens are bounded too.
    """
    if len(display_name) <= _KEY_LENGTH_MAX:
        return display_name
    digest = hashlib.sha256(display_name.encode()).hexdigest()
    return display_name[: _KEY_LENGTH_MAX - _DIGEST_LENGTH] + digest


def split_path(path: str) -> list[str]:
    """Cut a path into names; the leading slash is optional, ``/`` alone gives no name.

    Raises:
        InvalidPathError: Two names are not separated by a single slash, or there is no name, or
            a NUL character.
    """
    if path == "/":
        return []
    names = path.removeprefix("/").split("/")
    if not all(names) or "\x00" in path:
        raise InvalidPathError(path)
    return names
