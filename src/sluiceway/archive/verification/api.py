"""``/api/v1/streams/…/verify``: proof that a table has what was pushed; our own call."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.archive.verification.service import VerificationService
from sluiceway.archive.verification.types import Verified, VerifyStreamRequest
from sluiceway.foundation.rids import DatasetRid


@post(
    "/api/v1/streams/{dataset_rid:str}/{branch_name:str}/verify",
    opt=requires(Operation.STREAMS_READ),
    status_code=200,
    operation_id="verifyStream",
    tags=["Archive"],
)
async def verify_stream(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[VerifyStreamRequest],
    verification: NamedDependency[VerificationService],
) -> Verified:
    """Hold the next part of a stream's table against what was pushed."""
    return await verification.verify(caller, dataset_rid, branch_name, data.page_token)


HANDLERS: Final = (verify_stream,)
