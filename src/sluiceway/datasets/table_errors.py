"""What may be wrong with a dataset's schema and its content as a table."""

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid, TransactionRid


class DatasetViewNotFoundError(SluicewayError):
    """The branch has no committed transaction, and so no view that a schema could be of."""

    code = ErrorCode.NOT_FOUND
    name = "DatasetViewNotFound"

    def __init__(self, dataset_rid: DatasetRid, branch: str) -> None:
        super().__init__(
            f"branch {branch!r} of {dataset_rid} has no transaction yet",
            datasetRid=dataset_rid,
            branch=branch,
        )


class SchemaNotFoundError(SluicewayError):
    """The view has no schema."""

    code = ErrorCode.NOT_FOUND
    name = "SchemaNotFound"

    def __init__(
        self, dataset_rid: DatasetRid, branch_name: str, transaction_rid: TransactionRid | None
    ) -> None:
        parameters = {"datasetRid": dataset_rid, "branchName": branch_name}
        if transaction_rid is not None:
            parameters["transactionRid"] = transaction_rid
        super().__init__(f"branch {branch_name!r} of {dataset_rid} has no schema", **parameters)


class _OfDatasetError(SluicewayError):
    """What the caller may not do with a dataset that it sees."""

    code = ErrorCode.PERMISSION_DENIED
    phrase = ""

    def __init__(self, dataset_rid: DatasetRid) -> None:
        super().__init__(
            f"you need the role {self.phrase} of {dataset_rid}", datasetRid=dataset_rid
        )


class GetDatasetSchemaPermissionDeniedError(_OfDatasetError):
    """The caller sees that the dataset exists but may not read it."""

    name = "GetDatasetSchemaPermissionDenied"
    phrase = "Viewer to get the schema"


class PutDatasetSchemaPermissionDeniedError(_OfDatasetError):
    """The caller sees the dataset but may not change it."""

    name = "PutDatasetSchemaPermissionDenied"
    phrase = "Editor to change the schema"


class ReadTableDatasetPermissionDeniedError(_OfDatasetError):
    """The caller sees that the dataset exists but may not read it."""

    name = "ReadTableDatasetPermissionDenied"
    phrase = "Viewer to read the table"


class ReadTableRowLimitExceededError(SluicewayError):
    """The table is not stored as Parquet and has more rows than may be read at once."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ReadTableRowLimitExceeded"

    def __init__(self, dataset_rid: DatasetRid, rows_max: int) -> None:
        super().__init__(
            f"a table that is not stored as Parquet is read up to {rows_max} rows: set rowLimit",
            datasetRid=dataset_rid,
            rowsMax=rows_max,
        )


class ColumnTypesNotSupportedError(SluicewayError):
    """The table has columns of types that its files, or the wanted format, cannot hold."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ColumnTypesNotSupported"

    def __init__(self, dataset_rid: DatasetRid, reason: str) -> None:
        super().__init__(reason, datasetRid=dataset_rid, reason=reason)


class ReadTableError(SluicewayError):
    """A file of the dataset cannot be read as its schema says; the message names it."""

    code = ErrorCode.INTERNAL
    name = "ReadTableError"

    def __init__(self, dataset_rid: DatasetRid, message: str) -> None:
        super().__init__(message, datasetRid=dataset_rid, message=message)


class ReadTableTimeoutError(SluicewayError):
    """Reading the table took too long for its first piece."""

    code = ErrorCode.TIMEOUT
    name = "ReadTableTimeout"

    def __init__(self, dataset_rid: DatasetRid, seconds_max: int) -> None:
        super().__init__(
            f"the table took over {seconds_max} s", datasetRid=dataset_rid, secondsMax=seconds_max
        )
