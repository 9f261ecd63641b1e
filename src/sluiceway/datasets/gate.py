"""Who may do what with a dataset, and what kind of dataset it is."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.datasets.errors import (
    DatasetInTrashError,
    DatasetNotFoundError,
    StreamingDatasetNotWritableError,
)
from sluiceway.filesystem.service import Permissions
from sluiceway.filesystem.types import Resource, ResourceType
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.streams.store import StreamStore

Denied = Callable[[], SluicewayError]
"""Makes the error for a caller who sees the dataset and has too weak a role."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A dataset as a caller sees it."""

    resource: Resource
    role: Role
    is_streaming: bool
    """Whether it has streams."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Asked first by every call about a dataset."""

    permissions: Permissions
    streams: StreamStore

    async def see(self, caller: Caller, dataset_rid: DatasetRid) -> Resource:
        """Give the dataset as a resource.

        Raises:
            DatasetNotFoundError: There is none, or the caller has no role on it.
        """
        return (await self._visible(caller, dataset_rid))[0]

    async def describe(self, caller: Caller, dataset_rid: DatasetRid) -> Seen:
        """Give the dataset as a resource, the caller's role, and whether it has streams.

        Raises:
            DatasetNotFoundError: There is none, or the caller has no role on it.
        """
        resource, role = await self._visible(caller, dataset_rid)
        return Seen(resource, role, await self._is_streaming(dataset_rid))

    async def describe_among(
        self, caller: Caller, dataset_rids: Collection[DatasetRid]
    ) -> dict[DatasetRid, Seen]:
        """Give what ``describe`` gives of those of the datasets, at most 1,000, that there are."""
        seen = await self.permissions.visible_among(caller, dataset_rids)
        streaming = await self.streams.with_branches(dataset_rids)
        return {
            rid: Seen(visible.resource, visible.role, rid in streaming)
            for rid in dataset_rids
            if (visible := seen.get(rid)) is not None
            and visible.role is not None
            and visible.resource.type is ResourceType.FOUNDRY_DATASET
        }

    async def read(
        self, caller: Caller, dataset_rid: DatasetRid, denied: Denied | None = None
    ) -> bool:
        """Check that the caller is at least Viewer; tell whether the dataset has streams.

        Raises:
            DatasetNotFoundError: There is none, or the caller has no role on it; without
                *denied* also when it is less than Viewer.
            SluicewayError: What *denied* makes.
        """
        _, role = await self._visible(caller, dataset_rid)
        if role < Role.VIEWER:
            raise DatasetNotFoundError(dataset_rid) if denied is None else denied()
        return await self._is_streaming(dataset_rid)

    async def write(self, caller: Caller, dataset_rid: DatasetRid, denied: Denied) -> None:
        """Check that the caller is at least Editor, on a dataset of files that is not in the trash.

        It stays so until the transaction that is open ends, as there is one writer at a time.

        Raises:
            DatasetNotFoundError: There is none, or the caller has no role on it.
            SluicewayError: What *denied* makes.
            DatasetInTrashError: It is in the trash.
            StreamingDatasetNotWritableError: It has streams.
        """
        resource, role = await self._visible(caller, dataset_rid)
        if role < Role.EDITOR:
            raise denied()
        if resource.is_trashed:
            raise DatasetInTrashError(dataset_rid)
        if await self._is_streaming(dataset_rid):
            raise StreamingDatasetNotWritableError(dataset_rid)

    async def _is_streaming(self, dataset_rid: DatasetRid) -> bool:
        return await self.streams.branches(dataset_rid) > 0

    async def _visible(self, caller: Caller, dataset_rid: DatasetRid) -> tuple[Resource, Role]:
        visible = await self.permissions.visible(caller, dataset_rid)
        if visible is None or visible.role is None:
            raise DatasetNotFoundError(dataset_rid)
        if visible.resource.type is not ResourceType.FOUNDRY_DATASET:
            raise DatasetNotFoundError(dataset_rid)
        return visible.resource, visible.role
