"""What may be wrong with a call about retention."""

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid


class InvalidRetentionError(SluicewayError):
    """A time or a size is out of the range that this server allows."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidRetention"

    def __init__(self, field: str, value: int, least: int, most: int) -> None:
        super().__init__(
            f"{field} is {value}: must be {least} to {most}, or null",
            field=field,
            value=value,
            valueMin=least,
            valueMax=most,
        )


class _RetentionPermissionDeniedError(SluicewayError):
    """The caller sees the stream, and its role is too weak."""

    code = ErrorCode.PERMISSION_DENIED
    phrase = ""

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"{self.phrase} branch {branch_name!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )


class GetRetentionPermissionDeniedError(_RetentionPermissionDeniedError):
    """The caller may not see how long records are kept."""

    name = "GetRetentionPermissionDenied"
    phrase = "you need the role Viewer to see the retention of"


class PutRetentionPermissionDeniedError(_RetentionPermissionDeniedError):
    """The caller may not say how long records are kept."""

    name = "PutRetentionPermissionDenied"
    phrase = "you need the role Editor to change the retention of"


class SetLegalHoldPermissionDeniedError(_RetentionPermissionDeniedError):
    """The caller may neither set nor lift a legal hold."""

    name = "SetLegalHoldPermissionDenied"
    phrase = "you need the role Owner to set or lift a legal hold on"
