"""``/api/v1/streams``: what the stream page shows besides records; these calls are our own."""

from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.overview.service import OverviewService
from sluiceway.reading.overview.types import (
    ActivityEvent,
    ArchiveReply,
    StatisticsReply,
    StreamDescription,
    SubscriberOverview,
    WindowName,
)
from sluiceway.reading.subscribers import StreamName

_STREAM: Final = "/api/v1/streams/{dataset_rid:str}/{branch_name:str}"
_READS: Final = requires(Operation.STREAMS_READ)
_TAGS: Final = ["Stream page"]

_PageSize = Annotated[int | None, QueryParameter(name="pageSize")]
_PageToken = Annotated[str | None, QueryParameter(name="pageToken")]


@get(f"{_STREAM}/statistics", opt=_READS, operation_id="getStreamStatistics", tags=_TAGS)
async def get_statistics(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    overview: NamedDependency[OverviewService],
    window: Annotated[WindowName, QueryParameter(name="window")] = WindowName.MINUTES,
) -> StatisticsReply:
    """Say how many records, bytes and requests were published lately, and how fast."""
    return await overview.statistics(caller, StreamName(dataset_rid, branch_name), window)


@get(f"{_STREAM}/subscribers", opt=_READS, operation_id="listStreamSubscribers", tags=_TAGS)
async def list_subscribers(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    overview: NamedDependency[OverviewService],
    page_size: _PageSize = None,
    page_token: _PageToken = None,
) -> Page[SubscriberOverview]:
    """List the subscribers of a stream, and how far behind each is."""
    page = parse_page(page_size, page_token)
    return await overview.subscribers(caller, StreamName(dataset_rid, branch_name), page)


@get(f"{_STREAM}/activity", opt=_READS, operation_id="listStreamActivity", tags=_TAGS)
async def list_activity(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    overview: NamedDependency[OverviewService],
    page_size: _PageSize = None,
    page_token: _PageToken = None,
) -> Page[ActivityEvent]:
    """List what was done to a stream's dataset, newest first."""
    page = parse_page(page_size, page_token)
    return await overview.activity(caller, StreamName(dataset_rid, branch_name), page)


@get(f"{_STREAM}/description", opt=_READS, operation_id="describeStream", tags=_TAGS)
async def describe_stream(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    overview: NamedDependency[OverviewService],
) -> StreamDescription:
    """Describe a stream, where it lies, and what the caller may do there."""
    return await overview.describe(caller, StreamName(dataset_rid, branch_name))


@get(f"{_STREAM}/archive", opt=_READS, operation_id="describeStreamArchive", tags=_TAGS)
async def describe_archive(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    overview: NamedDependency[OverviewService],
) -> ArchiveReply:
    """Describe the open table of a stream, as other programs open it."""
    return await overview.archive(caller, StreamName(dataset_rid, branch_name))


HANDLERS: Final = (
    get_statistics,
    list_subscribers,
    list_activity,
    describe_stream,
    describe_archive,
)
