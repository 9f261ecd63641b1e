"""Creating, finding and resetting streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.service import Permissions, ResourceService
from sluiceway.filesystem.types import Resource, ResourceType
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.rids import (
    DatasetRid,
    Rid,
    ViewRid,
    dead_letters_rid,
    new_dataset_rid,
    new_view_rid,
)
from sluiceway.foundation.transactions import Transactions
from sluiceway.schema.rules import check_schema
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.errors import (
    CannotWriteToTrashedStreamError,
    CreateStreamingDatasetPermissionDeniedError,
    CreateStreamPermissionDeniedError,
    DatasetNotStreamingError,
    InvalidPartitionsCountError,
    InvalidStreamTypeError,
    ResetStreamPermissionDeniedError,
    StreamNotFoundError,
    StreamOnLegalHoldError,
    TooManyBranchesError,
)
from sluiceway.streams.log import RecordLog
from sluiceway.streams.names import check_branch_name
from sluiceway.streams.settings import StreamSettings
from sluiceway.streams.store import HoldStore, StreamStore
from sluiceway.streams.types import (
    CreateStreamingDatasetRequest,
    CreateStreamRequest,
    LegalHold,
    ResetStreamRequest,
    StreamType,
    Sweep,
    View,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StreamService:
    """Streaming datasets and the streams on their branches.

    A view's log is made just before the view becomes known, and is removed after it was noted, in
    the same transaction, that the view is gone. A crash in between leaves at worst a log that no
    stream has, which ``sweep`` removes.
    """

    store: StreamStore
    log: RecordLog
    resources: ResourceService
    permissions: Permissions
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    settings: StreamSettings
    holds: HoldStore

    async def create_dataset(
        self, caller: Caller, request: CreateStreamingDatasetRequest
    ) -> Resource:
        """Make a streaming dataset with one stream.

        Raises:
            ResourceNotFoundError: The caller does not see the folder.
            CreateStreamingDatasetPermissionDeniedError: It may not create there.
            ResourceNameAlreadyExistsError: The folder has something of that name.
            InvalidSchemaError: The schema is not possible (also its other errors).
        """
        branch = request.branch_name
        dataset_rid = new_dataset_rid()
        view = self._new_view(
            dataset_rid,
            check_branch_name(self.settings.default_branch if branch is None else branch),
            request.schema,
            partitions=request.partitions_count,
            stream_type=request.stream_type,
            compressed=request.compressed,
        )
        role = await self.permissions.role(caller, request.parent_folder_rid)
        if role is not None and role < Role.EDITOR:
            raise CreateStreamingDatasetPermissionDeniedError(request.parent_folder_rid)
        async with self.transactions.begin():
            resource = await self.resources.register(
                caller,
                rid=dataset_rid,
                resource_type=ResourceType.FOUNDRY_DATASET,
                parent_folder_rid=request.parent_folder_rid,
                display_name=request.name,
            )
            await self._add(caller, view)
        return resource

    async def create_stream(
        self, caller: Caller, dataset_rid: DatasetRid, request: CreateStreamRequest
    ) -> View:
        """Make a stream on a new branch of a dataset.

        Raises:
            StreamNotFoundError: The caller does not see the dataset.
            CreateStreamPermissionDeniedError: It sees it but may not.
            CannotWriteToTrashedStreamError: The dataset is in the trash.
            DatasetNotStreamingError: The dataset is one of files.
            BranchAlreadyExistsError: The branch exists.
        """
        view = self._new_view(
            dataset_rid,
            check_branch_name(request.branch_name),
            request.schema,
            partitions=request.partitions_count,
            stream_type=request.stream_type,
            compressed=request.compressed,
        )
        role = await self.role(caller, dataset_rid, request.branch_name)
        if role < Role.EDITOR:
            raise CreateStreamPermissionDeniedError(dataset_rid, request.branch_name)
        async with self.transactions.begin():
            await self.hold(dataset_rid, request.branch_name)
            branches = await self.store.branches(dataset_rid)
            if not branches:
                raise DatasetNotStreamingError(dataset_rid)
            if branches >= self.settings.branches_max:
                raise TooManyBranchesError(dataset_rid, self.settings.branches_max)
            await self._add(caller, view)
        return view

    async def get(self, caller: Caller, dataset_rid: DatasetRid, branch_name: str) -> View:
        """Give a stream's active view.

        Raises:
            StreamNotFoundError: There is none, or the caller has not at least the role Viewer.
        """
        role = await self.role(caller, dataset_rid, branch_name)
        view = await self.store.active(dataset_rid, branch_name)
        if view is None or role < Role.VIEWER:
            raise StreamNotFoundError(dataset_rid, branch_name)
        return view

    async def reset(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str, request: ResetStreamRequest
    ) -> View:
        """Give the stream a new, empty view; the old view and its records are gone for ever.

        Raises:
            StreamNotFoundError: The caller does not see the stream.
            ResetStreamPermissionDeniedError: It sees it but may not reset it.
            CannotWriteToTrashedStreamError: The stream is in the trash.
            StreamOnLegalHoldError: It has a legal hold.
        """
        role = await self.role(caller, dataset_rid, branch_name)
        if await self.store.active(dataset_rid, branch_name) is None:
            raise StreamNotFoundError(dataset_rid, branch_name)
        if role < Role.EDITOR:
            raise ResetStreamPermissionDeniedError(dataset_rid, branch_name)
        async with self.transactions.begin():
            await self.hold(dataset_rid, branch_name)
            # Asked again: what is left out stays as another reset has just made it.
            old = await self.store.active(dataset_rid, branch_name)
            if old is None:
                raise StreamNotFoundError(dataset_rid, branch_name)
            for hold in await self.holds.held([dataset_rid]):
                if hold.branch_name == branch_name:
                    raise _on_hold(hold)
            view = self._new_view(
                dataset_rid,
                branch_name,
                old.schema if request.schema is None else request.schema,
                partitions=_first(request.partitions_count, old.partitions),
                stream_type=_first(request.stream_type, old.stream_type.value),
                compressed=_first(request.compressed, old.compressed),
            )
            replaced = await self.store.replace(view)
            await self.record(caller, "stream.reset", view, replaced=replaced)
            await self._create_log(view)
            self.transactions.after_commit(partial(self._erase, replaced))
        return view

    async def purge(self, rids: Sequence[Rid]) -> None:
        """Forget the streams of datasets that are being deleted for ever, with their records.

        Called in the transaction of the deletion; the records go once that is committed.

        Raises:
            StreamOnLegalHoldError: One of them has a legal hold; nothing is deleted.
        """
        for hold in await self.holds.held([DatasetRid(rid) for rid in rids]):
            raise _on_hold(hold)
        for gone in await self.store.remove([DatasetRid(rid) for rid in rids]):
            self.transactions.after_commit(partial(self._erase, gone))

    async def sweep(self) -> Sweep:
        """Remove the logs that a crash has left behind. For the start only.

        Those are the logs that are known to be gone, and empty ones of no stream. A log with records
        of which nothing is known is kept: then the metadata are not those that belong to it.
        """
        known, gone = await self.store.all_views(), await self.store.gone_views()
        letters = {dead_letters_rid(*stream) for stream in known.values()}
        stored = await self.log.views()
        removed, kept = [], []
        for view in stored - known.keys() - letters:
            if view in gone or not any((await self.log.end_offsets(view)).values()):
                await self.log.delete_view(view)
                removed.append(view)
            else:
                kept.append(view)
        await self.store.forget_gone(gone)
        return Sweep(removed=removed, kept=kept, missing=list(known.keys() - stored))

    async def role(self, caller: Caller, dataset_rid: DatasetRid, branch_name: str) -> Role:
        """Give the caller's role on a dataset.

        Raises:
            StreamNotFoundError: It has none.
        """
        role = await self.permissions.role(caller, dataset_rid)
        if role is None:
            raise StreamNotFoundError(dataset_rid, branch_name)
        return role

    async def hold(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        """Check that there is such a dataset, which stays as it is until the transaction ends.

        Raises:
            StreamNotFoundError: There is none.
            CannotWriteToTrashedStreamError: It is in the trash.
        """
        await self.resources.lock_space_of(dataset_rid)
        state = await self.permissions.resource_state(dataset_rid)
        if state is None or state.type is not ResourceType.FOUNDRY_DATASET:
            raise StreamNotFoundError(dataset_rid, branch_name)
        if state.is_trashed:
            raise CannotWriteToTrashedStreamError(dataset_rid)

    async def _erase(self, view: ViewRid) -> None:
        await self.log.delete_view(view)
        await self.store.forget_gone([view])

    async def _add(self, caller: Caller, view: View) -> None:
        await self.store.add(view)
        await self.record(caller, "stream.created", view)
        await self._create_log(view)

    async def _create_log(self, view: View) -> None:
        await self.log.create_view(
            view.view_rid, partitions=view.partitions, compressed=view.compressed
        )

    async def record(self, caller: Caller, action: str, view: View, **details: object) -> None:
        """Note in the audit trail what was done to a stream; joins the transaction."""
        await self.audit.record(
            actor(caller),
            action,
            view.dataset_rid,
            branchName=view.branch_name,
            viewRid=view.view_rid,
            **details,
        )

    def _new_view(
        self,
        dataset_rid: DatasetRid,
        branch_name: str,
        schema: StreamSchema,
        *,
        partitions: int | None,
        stream_type: str | None,
        compressed: bool | None,
    ) -> View:
        partitions = _first(partitions, 1)
        if not 1 <= partitions <= self.settings.partitions_max:
            raise InvalidPartitionsCountError(partitions, self.settings.partitions_max)
        check_schema(schema)
        return View(
            view_rid=new_view_rid(),
            dataset_rid=dataset_rid,
            branch_name=branch_name,
            schema=schema,
            partitions=partitions,
            stream_type=_parse_stream_type(_first(stream_type, StreamType.LOW_LATENCY.value)),
            compressed=_first(compressed, False),
            created_ms=self.clock.now_ms(),
        )


def _on_hold(hold: LegalHold) -> StreamOnLegalHoldError:
    return StreamOnLegalHoldError(
        hold.dataset_rid, hold.branch_name, hold.reason, hold.set_by_name, hold.set_ms
    )


def _parse_stream_type(stream_type: str) -> StreamType:
    try:
        return StreamType(stream_type)
    except ValueError:
        raise InvalidStreamTypeError(stream_type) from None


def _first(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
