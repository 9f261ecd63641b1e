"""The calls about groups and their members, under ``/api/v2/admin``."""

from typing import Annotated, Final

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.principals.errors import InvalidGroupOrganizationsError
from sluiceway.access.principals.groups import GroupService, NewGroup
from sluiceway.access.principals.wire import (
    AddMembersBody,
    GroupBatch,
    GroupBatchElement,
    GroupBody,
    GroupPage,
    GroupWire,
    MemberPage,
    RemoveMembersBody,
    SearchBody,
    group_page,
    group_wire,
    member_page,
)
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import parse_page
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import is_rid

_TAGS: Final = ["Admin"]
_READ: Final = requires(Operation.ADMIN_READ)
_WRITE: Final = requires(Operation.ADMIN_WRITE)

PageSize = Annotated[int | None, QueryParameter(name="pageSize")]
PageToken = Annotated[str | None, QueryParameter(name="pageToken")]


@post("/api/v2/admin/groups", opt=_WRITE, operation_id="createGroup", tags=_TAGS, status_code=200)
async def create_group(
    groups: NamedDependency[GroupService],
    caller: NamedDependency[Caller],
    data: JSONBody[GroupBody],
) -> GroupWire:
    """Make a group without members; only administrators may."""
    return group_wire(await groups.create(caller, _new_group(data)))


@put("/api/v2/admin/groups/{group_id:str}", opt=_WRITE, operation_id="replaceGroup", tags=_TAGS)
async def replace_group(
    groups: NamedDependency[GroupService],
    caller: NamedDependency[Caller],
    group_id: FromPath[str],
    data: JSONBody[GroupBody],
) -> GroupWire:
    """Change a group's name, description and attributes; only administrators may."""
    return group_wire(await groups.replace(caller, group_id, _new_group(data)))


@delete(
    "/api/v2/admin/groups/{group_id:str}",
    opt=_WRITE,
    operation_id="deleteGroup",
    tags=_TAGS,
    status_code=204,
)
async def delete_group(
    groups: NamedDependency[GroupService], caller: NamedDependency[Caller], group_id: FromPath[str]
) -> None:
    """Delete a group; only administrators may."""
    await groups.delete(caller, group_id)


@get("/api/v2/admin/groups/{group_id:str}", opt=_READ, operation_id="getGroup", tags=_TAGS)
async def get_group(groups: NamedDependency[GroupService], group_id: FromPath[str]) -> GroupWire:
    """Give the group with this id."""
    return group_wire(await groups.get(group_id))


@post(
    "/api/v2/admin/groups/getBatch",
    opt=_READ,
    operation_id="getGroupsBatch",
    tags=_TAGS,
    status_code=200,
)
async def get_groups_batch(
    groups: NamedDependency[GroupService], data: JSONBody[list[GroupBatchElement]]
) -> GroupBatch:
    """Give those of up to 500 groups that exist."""
    found = await groups.batch([element.group_id for element in data])
    return GroupBatch(data={group.group_id: group_wire(group) for group in found})


@get("/api/v2/admin/groups", opt=_READ, operation_id="listGroups", tags=_TAGS)
async def list_groups(
    groups: NamedDependency[GroupService], page_size: PageSize = None, page_token: PageToken = None
) -> GroupPage:
    """List the groups by name."""
    return group_page(await groups.page(parse_page(page_size, page_token)))


@get(
    "/api/v2/admin/groups/listCurrent",
    opt=requires(Operation.ADMIN_READ, preview=True),
    operation_id="listCurrentGroups",
    tags=_TAGS,
)
async def list_current_groups(
    groups: NamedDependency[GroupService], caller: NamedDependency[Caller]
) -> GroupPage:
    """List the groups that the caller is in, by whichever way."""
    return GroupPage(data=[group_wire(group) for group in await groups.of_caller(caller)])


@post(
    "/api/v2/admin/groups/search",
    opt=_READ,
    operation_id="searchGroups",
    tags=_TAGS,
    status_code=200,
)
async def search_groups(
    groups: NamedDependency[GroupService], data: JSONBody[SearchBody]
) -> GroupPage:
    """List the groups that have the text in their name."""
    request = parse_page(data.page_size, data.page_token)
    return group_page(await groups.search(data.where.value, request))


@get(
    "/api/v2/admin/groups/{group_id:str}/groupMembers",
    opt=_READ,
    operation_id="listGroupMembers",
    tags=_TAGS,
)
async def list_group_members(
    groups: NamedDependency[GroupService],
    group_id: FromPath[str],
    transitive: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> MemberPage:
    """List who is in a group; memberships never expire, so no expiration is ever given."""
    request = parse_page(page_size, page_token)
    return member_page(await groups.members(group_id, request, transitive=transitive))


@post(
    "/api/v2/admin/groups/{group_id:str}/groupMembers/add",
    opt=_WRITE,
    operation_id="addGroupMembers",
    tags=_TAGS,
    status_code=204,
)
async def add_group_members(
    groups: NamedDependency[GroupService],
    caller: NamedDependency[Caller],
    group_id: FromPath[str],
    data: JSONBody[AddMembersBody],
) -> None:
    """Put users and groups into a group; only administrators may."""
    if data.expiration is not None:
        raise InvalidArgumentError("memberships do not expire here: leave expiration out")
    await groups.add_members(caller, group_id, data.principal_ids)


@post(
    "/api/v2/admin/groups/{group_id:str}/groupMembers/remove",
    opt=_WRITE,
    operation_id="removeGroupMembers",
    tags=_TAGS,
    status_code=204,
)
async def remove_group_members(
    groups: NamedDependency[GroupService],
    caller: NamedDependency[Caller],
    group_id: FromPath[str],
    data: JSONBody[RemoveMembersBody],
) -> None:
    """Take users and groups out of a group; only administrators may."""
    await groups.remove_members(caller, group_id, data.principal_ids)


def _new_group(data: GroupBody) -> NewGroup:
    if data.organizations is not None:
        if not data.organizations:
            raise InvalidGroupOrganizationsError
        if not all(is_rid(organization) for organization in data.organizations):
            raise InvalidArgumentError("organizations holds what is not a RID")
    return NewGroup(name=data.name, description=data.description, attributes=data.attributes or {})


HANDLERS: Final = (
    create_group,
    replace_group,
    delete_group,
    get_group,
    get_groups_batch,
    list_groups,
    list_current_groups,
    search_groups,
    list_group_members,
    add_group_members,
    remove_group_members,
)
