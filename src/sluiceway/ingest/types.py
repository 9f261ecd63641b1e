"""What is published, by which call, and what the older calls answer."""

import enum

import msgspec

from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.ingest.errors import (
    PublishBinaryRecordPermissionDeniedError,
    PublishRecordPermissionDeniedError,
    PublishRecordsPermissionDeniedError,
)
from sluiceway.schema.compiled import Shape


class Call(enum.Enum):
    """The publish calls: the name that metrics use, the body's shape, the error of a refusal."""

    PUBLISH_RECORD = ("publishRecord", Shape.RECORD, PublishRecordPermissionDeniedError)
    PUBLISH_RECORDS = ("publishRecords", Shape.RECORDS, PublishRecordsPermissionDeniedError)
    PUBLISH_BINARY_RECORD = (
        "publishBinaryRecord",
        None,
        PublishBinaryRecordPermissionDeniedError,
    )
    JSON_RECORD = ("jsonRecord", Shape.LEGACY_RECORD, PublishRecordPermissionDeniedError)
    JSON_RECORDS = ("jsonRecords", Shape.LEGACY_RECORDS, PublishRecordsPermissionDeniedError)

    # Looked up by it for each request; an enum's own hash is computed in Python.
    __hash__ = object.__hash__

    def __init__(
        self,
        wire_name: str,
        shape: Shape | None,
        denied: type[
            PublishRecordPermissionDeniedError
            | PublishRecordsPermissionDeniedError
            | PublishBinaryRecordPermissionDeniedError
        ],
    ) -> None:
        self.wire_name = wire_name
        self.shape = shape
        """``None``: the body is the record itself, as bytes."""
        self.denied = denied


class BranchTarget(msgspec.Struct, frozen=True, gc=False):
    """A stream named by dataset and branch, and perhaps pinned to a view."""

    dataset_rid: DatasetRid
    branch_name: str
    view_rid: ViewRid | None = None


class ViewTarget(msgspec.Struct, frozen=True, gc=False):
    """A stream named by its view alone (the older calls)."""

    dataset_rid: DatasetRid
    view_rid: ViewRid


Target = BranchTarget | ViewTarget


class OffsetAndPartition(msgspec.Struct, frozen=True, rename="camel"):
    """Where one record was stored, as the older calls answer it."""

    offset: int
    partition_id: int


class JsonRecordsReply(msgspec.Struct, frozen=True, rename="camel"):
    """What ``jsonRecords`` answers: where each record was stored, in the request's order."""

    topic: str
    offset_and_partition_ids: list[OffsetAndPartition]
