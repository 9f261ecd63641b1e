"""What may be wrong with a call about a dataset. Names: ``foundry_sdk/v2/datasets/errors.py``."""

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid, Rid, TransactionRid

SHOWN_MAX = 1_024
"""How much of a caller's own text goes into the answer, in characters."""


class DatasetNotFoundError(SluicewayError):
    """The dataset does not exist, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "DatasetNotFound"

    def __init__(self, dataset_rid: str) -> None:
        shown = dataset_rid[:SHOWN_MAX]
        super().__init__(f"there is no dataset {shown} that you may read", datasetRid=shown)


class DatasetInTrashError(SluicewayError):
    """The dataset lies in the trash, by itself or with a folder above it, and is not written."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "DatasetInTrash"

    def __init__(self, dataset_rid: DatasetRid) -> None:
        super().__init__(f"{dataset_rid} is in the trash", datasetRid=dataset_rid)


class StreamingDatasetNotWritableError(SluicewayError):
    """The dataset has streams: it is written by publishing, not with transactions or files."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "StreamingDatasetNotWritable"

    def __init__(self, dataset_rid: DatasetRid) -> None:
        super().__init__(
            f"{dataset_rid} is a streaming dataset: publish records to its streams instead",
            datasetRid=dataset_rid,
        )


class DatasetReadNotSupportedError(SluicewayError):
    """The dataset cannot be read in this way; the reason says why."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "DatasetReadNotSupported"

    def __init__(self, dataset_rid: DatasetRid, reason: str) -> None:
        super().__init__(reason, datasetRid=dataset_rid, reason=reason)


class CreateDatasetPermissionDeniedError(SluicewayError):
    """The caller sees the folder but may not create in it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "CreateDatasetPermissionDenied"

    def __init__(self, parent_folder_rid: Rid, dataset_name: str) -> None:
        super().__init__(
            f"you need the role Editor to create a dataset in {parent_folder_rid}",
            parentFolderRid=parent_folder_rid,
            name=dataset_name[:SHOWN_MAX],
        )


class InvalidParameterCombinationError(SluicewayError):
    """The parameters are possible, but not together."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidParameterCombination"

    def __init__(self, valid: list[list[str]], provided: list[str]) -> None:
        super().__init__(
            f"{' and '.join(provided)} do not go together",
            validCombinations=valid,
            providedParameters=provided,
        )


# Branches


class BranchNotFoundError(SluicewayError):
    """The dataset has no such branch."""

    code = ErrorCode.NOT_FOUND
    name = "BranchNotFound"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"{dataset_rid} has no branch {branch_name[:SHOWN_MAX]!r}",
            datasetRid=dataset_rid,
            branchName=branch_name[:SHOWN_MAX],
        )


class _OfBranchError(SluicewayError):
    """What the caller may not do with a branch of a dataset that it sees."""

    code = ErrorCode.PERMISSION_DENIED
    phrase = ""

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role {self.phrase} branch {branch_name[:SHOWN_MAX]!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            branchName=branch_name[:SHOWN_MAX],
        )


class CreateBranchPermissionDeniedError(_OfBranchError):
    """The caller sees the dataset but may not make branches."""

    name = "CreateBranchPermissionDenied"
    phrase = "Editor to create the"


class DeleteBranchPermissionDeniedError(_OfBranchError):
    """The caller sees the branch but may not delete it."""

    name = "DeleteBranchPermissionDenied"
    phrase = "Editor to delete the"


class GetBranchTransactionHistoryPermissionDeniedError(_OfBranchError):
    """The caller sees that the dataset exists but may not read it."""

    name = "GetBranchTransactionHistoryPermissionDenied"
    phrase = "Viewer to list the transactions of the"


class CreateTransactionPermissionDeniedError(_OfBranchError):
    """The caller sees the branch but may not write to it."""

    name = "CreateTransactionPermissionDenied"
    phrase = "Editor to create a transaction on the"


# Transactions


class TransactionNotFoundError(SluicewayError):
    """The dataset has no such transaction."""

    code = ErrorCode.NOT_FOUND
    name = "TransactionNotFound"

    def __init__(self, dataset_rid: DatasetRid, transaction_rid: str) -> None:
        super().__init__(
            f"{dataset_rid} has no transaction {transaction_rid[:SHOWN_MAX]}",
            datasetRid=dataset_rid,
            transactionRid=transaction_rid[:SHOWN_MAX],
        )


class _OfStatusError(SluicewayError):
    """The transaction's status is not the one that the call needs."""

    code = ErrorCode.INVALID_ARGUMENT
    needed = ""

    def __init__(
        self, dataset_rid: DatasetRid, transaction_rid: TransactionRid, status: str
    ) -> None:
        super().__init__(
            f"{transaction_rid} is {status}, not {self.needed}",
            datasetRid=dataset_rid,
            transactionRid=transaction_rid,
            transactionStatus=status,
        )


class TransactionNotOpenError(_OfStatusError):
    """The transaction was committed or aborted."""

    name = "TransactionNotOpen"
    needed = "OPEN"


class TransactionNotCommittedError(_OfStatusError):
    """The transaction is open, or was aborted."""

    name = "TransactionNotCommitted"
    needed = "COMMITTED"


class OpenTransactionAlreadyExistsError(SluicewayError):
    """The branch has an open transaction; it can have one at a time."""

    code = ErrorCode.CONFLICT
    name = "OpenTransactionAlreadyExists"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"a transaction is open on branch {branch_name!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            branchName=branch_name,
        )


class InvalidTransactionTypeError(SluicewayError):
    """A transaction of this type does not take such a change."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidTransactionType"

    def __init__(
        self,
        dataset_rid: DatasetRid,
        transaction_rid: TransactionRid | None,
        transaction_type: str,
        reason: str,
    ) -> None:
        super().__init__(
            reason,
            datasetRid=dataset_rid,
            transactionRid=transaction_rid,
            transactionType=transaction_type,
        )


class TooManyTransactionsError(SluicewayError):
    """The view of the branch has as many transactions as it may have."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "TooManyTransactions"

    def __init__(self, dataset_rid: DatasetRid, transactions_max: int) -> None:
        super().__init__(
            f"{transactions_max} transactions follow the last SNAPSHOT, the most that may: make one",
            datasetRid=dataset_rid,
            transactionsMax=transactions_max,
        )


class _OfTransactionError(SluicewayError):
    """What the caller may not do with a transaction that it sees."""

    code = ErrorCode.PERMISSION_DENIED
    phrase = ""

    def __init__(self, dataset_rid: DatasetRid, transaction_rid: TransactionRid) -> None:
        super().__init__(
            f"you need the role Editor to {self.phrase} {transaction_rid}",
            datasetRid=dataset_rid,
            transactionRid=transaction_rid,
        )


class CommitTransactionPermissionDeniedError(_OfTransactionError):
    """The caller sees the transaction but may not commit it."""

    name = "CommitTransactionPermissionDenied"
    phrase = "commit"


class AbortTransactionPermissionDeniedError(_OfTransactionError):
    """The caller sees the transaction but may not abort it."""

    name = "AbortTransactionPermissionDenied"
    phrase = "abort"
