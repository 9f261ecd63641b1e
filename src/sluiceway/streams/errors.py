"""What may be wrong with a call about a stream. Names: ``foundry_sdk/v2/streams/errors.py``."""

from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid, Rid


class _OfStreamError(SluicewayError):
    """A fact about one stream."""

    phrase = ""

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"{self.phrase} branch {branch_name!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )


class StreamNotFoundError(_OfStreamError):
    """There is no such stream, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "StreamNotFound"
    phrase = "there is no stream that you may see on"


class CreateStreamPermissionDeniedError(_OfStreamError):
    """The caller sees the dataset but may not make a stream on it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "CreateStreamPermissionDenied"
    phrase = "you need the role Editor to create a stream on"


class DatasetNotStreamingError(SluicewayError):
    """The dataset is one of files; a stream is made with a dataset, or on another branch of one."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "DatasetNotStreaming"

    def __init__(self, dataset_rid: DatasetRid) -> None:
        super().__init__(
            f"{dataset_rid} is no streaming dataset: create one for the stream",
            datasetRid=dataset_rid,
        )


class ResetStreamPermissionDeniedError(_OfStreamError):
    """The caller sees the stream but may not reset it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ResetStreamPermissionDenied"
    phrase = "you need the role Editor to reset"


class CreateStreamingDatasetPermissionDeniedError(SluicewayError):
    """The caller sees the folder but may not create in it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "CreateStreamingDatasetPermissionDenied"

    def __init__(self, parent_folder_rid: Rid) -> None:
        super().__init__(
            f"you need the role Editor to create a stream in {parent_folder_rid}",
            parentFolderRid=parent_folder_rid,
        )


class ViewNotFoundError(SluicewayError):
    """The view does not exist, is no longer the stream's, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "ViewNotFound"

    def __init__(self, view_rid: str) -> None:
        super().__init__(
            f"there is no active view {view_rid[:255]}; a reset gives a stream a new one",
            viewRid=view_rid[:255],
        )


class CannotWriteToTrashedStreamError(SluicewayError):
    """The stream lies in the trash, by itself or with a folder above it."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "CannotWriteToTrashedStream"

    def __init__(self, dataset_rid: DatasetRid) -> None:
        super().__init__(f"{dataset_rid} is in the trash", datasetRid=dataset_rid)


class StreamOnLegalHoldError(SluicewayError):
    """Nothing of the stream may be deleted until its legal hold is lifted."""

    code = ErrorCode.CONFLICT
    name = "StreamOnLegalHold"

    def __init__(
        self, dataset_rid: DatasetRid, branch_name: str, reason: str, set_by_name: str, set_ms: int
    ) -> None:
        since = iso_time(set_ms)
        super().__init__(
            f"branch {branch_name!r} of {dataset_rid} has a legal hold, which {set_by_name} set at"
            f" {since}: {reason}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
            reason=reason,
            setTime=since,
        )


class InvalidStreamTypeError(SluicewayError):
    """The stream type is none of the two."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidStreamType"

    def __init__(self, stream_type: str) -> None:
        super().__init__(
            f"{stream_type[:100]!r} is neither LOW_LATENCY nor HIGH_THROUGHPUT",
            streamType=stream_type[:100],
        )


class InvalidPartitionsCountError(SluicewayError):
    """The number of partitions is out of range."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidPartitionsCount"

    def __init__(self, partitions_count: int, partitions_max: int) -> None:
        super().__init__(
            f"{partitions_count} partitions: must be 1 to {partitions_max}",
            partitionsCount=partitions_count,
            partitionsCountMax=partitions_max,
        )


class InvalidBranchNameError(SluicewayError):
    """The branch name is empty, too long, or looks like an identifier."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidBranchName"

    def __init__(self, branch_name: str, reason: str) -> None:
        super().__init__(
            f"branch name {branch_name[:100]!r} {reason}",
            branchName=branch_name[:100],
            reason=reason,
        )


class BranchAlreadyExistsError(SluicewayError):
    """The dataset has this branch already."""

    code = ErrorCode.CONFLICT
    name = "BranchAlreadyExists"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"{dataset_rid} has a branch {branch_name!r} already",
            datasetRid=dataset_rid,
            branchName=branch_name,
        )


class TooManyBranchesError(SluicewayError):
    """The dataset has as many branches as it may have."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "TooManyBranches"

    def __init__(self, dataset_rid: DatasetRid, branches_max: int) -> None:
        super().__init__(
            f"{dataset_rid} has {branches_max} branches, the most that one may have",
            datasetRid=dataset_rid,
            branchesMax=branches_max,
        )
