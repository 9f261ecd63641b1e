"""The six subscriber calls of ``foundry_sdk/v2/streams/subscriber.py``."""

from typing import Annotated, Final

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.reading.service import with_offsets
from sluiceway.reading.subscribers import StreamName, SubscriberService
from sluiceway.reading.types import (
    CommitOffsetsRequest,
    CreateSubscriberRequest,
    ReadRecordsReply,
    ReadRecordsRequest,
    ResetOffsetsRequest,
    Subscriber,
    SubscriberReply,
)

_OF_STREAM: Final = "streams/datasets/{dataset_rid:str}/streams/{branch_name:str}/subscribers"
_SUBSCRIBERS: Final = f"/api/v2/{_OF_STREAM}"
_SUBSCRIBER: Final = f"/api/v2/highScale/{_OF_STREAM}/{{subscriber_id:str}}"
_READS: Final = requires(Operation.STREAMS_READ, preview=True)
_WRITES: Final = requires(Operation.STREAMS_WRITE, preview=True)
_TAGS: Final = ["Subscribers"]


@post(_SUBSCRIBERS, opt=_WRITES, status_code=200, operation_id="createSubscriber", tags=_TAGS)
async def create_subscriber(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[CreateSubscriberRequest],
    subscribers: NamedDependency[SubscriberService],
) -> SubscriberReply:
    """Register a subscriber; registering it again gives the same one."""
    return _reply(await subscribers.create(caller, StreamName(dataset_rid, branch_name), data))


@delete(
    f"{_SUBSCRIBERS}/{{subscriber_id:str}}",
    opt=_WRITES,
    status_code=204,
    operation_id="deleteSubscriber",
    tags=_TAGS,
)
async def delete_subscriber(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    subscriber_id: FromPath[str],
    subscribers: NamedDependency[SubscriberService],
) -> None:
    """Forget a subscriber; its id may be used again."""
    await subscribers.delete(caller, StreamName(dataset_rid, branch_name), subscriber_id)


@get(f"{_SUBSCRIBER}/getReadPosition", opt=_READS, operation_id="getReadPosition", tags=_TAGS)
async def get_read_position(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    subscriber_id: FromPath[str],
    subscribers: NamedDependency[SubscriberService],
    view_rid: Annotated[ViewRid | None, QueryParameter(name="viewRid")] = None,
) -> dict[str, int]:
    """Give the offset that the subscriber reads next, of each partition."""
    stream = StreamName(dataset_rid, branch_name)
    return _offsets(await subscribers.read_position(caller, stream, subscriber_id, view_rid))


@post(
    f"{_SUBSCRIBER}/readRecords",
    opt=_READS,
    status_code=200,
    operation_id="readRecords",
    tags=_TAGS,
)
async def read_records(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    subscriber_id: FromPath[str],
    data: JSONBody[ReadRecordsRequest],
    subscribers: NamedDependency[SubscriberService],
) -> ReadRecordsReply:
    """Give the next records of a subscriber."""
    stream = StreamName(dataset_rid, branch_name)
    records = await subscribers.read_records(caller, stream, subscriber_id, data)
    return ReadRecordsReply(
        records_by_partition={
            str(partition): with_offsets(found) for partition, found in records.items()
        }
    )


@post(
    f"{_SUBSCRIBER}/commitOffsets",
    opt=_WRITES,
    status_code=200,
    operation_id="commitOffsets",
    tags=_TAGS,
)
async def commit_offsets(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    subscriber_id: FromPath[str],
    data: JSONBody[CommitOffsetsRequest],
    subscribers: NamedDependency[SubscriberService],
) -> dict[str, int]:
    """Note the last processed offset of partitions; gives what is read next of each."""
    stream = StreamName(dataset_rid, branch_name)
    return _offsets(
        await subscribers.commit(caller, stream, subscriber_id, data.offsets, data.view_rid)
    )


@post(
    f"{_SUBSCRIBER}/resetOffsets",
    opt=_WRITES,
    status_code=200,
    operation_id="resetOffsets",
    tags=_TAGS,
)
async def reset_offsets(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    subscriber_id: FromPath[str],
    data: JSONBody[ResetOffsetsRequest],
    subscribers: NamedDependency[SubscriberService],
) -> dict[str, int]:
    """Let a subscriber read from elsewhere; gives what is read next of each partition."""
    stream = StreamName(dataset_rid, branch_name)
    return _offsets(await subscribers.reset(caller, stream, subscriber_id, data.position))


def _reply(subscriber: Subscriber) -> SubscriberReply:
    return SubscriberReply(
        subscriber_id=subscriber.subscriber_id,
        read_position=subscriber.read_position,
        dataset_rid=subscriber.dataset_rid,
        branch_name=subscriber.branch_name,
        view_rid=subscriber.view_rid,
        start_offsets=_offsets(subscriber.start_offsets),
        created_time=iso_time(subscriber.created_ms),
    )


def _offsets(offsets: dict[int, int]) -> dict[str, int]:
    return {str(partition): offset for partition, offset in offsets.items()}


HANDLERS: Final = (
    create_subscriber,
    delete_subscriber,
    get_read_position,
    read_records,
    commit_offsets,
    reset_offsets,
)
