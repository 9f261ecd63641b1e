"""Users and groups on the wire, as in Foundry's ``/api/v2/admin``."""

from typing import Literal

from sluiceway.access.principals.types import (
    ORGANIZATION_RID,
    Group,
    Member,
    PrincipalType,
    User,
    UserStatus,
)
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page
from sluiceway.foundation.wire import Body, Wire


class UserWire(Wire, frozen=True):
    """A user."""

    id: str
    username: str
    realm: str
    status: str
    attributes: dict[str, list[str]]
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    organization: str | None = None


class AccountWire(UserWire, frozen=True, kw_only=True):
    """A user as administrators see it."""

    kind: str
    is_admin: bool
    is_enabled: bool
    created_time: str


class UserBatch(Wire, frozen=True):
    """Users by their ids."""

    data: dict[str, UserWire]


class UserPage(Wire, frozen=True):
    """One page of users."""

    data: list[UserWire]
    next_page_token: str | None = None


class GroupWire(Wire, frozen=True):
    """A group."""

    id: str
    name: str
    realm: str
    organizations: list[str]
    attributes: dict[str, list[str]]
    description: str | None = None


class GroupBatch(Wire, frozen=True):
    """Groups by their ids."""

    data: dict[str, GroupWire]


class GroupPage(Wire, frozen=True):
    """One page of groups."""

    data: list[GroupWire]
    next_page_token: str | None = None


class MemberWire(Wire, frozen=True):
    """A principal in a group."""

    principal_type: PrincipalType
    principal_id: str


class MemberPage(Wire, frozen=True):
    """One page of a group's members."""

    data: list[MemberWire]
    next_page_token: str | None = None


class MembershipWire(Wire, frozen=True):
    """A group that a user is in."""

    group_id: str


class MembershipPage(Wire, frozen=True):
    """One page of the groups that a user is in."""

    data: list[MembershipWire]
    next_page_token: str | None = None


class UserBatchElement(Body, frozen=True):
    """A user that is wanted."""

    user_id: str
    status: UserStatus | None = None


class GroupBatchElement(Body, frozen=True):
    """A group that is wanted."""

    group_id: str


class QueryString(Body, frozen=True):
    """What to search for."""

    type: Literal["queryString"]
    value: str


class SearchBody(Body, frozen=True):
    """A search for users or groups."""

    where: QueryString
    page_size: int | None = None
    page_token: str | None = None


class NewUserBody(Body, frozen=True):
    """A person who shall have an account."""

    username: str
    password: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    is_admin: bool = False


class PersonBody(Body, frozen=True):
    """Who stands behind an account from now on; what is left out is not known."""

    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None


class PasswordBody(Body, frozen=True):
    """A new password; one's own needs the old one too."""

    new_password: str
    old_password: str | None = None


class GroupBody(Body, frozen=True):
    """A group as it shall be."""

    name: str
    organizations: list[str] | None = None
    """Left out: the server's own. Others are tolerated, as a server has but one."""
    description: str | None = None
    attributes: dict[str, list[str]] | None = None


class AddMembersBody(Body, frozen=True):
    """Principals to put into a group."""

    principal_ids: list[str]
    expiration: str | None = None
    """Not supported here; a membership that should end by itself is refused, not kept for ever."""


class RemoveMembersBody(Body, frozen=True):
    """Principals to take out of a group."""

    principal_ids: list[str]


def user_wire(user: User) -> UserWire:
    """Write a user."""
    return UserWire(
        id=user.user_id,
        username=user.username,
        realm=user.realm,
        status=user.status.value,
        attributes=user_attributes(user),
        given_name=user.given_name,
        family_name=user.family_name,
        email=user.email,
        organization=user.organization,
    )


def account_wire(user: User) -> AccountWire:
    """Write a user for administrators."""
    return AccountWire(
        id=user.user_id,
        username=user.username,
        realm=user.realm,
        status=user.status.value,
        attributes=user_attributes(user),
        given_name=user.given_name,
        family_name=user.family_name,
        email=user.email,
        organization=user.organization,
        kind=user.kind.value,
        is_admin=user.is_admin,
        is_enabled=user.is_enabled,
        created_time=iso_time(user.created_ms),
    )


def user_attributes(user: User) -> dict[str, list[str]]:
    """Write what Foundry keeps in attributes, and under our own prefix what only we know."""
    facts = {
        "multipass:realm": user.realm,
        "multipass:given-name": user.given_name,
        "multipass:family-name": user.family_name,
        "multipass:email:primary": user.email,
        "multipass:organization-rid": user.organization,
        "sluiceway:kind": user.kind.value,
        "sluiceway:is-admin": str(user.is_admin).lower(),
        "sluiceway:is-enabled": str(user.is_enabled).lower(),
    }
    return {name: [value] for name, value in facts.items() if value is not None}


def user_page(page: Page[User]) -> UserPage:
    """Write a page of users."""
    return UserPage(
        data=[user_wire(user) for user in page.data], next_page_token=page.next_page_token
    )


def group_wire(group: Group) -> GroupWire:
    """Write a group."""
    return GroupWire(
        id=group.group_id,
        name=group.name,
        realm=group.realm,
        organizations=[ORGANIZATION_RID],
        attributes=group.attributes,
        description=group.description,
    )


def group_page(page: Page[Group]) -> GroupPage:
    """Write a page of groups."""
    return GroupPage(
        data=[group_wire(group) for group in page.data], next_page_token=page.next_page_token
    )


def member_page(page: Page[Member]) -> MemberPage:
    """Write a page of members."""
    return MemberPage(
        data=[
            MemberWire(principal_type=member.principal_type, principal_id=member.principal_id)
            for member in page.data
        ],
        next_page_token=page.next_page_token,
    )
