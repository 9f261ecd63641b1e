"""``/api/v2/filesystem/resources/{resourceRid}/roles``."""

from typing import Annotated, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.filesystem.api.wire import (
    TAGS,
    PageSize,
    PageToken,
    RoleReply,
    RolesRequest,
    role_reply,
)
from sluiceway.filesystem.roles import RoleService
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.rids import Rid

_ROLES: Final = "/api/v2/filesystem/resources/{resource_rid:str}/roles"

IncludeInherited = Annotated[bool, QueryParameter(name="includeInherited")]


@get(_ROLES, opt=requires(Operation.FILESYSTEM_READ), operation_id="listResourceRoles", tags=TAGS)
async def list_roles(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    resource_roles: NamedDependency[RoleService],
    include_inherited: IncludeInherited = False,  # noqa: FBT002 - a query parameter
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[RoleReply]:
    """List who has which role on a resource."""
    page = await resource_roles.list_grants(
        caller,
        resource_rid,
        parse_page(page_size, page_token),
        include_inherited=include_inherited,
    )
    return Page(
        data=[role_reply(grant) for grant in page.data], next_page_token=page.next_page_token
    )


@post(
    f"{_ROLES}/add",
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=204,
    operation_id="addResourceRoles",
    tags=TAGS,
)
async def add_roles(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    data: JSONBody[RolesRequest],
    resource_roles: NamedDependency[RoleService],
) -> None:
    """Grant roles on a resource: all of them, or none."""
    await resource_roles.add(caller, resource_rid, [role.request() for role in data.roles])


@post(
    f"{_ROLES}/remove",
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=204,
    operation_id="removeResourceRoles",
    tags=TAGS,
)
async def remove_roles(
    caller: NamedDependency[Caller],
    resource_rid: FromPath[Rid],
    data: JSONBody[RolesRequest],
    resource_roles: NamedDependency[RoleService],
) -> None:
    """Take roles on a resource away: all of them, or none."""
    await resource_roles.remove(caller, resource_rid, [role.request() for role in data.roles])


HANDLERS: Final = (list_roles, add_roles, remove_roles)
