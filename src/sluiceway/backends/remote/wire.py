"""What a worker and the process that has the log tell each other.

Each message is MessagePack behind its length, four bytes, the highest first. Both sides are the
same program and start together: there is no version.
"""

from typing import Any

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import Batch, Note


class AppendRequest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Batches to store, all or none. Without any it asks only whether the worker is up to date."""

    number: int
    """Of the worker's own, by which the outcome names it."""
    generation: int
    """The last one that the worker had heard of when this was admitted."""
    batches: tuple[Batch, ...]
    note: Note | None = None


class Appends(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """What a worker appends, in its order."""

    requests: list[AppendRequest]


class Ready(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """The worker takes connections from now on."""


class Counts(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """What a worker counted since it last said so."""

    answered: list[tuple[str, int, int]]
    """The call's name, the HTTP status, how many."""
    rejected: dict[str, int]
    """By the error's wire name."""
    refused: list[tuple[ViewRid, str, int]]
    """The view, the kind of refusal, how many."""
    cut: dict[str, int]
    """Connections of slow clients that were closed, by the reason."""
    connections: int
    """That are open now."""
    inflight_bytes: int
    """Bytes of bodies taken and not yet stored, now."""
    held: int
    """Clients that are not read from until the log has room, now."""


FromWorker = Appends | Ready | Counts


class Outcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of one append."""

    number: int
    first_offsets: tuple[int, ...] = ()
    time_ms: int = 0
    error: str = ""
    """The kind of error, empty where there is none; see ``failures``."""
    facts: tuple[Any, ...] = ()
    """What that kind of error is made from."""


class Outcomes(msgspec.Struct, frozen=True, array_like=True, tag="o"):
    """What became of appends, in the order in which they were settled."""

    outcomes: list[Outcome]


class Forget(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """Something changed: what was remembered before this generation is worth nothing."""

    generation: int


class Stop(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """Take no more connections, finish what is in progress, then end."""


FromOwner = Outcomes | Forget | Stop
