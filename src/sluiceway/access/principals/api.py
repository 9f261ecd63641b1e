"""The calls about users and roles, under ``/api/v2/admin`` and, ours, ``/api/v1/users``."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.principals import group_api
from sluiceway.access.principals.accounts import AccountService, NewUser, Person
from sluiceway.access.principals.catalogue import RoleCatalogue
from sluiceway.access.principals.role_wire import (
    RoleBatch,
    RoleBatchElement,
    RoleWire,
    role_wire,
)
from sluiceway.access.principals.service import UserService
from sluiceway.access.principals.types import UserStatus
from sluiceway.access.principals.wire import (
    AccountWire,
    MembershipPage,
    MembershipWire,
    NewUserBody,
    PasswordBody,
    PersonBody,
    SearchBody,
    UserBatch,
    UserBatchElement,
    UserPage,
    UserWire,
    account_wire,
    user_page,
    user_wire,
)
from sluiceway.access.scopes import Operation
from sluiceway.foundation.paging import parse_page

_TAGS: Final = ["Admin"]
_READ: Final = requires(Operation.ADMIN_READ)
_READ_PREVIEW: Final = requires(Operation.ADMIN_READ, preview=True)
_WRITE: Final = requires(Operation.ADMIN_WRITE)

PageSize = Annotated[int | None, QueryParameter(name="pageSize")]
PageToken = Annotated[str | None, QueryParameter(name="pageToken")]


@get("/api/v2/admin/users/getCurrent", opt=_READ, operation_id="getCurrentUser", tags=_TAGS)
async def get_current_user(
    users: NamedDependency[UserService], caller: NamedDependency[Caller]
) -> UserWire:
    """Give the user who makes the request."""
    return user_wire(await users.current(caller))


@get("/api/v2/admin/users/{user_id:str}", opt=_READ, operation_id="getUser", tags=_TAGS)
async def get_user(
    users: NamedDependency[UserService],
    user_id: FromPath[str],
    status: FromQuery[UserStatus | None] = None,
) -> UserWire:
    """Give the user with this id."""
    return user_wire(await users.get(user_id, status or UserStatus.ACTIVE))


@post(
    "/api/v2/admin/users/getBatch",
    opt=_READ,
    operation_id="getUsersBatch",
    tags=_TAGS,
    status_code=200,
)
async def get_users_batch(
    users: NamedDependency[UserService], data: JSONBody[list[UserBatchElement]]
) -> UserBatch:
    """Give those of up to 500 users that exist."""
    wanted = [(element.user_id, element.status or UserStatus.ACTIVE) for element in data]
    return UserBatch(data={user.user_id: user_wire(user) for user in await users.batch(wanted)})


@get("/api/v2/admin/users", opt=_READ, operation_id="listUsers", tags=_TAGS)
async def list_users(
    users: NamedDependency[UserService],
    include: FromQuery[UserStatus | None] = None,
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> UserPage:
    """List the users by name."""
    request = parse_page(page_size, page_token)
    return user_page(await users.page(request, include or UserStatus.ACTIVE))


@post(
    "/api/v2/admin/users/search", opt=_READ, operation_id="searchUsers", tags=_TAGS, status_code=200
)
async def search_users(users: NamedDependency[UserService], data: JSONBody[SearchBody]) -> UserPage:
    """List the users with a name, e-mail address, client id or id that starts with the text."""
    request = parse_page(data.page_size, data.page_token)
    return user_page(await users.search(data.where.value, request))


@get(
    "/api/v2/admin/users/{user_id:str}/groupMemberships",
    opt=_READ,
    operation_id="listGroupMemberships",
    tags=_TAGS,
)
async def list_group_memberships(
    users: NamedDependency[UserService],
    user_id: FromPath[str],
    transitive: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> MembershipPage:
    """List the groups that a user is in."""
    request = parse_page(page_size, page_token)
    page = await users.memberships(user_id, request, transitive=transitive)
    return MembershipPage(
        data=[MembershipWire(group_id=group_id) for group_id in page.data],
        next_page_token=page.next_page_token,
    )


@delete(
    "/api/v2/admin/users/{user_id:str}",
    opt=_WRITE,
    operation_id="deleteUser",
    tags=_TAGS,
    status_code=204,
)
async def delete_user(
    accounts: NamedDependency[AccountService],
    caller: NamedDependency[Caller],
    user_id: FromPath[str],
) -> None:
    """Delete a user for ever; only administrators may."""
    await accounts.delete(caller, user_id)


@post("/api/v1/users", opt=_WRITE, operation_id="createUser", tags=_TAGS, status_code=200)
async def create_user(
    accounts: NamedDependency[AccountService],
    caller: NamedDependency[Caller],
    data: JSONBody[NewUserBody],
) -> AccountWire:
    """Make an account for a person; only administrators may."""
    new = NewUser(**msgspec.structs.asdict(data))
    return account_wire(await accounts.create(caller, new))


@put("/api/v1/users/{user_id:str}", opt=_WRITE, operation_id="replaceUser", tags=_TAGS)
async def replace_user(
    accounts: NamedDependency[AccountService],
    caller: NamedDependency[Caller],
    user_id: FromPath[str],
    data: JSONBody[PersonBody],
) -> AccountWire:
    """Say anew who stands behind an account; only the user and administrators may."""
    person = Person(**msgspec.structs.asdict(data))
    return account_wire(await accounts.replace_person(caller, user_id, person))


@post(
    "/api/v1/users/{user_id:str}/enable",
    opt=_WRITE,
    operation_id="enableUser",
    tags=_TAGS,
    status_code=200,
)
async def enable_user(
    accounts: NamedDependency[AccountService],
    caller: NamedDependency[Caller],
    user_id: FromPath[str],
) -> AccountWire:
    """Let a user in again; only administrators may."""
    return account_wire(await accounts.set_enabled(caller, user_id, enabled=True))


@post(
    "/api/v1/users/{user_id:str}/disable",
    opt=_WRITE,
    operation_id="disableUser",
    tags=_TAGS,
    status_code=200,
)
async def disable_user(
    accounts: NamedDependency[AccountService],
    caller: NamedDependency[Caller],
    user_id: FromPath[str],
) -> AccountWire:
    """Shut a user out with all its tokens, at once; only administrators may."""
    return account_wire(await accounts.set_enabled(caller, user_id, enabled=False))


@post(
    "/api/v1/users/{user_id:str}/password",
    opt=_WRITE,
    operation_id="changePassword",
    tags=_TAGS,
    status_code=204,
)
async def change_password(
    accounts: NamedDependency[AccountService],
    caller: NamedDependency[Caller],
    user_id: FromPath[str],
    data: JSONBody[PasswordBody],
) -> None:
    """Set a password and end the user's other sessions."""
    await accounts.change_password(caller, user_id, new=data.new_password, old=data.old_password)


@get("/api/v2/admin/roles/{role_id:str}", opt=_READ_PREVIEW, operation_id="getRole", tags=_TAGS)
async def get_role(roles: NamedDependency[RoleCatalogue], role_id: FromPath[str]) -> RoleWire:
    """Tell what a role is for, what it holds and which roles it may grant."""
    return role_wire(roles.get(role_id))


@post(
    "/api/v2/admin/roles/getBatch",
    opt=_READ_PREVIEW,
    operation_id="getRolesBatch",
    tags=_TAGS,
    status_code=200,
)
async def get_roles_batch(
    roles: NamedDependency[RoleCatalogue], data: JSONBody[list[RoleBatchElement]]
) -> RoleBatch:
    """Tell the same of up to 500 roles; unknown ones are left out."""
    found = roles.batch([element.role_id for element in data])
    return RoleBatch(data={role.role_id: role_wire(role) for role in found})


HANDLERS: Final = (
    get_current_user,
    get_user,
    get_users_batch,
    list_users,
    search_users,
    list_group_memberships,
    delete_user,
    create_user,
    replace_user,
    enable_user,
    disable_user,
    change_password,
    get_role,
    get_roles_batch,
    *group_api.HANDLERS,
)
