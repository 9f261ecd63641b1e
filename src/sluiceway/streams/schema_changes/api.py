"""``/api/v1/streams/…/schema``: changing a schema while the records stay; our own call."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.rids import DatasetRid
from sluiceway.streams.schema_changes.service import SchemaChangeService
from sluiceway.streams.schema_changes.types import ChangeSchemaRequest, SchemaChangeReply


@post(
    "/api/v1/streams/{dataset_rid:str}/{branch_name:str}/schema",
    opt=requires(Operation.STREAMS_WRITE),
    status_code=200,
    operation_id="changeStreamSchema",
    tags=["Streams"],
)
async def change_stream_schema(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[ChangeSchemaRequest],
    schema_changes: NamedDependency[SchemaChangeService],
) -> SchemaChangeReply:
    """Add fields to the schema of a stream or make its types wider; all records stay."""
    return await schema_changes.change(caller, dataset_rid, branch_name, data)


HANDLERS: Final = (change_stream_schema,)
