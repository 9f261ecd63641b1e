"""Says of a stream how it does, who reads it, what was done to it, and what it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from sluiceway.access.audit.store import AuditStore
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.service import Permissions
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.request_errors import InvalidPageTokenError
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.errors import ViewStreamPermissionDeniedError
from sluiceway.reading.overview.activity import activity_event, principals_in
from sluiceway.reading.overview.types import (
    ActivityEvent,
    ArchivedTable,
    ArchiveReply,
    PartitionReply,
    SeriesReply,
    StatisticsReply,
    StreamDescription,
    SubscriberOverview,
    WindowName,
)
from sluiceway.reading.service import ReadingService
from sluiceway.reading.store import SubscriberStore
from sluiceway.reading.subscribers import StreamName
from sluiceway.reading.types import Subscriber
from sluiceway.streams.directory import OpenStream
from sluiceway.streams.errors import StreamNotFoundError
from sluiceway.streams.log import RecordReader
from sluiceway.streams.meters import COARSE_KEPT, COARSE_MS, FINE_KEPT, FINE_MS
from sluiceway.streams.statistics import Numbers, StreamStatistics, Window
from sluiceway.streams.store import StreamStore

_WINDOWS: Final = {
    WindowName.MINUTES: Window(FINE_MS, 30),
    WindowName.HOUR: Window(FINE_MS, FINE_KEPT),
    WindowName.DAY: Window(COARSE_MS, COARSE_KEPT),
}
_EVENT_DIGITS_MAX: Final = 18


class ArchivedTables(Protocol):
    """Knows the open tables, and how far they are."""

    def archived(self, view: ViewRid) -> Mapping[int, int]:
        """Give the offset that comes next in the table of *view*, of each partition it has."""
        ...

    def behind_seconds(self, view: ViewRid) -> float | None:
        """Tell how long the oldest record waits that is in no table; ``None`` if none is to be."""
        ...

    async def table(self, view: ViewRid) -> ArchivedTable | None:
        """Describe the table of *view*; ``None`` when it has none yet.

        Raises:
            ArchiveUnavailableError: The archive cannot be asked now.
        """
        ...


class Names(Protocol):
    """Knows how principals are called."""

    async def names(self, principal_ids: Collection[str]) -> dict[str, str]:
        """Give the names of those of them that there are or were, by id."""
        ...


@dataclass(frozen=True, slots=True)
class OverviewService:
    """What callers with the role Viewer may know of a stream besides its records.

    Every call raises:
        StreamNotFoundError: There is no such stream that the caller may see.
        ViewStreamPermissionDeniedError: It sees it but is not Viewer.
    """

    reading: ReadingService
    statistics_kept: StreamStatistics
    log: RecordReader
    streams: StreamStore
    subscriber_store: SubscriberStore
    audit: AuditStore
    permissions: Permissions
    principals: Names
    tables: ArchivedTables

    async def statistics(
        self, caller: Caller, name: StreamName, window_name: WindowName
    ) -> StatisticsReply:
        """Say what was published lately."""
        view = (await self._stream(caller, name)).view
        window = _WINDOWS[window_name]
        ends = await self.log.end_offsets(view.view_rid)
        numbers = self.statistics_kept.numbers(view, window)
        archived = self.tables.archived(view.view_rid)
        counted = numbers.partitions or [0] * view.partitions
        since = numbers.since_ms
        return StatisticsReply(
            window=window_name,
            bucket_seconds=window.bucket_ms // 1_000,
            start=iso_time(numbers.first_index * window.bucket_ms),
            counted_since=None if since is None else iso_time(since),
            series=_series(numbers, window),
            partitions=[
                PartitionReply(partition, count, ends[partition], archived.get(partition, 0))
                for partition, count in enumerate(counted)
            ],
            archive_behind_seconds=self.tables.behind_seconds(view.view_rid),
        )

    async def archive(self, caller: Caller, name: StreamName) -> ArchiveReply:
        """Describe the stream's open table.

        Raises:
            ArchiveUnavailableError: The archive cannot be asked now.
        """
        view = (await self._stream(caller, name)).view
        return ArchiveReply(table=await self.tables.table(view.view_rid))

    async def subscribers(
        self, caller: Caller, name: StreamName, request: PageRequest
    ) -> Page[SubscriberOverview]:
        """List the subscribers, by id."""
        view = (await self._stream(caller, name)).view
        found = await self.subscriber_store.of_stream(
            name.dataset_rid, name.branch_name, after=request.after, limit=request.size + 1
        )
        ids = [subscriber.subscriber_id for subscriber in found]
        positions = await self.subscriber_store.positions_of(ids)
        starts = await self.log.start_offsets(view.view_rid)
        ends = await self.log.end_offsets(view.view_rid)
        overviews = []
        for subscriber in found:
            # After a reset it goes on with the first record of the new view.
            is_current = subscriber.view_rid == view.view_rid
            own = positions[subscriber.subscriber_id] if is_current else starts
            overviews.append(_overview(subscriber, own, ends))
        return page_of(overviews, request, ids)

    async def activity(
        self, caller: Caller, name: StreamName, request: PageRequest
    ) -> Page[ActivityEvent]:
        """List what was done to the dataset, newest first; only Owners see from which address.

        Raises:
            InvalidPageTokenError: The token is not one of this list.
        """
        await self._stream(caller, name)
        role = await self.reading.directory.role(caller, name.dataset_rid)
        found = await self.audit.of_subject(
            name.dataset_rid, before=_event_id(request), limit=request.size + 1
        )
        names = await self.principals.names(set().union(*map(principals_in, found)))
        shows_origin = role is Role.OWNER
        events = [activity_event(event, names, shows_origin=shows_origin) for event in found]
        return page_of(events, request, [event.event_id for event in events])

    async def describe(self, caller: Caller, name: StreamName) -> StreamDescription:
        """Say what the stream is, where it lies and what the caller may do there."""
        stream = await self._stream(caller, name)
        visible = await self.permissions.visible(caller, name.dataset_rid)
        if visible is None or visible.role is None:
            raise StreamNotFoundError(name.dataset_rid, name.branch_name)
        resource, view = visible.resource, stream.view
        names = await self.principals.names([resource.created_by])
        archived = self.tables.archived(view.view_rid)
        return StreamDescription(
            dataset_rid=name.dataset_rid,
            name=resource.display_name,
            path=resource.path,
            description=resource.description,
            parent_folder_rid=resource.parent_folder_rid,
            project_rid=resource.project_rid,
            branch_name=name.branch_name,
            branches=await self.streams.branch_names(name.dataset_rid),
            view_rid=view.view_rid,
            schema=view.schema,
            partitions_count=view.partitions,
            stream_type=view.stream_type,
            compressed=view.compressed,
            created_by=resource.created_by,
            created_by_name=names.get(resource.created_by),
            created_time=iso_time(resource.created_ms),
            view_created_time=iso_time(view.created_ms),
            role=visible.role.role_id,
            trash_status=resource.trash_status.value,
            archived_through={
                str(partition): archived.get(partition, 0) for partition in range(view.partitions)
            },
            sample_record=stream.schema.sample_record(),
        )

    async def _stream(self, caller: Caller, name: StreamName) -> OpenStream:
        return await self.reading.stream(
            caller,
            name.dataset_rid,
            name.branch_name,
            needs=Role.VIEWER,
            denied=ViewStreamPermissionDeniedError(name.dataset_rid, name.branch_name),
        )


def _series(numbers: Numbers, window: Window) -> SeriesReply:
    """Lay out the buckets in which something happened among those in which nothing did."""
    by_place = {bucket.index - numbers.first_index: bucket for bucket in numbers.buckets}
    buckets = [by_place.get(place) for place in range(window.buckets)]
    rejected: dict[str, list[int]] = {}
    for index, refusals in numbers.refusals:
        for refusal, count in refusals.items():
            line = rejected.setdefault(refusal.value, [0] * window.buckets)
            line[index - numbers.first_index] += count
    return SeriesReply(
        records=[0 if one is None else one.records for one in buckets],
        bytes=[0 if one is None else one.bytes for one in buckets],
        requests=[0 if one is None else one.requests for one in buckets],
        rejected=rejected,
        latency_p50_ms=[None if one is None else one.p50_ms for one in buckets],
        latency_p99_ms=[None if one is None else one.p99_ms for one in buckets],
    )


def _overview(
    subscriber: Subscriber, positions: dict[int, int], ends: dict[int, int]
) -> SubscriberOverview:
    own = {partition: positions.get(partition, 0) for partition in ends}
    lag = {str(partition): max(0, ends[partition] - own[partition]) for partition in ends}
    return SubscriberOverview(
        subscriber_id=subscriber.subscriber_id,
        read_position=subscriber.read_position,
        view_rid=subscriber.view_rid,
        positions={str(partition): position for partition, position in own.items()},
        lag=lag,
        lag_total=sum(lag.values()),
        created_time=iso_time(subscriber.created_ms),
    )


def _event_id(request: PageRequest) -> int | None:
    after = request.after
    if after is None:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) <= _EVENT_DIGITS_MAX):
        raise InvalidPageTokenError(after)
    return int(after)
