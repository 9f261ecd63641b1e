"""Folders: making, listing, renaming and moving them."""

from dataclasses import dataclass

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    CreateFolderOutsideProjectNotSupportedError,
    CreateFolderPermissionDeniedError,
    FolderNotFoundError,
    GetRootFolderNotSupportedError,
    InvalidFolderError,
    ReplaceFolderPermissionDeniedError,
)
from sluiceway.filesystem.lineage import resource_below
from sluiceway.filesystem.names import check_display_name, name_key
from sluiceway.filesystem.placement import Placement
from sluiceway.filesystem.service import (
    Permissions,
    ResourceService,
    principals_of,
)
from sluiceway.filesystem.store import ResourceStore
from sluiceway.filesystem.types import ROOT_FOLDER_RID, Resource, ResourceType, Visible
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.rids import Rid, new_folder_rid
from sluiceway.foundation.transactions import Transactions


@dataclass(frozen=True, slots=True)
class FolderService:
    """Folders, and what lies in them. Spaces and projects may be read as folders too."""

    resources: ResourceService
    permissions: Permissions
    store: ResourceStore
    transactions: Transactions
    audit: AuditTrail
    placement: Placement

    async def create(
        self, caller: Caller, *, parent_folder_rid: Rid, display_name: str
    ) -> Resource:
        """Make a folder in a project or folder.

        Raises:
            FolderNotFoundError: The caller does not see the parent.
            InvalidFolderError: The parent is not a folder.
            CreateFolderOutsideProjectNotSupportedError: The parent is a space.
            CreateFolderPermissionDeniedError: The caller is less than Editor there.
            InvalidParentFolderError: The parent is in the trash, or lies too deep.
            InvalidDisplayNameError: A folder may not have this name.
            ResourceNameAlreadyExistsError: The parent has something of that name.
        """
        check_display_name(display_name)
        async with self.transactions.begin():
            await self.resources.lock_space_of(parent_folder_rid)
            parent = await self._visible(caller, parent_folder_rid)
            if parent.resource.type is ResourceType.SPACE:
                raise CreateFolderOutsideProjectNotSupportedError(parent_folder_rid)
            if not parent.holds(Role.EDITOR):
                raise CreateFolderPermissionDeniedError(parent_folder_rid)
            folder = await self.resources.add_below(
                caller,
                parent,
                rid=new_folder_rid(),
                resource_type=ResourceType.FOLDER,
                display_name=display_name,
            )
            await self.audit.record(actor(caller), "folder.created", folder.rid, path=folder.path)
        return folder

    async def get(self, caller: Caller, rid: Rid) -> Resource:
        """Give a folder, project or space.

        Raises:
            FolderNotFoundError: The caller does not see it.
            InvalidFolderError: It is not a folder.
            GetRootFolderNotSupportedError: It is the root folder.
        """
        return (await self._visible(caller, rid)).resource

    async def children(self, caller: Caller, rid: Rid, page: PageRequest) -> Page[Resource]:
        """Give what lies in a folder, by name, without what was itself put in the trash.

        In a space a caller without a role sees the projects on which it has one.

        Raises:
            FolderNotFoundError: The caller does not see the folder.
            InvalidFolderError: It is not a folder.
            GetRootFolderNotSupportedError: It is the root folder.
        """
        folder = await self._visible(caller, rid)
        records = await self.store.children(
            rid,
            after=page.after,
            limit=page.size + 1,
            granted_to=None if folder.role is not None else principals_of(caller),
        )
        found = [resource_below(record, folder.resource) for record in records]
        return page_of(found, page, [name_key(record.display_name) for record in records])

    async def replace(
        self, caller: Caller, rid: Rid, *, parent_folder_rid: Rid, display_name: str
    ) -> Resource:
        """Rename a folder, and move it with all that lies in it.

        Raises:
            FolderNotFoundError: The caller does not see the folder, or not the new parent.
            InvalidFolderError: One of both is not a folder; projects have a call of their own.
            ReplaceFolderPermissionDeniedError: The caller is less than Editor on one of both, or
                may not move it there, see ``may_move``.
            ResourceNotDirectlyTrashedError: It would move out of a folder in the trash.
            InvalidParentFolderError: The parent is a space, in the trash, or lies too deep.
            CircularDependencyError: The parent is the folder itself or lies below it.
            InvalidDisplayNameError: A folder may not have this name.
            ResourceNameAlreadyExistsError: The parent has something of that name.
        """
        check_display_name(display_name)
        async with self.transactions.begin():
            await self.resources.lock_spaces_of([rid, parent_folder_rid])
            folder = await self._visible(caller, rid)
            if folder.resource.type is not ResourceType.FOLDER:
                raise InvalidFolderError(rid)
            denied = ReplaceFolderPermissionDeniedError(rid)
            if not folder.holds(Role.EDITOR):
                raise denied
            parent = None
            if parent_folder_rid != folder.ancestors[0].rid:
                parent = await self._visible(caller, parent_folder_rid)
            return await self.placement.place(caller, folder, parent, display_name, denied)

    async def _visible(self, caller: Caller, rid: Rid) -> Visible:
        if rid == ROOT_FOLDER_RID:
            raise GetRootFolderNotSupportedError
        visible = await self.permissions.visible(caller, rid)
        if visible is None:
            raise FolderNotFoundError(rid)
        if not visible.resource.type.is_folder:
            raise InvalidFolderError(rid)
        return visible
