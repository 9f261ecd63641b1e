"""What the calls about datasets send and are sent."""

from typing import Annotated, Final

from litestar.params import QueryParameter

from sluiceway.datasets.schemas import DataframeReader, DatasetSchema
from sluiceway.datasets.types import (
    Branch,
    DatasetDescription,
    DatasetFile,
    Selection,
    Step,
    TransactionStatus,
    TransactionType,
)
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import DatasetRid, Rid, TransactionRid
from sluiceway.foundation.wire import Body, Wire

TAGS: Final = ["Datasets"]
SCHEMAS_MAX: Final = 1_000
"""Most datasets whose schemas one request may ask for; Foundry's own bound."""
DATASET: Final = "/api/v2/datasets/{dataset_rid:str}"

PageSize = Annotated[int | None, QueryParameter(name="pageSize")]
PageToken = Annotated[str | None, QueryParameter(name="pageToken")]
BranchName = Annotated[
    str | None, QueryParameter(name="branchName", description="The default branch if left out.")
]
StartTransaction = Annotated[
    str | None,
    QueryParameter(
        name="startTransactionRid", description="Only what came with this transaction or later."
    ),
]
EndTransaction = Annotated[
    str | None,
    QueryParameter(
        name="endTransactionRid", description="As it was after this transaction, not as it is now."
    ),
]


class CreateDatasetRequest(Body, frozen=True):
    """What a new dataset is to be."""

    name: str
    parent_folder_rid: Rid


class CreateBranchRequest(Body, frozen=True):
    """What a new branch is to be."""

    name: str
    transaction_rid: TransactionRid | None = None


class DatasetElement(Body, frozen=True):
    """One dataset of a batch."""

    dataset_rid: DatasetRid


class DescriptionsReply(Wire, frozen=True):
    """What there is to say of those datasets that the caller sees."""

    data: dict[DatasetRid, DatasetDescription]


class BranchReply(Wire, frozen=True):
    """A branch."""

    name: str
    transaction_rid: TransactionRid | None = None


class CreateTransactionRequest(Body, frozen=True):
    """What a new transaction is to be."""

    transaction_type: TransactionType


class TransactionReply(Wire, frozen=True):
    """A transaction."""

    rid: TransactionRid
    transaction_type: TransactionType
    status: TransactionStatus
    created_time: str
    closed_time: str | None = None


class FileReply(Wire, frozen=True):
    """A file. Its size is a text of decimal digits, as Foundry writes long numbers."""

    path: str
    transaction_rid: TransactionRid
    size_bytes: str
    updated_time: str


class PutSchemaRequest(Body, frozen=True):
    """A schema for the view of a branch."""

    schema: DatasetSchema
    branch_name: str | None = None
    dataframe_reader: DataframeReader | None = None
    end_transaction_rid: TransactionRid | None = None


class SchemaReply(Wire, frozen=True):
    """A schema, and the transaction whose view it is of."""

    branch_name: str
    end_transaction_rid: TransactionRid
    schema: DatasetSchema
    version_id: str


class SchemaWanted(Body, frozen=True):
    """A dataset of which the schema is wanted."""

    dataset_rid: DatasetRid
    branch_name: str | None = None
    end_transaction_rid: TransactionRid | None = None
    version_id: str | None = None


class SchemasReply(Wire, frozen=True):
    """The schemas of those datasets that have one and that the caller may read."""

    data: dict[DatasetRid, SchemaReply]


def branch_reply(branch: Branch) -> BranchReply:
    """Write a branch for the wire."""
    return BranchReply(name=branch.branch_name, transaction_rid=branch.latest_rid)


def transaction_reply(transaction: Step) -> TransactionReply:
    """Write a transaction for the wire."""
    closed_ms = transaction.closed_ms
    return TransactionReply(
        rid=transaction.transaction_rid,
        transaction_type=transaction.type,
        status=transaction.status,
        created_time=iso_time(transaction.created_ms),
        closed_time=None if closed_ms is None else iso_time(closed_ms),
    )


def file_reply(file: DatasetFile) -> FileReply:
    """Write a file for the wire."""
    return FileReply(
        path=file.path,
        transaction_rid=file.transaction_rid,
        size_bytes=str(file.size_bytes),
        updated_time=iso_time(file.updated_ms),
    )


def selection_of(branch_name: str | None, start_rid: str | None, end_rid: str | None) -> Selection:
    """Read which files a call is about."""
    return Selection(
        branch_name=branch_name,
        start_rid=transaction_of(start_rid),
        end_rid=transaction_of(end_rid),
    )


def transaction_of(rid: str | None) -> TransactionRid | None:
    """Read the id of a transaction."""
    return None if rid is None else TransactionRid(Rid(rid))
