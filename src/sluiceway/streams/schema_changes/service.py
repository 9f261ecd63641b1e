"""Changing the schema of a stream whose records stay; see decision 37."""

from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.foundation.rids import DatasetRid
from sluiceway.schema.evolution import changes, refusals
from sluiceway.schema.older import added_between
from sluiceway.schema.rules import check_schema
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.errors import StreamNotFoundError
from sluiceway.streams.log import RecordReader
from sluiceway.streams.schema_changes.errors import (
    ChangeSchemaPermissionDeniedError,
    SchemaChangeNotAllowedError,
)
from sluiceway.streams.schema_changes.trial import try_stored
from sluiceway.streams.schema_changes.types import (
    ChangeSchemaRequest,
    SchemaChange,
    SchemaChangeReply,
    SchemaRefusal,
    StoredRecords,
)
from sluiceway.streams.service import StreamService
from sluiceway.streams.types import ADDED_MAX, View

_NOTED_MAX: Final = 50
"""Changes that the audit trail names; all are counted."""


@dataclass(frozen=True, slots=True)
class SchemaChangeService:
    """Changes schemas, or tells what that would do."""

    streams: StreamService
    reader: RecordReader

    async def change(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        request: ChangeSchemaRequest,
    ) -> SchemaChangeReply:
        """Give the stream another schema; its view and records stay.

        Records that are being published meanwhile are of either schema. The table follows.

        Raises:
            StreamNotFoundError: The caller does not see the stream.
            ChangeSchemaPermissionDeniedError: It sees it but may not change it.
            InvalidSchemaError: The schema is not possible (also its other errors).
            SchemaChangeNotAllowedError: Stored records would not be records of it; a dry run tells
                that instead.
            CannotWriteToTrashedStreamError: The stream is in the trash.
        """
        role = await self.streams.role(caller, dataset_rid, branch_name)
        view = await self._active(dataset_rid, branch_name)
        if role < Role.EDITOR:
            raise ChangeSchemaPermissionDeniedError(dataset_rid, branch_name)
        check_schema(request.schema)
        if request.dry_run:
            stored = await try_stored(self.reader, view, request.schema)
            return _reply(view, view, request.schema, stored)
        async with self.streams.transactions.begin():
            await self.streams.hold(dataset_rid, branch_name)
            # Asked again: another change may have come first.
            old = await self._active(dataset_rid, branch_name)
            new = await self._apply(caller, old, request.schema)
        return _reply(old, new, request.schema, None)

    async def _active(self, dataset_rid: DatasetRid, branch_name: str) -> View:
        view = await self.streams.store.active(dataset_rid, branch_name)
        if view is None:
            raise StreamNotFoundError(dataset_rid, branch_name)
        return view

    async def _apply(self, caller: Caller, old: View, schema: StreamSchema) -> View:
        refused = _refusals(old.schema, schema)
        if refused:
            raise SchemaChangeNotAllowedError(old.dataset_rid, old.branch_name, refused)
        made = _changes(old.schema, schema)
        if not made:
            return old
        version = old.schema_version + 1
        paths = [list(path) for path in added_between(old.schema.fields, schema.fields)]
        added = [*old.added, paths][-ADDED_MAX:] if paths else old.added
        new = msgspec.structs.replace(old, schema=schema, schema_version=version, added=added)
        await self.streams.store.change_schema(new)
        await self.streams.record(
            caller,
            "stream.schema-changed",
            new,
            schemaVersion=version,
            count=len(made),
            changes=[one.description for one in made[:_NOTED_MAX]],
        )
        return new


def _reply(
    old: View, new: View, schema: StreamSchema, stored: StoredRecords | None
) -> SchemaChangeReply:
    refused = _refusals(old.schema, schema)
    return SchemaChangeReply(
        view_rid=new.view_rid,
        schema=new.schema,
        schema_version=new.schema_version,
        is_allowed=not refused,
        is_applied=new is not old,
        changes=_changes(old.schema, schema),
        refusals=refused,
        stored=stored,
    )


def _changes(old: StreamSchema, new: StreamSchema) -> list[SchemaChange]:
    return [
        SchemaChange(field=one.field, kind=one.kind, description=one.message)
        for one in changes(old, new)
    ]


def _refusals(old: StreamSchema, new: StreamSchema) -> list[SchemaRefusal]:
    return [
        SchemaRefusal(field=one.field, kind=one.fault.name, description=one.message)
        for one in refusals(old, new)
    ]
