"""Puts the filesystem services together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.principals.service import UserService
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.filesystem import SqlResourceStore
from sluiceway.backends.sql.filesystem_grants import SqlGrantStore
from sluiceway.filesystem.finding import SearchService
from sluiceway.filesystem.folders import FolderService
from sluiceway.filesystem.placement import Placement
from sluiceway.filesystem.projects import ProjectService
from sluiceway.filesystem.purging import PurgeListener
from sluiceway.filesystem.roles import RoleService
from sluiceway.filesystem.service import Permissions, ResourceService
from sluiceway.filesystem.settings import FilesystemSettings
from sluiceway.filesystem.spaces import SpaceService
from sluiceway.filesystem.trash import TrashService
from sluiceway.foundation.clock import Clock


@dataclass(frozen=True, slots=True)
class FilesystemServices:
    """Spaces, projects, folders, resources and who may do what with them."""

    permissions: Permissions
    resources: ResourceService
    folders: FolderService
    placement: Placement
    search: SearchService
    projects: ProjectService
    resource_roles: RoleService
    spaces: SpaceService
    trash: TrashService


@dataclass(frozen=True, slots=True)
class UserDirectory:
    """Shows the users and groups of ``access`` to the filesystem."""

    users: UserService

    async def exists(self, principal_id: str) -> Literal["USER", "GROUP"] | None:
        """Tell what has this id, if anything has."""
        return await self.users.exists_principal(principal_id)


def build_filesystem(
    database: Database,
    clock: Clock,
    settings: FilesystemSettings,
    *,
    audit: AuditTrail,
    users: UserService,
    purge_listeners: Sequence[PurgeListener],
) -> FilesystemServices:
    """Put the filesystem services together; *purge_listeners* hear of what is deleted for ever."""
    store, grants = SqlResourceStore(database), SqlGrantStore(database)
    permissions = Permissions(store, grants)
    resources = ResourceService(permissions, store, database, audit, clock)
    placement = Placement(resources, store, database, audit, clock)
    roles = RoleService(resources, grants, UserDirectory(users), database, audit)
    return FilesystemServices(
        permissions=permissions,
        resources=resources,
        folders=FolderService(resources, permissions, store, database, audit, placement),
        placement=placement,
        search=SearchService(resources, permissions, store),
        projects=ProjectService(permissions, roles, store, database, audit, clock, settings),
        resource_roles=roles,
        spaces=SpaceService(permissions, store, grants, database, audit, clock),
        trash=TrashService(resources, store, database, audit, clock, purge_listeners),
    )
