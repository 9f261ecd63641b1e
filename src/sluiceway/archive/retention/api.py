"""``/api/v1/streams/…/retention``: how long records are kept; these calls are our own."""

from typing import Final

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.archive.retention.service import RetentionService
from sluiceway.archive.retention.types import (
    LegalHoldReply,
    PreviewReply,
    PreviewRequest,
    PutLegalHoldRequest,
    PutRetentionRequest,
    RetentionReply,
)
from sluiceway.foundation.rids import DatasetRid

_RETENTION: Final = "/api/v1/streams/{dataset_rid:str}/{branch_name:str}/retention"
_HOLD: Final = f"{_RETENTION}/legal-hold"
_READS: Final = requires(Operation.STREAMS_READ)
_WRITES: Final = requires(Operation.STREAMS_WRITE)
_TAGS: Final = ["Retention"]


@get(_RETENTION, opt=_READS, operation_id="getRetention", tags=_TAGS)
async def get_retention(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    retention: NamedDependency[RetentionService],
) -> RetentionReply:
    """Tell how long the records of a stream are kept."""
    return await retention.get(caller, dataset_rid, branch_name)


@put(_RETENTION, opt=_WRITES, operation_id="putRetention", tags=_TAGS)
async def put_retention(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[PutRetentionRequest],
    retention: NamedDependency[RetentionService],
) -> RetentionReply:
    """Say how long the records of a stream are kept; what is left out is kept as by default."""
    return await retention.put(caller, dataset_rid, branch_name, data)


@post(
    f"{_RETENTION}/preview",
    opt=_READS,
    status_code=200,
    operation_id="previewRetention",
    tags=_TAGS,
)
async def preview_retention(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[PreviewRequest],
    retention: NamedDependency[RetentionService],
) -> PreviewReply:
    """Tell what applying a policy now would delete, and change nothing."""
    return await retention.preview(caller, dataset_rid, branch_name, data)


@put(_HOLD, opt=_WRITES, operation_id="putLegalHold", tags=_TAGS)
async def put_legal_hold(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[PutLegalHoldRequest],
    retention: NamedDependency[RetentionService],
) -> LegalHoldReply:
    """See to it that nothing of a stream is deleted, until the hold is lifted."""
    return await retention.hold(caller, dataset_rid, branch_name, data.reason)


@delete(_HOLD, opt=_WRITES, status_code=204, operation_id="deleteLegalHold", tags=_TAGS)
async def delete_legal_hold(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    retention: NamedDependency[RetentionService],
) -> None:
    """Lift a legal hold; nothing when there is none."""
    await retention.lift(caller, dataset_rid, branch_name)


HANDLERS: Final = (
    get_retention,
    put_retention,
    preview_retention,
    put_legal_hold,
    delete_legal_hold,
)
