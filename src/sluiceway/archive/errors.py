"""What can go wrong with the open tables, whichever backend keeps them."""

from collections.abc import Mapping

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid


class ArchiveUnavailableError(SluicewayError):
    """The tables cannot be read or written now; records stay in the log until they can."""

    code = ErrorCode.CUSTOM_SERVER
    name = "ArchiveUnavailable"
    status = 503
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "10"}

    def __init__(self, reason: str) -> None:
        super().__init__(f"the archive is not available: {reason}")
        self.reason = reason


class ArchiveConflictError(SluicewayError):
    """The table is not where the commit was to start; nothing was added to it."""

    code = ErrorCode.CONFLICT
    name = "ArchiveConflict"

    def __init__(self, next_offsets: Mapping[int, int]) -> None:
        super().__init__("the table is not where this commit starts")
        self.next_offsets = dict(next_offsets)
        """Where it is: the offset that comes next, of each partition that it has records of."""


class ArchiveTableNotFoundError(SluicewayError):
    """The catalogue has no such table."""

    code = ErrorCode.NOT_FOUND
    name = "ArchiveTableNotFound"

    def __init__(self, table: str) -> None:
        super().__init__(f"the archive has no table {table}", table=table)
        self.table = table


class ArchiveCorruptError(SluicewayError):
    """A table is not as it was written, or was changed by somebody else."""

    code = ErrorCode.INTERNAL
    name = "ArchiveCorrupt"

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"the archived table {table} cannot be trusted: {reason}", table=table)
        self.table = table
        self.reason = reason


class MaintainArchivePermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not have its table maintained."""

    code = ErrorCode.PERMISSION_DENIED
    name = "MaintainArchivePermissionDenied"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role Editor on {dataset_rid} for this",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )
