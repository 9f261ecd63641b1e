"""Maintenance of one table when somebody asks for it, beside that on schedule."""

import asyncio
from dataclasses import dataclass, field

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.archive.errors import MaintainArchivePermissionDeniedError
from sluiceway.archive.moving import Mover
from sluiceway.foundation.request_errors import OverloadedError
from sluiceway.foundation.rids import DatasetRid


class MaintainedReply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What maintenance of a table did; all 0 when there is no table yet, or nothing to do."""

    merged_files: int
    expired_snapshots: int
    removed_files: int


@dataclass(frozen=True, slots=True)
class UpkeepService:
    """Maintains tables, one at a time."""

    mover: Mover
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def maintain(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str
    ) -> MaintainedReply:
        """Merge small files of a stream's table once, expire old snapshots, and remove orphans.

        Raises:
            StreamNotFoundError: There is no such stream that the caller may see.
            MaintainArchivePermissionDeniedError: It sees it but is not Editor.
            OverloadedError: Another table is being maintained because somebody asked.
            ArchiveUnavailableError: It cannot be done now; what was done is done.
        """
        denied = MaintainArchivePermissionDeniedError(dataset_rid, branch_name)
        view = await self.mover.directory.view_for(
            caller, dataset_rid, branch_name, Role.EDITOR, denied
        )
        if self._turn.locked():
            raise OverloadedError("maintenance at a time")
        async with self._turn:
            done = await self.mover.maintain(view.view_rid)
        if done is None:
            return MaintainedReply(merged_files=0, expired_snapshots=0, removed_files=0)
        return MaintainedReply(
            merged_files=done.merged_files,
            expired_snapshots=done.expired_snapshots,
            removed_files=done.removed_files,
        )
