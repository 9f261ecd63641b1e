"""Errors of schema changes."""

from collections.abc import Sequence

import msgspec

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.streams.schema_changes.types import SchemaRefusal


class ChangeSchemaPermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not change its schema."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ChangeStreamSchemaPermissionDenied"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role Editor to change the schema of branch {branch_name!r} of"
            f" {dataset_rid}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )


class SchemaChangeNotAllowedError(SluicewayError):
    """The stored records would not be records of the new schema: only a reset can give it."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "SchemaChangeNotAllowed"

    def __init__(
        self, dataset_rid: DatasetRid, branch_name: str, refusals: Sequence[SchemaRefusal]
    ) -> None:
        super().__init__(
            "; ".join(one.description for one in refusals),
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
            refusals=msgspec.to_builtins(refusals),
        )
