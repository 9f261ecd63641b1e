"""The publish calls as ordinary routes; ``ingest.protocol`` is the faster door to the same.

v2 calls: ``foundry_sdk/v2/streams/stream.py``. The older ``/stream-proxy`` calls are those that
Foundry's pages handed out for years.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.credentials import request_token
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.ingest.head import check_media, media_type_of
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.paths import PROXY_BRANCH, PROXY_VIEW, PUBLISH
from sluiceway.ingest.types import (
    BranchTarget,
    Call,
    JsonRecordsReply,
    OffsetAndPartition,
    Target,
    ViewTarget,
)

_NEEDS: Final = requires(Operation.STREAMS_WRITE)
_TAGS: Final = ["Publish"]
_Request = Request[Any, Any, Any]

_RECORD: Final = Schema(type=OpenAPIType.OBJECT, description="A record of the stream's schema.")
_VIEW_RID: Final = Schema(type=OpenAPIType.STRING, description="Write to this view or not at all.")
_BODIES: Final[dict[Call, Schema]] = {
    Call.PUBLISH_RECORD: Schema(
        type=OpenAPIType.OBJECT,
        properties={"record": _RECORD, "viewRid": _VIEW_RID},
        required=["record"],
        additional_properties=False,
    ),
    Call.PUBLISH_RECORDS: Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "records": Schema(type=OpenAPIType.ARRAY, items=_RECORD, min_items=1),
            "viewRid": _VIEW_RID,
        },
        required=["records"],
        additional_properties=False,
    ),
    Call.PUBLISH_BINARY_RECORD: Schema(
        type=OpenAPIType.STRING, content_media_type="application/octet-stream"
    ),
    Call.JSON_RECORD: _RECORD,
    Call.JSON_RECORDS: Schema(
        type=OpenAPIType.ARRAY,
        min_items=1,
        items=Schema(
            type=OpenAPIType.OBJECT,
            properties={"value": _RECORD},
            required=["value"],
            additional_properties=False,
        ),
    ),
}


def _described(call: Call) -> type[OpenAPIOperation]:
    """Make the OpenAPI operation of a call whose body the handler reads by itself."""

    @dataclass
    class PublishOperation(OpenAPIOperation):
        def __post_init__(self) -> None:
            content: dict[str, OpenAPIMediaType] = {
                media_type_of(call): OpenAPIMediaType(schema=_BODIES[call])
            }
            self.request_body: RequestBody | Reference | None = RequestBody(content, required=True)

    return PublishOperation


async def _publish(
    request: _Request, caller: Caller, call: Call, target: Target, intake: Intake
) -> bytes:
    """Do what every publish call does; gives the body of the answer once all is durable.

    The budget bounds the body, not the framework: it holds for both doors alike.
    """
    taken, body = 0, bytearray()
    try:
        await intake.ingest.admit(caller, call, target)
        headers = request.headers
        check_media(call, headers.get("content-type"), headers.get("content-encoding"))
        async for chunk in request.stream():
            intake.budget.take(len(chunk), of=taken)
            taken += len(chunk)
            body += chunk
        # Asked again: the body may have taken minutes, and rights end within a second.
        caller = await intake.callers.authenticate(request_token(request))
        stream = await intake.ingest.admit(caller, call, target)
        pending = intake.ingest.publish(stream, call, bytes(body))
        await pending.append
    except SluicewayError as error:
        intake.ingest.refused(target, error)
        raise
    else:
        intake.ingest.stored(pending)
        return pending.reply()
    finally:
        intake.budget.give_back(taken)


@post(
    f"{PUBLISH}/publishRecord",
    opt=_NEEDS,
    status_code=204,
    operation_id="publishRecord",
    operation_class=_described(Call.PUBLISH_RECORD),
    tags=_TAGS,
    request_max_body_size=None,
)
async def publish_record(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
) -> None:
    """Publish one record; answered once it is durable."""
    target = BranchTarget(dataset_rid, branch_name)
    await _publish(request, caller, Call.PUBLISH_RECORD, target, intake)


@post(
    f"{PUBLISH}/publishRecords",
    opt=_NEEDS,
    status_code=204,
    operation_id="publishRecords",
    operation_class=_described(Call.PUBLISH_RECORDS),
    tags=_TAGS,
    request_max_body_size=None,
)
async def publish_records(
    request: _Request,
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
) -> None:
    """Publish records, all of them or none; answered once they are durable."""
    target = BranchTarget(dataset_rid, branch_name)
    await _publish(request, caller, Call.PUBLISH_RECORDS, target, intake)


@post(
    f"{PUBLISH}/publishBinaryRecord",
    opt=_NEEDS,
    status_code=204,
    operation_id="publishBinaryRecord",
    operation_class=_described(Call.PUBLISH_BINARY_RECORD),
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
) -> None:
    """Publish the body as the one record of a stream whose schema is one binary field."""
    pinned = None if view_rid is None else ViewRid(view_rid)  # type: ignore[arg-type]  # parsed nowhere else
    target = BranchTarget(dataset_rid, branch_name, pinned)
    await _publish(request, caller, Call.PUBLISH_BINARY_RECORD, target, intake)


@post(
    f"{PROXY_BRANCH}/jsonRecord",
    opt=_NEEDS,
    status_code=200,
    operation_id="jsonRecord",
    operation_class=_described(Call.JSON_RECORD),
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
    return _json(await _publish(request, caller, Call.JSON_RECORD, target, intake))


@post(
    f"{PROXY_BRANCH}/jsonRecords",
    opt=_NEEDS,
    status_code=200,
    operation_id="jsonRecords",
    operation_class=_described(Call.JSON_RECORDS),
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
    return _json(await _publish(request, caller, Call.JSON_RECORDS, target, intake))


@post(
    f"{PROXY_VIEW}/jsonRecords",
    opt=_NEEDS,
    status_code=200,
    operation_id="jsonRecordsToView",
    operation_class=_described(Call.JSON_RECORDS),
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
    return _json(await _publish(request, caller, Call.JSON_RECORDS, target, intake))


def _json(body: bytes) -> Response[Any]:
    return Response(msgspec.Raw(body), media_type="application/json", status_code=200)


HANDLERS: Final = (
    publish_record,
    publish_records,
    publish_binary_record,
    json_record,
    json_records,
    json_records_to_view,
)
