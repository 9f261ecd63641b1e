"""Watching a stream: who may, and from where."""

from dataclasses import dataclass
from typing import Protocol

from sluiceway.access.caller import Caller
from sluiceway.access.errors import ApiUsageDeniedError
from sluiceway.access.roles import Role
from sluiceway.access.scopes import Operation
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.errors import GetRecordsPermissionDeniedError
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.watch import Start, Watch
from sluiceway.reading.service import ReadingService, parse_partition
from sluiceway.streams.types import View


class Callers(Protocol):
    """Finds the caller behind a token, from memory where it can."""

    async def authenticate(self, token: str) -> Caller:
        """Give the caller; see ``access.guard.Authenticator``."""
        ...


@dataclass(frozen=True, slots=True)
class LiveService:
    """Lets callers watch streams."""

    reading: ReadingService
    callers: Callers
    hub: LiveHub

    async def watch(
        self,
        token: str,
        dataset_rid: DatasetRid,
        branch_name: str,
        *,
        partition_id: str | None,
        start: Start,
    ) -> Watch:
        """Watch a stream on behalf of who has *token*, for as long as that may be.

        Raises:
            InvalidTokenError: The token is not valid.
            ApiUsageDeniedError: Its scope lacks reading streams.
            StreamNotFoundError: There is no such stream that the caller may see.
            GetRecordsPermissionDeniedError: The caller may not read it.
            InvalidPartitionError: The stream has no such partition.
            OverloadedError: As many watch as may.
        """

        async def look() -> View:
            caller = await self.callers.authenticate(token)
            if not caller.may_use(Operation.STREAMS_READ):
                raise ApiUsageDeniedError(Operation.STREAMS_READ)
            denied = GetRecordsPermissionDeniedError(dataset_rid, branch_name)
            stream = await self.reading.stream(
                caller, dataset_rid, branch_name, needs=Role.VIEWER, denied=denied
            )
            if partition_id is not None:
                # Also after a reset, which may have changed how many there are.
                parse_partition(partition_id, stream.view)
            return stream.view

        view = await look()
        partition = None if partition_id is None else parse_partition(partition_id, view)
        watch = Watch(self.hub, look, partition)
        try:
            await watch.open(view, start)
        except BaseException:
            watch.close()
            raise
        return watch
