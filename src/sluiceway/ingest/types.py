"""What is published, by which call, and what the older calls answer."""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.ingest.bulk.conversion import MEDIA_TYPES, Bulk
from sluiceway.ingest.errors import (
    PublishBinaryRecordPermissionDeniedError,
    PublishRecordPermissionDeniedError,
    PublishRecordsPermissionDeniedError,
)
from sluiceway.schema.compiled import Shape


class Binary(enum.Enum):
    """Bodies that are not JSON."""

    OCTETS = "application/octet-stream"
    """The body is the one record."""


BodyKind = Shape | Binary


class OnInvalid(enum.StrEnum):
    """What becomes of a request of which some records do not fit."""

    REFUSE = "refuse"
    """It is refused, and nothing of it stored."""
    DEAD_LETTER = "dead-letter"
    """The others are stored, and these are kept as dead letters."""


_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_NO_BULK: Final[Mapping[str, Bulk]] = MappingProxyType({})


class Call(enum.Enum):
    """The publish calls: the name that metrics use, the bodies they take, the error of a refusal."""

    PUBLISH_RECORD = ("publishRecord", {_JSON: Shape.RECORD}, PublishRecordPermissionDeniedError)
    PUBLISH_RECORDS = (
        "publishRecords",
        {_JSON: Shape.RECORDS},
        PublishRecordsPermissionDeniedError,
    )
    PUBLISH_BINARY_RECORD = (
        "publishBinaryRecord",
        {Binary.OCTETS.value: Binary.OCTETS},
        PublishBinaryRecordPermissionDeniedError,
    )
    JSON_RECORD = ("jsonRecord", {_JSON: Shape.LEGACY_RECORD}, PublishRecordPermissionDeniedError)
    JSON_RECORDS = (
        "jsonRecords",
        {_JSON: Shape.LEGACY_RECORDS},
        PublishRecordsPermissionDeniedError,
    )
    APPEND_RECORDS = (
        "appendRecords",
        {
            _JSON: Shape.BARE_RECORDS,
            _NDJSON: Shape.LINES,
        },
        PublishRecordsPermissionDeniedError,
        MEDIA_TYPES,
    )

    # Looked up by it for each request; an enum's own hash is computed in Python.
    __hash__ = object.__hash__

    def __init__(
        self,
        wire_name: str,
        bodies: Mapping[str, BodyKind],
        denied: type[
            PublishRecordPermissionDeniedError
            | PublishRecordsPermissionDeniedError
            | PublishBinaryRecordPermissionDeniedError
        ],
        bulk: Mapping[str, Bulk] = _NO_BULK,
    ) -> None:
        self.wire_name = wire_name
        self.bodies = bodies
        """What the body is, by media type; the first is meant where none is said."""
        self.denied = denied
        self.bulk = bulk
        """The bodies that are made into lines of JSON first, by media type."""


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
