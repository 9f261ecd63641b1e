"""What may be wrong with a call about a dataset's files."""

from collections.abc import Mapping

from sluiceway.datasets.errors import SHOWN_MAX
from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid, TransactionRid


class InvalidFilePathError(SluicewayError):
    """The path is not one that a file may have."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidFilePath"

    def __init__(self, path: str, reason: str) -> None:
        shown = path[:SHOWN_MAX].replace("\x00", "\\0")
        super().__init__(f"a file's path {reason}", filePath=shown, reason=reason)


class FileNotFoundOnBranchError(SluicewayError):
    """The view of the branch has no such file."""

    code = ErrorCode.NOT_FOUND
    name = "FileNotFoundOnBranch"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str, path: str) -> None:
        super().__init__(
            f"branch {branch_name!r} has no file {path!r}",
            datasetRid=dataset_rid,
            branchName=branch_name,
            path=path,
        )


class FileNotFoundOnTransactionRangeError(SluicewayError):
    """The transactions that were named have no such file."""

    code = ErrorCode.NOT_FOUND
    name = "FileNotFoundOnTransactionRange"

    def __init__(
        self,
        dataset_rid: DatasetRid,
        start_rid: TransactionRid | None,
        end_rid: TransactionRid,
        path: str,
    ) -> None:
        parameters = {
            "datasetRid": dataset_rid,
            "endTransactionRid": end_rid,
            "path": path,
        }
        if start_rid is not None:
            parameters["startTransactionRid"] = start_rid
        super().__init__(f"there is no file {path!r} in these transactions", **parameters)


class FileAlreadyExistsError(SluicewayError):
    """The view has a file of this path, which an APPEND does not replace."""

    # Not CONFLICT: in the official client it is a kind of NotFoundError, and so in Foundry.
    code = ErrorCode.NOT_FOUND
    name = "FileAlreadyExists"

    def __init__(self, dataset_rid: DatasetRid, transaction_rid: TransactionRid, path: str) -> None:
        super().__init__(
            f"there is a file {path!r}, and an APPEND replaces none",
            datasetRid=dataset_rid,
            transactionRid=transaction_rid,
            path=path,
        )


class TooManyFilesError(SluicewayError):
    """The transaction has as many files as it may have."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "TooManyFiles"

    def __init__(self, dataset_rid: DatasetRid, files_max: int) -> None:
        super().__init__(
            f"a transaction may have {files_max} files", datasetRid=dataset_rid, filesMax=files_max
        )


class UploadFilePermissionDeniedError(SluicewayError):
    """The caller sees the dataset but may not write files."""

    code = ErrorCode.PERMISSION_DENIED
    name = "UploadFilePermissionDenied"

    def __init__(self, dataset_rid: DatasetRid, transaction_rid: TransactionRid, path: str) -> None:
        super().__init__(
            f"you need the role Editor to upload to {dataset_rid}",
            datasetRid=dataset_rid,
            transactionRid=transaction_rid,
            path=path,
        )


class _OfFileError(SluicewayError):
    """What the caller may not do with a file of a dataset that it sees."""

    code = ErrorCode.PERMISSION_DENIED
    phrase = ""

    def __init__(self, dataset_rid: DatasetRid, path: str) -> None:
        super().__init__(
            f"you need the role {self.phrase} of {dataset_rid}",
            datasetRid=dataset_rid,
            filePath=path,
        )


class DeleteFilePermissionDeniedError(_OfFileError):
    """The caller sees the dataset but may not delete files."""

    name = "DeleteFilePermissionDenied"
    phrase = "Editor to delete files"


class GetFileContentPermissionDeniedError(_OfFileError):
    """The caller sees that the dataset exists but may not read it."""

    name = "GetFileContentPermissionDenied"
    phrase = "Viewer to read files"


class FileStoreUnavailableError(SluicewayError):
    """The place where files are kept takes no more, or does not give them back."""

    code = ErrorCode.CUSTOM_SERVER
    name = "FileStoreUnavailable"
    status = 503
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "5"}

    def __init__(self, reason: str) -> None:
        super().__init__("the file store is not available")
        self.reason = reason

    def __str__(self) -> str:
        """Say why too; callers are not told that, the log is."""
        return f"{self.message}: {self.reason}"
