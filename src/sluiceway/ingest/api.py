"""The publish calls as ordinary routes; ``ingest.protocol`` is the faster door to the same.

v2 calls: ``foundry_sdk/v2/streams/stream.py``. The older ``/stream-proxy`` calls are those that
Foundry's pages handed out for years.
"""

from typing import Annotated, Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.ingest.description import described
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.ordinary import publish
from sluiceway.ingest.paths import PROXY_BRANCH, PROXY_VIEW, PUBLISH
from sluiceway.ingest.types import (
    BranchTarget,
    Call,
    JsonRecordsReply,
    OffsetAndPartition,
    ViewTarget,
)

_NEEDS: Final = requires(Operation.STREAMS_WRITE)
_TAGS: Final = ["Publish"]
_Request = Request[Any, Any, Any]


@post(
    f"{PUBLISH}/publishRecord",
    opt=_NEEDS,
    status_code=204,
    operation_id="publishRecord",
    operation_class=described(Call.PUBLISH_RECORD),
    tags=_TAGS,
    request_max_body_size=None,
)
async def publish_record(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
) -> Response[None]:
    """Publish one record; answered once it is durable."""
    target = BranchTarget(dataset_rid, branch_name)
    return await publish(request, caller, Call.PUBLISH_RECORD, target, intake)


@post(
    f"{PUBLISH}/publishRecords",
    opt=_NEEDS,
    status_code=204,
    operation_id="publishRecords",
    operation_class=described(Call.PUBLISH_RECORDS),
    tags=_TAGS,
    request_max_body_size=None,
)
async def publish_records(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
) -> Response[None]:
    """Publish records, all of them or none; answered once they are durable."""
    target = BranchTarget(dataset_rid, branch_name)
    return await publish(request, caller, Call.PUBLISH_RECORDS, target, intake)


@post(
    f"{PUBLISH}/publishBinaryRecord",
    opt=_NEEDS,
    status_code=204,
    operation_id="publishBinaryRecord",
    operation_class=described(Call.PUBLISH_BINARY_RECORD),
    tags=_TAGS,
    request_max_body_size=None,
)
async def publish_binary_record(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
    view_rid: Annotated[str | None, QueryParameter(name="viewRid")] = None,
) -> Response[None]:
    """Publish the body as the one record of a stream whose schema is one binary field."""
    pinned = None if view_rid is None else ViewRid(view_rid)  # type: ignore[arg-type]  # parsed nowhere else
    target = BranchTarget(dataset_rid, branch_name, pinned)
    return await publish(request, caller, Call.PUBLISH_BINARY_RECORD, target, intake)


@post(
    f"{PROXY_BRANCH}/jsonRecord",
    opt=_NEEDS,
    status_code=200,
    operation_id="jsonRecord",
    operation_class=described(Call.JSON_RECORD),
    tags=_TAGS,
    request_max_body_size=None,
)
async def json_record(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
) -> Response[OffsetAndPartition]:
    """Publish the body as one record (older call)."""
    target = BranchTarget(dataset_rid, branch_name)
    return await publish(request, caller, Call.JSON_RECORD, target, intake)


@post(
    f"{PROXY_BRANCH}/jsonRecords",
    opt=_NEEDS,
    status_code=200,
    operation_id="jsonRecords",
    operation_class=described(Call.JSON_RECORDS),
    tags=_TAGS,
    request_max_body_size=None,
)
async def json_records(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
) -> Response[JsonRecordsReply]:
    """Publish records to a branch, all of them or none (older call)."""
    target = BranchTarget(dataset_rid, branch_name)
    return await publish(request, caller, Call.JSON_RECORDS, target, intake)


@post(
    f"{PROXY_VIEW}/jsonRecords",
    opt=_NEEDS,
    status_code=200,
    operation_id="jsonRecordsToView",
    operation_class=described(Call.JSON_RECORDS),
    tags=_TAGS,
    request_max_body_size=None,
)
async def json_records_to_view(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    view_rid: FromPath[ViewRid],
    intake: NamedDependency[Intake],
) -> Response[JsonRecordsReply]:
    """Publish records to a view, all of them or none (older call)."""
    target = ViewTarget(dataset_rid, view_rid)
    return await publish(request, caller, Call.JSON_RECORDS, target, intake)


HANDLERS: Final = (
    publish_record,
    publish_records,
    publish_binary_record,
    json_record,
    json_records,
    json_records_to_view,
)
