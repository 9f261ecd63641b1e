"""Projects: the boundary within which people work together."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.principals.types import ORGANIZATION_RID
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    CreateProjectPermissionDeniedError,
    OrganizationsNotFoundError,
    ProjectNotFoundError,
    ReplaceProjectPermissionDeniedError,
    SpaceNotFoundError,
)
from sluiceway.filesystem.lineage import record_of, resource_below
from sluiceway.filesystem.names import check_display_name
from sluiceway.filesystem.roles import RoleService
from sluiceway.filesystem.service import Permissions
from sluiceway.filesystem.settings import FilesystemSettings
from sluiceway.filesystem.store import ResourceStore
from sluiceway.filesystem.types import (
    GrantRequest,
    Resource,
    ResourceRecord,
    ResourceType,
    Visible,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.rids import Rid, new_folder_rid
from sluiceway.foundation.transactions import Transactions


class NewProject(msgspec.Struct, frozen=True, kw_only=True):
    """What a project starts with."""

    display_name: str
    space_rid: Rid
    description: str | None = None
    grants: Sequence[GrantRequest] = ()
    """Granted beside the role Owner that the caller gets."""
    default_role_ids: Sequence[str] = ()
    """Granted to everyone."""
    organization_rids: Sequence[str] = ()
    role_grants_allowed: bool = True
    """Whether roles may be granted on single resources in the project."""


@dataclass(frozen=True, slots=True)
class ProjectService:
    """Makes, gives and changes projects."""

    permissions: Permissions
    roles: RoleService
    store: ResourceStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    settings: FilesystemSettings

    async def create(self, caller: Caller, new: NewProject) -> Resource:
        """Make a project, of which the caller becomes Owner.

        Raises:
            SpaceNotFoundError: There is no such space.
            CreateProjectPermissionDeniedError: The caller may not create projects in it.
            OrganizationsNotFoundError: An organization is not this server's.
            InvalidRoleIdsError: A role does not exist.
            PrincipalNotFoundError: A principal does not exist.
            InvalidDisplayNameError: A project may not have this name.
            ProjectNameAlreadyExistsError: The space has a project of that name.
        """
        check_display_name(new.display_name)
        unknown = [rid for rid in new.organization_rids if rid != ORGANIZATION_RID]
        if unknown:
            raise OrganizationsNotFoundError(unknown)
        async with self.transactions.begin():
            space = await self.permissions.visible(caller, new.space_rid)
            if space is None or space.resource.type is not ResourceType.SPACE:
                raise SpaceNotFoundError(new.space_rid)
            if not self._may_create(caller, space):
                raise CreateProjectPermissionDeniedError(new.space_rid)
            await self.store.lock_space(new.space_rid)
            record = self._record(caller, new)
            await self.store.add(record)
            project = resource_below(record, space.resource)
            await self.audit.record(
                actor(caller), "project.created", project.rid, path=project.path
            )
            await self.roles.grant(caller, project, _grants_of(caller, new))
        return project

    async def get(self, caller: Caller, rid: Rid) -> Resource:
        """Give a project.

        Raises:
            ProjectNotFoundError: The caller sees no such project.
        """
        return (await self._visible(caller, rid)).resource

    async def replace(
        self, caller: Caller, rid: Rid, *, display_name: str, description: str | None
    ) -> Resource:
        """Give a project another name and description.

        Raises:
            ProjectNotFoundError: The caller sees no such project.
            ReplaceProjectPermissionDeniedError: The caller is not its Owner.
            InvalidDisplayNameError: A project may not have this name.
            ProjectNameAlreadyExistsError: The space has a project of that name.
        """
        check_display_name(display_name)
        async with self.transactions.begin():
            project = await self._visible(caller, rid)
            if not project.holds(Role.OWNER):
                raise ReplaceProjectPermissionDeniedError(rid)
            record = msgspec.structs.replace(
                record_of(project.resource),
                display_name=display_name,
                description=description,
                updated_by=caller.principal_id,
                updated_ms=self.clock.now_ms(),
            )
            await self.store.update(record)
            replaced = resource_below(record, project.ancestors[0])
            await self.audit.record(
                actor(caller),
                "project.replaced",
                rid,
                oldPath=project.resource.path,
                path=replaced.path,
            )
        return replaced

    def _may_create(self, caller: Caller, space: Visible) -> bool:
        may_all = self.settings.users_create_projects and not caller.is_service_user
        return space.holds(Role.EDITOR) or may_all

    def _record(self, caller: Caller, new: NewProject) -> ResourceRecord:
        rid = new_folder_rid()
        now_ms = self.clock.now_ms()
        return ResourceRecord(
            rid=rid,
            type=ResourceType.PROJECT,
            parent_folder_rid=new.space_rid,
            project_rid=rid,
            space_rid=new.space_rid,
            display_name=new.display_name,
            description=new.description,
            role_grants_allowed=new.role_grants_allowed,
            created_by=caller.principal_id,
            updated_by=caller.principal_id,
            created_ms=now_ms,
            updated_ms=now_ms,
        )

    async def _visible(self, caller: Caller, rid: Rid) -> Visible:
        project = await self.permissions.visible(caller, rid)
        if project is None or project.resource.type is not ResourceType.PROJECT:
            raise ProjectNotFoundError(rid)
        return project


def _grants_of(caller: Caller, new: NewProject) -> list[GrantRequest]:
    return [
        GrantRequest(caller.principal_id, Role.OWNER.role_id),
        *(GrantRequest(None, role_id) for role_id in new.default_role_ids),
        *new.grants,
    ]
