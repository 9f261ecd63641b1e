"""What callers may set for a stream and be told of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.retention.deleting import Deleter
from sluiceway.archive.retention.errors import (
    GetRetentionPermissionDeniedError,
    InvalidRetentionError,
    PutRetentionPermissionDeniedError,
    SetLegalHoldPermissionDeniedError,
)
from sluiceway.archive.retention.types import (
    COLD_SECONDS_MAX,
    COLD_SECONDS_MIN,
    HOT_BYTES_MAX,
    HOT_BYTES_MIN,
    DeletionReply,
    LegalHoldReply,
    PreviewReply,
    PreviewRequest,
    PutRetentionRequest,
    RangeReply,
    RetentionPolicy,
    RetentionReply,
    TrimReply,
    hold_reply,
)
from sluiceway.archive.types import DueRows
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import DatasetRid, Rid
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.log import RecordReader
from sluiceway.streams.types import LegalHold, View

_TURN_SECONDS: Final = 60.0
"""How long one who sets a hold waits for a deletion that is under way."""


@dataclass(frozen=True, slots=True)
class RetentionService:
    """How long records of a stream are kept, and legal holds; also of a stream in the trash.

    Every call raises:
        StreamNotFoundError: There is no such stream that the caller may see.
    """

    directory: StreamDirectory
    reader: RecordReader
    deleter: Deleter

    async def get(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str
    ) -> RetentionReply:
        """Tell what is set.

        Raises:
            GetRetentionPermissionDeniedError: The caller is not Viewer.
        """
        denied = GetRetentionPermissionDeniedError(dataset_rid, branch_name)
        view = await self.directory.view_for(caller, dataset_rid, branch_name, Role.VIEWER, denied)
        return await self._reply(view)

    async def put(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        request: PutRetentionRequest,
    ) -> RetentionReply:
        """Set the whole policy; it is applied on schedule.

        Raises:
            PutRetentionPermissionDeniedError: The caller is not Editor.
            InvalidRetentionError: A value is out of range.
        """
        denied = PutRetentionPermissionDeniedError(dataset_rid, branch_name)
        view = await self.directory.view_for(caller, dataset_rid, branch_name, Role.EDITOR, denied)
        policy = self._checked(
            RetentionPolicy(
                hot_seconds=request.hot_seconds,
                hot_bytes=request.hot_bytes,
                cold_seconds=request.cold_seconds,
            )
        )
        deleter = self.deleter
        async with deleter.transactions.begin():
            await deleter.store.set_policy(dataset_rid, branch_name, policy)
            await deleter.audit.record(
                actor(caller),
                "retention.set",
                dataset_rid,
                branchName=branch_name,
                hotSeconds=policy.hot_seconds,
                hotBytes=policy.hot_bytes,
                coldSeconds=policy.cold_seconds,
            )
        return await self._reply(view)

    async def hold(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str, reason: str
    ) -> LegalHoldReply:
        """Set a legal hold, in place of the one that there is; from the answer on it holds.

        Raises:
            SetLegalHoldPermissionDeniedError: The caller is not Owner.
            ArchiveUnavailableError: A deletion that takes long is under way; nothing was set.
        """
        await self._owned(caller, dataset_rid, branch_name)
        hold = LegalHold(
            dataset_rid=dataset_rid,
            branch_name=branch_name,
            reason=reason,
            set_by=caller.principal_id,
            set_by_name=caller.username,
            set_ms=self.deleter.clock.now_ms(),
        )
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await self.deleter.turn.acquire()
        except TimeoutError:
            raise ArchiveUnavailableError("a deletion is under way") from None
        try:
            await self._set_hold(caller, hold, dataset_rid, branch_name)
        finally:
            self.deleter.turn.release()
        reply = hold_reply(hold)
        assert reply is not None
        return reply

    async def lift(self, caller: Caller, dataset_rid: DatasetRid, branch_name: str) -> None:
        """Lift the hold, if there is one.

        Raises:
            SetLegalHoldPermissionDeniedError: The caller is not Owner.
        """
        await self._owned(caller, dataset_rid, branch_name)
        found = await self.deleter.store.of_stream(dataset_rid, branch_name)
        if found.hold is not None:
            await self._set_hold(caller, None, dataset_rid, branch_name)

    async def preview(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str, request: PreviewRequest
    ) -> PreviewReply:
        """Tell what a policy would let go now; *request* may differ from what is set.

        Raises:
            GetRetentionPermissionDeniedError: The caller is not Viewer.
            InvalidRetentionError: A value is out of range.
            ArchiveUnavailableError: The table cannot be asked now.
        """
        denied = GetRetentionPermissionDeniedError(dataset_rid, branch_name)
        view = await self.directory.view_for(caller, dataset_rid, branch_name, Role.VIEWER, denied)
        stream = await self.deleter.store.of_stream(dataset_rid, branch_name)
        policy = self._checked(_changed(stream.policy, request))
        due = await self.deleter.due(view.view_rid, policy)
        return PreviewReply(
            deleted=_deletion(due.deleted),
            trimmed=TrimReply(
                records=sum(end - start for start, end in due.trimmed.values()),
                bytes=due.trimmed_bytes,
                partitions=_partitions(due.trimmed, {}),
            ),
            legal_hold=hold_reply(stream.hold),
        )

    async def purge(self, rids: Sequence[Rid]) -> None:
        """Forget what is set for datasets that are being deleted for ever."""
        await self.deleter.store.remove([DatasetRid(rid) for rid in rids])

    async def _set_hold(
        self, caller: Caller, hold: LegalHold | None, dataset_rid: DatasetRid, branch_name: str
    ) -> None:
        deleter, details = self.deleter, {} if hold is None else {"reason": hold.reason}
        action = "legal_hold.lifted" if hold is None else "legal_hold.set"
        async with deleter.transactions.begin():
            await deleter.store.set_hold(dataset_rid, branch_name, hold)
            await deleter.audit.record(
                actor(caller), action, dataset_rid, branchName=branch_name, **details
            )

    async def _owned(self, caller: Caller, dataset_rid: DatasetRid, branch_name: str) -> None:
        denied = SetLegalHoldPermissionDeniedError(dataset_rid, branch_name)
        await self.directory.view_for(caller, dataset_rid, branch_name, Role.OWNER, denied)

    def _checked(self, policy: RetentionPolicy) -> RetentionPolicy:
        """Give *policy* back if this server allows it."""
        settings = self.deleter.settings
        hot = (settings.hot_floor_seconds, settings.hot_seconds_max)
        for field, value, (least, most) in (
            ("hotSeconds", policy.hot_seconds, hot),
            ("hotBytes", policy.hot_bytes, (HOT_BYTES_MIN, HOT_BYTES_MAX)),
            ("coldSeconds", policy.cold_seconds, (COLD_SECONDS_MIN, COLD_SECONDS_MAX)),
        ):
            if value is not None and not least <= value <= most:
                raise InvalidRetentionError(field, value, least, most)
        return policy

    async def _reply(self, view: View) -> RetentionReply:
        stream = await self.deleter.store.of_stream(view.dataset_rid, view.branch_name)
        starts = await self.reader.start_offsets(view.view_rid)
        return RetentionReply(
            hot_seconds=stream.policy.hot_seconds,
            hot_bytes=stream.policy.hot_bytes,
            cold_seconds=stream.policy.cold_seconds,
            legal_hold=hold_reply(stream.hold),
            is_archived=self.deleter.settings.enabled,
            start_offsets={str(partition): start for partition, start in sorted(starts.items())},
        )


def _changed(policy: RetentionPolicy, request: PreviewRequest) -> RetentionPolicy:
    changes = {
        name: value
        for name in policy.__struct_fields__
        if (value := getattr(request, name)) is not msgspec.UNSET
    }
    return msgspec.structs.replace(policy, **changes)


def _deletion(due: DueRows) -> DeletionReply:
    return DeletionReply(
        records=due.records,
        bytes=due.stored_bytes,
        files=due.files,
        oldest_time=None if due.oldest_ms is None else iso_time(due.oldest_ms),
        newest_time=None if due.newest_ms is None else iso_time(due.newest_ms),
        partitions=_partitions(due.ranges, due.counts),
    )


def _partitions(
    ranges: Mapping[int, tuple[int, int]], counts: Mapping[int, int]
) -> dict[str, RangeReply]:
    return {
        str(partition): RangeReply(
            start_offset=start, end_offset=end, records=counts.get(partition, end - start)
        )
        for partition, (start, end) in sorted(ranges.items())
    }
