"""Errors of the record log, taken apart for the way to a worker and put together there."""

import logging
from collections.abc import Callable
from typing import Any, Final

from sluiceway.streams.log_errors import (
    AdmissionOutdatedError,
    LogBusyError,
    LogCorruptError,
    LogNotesFullError,
    LogOutcomeUnknownError,
    LogUnavailableError,
    LogViewNotFoundError,
)

_log: Final = logging.getLogger("sluiceway.workers")

_FACTS: Final[dict[type[Exception], tuple[str, Callable[[Any], tuple[Any, ...]]]]] = {
    AdmissionOutdatedError: ("outdated", lambda _: ()),
    LogBusyError: ("busy", lambda error: (error.queued_bytes, error.queue_bytes_max)),
    LogCorruptError: (
        "corrupt",
        lambda error: (error.view, error.partition, error.offset, error.reason),
    ),
    LogNotesFullError: (
        "notes",
        lambda error: (error.notes_max, int(error.headers["Retry-After"])),
    ),
    LogOutcomeUnknownError: ("unknown", lambda error: (error.reason,)),
    LogUnavailableError: ("unavailable", lambda error: (error.reason,)),
    LogViewNotFoundError: ("view", lambda error: (error.view, error.partition)),
}
_KINDS: Final = {name: kind for kind, (name, _) in _FACTS.items()}


def taken_apart(error: Exception) -> tuple[str, tuple[Any, ...]]:
    """Give the kind of an error and what it is made from.

    Of one that is none of the log's own, which is a fault, nobody knows whether it wrote.
    """
    known = _FACTS.get(type(error))
    if known is None:
        _log.error("an append of a worker failed", exc_info=error)
        return "unknown", (f"it failed: {type(error).__name__}",)
    name, facts = known
    return name, facts(error)


def put_together(name: str, facts: tuple[Any, ...]) -> Exception:
    """Make the error again."""
    return _KINDS[name](*facts)
