"""The live tail on the wire: server-sent events."""

import enum
from collections.abc import Sequence
from typing import Final

import msgspec

from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import render
from sluiceway.foundation.rids import ViewRid
from sluiceway.foundation.wire import Wire
from sluiceway.streams.log import StoredRecord

EVENT_BYTES_MAX: Final = 256 * 1_024
"""Most bytes of records in one event; a larger record has one of its own."""
HEARTBEAT: Final = b":\n\n"
RETRY_MS: Final = 1_000
"""How long a browser waits before it connects again."""


class Beginning(enum.StrEnum):
    """From where a tail goes on; the names are part of the wire."""

    TAIL = "tail"
    """With the newest records."""
    LATEST = "latest"
    """With what is published from now on."""
    RESUMED = "resumed"
    """Behind the event whose id was sent."""
    NEW_VIEW = "newView"
    """With the first record of the view: the one before it was replaced by a reset."""


class EndCause(enum.StrEnum):
    """Why a tail ended; the names are part of the wire."""

    SERVER_STOPPING = "serverStopping"
    STREAM_DELETED = "streamDeleted"
    STREAM_RESET = "streamReset"
    """The stream was reset, and the partition that was watched is not there any more."""
    ACCESS_LOST = "accessLost"
    """The token ended, or the role."""
    TOO_SLOW = "tooSlow"
    """With ``sampled=false`` only: the client did not take what was published."""
    UNAVAILABLE = "unavailable"
    """The records cannot be read, or the right to read them cannot be looked up."""


class Watched(Wire, frozen=True):
    """What is watched: told at the start, and after a reset."""

    view_rid: ViewRid
    partitions_count: int
    records_per_second_max: int | None
    """Most records that are given; what comes faster is sampled. ``None``: nothing is left out."""
    begins: Beginning


class EndReply(Wire, frozen=True):
    """The data of the last event."""

    cause: EndCause
    retryable: bool
    """Whether to connect again, with the last id, may succeed."""
    error: msgspec.Raw | None
    """What a request would now be answered with, where that is an error."""


class End(msgspec.Struct, frozen=True):
    """That a tail is over, and why."""

    cause: EndCause
    error: SluicewayError | None = None

    def event(self) -> bytes:
        """Write the last event."""
        error = self.error
        body = None if error is None else msgspec.Raw(render(error, "a watched stream").body)
        retryable = (
            error.retryable
            if error is not None
            else self.cause in {EndCause.SERVER_STOPPING, EndCause.TOO_SLOW}
        )
        data = msgspec.json.encode(EndReply(cause=self.cause, retryable=retryable, error=body))
        return b"event: end\ndata: %b\n\n" % data


def records_event(
    partition: int, skipped: int, records: Sequence[StoredRecord], place: bytes
) -> bytes:
    """Write *records*, whose values are copied as they are stored; *skipped* are left out before.

    *place* is the id of the event, or empty.
    """
    body = b",".join(
        b'{"offset":%d,"time":"%b","value":%b}'
        % (record.offset, iso_time(record.time_ms).encode(), record.value)
        for record in records
    )
    return b'%bevent: records\ndata: {"partition":%d,"skipped":%d,"records":[%b]}\n\n' % (
        _id_line(place),
        partition,
        skipped,
        body,
    )


def watched_event(name: str, watched: Watched, place: bytes) -> bytes:
    """Write ``start`` or ``reset``."""
    return b"retry: %d\n%bevent: %b\ndata: %b\n\n" % (
        RETRY_MS,
        _id_line(place),
        name.encode(),
        msgspec.json.encode(watched),
    )


def _id_line(place: bytes) -> bytes:
    return b"id: %b\n" % place if place else b""
