"""Renaming and moving what lies in projects: folders and datasets."""

from dataclasses import dataclass

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    CircularDependencyError,
    InvalidParentFolderError,
    ReplaceResourceNotSupportedError,
    ReplaceResourcePermissionDeniedError,
    ResourceNotDirectlyTrashedError,
)
from sluiceway.filesystem.lineage import record_of, resource_below
from sluiceway.filesystem.names import check_display_name
from sluiceway.filesystem.service import ResourceService, check_can_hold
from sluiceway.filesystem.store import ResourceStore
from sluiceway.filesystem.types import Resource, ResourceType, Visible
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import Rid
from sluiceway.foundation.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Placement:
    """Gives resources another name or another place; an id never changes."""

    resources: ResourceService
    store: ResourceStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def replace(
        self, caller: Caller, rid: Rid, *, parent_folder_rid: Rid | None, display_name: str
    ) -> Resource:
        """Rename a folder or dataset and, with *parent_folder_rid*, move it.

        Raises:
            ResourceNotFoundError: The caller does not see the resource, or not the new parent.
            ReplaceResourceNotSupportedError: It is a space or project.
            ReplaceResourcePermissionDeniedError: The caller is less than Editor on one of both, or
                may not move it there, see ``may_move``.
            InvalidFolderError: The parent is not a folder.
            ResourceNotDirectlyTrashedError: It would move out of a folder in the trash.
            InvalidParentFolderError: The parent is a space, in the trash, or lies too deep.
            CircularDependencyError: The parent is the folder itself or lies below it.
            InvalidDisplayNameError: A resource may not have this name.
            ResourceNameAlreadyExistsError: The parent has something of that name.
        """
        check_display_name(display_name)
        async with self.transactions.begin():
            await self.resources.lock_spaces_of(
                [rid] if parent_folder_rid is None else [rid, parent_folder_rid]
            )
            resource = await self.resources.visible(caller, rid)
            if resource.resource.type in {ResourceType.SPACE, ResourceType.PROJECT}:
                raise ReplaceResourceNotSupportedError(rid)
            denied = ReplaceResourcePermissionDeniedError(rid)
            if not resource.holds(Role.EDITOR):
                raise denied
            parent = None
            if parent_folder_rid not in {None, resource.ancestors[0].rid}:
                parent = await self.resources.visible(caller, parent_folder_rid)
            return await self.place(caller, resource, parent, display_name, denied)

    async def place(
        self,
        caller: Caller,
        resource: Visible,
        parent: Visible | None,
        display_name: str,
        denied: SluicewayError,
    ) -> Resource:
        """Name a resource, and put it into *parent*, or leave it where it is when that is ``None``.

        In the transaction that is open, in which the spaces are locked; the caller is Editor on
        the resource, and the name is possible.

        Raises:
            SluicewayError: *denied*, when the caller may not move it there.
            ResourceNotDirectlyTrashedError: It would move out of a folder in the trash.
            InvalidFolderError: The parent is not a folder.
            InvalidParentFolderError: The parent is a space, in the trash, or lies too deep.
            CircularDependencyError: The parent is the folder itself or lies below it.
            ResourceNameAlreadyExistsError: The parent has something of that name.
        """
        old = resource.resource
        if parent is not None:
            await self._move(resource, parent, denied)
        above = resource.ancestors[0] if parent is None else parent.resource
        record = msgspec.structs.replace(
            record_of(old),
            parent_folder_rid=above.rid,
            project_rid=above.project_rid,
            space_rid=above.space_rid,
            display_name=display_name,
            updated_by=caller.principal_id,
            updated_ms=self.clock.now_ms(),
        )
        await self.store.update(record)
        placed = resource_below(record, above)
        kind = "folder" if old.type is ResourceType.FOLDER else "resource"
        await self.audit.record(
            actor(caller), f"{kind}.replaced", old.rid, oldPath=old.path, path=placed.path
        )
        return placed

    async def _move(self, resource: Visible, parent: Visible, denied: SluicewayError) -> None:
        """Check that the resource may go there, and take along what lies below it."""
        rid = resource.resource.rid
        if parent.resource.type is ResourceType.SPACE:
            raise InvalidParentFolderError(
                parent.resource.rid, "folders and data lie in a project or folder"
            )
        if not may_move(resource, parent):
            raise denied
        if resource.ancestors[0].is_trashed:
            raise ResourceNotDirectlyTrashedError(rid)
        if rid in {parent.resource.rid, *(above.rid for above in parent.ancestors)}:
            raise CircularDependencyError(rid, parent.resource.rid)
        below = await self.store.descendants(rid)
        check_can_hold(parent, levels=1 + max(one.distance for one in below))
        if parent.resource.project_rid != resource.resource.project_rid:
            await self.store.relocate(
                [one.rid for one in below],
                project_rid=parent.resource.project_rid,
                space_rid=parent.resource.space_rid,
            )


def may_move(resource: Visible, parent: Visible) -> bool:
    """Tell whether a caller who is Editor on *resource* may move it into *parent*.

    What moves changes hands: roles from above the old place end, those from above the new one
    begin. Only an Owner may do that across projects, and nobody becomes stronger by it: an Editor
    could otherwise take a folder into a project of its own and delete it there.
    """
    if not parent.holds(Role.EDITOR):
        return False
    if resource.holds(Role.OWNER):
        return True
    stays = parent.resource.project_rid == resource.resource.project_rid
    return stays and not parent.holds(Role.OWNER)
