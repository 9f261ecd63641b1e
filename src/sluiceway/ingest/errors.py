"""What may be wrong with a publish. Names: ``foundry_sdk/v2/streams/errors.py``."""

from typing import Any

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.schema.errors import RecordsInvalidError
from sluiceway.streams.types import View


class RecordDoesNotMatchStreamSchemaError(SluicewayError):
    """At least one record does not fit the schema; none of the request was stored.

    Beside Foundry's own parameters it says how many records are bad, and of the first of them
    which field, what was expected, what was found and why.
    """

    code = ErrorCode.INVALID_ARGUMENT
    name = "RecordDoesNotMatchStreamSchema"

    def __init__(self, view: View, error: RecordsInvalidError) -> None:
        first = error.problems[0]
        where = f"record {first.index}" + (f", field {first.path!r}" if first.path else "")
        super().__init__(
            f"records that do not match the schema: {error.invalid_count}; {where}:"
            f" expected {first.expected}, found {first.found}",
            datasetRid=view.dataset_rid,
            branchName=view.branch_name,
            viewRid=view.view_rid,
            invalidRecordCount=error.invalid_count,
            invalidRecords=error.problems,
        )


class _PublishPermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not publish to it."""

    code = ErrorCode.PERMISSION_DENIED

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role Editor to publish to branch {branch_name!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )


class PublishRecordPermissionDeniedError(_PublishPermissionDeniedError):
    """The caller sees the stream but may not publish a record to it."""

    name = "PublishRecordToStreamPermissionDenied"


class PublishRecordsPermissionDeniedError(_PublishPermissionDeniedError):
    """The caller sees the stream but may not publish records to it."""

    name = "PublishRecordsToStreamPermissionDenied"


class PublishBinaryRecordPermissionDeniedError(_PublishPermissionDeniedError):
    """The caller sees the stream but may not publish a binary record to it."""

    name = "PublishBinaryRecordToStreamPermissionDenied"


class FailedToProcessBinaryRecordError(SluicewayError):
    """The stream's schema is not exactly one binary field (Foundry answers 500 to that)."""

    code = ErrorCode.INTERNAL
    name = "FailedToProcessBinaryRecord"

    def __init__(self, view: View) -> None:
        facts: dict[str, Any] = {
            "datasetRid": view.dataset_rid,
            "branchName": view.branch_name,
            "viewRid": view.view_rid,
        }
        super().__init__("the stream's schema is not exactly one binary field", **facts)
