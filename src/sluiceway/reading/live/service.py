"""Watching a stream: who may, and from where."""

from dataclasses import dataclass

from msgspec.structs import replace

from sluiceway.access.roles import Role
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.callers import Callers, reader
from sluiceway.reading.errors import GetRecordsPermissionDeniedError, InvalidLastEventIdError
from sluiceway.reading.live.events import End, EndCause
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.permits import PermitKey
from sluiceway.reading.live.places import parse_place, with_locator
from sluiceway.reading.live.watch import Start, Watch
from sluiceway.reading.service import ReadingService, parse_partition
from sluiceway.streams.errors import StreamNotFoundError
from sluiceway.streams.types import View


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
            InvalidLastEventIdError: The id is not one that was given for this.
            OverloadedError: As many watch as may.
        """
        key = PermitKey(token, dataset_rid, branch_name)
        view = await self._find(key)
        if partition_id is not None:
            start = replace(start, partition=parse_partition(partition_id, view))
        if start.last_event_id is not None:
            await self._check_stream_of(start.last_event_id, view)
        watch = Watch(self.hub, start)
        group, permits = self.hub.group(), self.hub.permits
        permit = permits.hold(group, key, view, lambda: self._look(key), watch.wake)
        watch.on_close = lambda: permits.release(key, permit, watch.wake)
        try:
            await watch.open(permit)
        except BaseException:
            watch.close()
            raise
        return watch

    async def _check_stream_of(self, last_event_id: str, view: View) -> None:
        """Refuse an id of a view that is now another stream's: it never was one of this."""
        place = parse_place(last_event_id, view)
        other = await self.reading.directory.view(with_locator(view.view_rid, place.locator))
        mine = (view.dataset_rid, view.branch_name)
        if other is not None and (other.view.dataset_rid, other.view.branch_name) != mine:
            raise InvalidLastEventIdError(last_event_id, "it is an id of another stream")

    async def _find(self, key: PermitKey) -> View:
        """Give what may be watched now."""
        caller = await reader(self.callers, key.token)
        denied = GetRecordsPermissionDeniedError(key.dataset_rid, key.branch_name)
        stream = await self.reading.stream(
            caller, key.dataset_rid, key.branch_name, needs=Role.VIEWER, denied=denied
        )
        return stream.view

    async def _look(self, key: PermitKey) -> View | End:
        """Give what may be watched now, or why nothing may be."""
        try:
            return await self._find(key)
        except StreamNotFoundError as error:
            # Who could read it a moment ago may know which of the two it is.
            directory = self.reading.directory
            is_there = await directory.stream(key.dataset_rid, key.branch_name) is not None
            return End(EndCause.ACCESS_LOST if is_there else EndCause.STREAM_DELETED, error)
        except SluicewayError as error:
            return End(EndCause.UNAVAILABLE if error.retryable else EndCause.ACCESS_LOST, error)
