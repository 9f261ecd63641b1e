"""Schema changes as they go over the wire."""

from typing import Annotated

import msgspec

from sluiceway.foundation.rids import ViewRid
from sluiceway.foundation.wire import Body
from sluiceway.schema.evolution import ChangeKind
from sluiceway.schema.types import StreamSchema


class ChangeSchemaRequest(Body, frozen=True):
    """The whole schema that a stream is to have."""

    schema: StreamSchema
    dry_run: Annotated[
        bool, msgspec.Meta(description="Only tell what would happen, and look at stored records.")
    ] = False


class _Reply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every field is always there."""


class SchemaChange(_Reply, frozen=True):
    """One thing of a schema that becomes another."""

    field: str
    """The field, as ``address.lines[].city``."""
    kind: ChangeKind
    description: str


class SchemaRefusal(_Reply, frozen=True):
    """One thing for which records would have to go."""

    field: str
    """The field; empty for the schema as a whole."""
    kind: str
    """As ``REMOVED`` or ``TYPE_CHANGED``."""
    description: str


class StoredMisfit(_Reply, frozen=True):
    """A stored record that does not fit a schema."""

    partition_id: str
    offset: int
    field: str
    """The field; empty for the record itself."""
    description: str


class StoredRecords(_Reply, frozen=True):
    """What was found among stored records."""

    records: int
    """How many the stream has."""
    looked_at: int
    """How many of them were looked at: the newest of each partition."""
    misfits: int
    """How many of these do not fit the new schema."""
    examples: list[StoredMisfit]
    """The first of them, at most 20."""


class SchemaChangeReply(_Reply, frozen=True):
    """What a change of the schema does, or would do."""

    view_rid: ViewRid
    schema: StreamSchema
    """That of the stream now."""
    schema_version: int
    """How often it changed since the stream was made or reset."""
    is_allowed: bool
    is_applied: bool
    """Whether this call changed anything."""
    changes: list[SchemaChange]
    refusals: list[SchemaRefusal]
    stored: StoredRecords | None
    """With a dry run only."""
