"""The trash: putting resources in, taking them out, deleting them for ever."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    DeleteResourcePermissionDeniedError,
    PermanentlyDeleteResourcePermissionDeniedError,
    ResourceNotDirectlyTrashedError,
    ResourceNotTrashedError,
    RestoreResourcePermissionDeniedError,
    TrashingSpaceNotSupportedError,
)
from sluiceway.filesystem.lineage import record_of
from sluiceway.filesystem.purging import PurgeListener
from sluiceway.filesystem.service import ResourceService
from sluiceway.filesystem.store import ResourceStore
from sluiceway.filesystem.types import Resource, ResourceType, TrashStatus, Visible
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.rids import Rid
from sluiceway.foundation.transactions import Transactions


@dataclass(frozen=True, slots=True)
class TrashService:
    """Takes resources out of use, for a while or for ever."""

    resources: ResourceService
    store: ResourceStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    listeners: Sequence[PurgeListener]

    async def trash(self, caller: Caller, rid: Rid) -> None:
        """Put a resource in the trash, and with it all that lies in it; twice does no harm.

        Raises:
            ResourceNotFoundError: The caller does not see it.
            TrashingSpaceNotSupportedError: It is a space.
            DeleteResourcePermissionDeniedError: The caller is less than Editor, on a project less
                than Owner.
        """
        async with self.transactions.begin():
            await self.resources.lock_space_of(rid)
            visible = await self.resources.visible(caller, rid)
            resource = visible.resource
            if resource.type is ResourceType.SPACE:
                raise TrashingSpaceNotSupportedError(rid)
            if not visible.holds(_needed(resource)):
                raise DeleteResourcePermissionDeniedError(rid)
            if resource.trash_status is not TrashStatus.DIRECTLY_TRASHED:
                await self._mark(caller, resource, trashed_ms=self.clock.now_ms())
                await self.audit.record(actor(caller), "resource.trashed", rid, path=resource.path)

    async def restore(self, caller: Caller, rid: Rid) -> None:
        """Take a resource, and the trashed folders above it, out of the trash.

        Does nothing to a resource that is not in the trash.

        Raises:
            ResourceNotFoundError: The caller does not see it.
            ResourceNotDirectlyTrashedError: Only a folder above it was put in the trash.
            RestoreResourcePermissionDeniedError: The caller is less than Editor on one of them,
                on a project less than Owner.
            ResourceNameAlreadyExistsError: Its name was taken meanwhile; for a project
                ``ProjectNameAlreadyExistsError``.
        """
        async with self.transactions.begin():
            await self.resources.lock_space_of(rid)
            visible = await self.resources.visible(caller, rid)
            status = visible.resource.trash_status
            if status is TrashStatus.ANCESTOR_TRASHED:
                raise ResourceNotDirectlyTrashedError(rid)
            trashed = [
                (resource, role)
                for resource, role in zip(
                    (visible.resource, *visible.ancestors), visible.roles, strict=True
                )
                if resource.trash_status is TrashStatus.DIRECTLY_TRASHED
            ]
            if status is TrashStatus.NOT_TRASHED:
                return
            if any(role is None or role < _needed(resource) for resource, role in trashed):
                raise RestoreResourcePermissionDeniedError(rid)
            for resource, _ in trashed:
                await self._mark(caller, resource, trashed_ms=None)
                await self.audit.record(
                    actor(caller), "resource.restored", resource.rid, path=resource.path
                )

    async def permanently_delete(self, caller: Caller, rid: Rid) -> None:
        """Delete a resource in the trash for ever, with all that lies in it and their data.

        Raises:
            ResourceNotFoundError: The caller does not see it.
            ResourceNotTrashedError: It was not itself put in the trash.
            PermanentlyDeleteResourcePermissionDeniedError: The caller is not Owner.
        """
        async with self.transactions.begin():
            await self.resources.lock_space_of(rid)
            visible = await self.resources.visible(caller, rid)
            self._check_may_purge(visible)
            below = await self.store.descendants(rid)
            datasets = [one.rid for one in below if one.type is ResourceType.FOUNDRY_DATASET]
            for listener in self.listeners:
                await listener.purge(datasets)
            await self.store.remove([one.rid for one in below])
            await self.audit.record(
                actor(caller),
                "resource.purged",
                rid,
                path=visible.resource.path,
                resources=len(below),
                datasets=len(datasets),
            )
            for dataset in datasets:
                if dataset != rid:
                    await self.audit.record(
                        actor(caller), "resource.purged", dataset, purgedWith=rid
                    )

    def _check_may_purge(self, visible: Visible) -> None:
        rid = visible.resource.rid
        if not visible.holds(Role.OWNER):
            raise PermanentlyDeleteResourcePermissionDeniedError(rid)
        if visible.resource.trash_status is not TrashStatus.DIRECTLY_TRASHED:
            raise ResourceNotTrashedError(rid)

    async def _mark(self, caller: Caller, resource: Resource, *, trashed_ms: int | None) -> None:
        record = msgspec.structs.replace(
            record_of(resource),
            trashed_ms=trashed_ms,
            updated_by=caller.principal_id,
            updated_ms=self.clock.now_ms(),
        )
        await self.store.update(record)


def _needed(resource: Resource) -> Role:
    return Role.OWNER if resource.type is ResourceType.PROJECT else Role.EDITOR
