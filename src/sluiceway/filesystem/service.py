"""Finding resources, and deciding what a caller may do with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    GetAccessRequirementsPermissionDeniedError,
    GetRootFolderNotSupportedError,
    GetSpaceResourceNotSupportedError,
    InvalidFolderError,
    InvalidParentFolderError,
    PathNotFoundError,
    ResourceNotFoundError,
)
from sluiceway.filesystem.lineage import chain_of, resource_below, strongest_roles, visible_of
from sluiceway.filesystem.names import check_display_name, split_path
from sluiceway.filesystem.store import GrantStore, ResourceStore
from sluiceway.filesystem.types import (
    DEPTH_MAX,
    EVERYONE,
    RESOURCES_PER_BATCH_MAX,
    ROOT_FOLDER_RID,
    Resource,
    ResourceRecord,
    ResourceState,
    ResourceType,
    Visible,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.request_errors import InvalidArgumentError, PermissionDeniedError
from sluiceway.foundation.rids import Rid, is_rid
from sluiceway.foundation.transactions import Transactions

K = TypeVar("K", bound=Rid)


def principals_of(caller: Caller) -> frozenset[str]:
    """Give everything that a role may be granted to and that reaches the caller."""
    return frozenset({caller.principal_id, EVERYONE, *caller.group_ids})


@dataclass(frozen=True, slots=True)
class Permissions:
    """Decides who sees what, and with which role.

    The role on a resource is the strongest of those granted on it and on the folders above it, to
    the caller, its groups and everyone. An administrator is Owner of all.
    """

    resources: ResourceStore
    grants: GrantStore

    async def role(self, caller: Caller, rid: Rid) -> Role | None:
        """Give the caller's role on a resource; ``None`` for no role, or no such resource."""
        visible = await self.visible(caller, rid)
        return None if visible is None else visible.role

    async def roles(self, caller: Caller, rids: Collection[K]) -> dict[K, Role]:
        """Give the caller's role on those of the resources on which it has one."""
        seen = await self.visible_among(caller, rids)
        return {
            rid: visible.role
            for rid in rids
            if (visible := seen.get(rid)) is not None and visible.role is not None
        }

    async def resource_state(self, rid: Rid) -> ResourceState | None:
        """Give whether a resource is in the trash, whoever asks; ``None`` when it is gone."""
        return (await self.resource_states([rid])).get(rid)

    async def resource_states(self, rids: Collection[Rid]) -> dict[Rid, ResourceState]:
        """Give the states of those of the resources that there are; see ``resource_state``."""
        records = await self.resources.with_ancestors(rids)
        return {
            rid: ResourceState(rid, chain[0].type, chain[0].trash_status)
            for rid in rids
            if (chain := chain_of(rid, records))
        }

    async def visible(self, caller: Caller, rid: Rid) -> Visible | None:
        """Give a resource with the caller's role, or ``None`` when the caller may not see it."""
        return (await self.visible_among(caller, [rid])).get(rid)

    async def visible_among(self, caller: Caller, rids: Collection[Rid]) -> dict[Rid, Visible]:
        """Give those of the resources that the caller may see: with any role, and every space."""
        rids = [rid for rid in rids if is_rid(rid)]
        records = await self.resources.with_ancestors(rids)
        granted = {}
        if records and not caller.is_admin:
            granted = strongest_roles(await self.grants.of_principals(rids, principals_of(caller)))
        found: dict[Rid, Visible] = {}
        for rid in rids:
            chain = chain_of(rid, records)
            if chain:
                visible = visible_of(chain, granted, is_admin=caller.is_admin)
                if visible.role is not None or visible.resource.type is ResourceType.SPACE:
                    found[rid] = visible
        return found


