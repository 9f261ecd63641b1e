"""Streams, their views, and how they go over the wire."""

import enum
from typing import Final

import msgspec

from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid
from sluiceway.foundation.wire import Body, Wire
from sluiceway.schema.types import StreamSchema


class StreamType(enum.StrEnum):
    """What a stream is tuned for (Foundry's two, which exclude each other)."""

    LOW_LATENCY = "LOW_LATENCY"
    HIGH_THROUGHPUT = "HIGH_THROUGHPUT"


ADDED_MAX: Final = 8


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One life of a stream: from its creation, or a reset, to the next reset.

    Everything here but the schema stays as it is for the life of the view; the record log knows
    records by it. The schema may change so that each stored record is one of the new schema.
    """

    view_rid: ViewRid
    dataset_rid: DatasetRid
    branch_name: str
    schema: StreamSchema
    partitions: int
    stream_type: StreamType
    compressed: bool
    created_ms: int
    schema_version: int = 0
    """How often the schema changed since the view was made."""
    added: list[list[list[str]]] = []
    """The paths of the fields that each of the last changes added, at most ``ADDED_MAX``; by them a
    request is known that was sent before a change, and is sent again after it."""


class LegalHold(msgspec.Struct, frozen=True, kw_only=True):
    """While there is one, no record of the stream is deleted."""

    dataset_rid: DatasetRid
    branch_name: str
    reason: str
    set_by: str
    """The principal that set it."""
    set_by_name: str
    """What that was called then."""
    set_ms: int


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What the start found where the record log and the metadata are not of one mind."""

    removed: list[ViewRid]
    """Logs that a crash had left behind; they were removed."""
    kept: list[ViewRid]
    """Logs with records that no stream has and that nobody deleted; they were kept."""
    missing: list[ViewRid]
    """Active views that have no log."""


class CreateStreamingDatasetRequest(Body, frozen=True):
    """What a new streaming dataset and its first stream are to be."""

    name: str
    parent_folder_rid: Rid
    schema: StreamSchema
    branch_name: str | None = None
    partitions_count: int | None = None
    stream_type: str | None = None
    compressed: bool | None = None


class CreateStreamRequest(Body, frozen=True):
    """What a stream on a new branch is to be."""

    branch_name: str
    schema: StreamSchema
    partitions_count: int | None = None
    stream_type: str | None = None
    compressed: bool | None = None


class ResetStreamRequest(Body, frozen=True):
    """What the stream is to be after the reset; what is left out stays as it is."""

    schema: StreamSchema | None = None
    partitions_count: int | None = None
    stream_type: str | None = None
    compressed: bool | None = None


class DatasetReply(Wire, frozen=True):
    """A dataset."""

    rid: DatasetRid
    name: str
    parent_folder_rid: Rid


class StreamReply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A stream, as the official clients read it: every field is always there."""

    branch_name: str
    schema: StreamSchema
    view_rid: ViewRid
    partitions_count: int
    stream_type: StreamType
    compressed: bool


def stream_reply(view: View) -> StreamReply:
    """Write a stream's active view for the wire."""
    return StreamReply(
        branch_name=view.branch_name,
        schema=view.schema,
        view_rid=view.view_rid,
        partitions_count=view.partitions,
        stream_type=view.stream_type,
        compressed=view.compressed,
    )
