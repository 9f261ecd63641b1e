"""Spaces: the top of the tree, and what an empty server starts with."""

from dataclasses import dataclass
from typing import Final

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import OPERATOR
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import SpaceNotFoundError
from sluiceway.filesystem.lineage import resource_below
from sluiceway.filesystem.names import name_key
from sluiceway.filesystem.service import Permissions
from sluiceway.filesystem.store import GrantStore, ResourceStore
from sluiceway.filesystem.types import (
    ROOT_FOLDER_RID,
    Grant,
    PrincipalType,
    Resource,
    ResourceRecord,
    ResourceType,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.rids import Rid, new_folder_rid
from sluiceway.foundation.transactions import Transactions

FIRST_SPACE: Final = "Main"
FIRST_PROJECT: Final = "Quickstart"


@dataclass(frozen=True, slots=True)
class SpaceService:
    """Gives spaces, which everyone may see."""

    permissions: Permissions
    store: ResourceStore
    grants: GrantStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def list_spaces(self, page: PageRequest) -> Page[Resource]:
        """Give all spaces, by name."""
        records = await self.store.children(
            ROOT_FOLDER_RID, after=page.after, limit=page.size + 1, granted_to=None
        )
        spaces = [resource_below(record, None) for record in records]
        return page_of(spaces, page, [name_key(record.display_name) for record in records])

    async def get(self, caller: Caller, rid: Rid) -> Resource:
        """Give a space.

        Raises:
            SpaceNotFoundError: There is no such space.
        """
        space = await self.permissions.visible(caller, rid)
        if space is None or space.resource.type is not ResourceType.SPACE:
            raise SpaceNotFoundError(rid)
        return space.resource

    async def bootstrap(self, owner: PrincipalId) -> Resource | None:
        """Make the first space and the first project, owned by *owner*, on an empty server.

        Gives the project, or ``None`` when there is a space already.
        """
        async with self.transactions.begin():
            if await self.store.children(ROOT_FOLDER_RID, after=None, limit=1, granted_to=None):
                return None
            space = self._record(owner, FIRST_SPACE, space_rid=None)
            project = self._record(owner, FIRST_PROJECT, space_rid=space.rid)
            await self.store.add(space)
            await self.store.add(project)
            grant = Grant(project.rid, owner, PrincipalType.USER, Role.OWNER)
            await self.grants.add([grant])
            await self.audit.record(OPERATOR, "space.created", space.rid, path=f"/{FIRST_SPACE}")
            await self.audit.record(
                OPERATOR, "project.created", project.rid, path=f"/{FIRST_SPACE}/{FIRST_PROJECT}"
            )
            await self.audit.record(
                OPERATOR,
                "role.granted",
                project.rid,
                principalId=owner,
                principalType=grant.principal_type.value,
                roleId=grant.role.role_id,
            )
        return resource_below(project, resource_below(space, None))

    def _record(
        self, owner: PrincipalId, display_name: str, *, space_rid: Rid | None
    ) -> ResourceRecord:
        rid = new_folder_rid()
        now_ms = self.clock.now_ms()
        return ResourceRecord(
            rid=rid,
            type=ResourceType.SPACE if space_rid is None else ResourceType.PROJECT,
            parent_folder_rid=ROOT_FOLDER_RID if space_rid is None else space_rid,
            project_rid=None if space_rid is None else rid,
            space_rid=rid if space_rid is None else space_rid,
            display_name=display_name,
            created_by=owner,
            updated_by=owner,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
