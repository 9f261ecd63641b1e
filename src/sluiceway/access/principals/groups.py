"""Groups and who is in them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.principals.errors import (
    AddGroupMembersPermissionDeniedError,
    CreateGroupPermissionDeniedError,
    DeleteGroupPermissionDeniedError,
    GroupNotFoundError,
    PrincipalNotFoundError,
    RemoveGroupMembersPermissionDeniedError,
    ReplaceGroupPermissionDeniedError,
)
from sluiceway.access.principals.service import UserService, search_key
from sluiceway.access.principals.store import GroupStore
from sluiceway.access.principals.types import (
    BATCH_MAX,
    DESCRIPTION_LENGTH_MAX,
    NAME_LENGTH_MAX,
    Group,
    Member,
    name_key,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.transactions import Transactions

_ATTRIBUTES_MAX: Final = 50
_ATTRIBUTE_VALUES_MAX: Final = 100
_RESERVED_PREFIX: Final = "multipass:"


class NewGroup(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a group."""

    name: str
    description: str | None = None
    attributes: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class GroupService:
    """Finds groups for everybody, changes them for administrators."""

    groups: GroupStore
    users: UserService
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def create(self, caller: Caller, new: NewGroup) -> Group:
        """Make a group without members.

        Raises:
            CreateGroupPermissionDeniedError: The caller is not an administrator.
            GroupNameAlreadyExistsError: There is one of this name.
            InvalidArgumentError: A name, description or attribute is not possible.
        """
        if not caller.is_admin:
            raise CreateGroupPermissionDeniedError
        _check(new)
        group = Group(
            group_id=PrincipalId(str(uuid.uuid4())),
            name=new.name,
            description=new.description,
            attributes=new.attributes,
            created_ms=self.clock.now_ms(),
        )
        async with self.transactions.begin():
            await self.groups.add(group)
            await self.audit.record(actor(caller), "group.created", group.group_id, name=group.name)
        return group

    async def replace(self, caller: Caller, group_id: str, new: NewGroup) -> Group:
        """Change a group's name, description and attributes.

        Raises:
            ReplaceGroupPermissionDeniedError: The caller is not an administrator.
            GroupNotFoundError: There is no such group.
            GroupNameAlreadyExistsError: Another group has this name.
            InvalidArgumentError: A name, description or attribute is not possible.
        """
        if not caller.is_admin:
            raise ReplaceGroupPermissionDeniedError(group_id[:100])
        _check(new)
        async with self.transactions.begin():
            group = msgspec.structs.replace(
                await self.get(group_id),
                name=new.name,
                description=new.description,
                attributes=new.attributes,
            )
            await self.groups.replace(group)
            await self.audit.record(actor(caller), "group.changed", group.group_id, name=group.name)
        return group

    async def delete(self, caller: Caller, group_id: str) -> None:
        """Delete a group; roles that it was granted mean nothing from then on.

        Raises:
            DeleteGroupPermissionDeniedError: The caller is not an administrator.
            GroupNotFoundError: There is no such group.
        """
        if not caller.is_admin:
            raise DeleteGroupPermissionDeniedError(group_id[:100])
        async with self.transactions.begin():
            group = await self.get(group_id)
            await self.groups.delete(group.group_id)
            await self.audit.record(actor(caller), "group.deleted", group.group_id, name=group.name)

    async def get(self, group_id: str) -> Group:
        """Give the group with this id.

        Raises:
            GroupNotFoundError: There is none.
        """
        group = await self.groups.by_id(group_id.lower())
        if group is None:
            raise GroupNotFoundError(group_id)
        return group

    async def batch(self, group_ids: Sequence[str]) -> list[Group]:
        """Give those of the groups that exist."""
        if not 1 <= len(group_ids) <= BATCH_MAX:
            raise InvalidArgumentError(f"ask for 1 to {BATCH_MAX} groups", found=len(group_ids))
        return await self.groups.by_ids([group_id.lower() for group_id in group_ids])

    async def of_caller(self, caller: Caller) -> list[Group]:
        """Give the groups that the caller is in, by whichever way."""
        return await self.groups.by_ids(sorted(caller.group_ids))

    async def page(self, request: PageRequest) -> Page[Group]:
        """List the groups by name."""
        found = await self.groups.page(after=request.after, limit=request.size + 1)
        return page_of(found, request, [name_key(group.name) for group in found])

    async def search(self, text: str, request: PageRequest) -> Page[Group]:
        """List the groups that have *text* in their name, or whose id starts with it."""
        wanted = search_key(text)
        found = await self.groups.search(wanted, after=request.after, limit=request.size + 1)
        return page_of(found, request, [name_key(group.name) for group in found])

    async def members(
        self, group_id: str, request: PageRequest, *, transitive: bool
    ) -> Page[Member]:
        """List who is in a group; *transitive*: also by way of the groups inside.

        Raises:
            GroupNotFoundError: There is no such group.
        """
        group = await self.get(group_id)
        found = await self.groups.members(
            group.group_id, transitive=transitive, after=request.after, limit=request.size + 1
        )
        return page_of(found, request, [member.principal_id for member in found])

    async def add_members(
        self, caller: Caller, group_id: str, principal_ids: Sequence[str]
    ) -> None:
        """Put users and groups into a group, all or none.

        Raises:
            AddGroupMembersPermissionDeniedError: The caller is not an administrator.
            GroupNotFoundError: There is no such group.
            PrincipalNotFoundError: One of the principals does not exist.
        """
        if not caller.is_admin:
            raise AddGroupMembersPermissionDeniedError(group_id[:100])
        _check_batch(principal_ids)
        async with self.transactions.begin():
            group = await self.get(group_id)
            members = [await self._member(principal_id) for principal_id in principal_ids]
            if any(member.principal_id == group.group_id for member in members):
                raise InvalidArgumentError("a group cannot be a member of itself")
            await self.groups.add_members(group.group_id, members)
            for member in members:
                await self.audit.record(
                    actor(caller),
                    "group.member-added",
                    group.group_id,
                    principalId=member.principal_id,
                )

    async def remove_members(
        self, caller: Caller, group_id: str, principal_ids: Sequence[str]
    ) -> None:
        """Take users and groups out of a group, all or none.

        Raises:
            RemoveGroupMembersPermissionDeniedError: The caller is not an administrator.
            GroupNotFoundError: There is no such group.
            PrincipalNotFoundError: One of the principals does not exist.
        """
        if not caller.is_admin:
            raise RemoveGroupMembersPermissionDeniedError(group_id[:100])
        _check_batch(principal_ids)
        async with self.transactions.begin():
            group = await self.get(group_id)
            members = [await self._member(principal_id) for principal_id in principal_ids]
            removed = [member.principal_id for member in members]
            await self.groups.remove_members(group.group_id, removed)
            for principal_id in removed:
                await self.audit.record(
                    actor(caller), "group.member-removed", group.group_id, principalId=principal_id
                )

    async def _member(self, principal_id: str) -> Member:
        principal_type = await self.users.exists_principal(principal_id)
        if principal_type is None:
            raise PrincipalNotFoundError(principal_id)
        return Member(PrincipalId(principal_id.lower()), principal_type)


def _check_batch(principal_ids: Sequence[str]) -> None:
    if not 1 <= len(principal_ids) <= BATCH_MAX:
        raise InvalidArgumentError(
            f"name 1 to {BATCH_MAX} principals in a call", found=len(principal_ids)
        )


def _check(new: NewGroup) -> None:
    name_is_possible = new.name.strip() == new.name and new.name.isprintable()
    if not name_is_possible or not 1 <= len(new.name) <= NAME_LENGTH_MAX:
        raise InvalidArgumentError(
            f"a group's name has 1 to {NAME_LENGTH_MAX} printable characters"
            " and no space at its ends"
        )
    description = new.description or ""
    if len(description) > DESCRIPTION_LENGTH_MAX or "\x00" in description:
        raise InvalidArgumentError(
            f"a description has up to {DESCRIPTION_LENGTH_MAX} characters and no NUL"
        )
    if len(new.attributes) > _ATTRIBUTES_MAX:
        raise InvalidArgumentError(f"a group has up to {_ATTRIBUTES_MAX} attributes")
    for name, values in new.attributes.items():
        if name.startswith(_RESERVED_PREFIX):
            raise InvalidArgumentError(f"attribute names with {_RESERVED_PREFIX} are reserved")
        is_short = all(len(text) <= NAME_LENGTH_MAX for text in (name, *values))
        if not is_short or len(values) > _ATTRIBUTE_VALUES_MAX:
            raise InvalidArgumentError(
                f"an attribute has up to {_ATTRIBUTE_VALUES_MAX} values; its name and each value"
                f" have up to {NAME_LENGTH_MAX} characters"
            )
