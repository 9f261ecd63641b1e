"""``/api/v1/streams/…/maintain``: keeping a table small; our own call."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.archive.upkeep import MaintainedReply, UpkeepService
from sluiceway.foundation.rids import DatasetRid


@post(
    "/api/v1/streams/{dataset_rid:str}/{branch_name:str}/maintain",
    opt=requires(Operation.STREAMS_WRITE),
    status_code=200,
    operation_id="maintainArchive",
    tags=["Archive"],
)
async def maintain_archive(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    upkeep: NamedDependency[UpkeepService],
) -> MaintainedReply:
    """Merge small files of a stream's table, expire old snapshots, remove files that none has."""
    return await upkeep.maintain(caller, dataset_rid, branch_name)


HANDLERS: Final = (maintain_archive,)
