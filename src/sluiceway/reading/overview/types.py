"""Statistics, subscribers, activity and description of a stream, as they go over the wire."""

import enum
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid
from sluiceway.foundation.wire import Wire
from sluiceway.reading.types import ReadPosition
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.types import StreamType


class WindowName(enum.StrEnum):
    """How far back statistics go."""

    MINUTES = "5m"
    HOUR = "1h"
    DAY = "24h"


class SeriesReply(Wire, frozen=True):
    """One number for each bucket, the oldest first; the last bucket is still being filled."""

    records: Sequence[int]
    bytes: Sequence[int]
    requests: Sequence[int]
    """Those whose records were stored."""
    rejected: Mapping[str, Sequence[int]]
    """Requests that were refused, by reason; only reasons that there were."""
    latency_p50_ms: Sequence[float | None]
    """How long half of the requests took at most, from handed in to durable."""
    latency_p99_ms: Sequence[float | None]


class PartitionReply(msgspec.Struct, frozen=True, rename="camel"):
    """A partition."""

    partition: int
    records: int
    """Stored since ``countedSince``."""
    end_offset: int
    archived_through: int
    """The offset up to which the stream's table has the partition's records, exclusive."""


class StatisticsReply(Wire, frozen=True, kw_only=True):
    """What was published to a stream, since the server's start and the last reset."""

    window: WindowName
    bucket_seconds: int
    start: str
    """When the first bucket begins."""
    counted_since: str | None = None
    """When counting began; left out while nothing was counted."""
    series: SeriesReply
    partitions: Sequence[PartitionReply]
    archive_behind_seconds: float | None = None
    """How long the oldest record waits that is not in the stream's table; left out when the
    archive is turned off.
    """


class ArchivedTable(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The open table of a stream, as other programs open it."""

    table: str
    """Its name in the catalogue, with the namespace before it."""
    catalog_type: str
    """What kind of catalogue has it, by PyIceberg's names: ``sql``, ``rest``, ``glue``, …"""
    catalog_uri: str | None
    """The catalogue in the server's data folder; ``null`` when another one is set."""
    metadata_location: str
    """Its newest metadata file: a path on the server, or a URL."""
    columns: Sequence[str]
    """In their order: the fields of the schema, then ours."""
    files_count: int
    rows_count: int
    stored_bytes: int


class ArchiveReply(Wire, frozen=True):
    """What is archived of a stream."""

    table: ArchivedTable | None = None
    """Left out while nothing is archived."""


class SubscriberOverview(Wire, frozen=True):
    """A subscriber, and how far behind it is."""

    subscriber_id: str
    read_position: ReadPosition
    """Where it was told to start."""
    view_rid: ViewRid
    """Another one than the stream's when it has not read since a reset."""
    positions: Mapping[str, int]
    """The offset that it reads next, of each partition."""
    lag: Mapping[str, int]
    lag_total: int
    created_time: str


class ActivityEvent(Wire, frozen=True, kw_only=True):
    """Something that was done to a stream."""

    event_id: str
    time: str
    actor_id: str | None = None
    """Left out for what was done on the server's command line."""
    actor_name: str
    action: str
    text: str
    """What happened, as a sentence for people."""
    details: Mapping[str, Any]
    origin: str | None = None
    """The network address that it came from; shown to Owners."""


class StreamDescription(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A stream, the dataset that it is in, and what the caller may do there."""

    dataset_rid: DatasetRid
    name: str
    path: str
    description: str | None
    parent_folder_rid: Rid
    project_rid: Rid | None
    branch_name: str
    branches: Sequence[str]
    view_rid: ViewRid
    schema: StreamSchema
    partitions_count: int
    stream_type: StreamType
    compressed: bool
    created_by: str
    created_by_name: str | None
    """``null`` when the creator is no longer known."""
    created_time: str
    view_created_time: str
    """When the stream was made or last reset."""
    role: str
    """The id of the caller's role."""
    trash_status: str
    archived_through: Mapping[str, int]
    """By partition, the offset up to which the stream's table has its records, exclusive."""
    sample_record: Mapping[str, Any]
    """A made-up record that fits the schema."""
