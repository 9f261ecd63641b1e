"""``/api/v2/streams``: creating, describing and resetting streams.

Paths, bodies and preview flags are those of ``foundry_sdk/v2/streams``.
"""

from typing import Any, Final

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.foundation.rids import DatasetRid, Rid
from sluiceway.schema.inference import InferredSchema, infer_schema
from sluiceway.streams.service import StreamService
from sluiceway.streams.types import (
    CreateStreamingDatasetRequest,
    CreateStreamRequest,
    DatasetReply,
    ResetStreamRequest,
    StreamReply,
    stream_reply,
)

_STREAMS: Final = "/api/v2/streams/datasets/{dataset_rid:str}/streams"
_TAGS: Final = ["Streams"]


@post(
    "/api/v2/streams/datasets/create",
    opt=requires(Operation.STREAMS_WRITE, preview=True),
    status_code=200,
    operation_id="createStreamingDataset",
    tags=_TAGS,
)
async def create_streaming_dataset(
    caller: NamedDependency[Caller],
    data: JSONBody[CreateStreamingDatasetRequest],
    streams: NamedDependency[StreamService],
) -> DatasetReply:
    """Create a streaming dataset with a stream on its first branch."""
    resource = await streams.create_dataset(caller, data)
    assert resource.parent_folder_rid is not None
    return DatasetReply(
        rid=DatasetRid(Rid(resource.rid)),
        name=resource.display_name,
        parent_folder_rid=resource.parent_folder_rid,
    )


@post(
    _STREAMS,
    opt=requires(Operation.STREAMS_WRITE, preview=True),
    status_code=200,
    operation_id="createStream",
    tags=_TAGS,
)
async def create_stream(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    data: JSONBody[CreateStreamRequest],
    streams: NamedDependency[StreamService],
) -> StreamReply:
    """Create a stream on a new branch of a dataset."""
    return stream_reply(await streams.create_stream(caller, dataset_rid, data))


@get(
    f"{_STREAMS}/{{branch_name:str}}",
    opt=requires(Operation.STREAMS_READ),
    operation_id="getStream",
    tags=_TAGS,
)
async def get_stream(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    streams: NamedDependency[StreamService],
) -> StreamReply:
    """Describe the stream on a branch."""
    return stream_reply(await streams.get(caller, dataset_rid, branch_name))


@post(
    f"{_STREAMS}/{{branch_name:str}}/reset",
    opt=requires(Operation.STREAMS_WRITE, preview=True),
    status_code=200,
    operation_id="resetStream",
    tags=_TAGS,
)
async def reset_stream(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    data: JSONBody[ResetStreamRequest],
    streams: NamedDependency[StreamService],
) -> StreamReply:
    """Give the stream a new, empty view; its records are gone for ever."""
    return stream_reply(await streams.reset(caller, dataset_rid, branch_name, data))


@post(
    "/api/v1/schemas/infer",
    opt=requires(None),
    status_code=200,
    operation_id="inferSchema",
    tags=_TAGS,
)
async def infer(request: Request[Any, Any, Any]) -> InferredSchema:
    """Guess a schema from a JSON sample, and say of each field why."""
    return infer_schema(await request.body())


HANDLERS: Final = (create_streaming_dataset, create_stream, get_stream, reset_stream, infer)
