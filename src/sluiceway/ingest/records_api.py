"""Our own call to publish, with a receipt for an answer; ``ingest.api`` has Foundry's calls."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.ingest.archived import ArchivedPlaces
from sluiceway.ingest.description import described
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.ordinary import publish
from sluiceway.ingest.paths import STREAM
from sluiceway.ingest.receipts import Receipt, ReceiptReply
from sluiceway.ingest.types import BranchTarget, Call, OnInvalid

_NEEDS: Final = requires(Operation.STREAMS_WRITE)
_TAGS: Final = ["Publish"]


@post(
    f"{STREAM}/records",
    opt=_NEEDS,
    status_code=200,
    operation_id="appendRecords",
    operation_class=described(Call.APPEND_RECORDS),
    tags=_TAGS,
    request_max_body_size=None,
)
async def append_records(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    intake: NamedDependency[Intake],
    view_rid: Annotated[str | None, QueryParameter(name="viewRid")] = None,
    on_invalid: Annotated[OnInvalid, QueryParameter(name="onInvalid")] = OnInvalid.REFUSE,
) -> Response[Receipt]:
    """Publish records; answered with a receipt once they are durable.

    All of them are stored or none. With ``onInvalid=dead-letter`` those that fit the schema are,
    and the others are kept as dead letters, which the answer lists.
    """
    pinned = None if view_rid is None else ViewRid(view_rid)  # type: ignore[arg-type]  # parsed nowhere else
    target = BranchTarget(dataset_rid, branch_name, pinned)
    return await publish(request, caller, Call.APPEND_RECORDS, target, intake, on_invalid)


@get(
    f"{STREAM}/receipts/{{receipt_id:str}}",
    opt=_NEEDS,
    operation_id="getReceipt",
    tags=_TAGS,
)
async def get_receipt(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    receipt_id: FromPath[str],
    intake: NamedDependency[Intake],
    archived: NamedDependency[ArchivedPlaces],
) -> ReceiptReply:
    """Tell where the records of a receipt are now: in the log, in the stream's table, or both."""
    target = BranchTarget(dataset_rid, branch_name)
    return await intake.ingest.receipt(caller, target, receipt_id, intake.ledgers.log, archived)


HANDLERS: Final = (append_records, get_receipt)
