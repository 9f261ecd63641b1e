"""Our own call for records by offset, by time and by the values of fields."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import Page
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.querying import QueriedRecord, QueryingService, QueryRecordsRequest


@post(
    "/api/v1/streams/{dataset_rid:str}/{branch_name:str}/query",
    opt=requires(Operation.STREAMS_READ),
    status_code=200,
    operation_id="queryRecords",
    tags=["Read"],
)
async def query_records(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[QueryRecordsRequest],
    querying: NamedDependency[QueryingService],
) -> Page[QueriedRecord]:
    """Find records by offset, by time and by the values of fields, wherever they lie.

    They come by partition, and in each by offset. A page may be empty and yet have a token: go on
    until there is none.
    """
    return await querying.query(caller, dataset_rid, branch_name, data)


HANDLERS: Final = (query_records,)
