"""Errors of the archive, taken apart for the way to the server and put together there."""

import logging
from collections.abc import Callable
from typing import Any, Final

from sluiceway.archive.errors import (
    ArchiveConflictError,
    ArchiveCorruptError,
    ArchiveTableNotFoundError,
    ArchiveUnavailableError,
)

_log: Final = logging.getLogger("sluiceway.archiver")

_FACTS: Final[dict[type[Exception], tuple[str, Callable[[Any], tuple[Any, ...]]]]] = {
    ArchiveConflictError: ("conflict", lambda error: (error.next_offsets,)),
    ArchiveCorruptError: ("corrupt", lambda error: (error.table, error.reason)),
    ArchiveTableNotFoundError: ("table", lambda error: (error.table,)),
    ArchiveUnavailableError: ("unavailable", lambda error: (error.reason,)),
}
_KINDS: Final = {name: kind for kind, (name, _) in _FACTS.items()}


def taken_apart(error: BaseException) -> tuple[str, tuple[Any, ...]]:
    """Give the kind of an error and what it is made from; a fault of ours is logged here."""
    for kind, (name, facts) in _FACTS.items():
        if isinstance(error, kind):
            return name, facts(error)
    _log.error("a call failed", exc_info=error)
    return "unavailable", (f"it failed: {type(error).__name__}",)


def put_together(name: str, facts: tuple[Any, ...]) -> Exception:
    """Make the error again."""
    return _KINDS[name](*facts)
