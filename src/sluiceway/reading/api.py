"""Reading records and end offsets, and the older reading calls.

v2 calls: ``foundry_sdk/v2/streams/stream.py``. An empty list is 200 and ``[]``, never 204: the
official Python client cannot read that.
"""

from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.credentials import request_token
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.reading.service import LATEST_DEFAULT, ReadingService
from sluiceway.reading.types import (
    LegacyRecord,
    LegacyRecords,
    LegacyRecordsWithOffsets,
    RecordsWanted,
    RecordWithOffset,
)
from sluiceway.reading.waiting import WAIT_MS_MAX, WaitingService

_STREAM: Final = "/api/v2/highScale/streams/datasets/{dataset_rid:str}/streams/{branch_name:str}"
_PROXY: Final = "/stream-proxy/api/streams/{dataset_rid:str}"
_READS: Final = requires(Operation.STREAMS_READ)
_READS_PREVIEW: Final = requires(Operation.STREAMS_READ, preview=True)
_TAGS: Final = ["Read"]

_WAIT_MS: Final = (
    "Not Foundry's: how many milliseconds to wait for the first record where there is none,"
    f" 0 to {WAIT_MS_MAX}."
)

_View = Annotated[ViewRid | None, QueryParameter(name="viewRid")]
_Limit = Annotated[int | None, QueryParameter(name="limit")]


@get(f"{_STREAM}/getRecords", opt=_READS_PREVIEW, operation_id="getRecords", tags=_TAGS)
async def get_records(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    waiting: NamedDependency[WaitingService],
    partition_id: Annotated[str, QueryParameter(name="partitionId")],
    limit: Annotated[int, QueryParameter(name="limit")],
    start_offset: Annotated[int | None, QueryParameter(name="startOffset")] = None,
    view_rid: _View = None,
    wait_ms: Annotated[int, QueryParameter(name="waitMs", description=_WAIT_MS)] = 0,
) -> list[RecordWithOffset]:
    """Give records of one partition from an offset on."""
    wanted = RecordsWanted(
        dataset_rid=dataset_rid,
        branch_name=branch_name,
        partition_id=partition_id,
        start_offset=start_offset,
        limit=limit,
        view_rid=view_rid,
    )

    async def has_left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    return await waiting.get_records(request_token(request), caller, wanted, wait_ms, has_left)


@get(f"{_STREAM}/getEndOffsets", opt=_READS_PREVIEW, operation_id="getEndOffsets", tags=_TAGS)
async def get_end_offsets(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    reading: NamedDependency[ReadingService],
    view_rid: _View = None,
) -> dict[str, int]:
    """Give the offset that the next record of each partition will get."""
    ends = await reading.get_end_offsets(caller, dataset_rid, branch_name, view_rid=view_rid)
    return {str(partition): end for partition, end in ends.items()}


@get(
    f"{_PROXY}/branches/{{branch_name:str}}/records",
    opt=_READS,
    operation_id="records",
    tags=_TAGS,
)
async def records(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    reading: NamedDependency[ReadingService],
    limit: _Limit = None,
) -> LegacyRecords:
    """Give the newest records of a stream (older call)."""
    wanted = LATEST_DEFAULT if limit is None else limit
    found = await reading.latest(caller, dataset_rid, branch_name, wanted)
    return LegacyRecords([LegacyRecord(record.value) for record in found])


@get(
    f"{_PROXY}/views/{{view_rid:str}}/partition/{{partition_id:str}}/recordsV2",
    opt=_READS,
    operation_id="recordsV2",
    tags=_TAGS,
)
async def records_v2(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    view_rid: FromPath[ViewRid],
    partition_id: FromPath[str],
    reading: NamedDependency[ReadingService],
    limit: _Limit = None,
) -> LegacyRecordsWithOffsets:
    """Give the newest records of one partition of a view (older call)."""
    wanted = LATEST_DEFAULT if limit is None else limit
    return LegacyRecordsWithOffsets(
        await reading.latest_of_view(caller, dataset_rid, view_rid, partition_id, wanted)
    )


HANDLERS: Final = (get_records, get_end_offsets, records, records_v2)