@dataclass(frozen=True, slots=True)
class ResourceService:
    """Finds resources for callers and puts new ones into folders."""

    permissions: Permissions
    store: ResourceStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def get(self, caller: Caller, rid: Rid) -> Resource:
        """Give a resource.

        Raises:
            ResourceNotFoundError: The caller does not see it.
            GetRootFolderNotSupportedError: It is the root folder.
            GetSpaceResourceNotSupportedError: It is a space.
        """
        return _as_resource(await self.visible(caller, rid))

    async def get_by_path(self, caller: Caller, path: str) -> Resource:
        """Give the resource at a path such as ``/Main/Quickstart/orders``.

        What was put in the trash lies at no path.

        Raises:
            InvalidPathError: The text is not a path.
            PathNotFoundError: The caller sees nothing there.
            GetRootFolderNotSupportedError: The path is ``/``.
            GetSpaceResourceNotSupportedError: A space lies there.
        """
        names = split_path(path)
        if not names:
            raise GetRootFolderNotSupportedError
        if len(names) > DEPTH_MAX:
            raise PathNotFoundError(path)
        rid = ROOT_FOLDER_RID
        for name in names:
            record = await self.store.child(rid, name)
            if record is None:
                raise PathNotFoundError(path)
            rid = record.rid
        visible = await self.permissions.visible(caller, rid)
        if visible is None:
            raise PathNotFoundError(path)
        return _as_resource(visible)

    async def get_batch(self, caller: Caller, rids: Sequence[Rid]) -> dict[Rid, Resource]:
        """Give those of the resources that the caller sees and that are no spaces, by RID.

        Raises:
            InvalidArgumentError: There are more than ``RESOURCES_PER_BATCH_MAX``.
        """
        check_batch(rids)
        visible = await self.permissions.visible_among(caller, dict.fromkeys(rids))
        return {
            rid: one.resource
            for rid, one in visible.items()
            if one.resource.type is not ResourceType.SPACE
        }

    async def roles_batch(self, caller: Caller, rids: Sequence[Rid]) -> dict[Rid, Role]:
        """Give the caller's role on those of the resources on which it has one, by RID.

        Raises:
            InvalidArgumentError: There are more than ``RESOURCES_PER_BATCH_MAX``.
        """
        check_batch(rids)
        return await self.permissions.roles(caller, dict.fromkeys(rids))

    async def get_demanding(self, caller: Caller, rid: Rid) -> Resource:
        """Give a resource to a caller who may know what it demands of its users.

        Raises:
            ResourceNotFoundError: The caller does not see it.
            GetAccessRequirementsPermissionDeniedError: It is less than Viewer.
        """
        visible = await self.visible(caller, rid)
        if visible.resource.type is not ResourceType.SPACE and not visible.holds(Role.VIEWER):
            raise GetAccessRequirementsPermissionDeniedError(rid)
        return visible.resource

    async def visible(self, caller: Caller, rid: Rid) -> Visible:
        """Give a resource, of whatever type, with the caller's role.

        Raises:
            ResourceNotFoundError: The caller does not see it.
            GetRootFolderNotSupportedError: It is the root folder.
        """
        if rid == ROOT_FOLDER_RID:
            raise GetRootFolderNotSupportedError
        visible = await self.permissions.visible(caller, rid)
        if visible is None:
            raise ResourceNotFoundError(rid)
        return visible

    async def register(
        self,
        caller: Caller,
        *,
        rid: Rid,
        resource_type: ResourceType,
        parent_folder_rid: Rid,
        display_name: str,
    ) -> Resource:
        """Put a new resource into a project or folder, in the transaction that is open.

        Raises:
            ResourceNotFoundError: The caller does not see the folder.
            InvalidFolderError: It is not a folder.
            InvalidParentFolderError: It is a space, is in the trash, or lies too deep.
            PermissionDeniedError: The caller is less than Editor there.
            InvalidDisplayNameError: A resource may not have this name.
            ResourceNameAlreadyExistsError: The folder has something of that name.
        """
        check_display_name(display_name)
        async with self.transactions.begin():
            await self.lock_space_of(parent_folder_rid)
            parent = await self.visible(caller, parent_folder_rid)
            if parent.resource.type is ResourceType.SPACE:
                raise InvalidParentFolderError(parent_folder_rid, "data lies in projects")
            if not parent.holds(Role.EDITOR):
                raise PermissionDeniedError("creating here needs the role Editor")
            resource = await self.add_below(
                caller,
                parent,
                rid=rid,
                resource_type=resource_type,
                display_name=display_name,
            )
            await self.audit.record(
                actor(caller),
                "resource.registered",
                rid,
                path=resource.path,
                type=resource_type.value,
            )
        return resource

    async def add_below(
        self,
        caller: Caller,
        parent: Visible,
        *,
        rid: Rid,
        resource_type: ResourceType,
        display_name: str,
    ) -> Resource:
        """Keep a new resource in a folder; roles were checked, the space is locked.

        Raises:
            InvalidFolderError: *parent* is not a folder.
            InvalidParentFolderError: It is in the trash, or lies too deep.
            ResourceNameAlreadyExistsError: The folder has something of that name.
        """
        check_can_hold(parent, levels=1)
        now_ms = self.clock.now_ms()
        record = ResourceRecord(
            rid=rid,
            type=resource_type,
            parent_folder_rid=parent.resource.rid,
            project_rid=parent.resource.project_rid,
            space_rid=parent.resource.space_rid,
            display_name=display_name,
            created_by=caller.principal_id,
            updated_by=caller.principal_id,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        await self.store.add(record)
        return resource_below(record, parent.resource)

    async def lock_space_of(self, rid: Rid) -> None:
        """Keep other transactions from changing the tree around a resource until this one ends."""
        await self.lock_spaces_of([rid])

    async def lock_spaces_of(self, rids: Collection[Rid]) -> None:
        """Do the same for several resources, which may lie in different spaces."""
        records = await self.store.with_ancestors([rid for rid in rids if is_rid(rid)])
        # Always in the same order: two moves in opposite directions must not wait on each other.
        for space_rid in sorted({record.space_rid for record in records.values()}):
            await self.store.lock_space(space_rid)


def check_batch(rids: Sequence[Rid]) -> None:
    """Check how many resources are asked about at once.

    Raises:
        InvalidArgumentError: There are more than ``RESOURCES_PER_BATCH_MAX``.
    """
    if len(rids) > RESOURCES_PER_BATCH_MAX:
        reason = f"at most {RESOURCES_PER_BATCH_MAX} resources at once"
        raise InvalidArgumentError(reason, found=len(rids))


def check_can_hold(parent: Visible, *, levels: int) -> None:
    """Check that a folder can take a resource with *levels* levels, itself counted.

    Raises:
        InvalidFolderError: It is not a folder.
        InvalidParentFolderError: It is in the trash, or lies too deep.
    """
    rid = parent.resource.rid
    if not parent.resource.type.is_folder:
        raise InvalidFolderError(rid)
    if parent.resource.is_trashed:
        raise InvalidParentFolderError(rid, "the folder is in the trash")
    if 1 + len(parent.ancestors) + levels > DEPTH_MAX:
        raise InvalidParentFolderError(rid, f"folders nest at most {DEPTH_MAX} levels deep")


def _as_resource(visible: Visible) -> Resource:
    if visible.resource.type is ResourceType.SPACE:
        raise GetSpaceResourceNotSupportedError(visible.resource.rid)
    return visible.resource
