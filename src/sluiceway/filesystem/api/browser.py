"""``/api/v1/filesystem``: what a person needs to look after a tree; these calls are our own."""

from typing import Annotated, Final

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.roles import Role
from sluiceway.access.scopes import Operation
from sluiceway.filesystem.api.wire import (
    TAGS,
    BatchElement,
    FoundReply,
    OwnRoleReply,
    OwnRolesReply,
    PageSize,
    PageToken,
    ReplaceResourceRequest,
    ResourceReply,
    TrashedReply,
    resource_reply,
)
from sluiceway.filesystem.finding import SearchService
from sluiceway.filesystem.placement import Placement
from sluiceway.filesystem.service import ResourceService
from sluiceway.filesystem.trash import TrashService, may_restore
from sluiceway.filesystem.types import Visible
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.rids import Rid

_FILESYSTEM: Final = "/api/v1/filesystem"

FolderRid = Annotated[Rid | None, QueryParameter(name="folderRid")]


@put(
    f"{_FILESYSTEM}/resources/{{resource_rid:str}}",
    opt=requires(Operation.FILESYSTEM_WRITE),
    operation_id="replaceResource",
    tags=TAGS,
)
async def replace_resource(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    data: JSONBody[ReplaceResourceRequest],
    placement: NamedDependency[Placement],
) -> ResourceReply:
    """Rename a folder or dataset, or move it; without ``parentFolderRid`` it stays in its place."""
    placed = await placement.replace(
        caller,
        resource_rid,
        parent_folder_rid=data.parent_folder_rid,
        display_name=data.display_name,
    )
    return resource_reply(placed)


@get(
    f"{_FILESYSTEM}/resources/{{resource_rid:str}}/ownRole",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="getOwnRole",
    tags=TAGS,
)
async def get_own_role(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    resources: NamedDependency[ResourceService],
) -> OwnRoleReply:
    """Tell the caller's role on a resource, by whatever way it came to it."""
    role = (await resources.visible(caller, resource_rid)).role
    return OwnRoleReply(role_id=None if role is None else role.role_id)


@post(
    f"{_FILESYSTEM}/resources/getOwnRoles",
    opt=requires(Operation.FILESYSTEM_READ),
    status_code=200,
    operation_id="getOwnRoles",
    tags=TAGS,
)
async def get_own_roles(
    caller: NamedDependency[Caller],
    data: JSONBody[list[BatchElement]],
    resources: NamedDependency[ResourceService],
) -> OwnRolesReply:
    """Tell the caller's roles on up to 1,000 resources; those on which it has none are left out."""
    roles = await resources.roles_batch(caller, [element.resource_rid for element in data])
    return OwnRolesReply(data={rid: role.role_id for rid, role in roles.items()})


@get(
    f"{_FILESYSTEM}/search",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="searchResources",
    tags=TAGS,
)
async def search_resources(
    caller: NamedDependency[Caller],
    text: FromQuery[str],
    search: NamedDependency[SearchService],
    folder_rid: FolderRid = None,
) -> FoundReply:
    """Find projects, folders and datasets by a part of their name, in any case of letters."""
    found = await search.search(caller, text, folder_rid=folder_rid)
    return FoundReply(
        data=[resource_reply(resource) for resource in found.resources],
        is_complete=found.is_complete,
    )


@get(
    f"{_FILESYSTEM}/trash",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="listTrash",
    tags=TAGS,
)
async def list_trash(
    caller: NamedDependency[Caller],
    trash: NamedDependency[TrashService],
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[TrashedReply]:
    """List what was itself put in the trash, the latest first; a page may be short, even empty."""
    page = await trash.list_trashed(caller, parse_page(page_size, page_token))
    return Page(
        data=[_trashed_reply(visible) for visible in page.data],
        next_page_token=page.next_page_token,
    )


def _trashed_reply(visible: Visible) -> TrashedReply:
    resource = visible.resource
    return TrashedReply(
        resource=resource_reply(resource),
        trashed_time=iso_time(resource.trashed_ms or 0),
        may_restore=may_restore(visible),
        may_delete=visible.holds(Role.OWNER),
    )


HANDLERS: Final = (
    replace_resource,
    get_own_role,
    get_own_roles,
    search_resources,
    list_trash,
)
