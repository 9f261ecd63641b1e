"""The trash: putting resources in, taking them out, deleting them for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.request_errors import InvalidPageTokenError
from sluiceway.foundation.rids import Rid
from sluiceway.foundation.transactions import Transactions

_MS_DIGITS_MAX: Final = 18
"""So many digits every database takes as an integer."""


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

    async def list_trashed(self, caller: Caller, page: PageRequest) -> Page[Visible]:
        """Give what was itself put in the trash and the caller sees, the latest first.

        A page may have fewer than asked for, even none, with more to follow: what the caller does
        not see is left out after the page was cut.

        Raises:
            InvalidPageTokenError: The token is not one of these pages'.
        """
        records = await self.store.trashed(before=_place_of(page), limit=page.size + 1)
        cut = page_of(records, page, [f"{one.trashed_ms}:{one.rid}" for one in records])
        visible = await self.resources.permissions.visible_among(
            caller, [record.rid for record in cut.data]
        )
        return Page(data=list(visible.values()), next_page_token=cut.next_page_token)

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
            if status is TrashStatus.NOT_TRASHED:
                return
            if not may_restore(visible):
                raise RestoreResourcePermissionDeniedError(rid)
            for resource in (visible.resource, *visible.ancestors):
                if resource.trash_status is not TrashStatus.DIRECTLY_TRASHED:
                    continue
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


def may_restore(visible: Visible) -> bool:
    """Tell whether the caller may take the resource, and all above it, out of the trash."""
    levels = zip((visible.resource, *visible.ancestors), visible.roles, strict=True)
    return all(
        role is not None and role >= _needed(resource)
        for resource, role in levels
        if resource.trash_status is TrashStatus.DIRECTLY_TRASHED
    )


def _place_of(page: PageRequest) -> tuple[int, str] | None:
    if page.after is None:
        return None
    trashed_ms, _, rid = page.after.partition(":")
    if not trashed_ms.isdecimal() or len(trashed_ms) > _MS_DIGITS_MAX:
        raise InvalidPageTokenError(page.after)
    return int(trashed_ms), rid


def _needed(resource: Resource) -> Role:
    return Role.OWNER if resource.type is ResourceType.PROJECT else Role.EDITOR
