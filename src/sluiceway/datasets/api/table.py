"""The schema of a dataset, and its rows."""

from typing import Annotated, Final

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.datasets.api.sending import OCTETS, Octets
from sluiceway.datasets.schemas import DataframeReader
from sluiceway.datasets.table import TableService
from sluiceway.datasets.tables import TableFormat, TableQuery
from sluiceway.datasets.types import ViewSchema
from sluiceway.datasets.wire import (
    DATASET,
    SCHEMAS_MAX,
    TAGS,
    BranchName,
    EndTransaction,
    PutSchemaRequest,
    SchemaReply,
    SchemasReply,
    SchemaWanted,
    StartTransaction,
    selection_of,
)
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import DatasetRid

_READS: Final = requires(Operation.DATASETS_READ)
_SCHEMAS_BYTES_MAX: Final = 16 * 1_048_576
"""Largest answer with several schemas."""


@get(f"{DATASET}/getSchema", opt=_READS, operation_id="getDatasetSchema", tags=TAGS)
async def get_schema(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    table: NamedDependency[TableService],
    branch_name: BranchName = None,
    end_transaction_rid: EndTransaction = None,
    version_id: Annotated[
        str | None, QueryParameter(name="versionId", description="This version of it.")
    ] = None,
) -> SchemaReply:
    """Get the schema of a dataset."""
    selection = selection_of(branch_name, None, end_transaction_rid)
    return _reply(await table.get_schema(caller, dataset_rid, selection, version_id))


@post(
    "/api/v2/datasets/getSchemaBatch",
    opt=_READS,
    status_code=200,
    operation_id="getDatasetSchemas",
    tags=TAGS,
)
async def get_schemas(
    caller: NamedDependency[Caller],
    data: JSONBody[list[SchemaWanted]],
    table: NamedDependency[TableService],
) -> SchemasReply:
    """Get the schemas of several datasets; those that cannot be given are left out."""
    if not 1 <= len(data) <= SCHEMAS_MAX:
        raise InvalidArgumentError(f"1 to {SCHEMAS_MAX} datasets at once", found=len(data))
    found: dict[DatasetRid, SchemaReply] = {}
    size = 0
    for one in data:
        selection = selection_of(one.branch_name, None, one.end_transaction_rid)
        schema = await table.find_schema(caller, one.dataset_rid, selection, one.version_id)
        if schema is not None:
            found[one.dataset_rid] = _reply(schema)
            size += len(msgspec.json.encode(found[one.dataset_rid]))
        if size > _SCHEMAS_BYTES_MAX:
            raise InvalidArgumentError("these are too many large schemas: ask for fewer at once")
    return SchemasReply(data=found)


@put(
    f"{DATASET}/putSchema",
    opt=requires(Operation.DATASETS_WRITE),
    operation_id="putDatasetSchema",
    tags=TAGS,
)
async def put_schema(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    data: JSONBody[PutSchemaRequest],
    table: NamedDependency[TableService],
) -> SchemaReply:
    """Give the dataset a schema, as of its last transaction or the one that is named."""
    put = await table.put_schema(
        caller,
        dataset_rid,
        selection_of(data.branch_name, None, data.end_transaction_rid),
        data.schema,
        data.dataframe_reader or DataframeReader.PARQUET,
    )
    return _reply(put)


@get(
    f"{DATASET}/readTable",
    opt=_READS,
    operation_id="readTable",
    tags=TAGS,
    media_type=OCTETS,
    responses={
        200: ResponseSpec(
            bytes,
            description="An Arrow IPC stream, or CSV with the names of the columns in its first line.",
            media_type=OCTETS,
            generate_examples=False,
        )
    },
)
async def read_table(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    table: NamedDependency[TableService],
    format_: Annotated[TableFormat, QueryParameter(name="format")],
    branch_name: BranchName = None,
    columns: Annotated[
        list[str] | None,
        QueryParameter(name="columns", description="Only these, in this order."),
    ] = None,
    start_transaction_rid: StartTransaction = None,
    end_transaction_rid: EndTransaction = None,
    row_limit: Annotated[
        int | None, QueryParameter(name="rowLimit", description="At most so many rows.")
    ] = None,
) -> Octets:
    """Give the content of a dataset as a table."""
    selection = selection_of(branch_name, start_transaction_rid, end_transaction_rid)
    query = TableQuery(format=format_, columns=columns or None, row_limit=row_limit)
    return Octets(await table.read(caller, dataset_rid, selection, query))


def _reply(schema: ViewSchema) -> SchemaReply:
    return SchemaReply(
        branch_name=schema.branch_name,
        end_transaction_rid=schema.end_rid,
        schema=schema.version.schema,
        version_id=schema.version.version_id,
    )


HANDLERS: Final = (get_schema, get_schemas, put_schema, read_table)
