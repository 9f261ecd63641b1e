"""Errors of verifying."""

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid


class VerifyStreamPermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not read its records."""

    code = ErrorCode.PERMISSION_DENIED
    name = "VerifyStreamPermissionDenied"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role Viewer on {dataset_rid} for this",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )
