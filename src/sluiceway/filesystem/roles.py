"""Granting roles on resources and taking them away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.principals.errors import PrincipalNotFoundError
from sluiceway.access.roles import Role, parse_role
from sluiceway.filesystem.directory import PrincipalDirectory
from sluiceway.filesystem.errors import (
    AddResourceRolesPermissionDeniedError,
    InvalidRoleIdsError,
    RemoveResourceRolesPermissionDeniedError,
)
from sluiceway.filesystem.service import ResourceService
from sluiceway.filesystem.store import GrantStore
from sluiceway.filesystem.types import (
    EVERYONE,
    GRANTS_PER_REQUEST_MAX,
    GRANTS_PER_RESOURCE_MAX,
    Grant,
    GrantRequest,
    PrincipalType,
    Resource,
    ResourceType,
    Visible,
)
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.request_errors import (
    InvalidArgumentError,
    InvalidPageTokenError,
    PermissionDeniedError,
)
from sluiceway.foundation.rids import Rid, is_uuid
from sluiceway.foundation.transactions import Transactions

_ROLE_NUMBERS: Final = frozenset(str(role.value) for role in Role)


@dataclass(frozen=True, slots=True)
class RoleService:
    """Shares resources: whoever is at least Editor may hand on roles up to its own."""

    resources: ResourceService
    store: GrantStore
    principals: PrincipalDirectory
    transactions: Transactions
    audit: AuditTrail

    async def list_grants(
        self, caller: Caller, rid: Rid, page: PageRequest, *, include_inherited: bool
    ) -> Page[Grant]:
        """Give who has which role on a resource, by principal and role.

        With *include_inherited* also what is granted on the folders above it; the same role of
        the same principal is given once.

        Raises:
            ResourceNotFoundError: The caller does not see the resource.
            PermissionDeniedError: The caller is less than Viewer.
        """
        after = None if page.after is None else _parse_position(page.after)
        visible = await self.resources.visible(caller, rid)
        if not visible.holds(Role.VIEWER):
            raise PermissionDeniedError("seeing who has a role needs the role Viewer")
        rids = [rid]
        if include_inherited:
            rids.extend(above.rid for above in visible.ancestors)
        grants = await self.store.page(rids, after=after, limit=page.size + 1)
        keys = [f"{grant.principal_id}:{grant.role.value}" for grant in grants]
        return page_of(grants, page, keys)

    async def add(self, caller: Caller, rid: Rid, requests: Sequence[GrantRequest]) -> None:
        """Grant roles on a resource: all of them, or none.

        Raises:
            ResourceNotFoundError: The caller does not see the resource.
            AddResourceRolesPermissionDeniedError: The caller is less than Editor, or a role is
                stronger than its own, or the project allows no roles on single resources.
            InvalidRoleIdsError: A role does not exist.
            PrincipalNotFoundError: A principal does not exist.
            InvalidArgumentError: The request or the resource has too many roles.
        """
        async with self.transactions.begin():
            await self.resources.lock_space_of(rid)
            visible = await self.resources.visible(caller, rid)
            roles = _parse_roles(requests)
            if not visible.holds(Role.EDITOR):
                reason = "granting needs the role Editor"
                raise AddResourceRolesPermissionDeniedError(rid, reason)
            if not visible.holds(max(roles, default=Role.EDITOR)):
                reason = "a role that is stronger than your own cannot be granted"
                raise AddResourceRolesPermissionDeniedError(rid, reason)
            _check_granting_allowed(visible)
            await self.grant(caller, visible.resource, requests)

    async def grant(
        self, caller: Caller, resource: Resource, requests: Sequence[GrantRequest]
    ) -> None:
        """Grant roles without asking whether the caller may, in the transaction that is open.

        Raises:
            InvalidRoleIdsError: A role does not exist.
            PrincipalNotFoundError: A principal does not exist.
            InvalidArgumentError: The request or the resource has too many roles.
        """
        roles = _parse_roles(requests)
        there = await self.store.on(resource.rid)
        known = {(grant.principal_id, grant.role) for grant in there}
        added: dict[tuple[str, Role], Grant] = {}
        for request, role in zip(requests, roles, strict=True):
            principal_id = _grantee(request)
            if (principal_id, role) not in known:
                principal_type = await self._principal_type(principal_id)
                added[principal_id, role] = Grant(resource.rid, principal_id, principal_type, role)
        if len(known) + len(added) > GRANTS_PER_RESOURCE_MAX:
            reason = f"at most {GRANTS_PER_RESOURCE_MAX} roles on one resource; grant to groups"
            raise InvalidArgumentError(reason, resourceRid=resource.rid)
        await self.store.add(list(added.values()))
        for grant in added.values():
            await self._record(caller, "role.granted", grant)

    async def remove(self, caller: Caller, rid: Rid, requests: Sequence[GrantRequest]) -> None:
        """Take roles on a resource away: all of them, or none; what is not granted is passed over.

        Raises:
            ResourceNotFoundError: The caller does not see the resource.
            RemoveResourceRolesPermissionDeniedError: The caller is less than Editor, or a role is
                stronger than its own, or a project would be left without an Owner.
            InvalidRoleIdsError: A role does not exist.
            PrincipalNotFoundError: A principal does not exist and has no role here.
            InvalidArgumentError: The request has too many roles.
        """
        async with self.transactions.begin():
            await self.resources.lock_space_of(rid)
            visible = await self.resources.visible(caller, rid)
            roles = _parse_roles(requests)
            if not visible.holds(Role.EDITOR):
                reason = "taking roles away needs the role Editor"
                raise RemoveResourceRolesPermissionDeniedError(rid, reason)
            if not visible.holds(max(roles, default=Role.EDITOR)):
                reason = "a role that is stronger than your own cannot be taken away"
                raise RemoveResourceRolesPermissionDeniedError(rid, reason)
            there = await self.store.on(rid)
            wanted = {
                (_grantee(request), role) for request, role in zip(requests, roles, strict=True)
            }
            removed = [grant for grant in there if (grant.principal_id, grant.role) in wanted]
            await self._check_principals(wanted, there)
            if not caller.is_admin:
                _check_owner_remains(visible.resource, there, removed)
            await self.store.remove(removed)
            for grant in removed:
                await self._record(caller, "role.removed", grant)

    async def _check_principals(
        self, wanted: set[tuple[str, Role]], there: Sequence[Grant]
    ) -> None:
        # Roles of a principal that is gone can still be cleaned up.
        known = {grant.principal_id for grant in there}
        for principal_id in sorted({principal_id for principal_id, _ in wanted} - known):
            await self._principal_type(principal_id)

    async def _principal_type(self, principal_id: str) -> PrincipalType:
        if principal_id == EVERYONE:
            return PrincipalType.EVERYONE
        found = await self.principals.exists(principal_id)
        if found is None:
            raise PrincipalNotFoundError(principal_id)
        return PrincipalType(found)

    async def _record(self, caller: Caller, action: str, grant: Grant) -> None:
        await self.audit.record(
            actor(caller),
            action,
            grant.rid,
            principalId=grant.principal_id,
            principalType=grant.principal_type.value,
            roleId=grant.role.role_id,
        )


def _parse_roles(requests: Sequence[GrantRequest]) -> list[Role]:
    if len(requests) > GRANTS_PER_REQUEST_MAX:
        reason = f"at most {GRANTS_PER_REQUEST_MAX} roles in one request"
        raise InvalidArgumentError(reason, found=len(requests))
    roles = [role for request in requests if (role := parse_role(request.role_id)) is not None]
    if len(roles) < len(requests):
        raise InvalidRoleIdsError(sorted({request.role_id for request in requests}))
    return roles


def _grantee(request: GrantRequest) -> str:
    if request.principal_id is None:
        return EVERYONE
    if not is_uuid(request.principal_id):
        raise PrincipalNotFoundError(request.principal_id)
    return request.principal_id.lower()


def _check_granting_allowed(visible: Visible) -> None:
    if visible.resource.type in {ResourceType.SPACE, ResourceType.PROJECT}:
        return
    project = next(above for above in visible.ancestors if above.type is ResourceType.PROJECT)
    if not project.role_grants_allowed:
        reason = "the project allows no roles on single resources: grant on the project"
        raise AddResourceRolesPermissionDeniedError(visible.resource.rid, reason)


def _check_owner_remains(
    resource: Resource, there: Sequence[Grant], removed: Sequence[Grant]
) -> None:
    owners = {grant.principal_id for grant in there if grant.role is Role.OWNER}
    leaving = {grant.principal_id for grant in removed if grant.role is Role.OWNER}
    if resource.type is ResourceType.PROJECT and leaving and owners == leaving:
        reason = "the last Owner of a project can be removed by an administrator only"
        raise RemoveResourceRolesPermissionDeniedError(resource.rid, reason)


def _parse_position(after: str) -> tuple[str, int]:
    principal_id, _, role = after.partition(":")
    is_principal = principal_id == EVERYONE or is_uuid(principal_id)
    if not is_principal or role not in _ROLE_NUMBERS:
        raise InvalidPageTokenError(after)
    return principal_id, int(role)
