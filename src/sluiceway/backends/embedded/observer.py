"""What the embedded log tells whoever counts and measures."""

from typing import Protocol

import msgspec


class Commit(msgspec.Struct, frozen=True, gc=False):
    """One group that became durable."""

    appends: int
    records: int
    stored_bytes: int
    """Bytes of the frames of records, after compression."""
    commit_seconds: float
    """From taking up the group to durable."""
    fsync_seconds: float
    """The part of it that wrote and synced."""


class LogObserver(Protocol):
    """Is told what the log does; called on the event loop, so it must return at once."""

    def observe_commit(self, commit: Commit) -> None:
        """Take note of a group that became durable."""
        ...

    def observe_stop(self, reason: str) -> None:
        """Take note that the log takes no more writes."""
        ...


class SilentObserver:
    """Takes note of nothing."""

    def observe_commit(self, commit: Commit) -> None:
        """Ignore *commit*."""

    def observe_stop(self, reason: str) -> None:
        """Ignore *reason*."""
