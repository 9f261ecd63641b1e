"""Datasets as resources."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.datasets.service import DatasetService
from sluiceway.datasets.types import DatasetDescription
from sluiceway.datasets.wire import (
    DATASET,
    TAGS,
    CreateDatasetRequest,
    DatasetElement,
    DescriptionsReply,
)
from sluiceway.filesystem.types import Resource
from sluiceway.foundation.rids import DatasetRid, Rid
from sluiceway.streams.types import DatasetReply


@post(
    "/api/v2/datasets",
    opt=requires(Operation.DATASETS_WRITE),
    status_code=200,
    operation_id="createDataset",
    tags=TAGS,
)
async def create_dataset(
    caller: NamedDependency[Caller],
    data: JSONBody[CreateDatasetRequest],
    datasets: NamedDependency[DatasetService],
) -> DatasetReply:
    """Create a dataset of files, with the default branch."""
    return _reply(await datasets.create(caller, data.parent_folder_rid, data.name))


@get(DATASET, opt=requires(Operation.DATASETS_READ), operation_id="getDataset", tags=TAGS)
async def get_dataset(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    datasets: NamedDependency[DatasetService],
) -> DatasetReply:
    """Get a dataset, of files or with streams."""
    return _reply(await datasets.get(caller, dataset_rid))


@get(
    "/api/v1/datasets/{dataset_rid:str}/description",
    opt=requires(Operation.DATASETS_READ),
    operation_id="describeDataset",
    tags=TAGS,
)
async def describe_dataset(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    datasets: NamedDependency[DatasetService],
) -> DatasetDescription:
    """Tell what a dataset is, and which role the caller has on it; our own call."""
    return await datasets.describe(caller, dataset_rid)


@post(
    "/api/v1/datasets/getDescriptions",
    opt=requires(Operation.DATASETS_READ),
    status_code=200,
    operation_id="describeDatasets",
    tags=TAGS,
)
async def describe_datasets(
    caller: NamedDependency[Caller],
    data: JSONBody[list[DatasetElement]],
    datasets: NamedDependency[DatasetService],
) -> DescriptionsReply:
    """Tell of up to 1,000 datasets what ``description`` tells of one; our own call."""
    wanted = [one.dataset_rid for one in data]
    return DescriptionsReply(data=await datasets.describe_among(caller, wanted))


def _reply(resource: Resource) -> DatasetReply:
    return DatasetReply(
        rid=DatasetRid(Rid(resource.rid)),
        name=resource.display_name,
        parent_folder_rid=resource.parent_folder_rid,
    )


HANDLERS: Final = (create_dataset, get_dataset, describe_dataset, describe_datasets)
