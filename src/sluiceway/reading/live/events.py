"""The live tail on the wire: server-sent events, and the ids by which a client goes on."""

from collections.abc import Sequence
from typing import Final

import msgspec

from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import ViewRid
from sluiceway.foundation.wire import Wire
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.types import View

EVENT_BYTES_MAX: Final = 256 * 1_024
"""Most bytes of records in one event; a larger record has one of its own."""
ID_LENGTH_MAX: Final = 4_096
"""Longest id, in characters: a client sends it back in a header. With about 500 partitions or
more there is none, and a client that connects again starts anew."""
HEARTBEAT: Final = b":\n\n"
RETRY_MS: Final = 1_000
"""How long a browser waits before it connects again."""
_OFFSET_DIGITS_MAX: Final = 19


class Watched(Wire, frozen=True):
    """What is watched: told at the start, and after a reset."""

    view_rid: ViewRid
    partitions_count: int
    records_per_second_max: int
    """Most records that are given; what comes faster is sampled."""


class Burst(msgspec.Struct, frozen=True, gc=False):
    """Records of one partition that belong into one event."""

    partition: int
    count: int
    skipped: int
    """Records before these that are left out."""
    end: int
    """The offset from which the partition goes on."""
    body: bytes
    """The records as JSON, separated by commas."""
    event_id: bytes


def event_id(view_rid: ViewRid, positions: Sequence[int]) -> bytes:
    """Name the place behind *positions*; empty when that would be too long."""
    text = f"{_locator(view_rid)}:{','.join(map(str, positions))}"
    return text.encode() if len(text) <= ID_LENGTH_MAX else b""


def parse_event_id(text: str, view: View) -> list[int] | None:
    """Give the offset of each partition at which *view* is to go on.

    ``None`` for what is no id of this view: of one that a reset has replaced, for instance.
    """
    locator, separator, offsets = text.partition(":")
    if len(text) > ID_LENGTH_MAX or not separator or locator != _locator(view.view_rid):
        return None
    parts = offsets.split(",")
    if len(parts) != view.partitions:
        return None
    if not all(p.isascii() and p.isdecimal() and len(p) <= _OFFSET_DIGITS_MAX for p in parts):
        return None
    return [int(part) for part in parts]


def burst_of(
    partition: int, skipped: int, end: int, records: Sequence[StoredRecord], place: bytes
) -> Burst:
    """Write *records*, whose values are copied as they are stored."""
    body = b",".join(
        b'{"offset":%d,"time":"%b","value":%b}'
        % (record.offset, iso_time(record.time_ms).encode(), record.value)
        for record in records
    )
    return Burst(partition, len(records), skipped, end, body, place)


def records_event(burst: Burst, missed: int = 0) -> bytes:
    """Write a burst as an event; *missed* records more were left out before it."""
    return b'%bevent: records\ndata: {"partition":%d,"skipped":%d,"records":[%b]}\n\n' % (
        _id_line(burst.event_id),
        burst.partition,
        burst.skipped + missed,
        burst.body,
    )


def watched_event(name: str, view: View, records_per_second: int, place: bytes) -> bytes:
    """Write ``start`` or ``reset``."""
    watched = Watched(
        view_rid=view.view_rid,
        partitions_count=view.partitions,
        records_per_second_max=records_per_second,
    )
    return b"retry: %d\n%bevent: %b\ndata: %b\n\n" % (
        RETRY_MS,
        _id_line(place),
        name.encode(),
        msgspec.json.encode(watched),
    )


def gone_event(error: bytes) -> bytes:
    """Write the last event; *error* is the body that a request would now be answered with."""
    return b"event: gone\ndata: %b\n\n" % error


def _locator(view_rid: ViewRid) -> str:
    return view_rid.rpartition(".")[2]


def _id_line(place: bytes) -> bytes:
    return b"id: %b\n" % place if place else b""
