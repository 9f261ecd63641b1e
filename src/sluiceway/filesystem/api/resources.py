"""``/api/v2/filesystem/resources``."""

from typing import Final

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.filesystem.api.wire import (
    TAGS,
    AccessRequirementsReply,
    BatchElement,
    ResourceReply,
    ResourcesReply,
    access_requirements_reply,
    resource_reply,
)
from sluiceway.filesystem.service import ResourceService
from sluiceway.filesystem.trash import TrashService
from sluiceway.foundation.rids import Rid

_RESOURCES: Final = "/api/v2/filesystem/resources"
_RESOURCE: Final = f"{_RESOURCES}/{{resource_rid:str}}"


@get(
    f"{_RESOURCES}/getByPath",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="getResourceByPath",
    tags=TAGS,
)
async def get_by_path(
    caller: NamedDependency[Caller],
    path: FromQuery[str],
    resources: NamedDependency[ResourceService],
) -> ResourceReply:
    """Get the resource at a path such as /Main/Quickstart/orders."""
    return resource_reply(await resources.get_by_path(caller, path))


@post(
    f"{_RESOURCES}/getBatch",
    opt=requires(Operation.FILESYSTEM_READ),
    status_code=200,
    operation_id="getResourcesBatch",
    tags=TAGS,
)
async def get_batch(
    caller: NamedDependency[Caller],
    data: JSONBody[list[BatchElement]],
    resources: NamedDependency[ResourceService],
) -> ResourcesReply:
    """Get up to 1,000 resources; those that the caller does not see are left out."""
    found = await resources.get_batch(caller, [element.resource_rid for element in data])
    return ResourcesReply(data={rid: resource_reply(resource) for rid, resource in found.items()})


@get(_RESOURCE, opt=requires(Operation.FILESYSTEM_READ), operation_id="getResource", tags=TAGS)
async def get_resource(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    resources: NamedDependency[ResourceService],
) -> ResourceReply:
    """Get a resource."""
    return resource_reply(await resources.get(caller, resource_rid))


@get(
    f"{_RESOURCE}/getAccessRequirements",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="getAccessRequirements",
    tags=TAGS,
)
async def get_access_requirements(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    resources: NamedDependency[ResourceService],
) -> AccessRequirementsReply:
    """Tell what a resource demands of its users beside a role."""
    return access_requirements_reply(await resources.get_demanding(caller, resource_rid))


@delete(
    _RESOURCE,
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=204,
    operation_id="deleteResource",
    tags=TAGS,
)
async def delete_resource(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    trash: NamedDependency[TrashService],
) -> None:
    """Put a resource in the trash, with all that lies in it."""
    await trash.trash(caller, resource_rid)


@post(
    f"{_RESOURCE}/restore",
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=204,
    operation_id="restoreResource",
    tags=TAGS,
)
async def restore_resource(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    trash: NamedDependency[TrashService],
) -> None:
    """Take a resource, and the trashed folders above it, out of the trash."""
    await trash.restore(caller, resource_rid)


@post(
    f"{_RESOURCE}/permanentlyDelete",
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=204,
    operation_id="permanentlyDeleteResource",
    tags=TAGS,
)
async def permanently_delete(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    trash: NamedDependency[TrashService],
) -> None:
    """Delete a resource in the trash for ever, with all that lies in it and their data."""
    await trash.permanently_delete(caller, resource_rid)


HANDLERS: Final = (
    get_by_path,
    get_batch,
    get_resource,
    get_access_requirements,
    delete_resource,
    restore_resource,
    permanently_delete,
)
