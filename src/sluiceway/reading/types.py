"""Records, offsets and subscribers, and how they go over the wire."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.foundation.wire import Body, Wire


class RecordWithOffset(msgspec.Struct, frozen=True, gc=False):
    """A record and where it lies. The value is the stored JSON, copied as it is."""

    offset: int
    value: msgspec.Raw


class RecordsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which records of one partition a caller wants, as it was asked for."""

    dataset_rid: DatasetRid
    branch_name: str
    partition_id: str
    start_offset: int | None
    limit: int
    view_rid: ViewRid | None

    @property
    def start(self) -> int:
        """The first offset: that of the first record that is kept, unless one is asked for."""
        return 0 if self.start_offset is None else self.start_offset


class LegacyRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as the older ``records`` call gives it."""

    value: msgspec.Raw


class LegacyRecords(msgspec.Struct, frozen=True):
    """What the older ``records`` call answers."""

    records: list[LegacyRecord]


class LegacyRecordsWithOffsets(msgspec.Struct, frozen=True):
    """What the older ``recordsV2`` call answers."""

    records: list[RecordWithOffset]


OffsetText = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,18})$")]
"""An offset in decimal digits: what clients write whose own numbers end at 2^53 (``@osdk``)."""


def numbers_of(offsets: Mapping[str, int | str]) -> dict[str, int]:
    """Give the offsets of partitions as numbers."""
    return {partition: int(offset) for partition, offset in offsets.items()}


class EarliestPosition(msgspec.Struct, frozen=True, tag_field="type", tag="earliest"):
    """From the first record of each partition."""


class LatestPosition(msgspec.Struct, frozen=True, tag_field="type", tag="latest"):
    """From behind what is there now."""


class SpecificPosition(msgspec.Struct, frozen=True, tag_field="type", tag="specific"):
    """From these offsets; a partition that is not named starts at its first record."""

    offsets: dict[str, int | OffsetText]

    def __post_init__(self) -> None:
        """Keep numbers, also of what was sent as text."""
        msgspec.structs.force_setattr(self, "offsets", numbers_of(self.offsets))


ReadPosition = EarliestPosition | LatestPosition | SpecificPosition


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """A reader whose place in a stream the server keeps."""

    subscriber_id: str
    dataset_rid: DatasetRid
    branch_name: str
    view_rid: ViewRid
    read_position: ReadPosition
    """Where it was told to start."""
    start_offsets: dict[int, int]
    """Where that was, when it was told."""
    created_ms: int


class CreateSubscriberRequest(Body, frozen=True):
    """A new subscriber, and where it starts (at the earliest record if not said)."""

    subscriber_id: str
    read_position: ReadPosition | None = None


class ReadRecordsRequest(Body, frozen=True):
    """What a subscriber wants to read."""

    view_rid: ViewRid | None = None
    limit: int | None = None
    partition_ids: list[str] | None = None
    auto_commit: bool | None = None


class CommitOffsetsRequest(Body, frozen=True):
    """The last processed offset of partitions; the next read starts behind it."""

    offsets: dict[str, int | OffsetText]
    view_rid: ViewRid | None = None


class ResetOffsetsRequest(Body, frozen=True):
    """Where a subscriber is to read from now on."""

    position: ReadPosition


class SubscriberReply(Wire, frozen=True):
    """A subscriber."""

    subscriber_id: str
    read_position: ReadPosition
    dataset_rid: DatasetRid
    branch_name: str
    view_rid: ViewRid
    start_offsets: dict[str, int]
    created_time: str


class ReadRecordsReply(Wire, frozen=True):
    """The records that a subscriber reads next, of every partition that was asked for."""

    records_by_partition: dict[str, list[RecordWithOffset]]
