"""Creating and finding datasets, and their branches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.datasets.errors import (
    CreateBranchPermissionDeniedError,
    CreateDatasetPermissionDeniedError,
    DeleteBranchPermissionDeniedError,
    TransactionNotCommittedError,
)
from sluiceway.datasets.gate import Gate, Seen
from sluiceway.datasets.history import History
from sluiceway.datasets.keeping import Keeping
from sluiceway.datasets.store import BranchStore
from sluiceway.datasets.streaming import Streaming
from sluiceway.datasets.types import Branch, DatasetDescription, TransactionStatus
from sluiceway.filesystem.errors import FolderNotFoundError
from sluiceway.filesystem.service import Permissions, ResourceService, check_batch
from sluiceway.filesystem.types import Resource, ResourceType
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.rids import DatasetRid, Rid, TransactionRid, new_dataset_rid
from sluiceway.foundation.transactions import Transactions
from sluiceway.streams.errors import TooManyBranchesError
from sluiceway.streams.names import check_branch_name
from sluiceway.streams.settings import StreamSettings


@dataclass(frozen=True, slots=True)
class DatasetService:
    """Datasets as resources, with their branches; those of streaming ones are only read."""

    gate: Gate
    branches: BranchStore
    history: History
    keeping: Keeping
    streaming: Streaming
    resources: ResourceService
    permissions: Permissions
    transactions: Transactions
    audit: AuditTrail
    settings: StreamSettings

    async def create(self, caller: Caller, parent_folder_rid: Rid, name: str) -> Resource:
        """Make a dataset with the default branch.

        Raises:
            FolderNotFoundError: The caller does not see the folder.
            CreateDatasetPermissionDeniedError: It may not create there.
            ResourceNameAlreadyExistsError: The folder has something of that name.
            InvalidDisplayNameError: A resource may not have this name.
        """
        role = await self.permissions.role(caller, parent_folder_rid)
        if role is None:
            raise FolderNotFoundError(parent_folder_rid)
        if role < Role.EDITOR:
            raise CreateDatasetPermissionDeniedError(parent_folder_rid, name)
        dataset_rid = new_dataset_rid()
        async with self.transactions.begin():
            resource = await self.resources.register(
                caller,
                rid=dataset_rid,
                resource_type=ResourceType.FOUNDRY_DATASET,
                parent_folder_rid=parent_folder_rid,
                display_name=name,
            )
            await self.branches.add(_new_branch(dataset_rid, self.settings.default_branch))
        return resource

    async def get(self, caller: Caller, dataset_rid: DatasetRid) -> Resource:
        """Give a dataset, of whatever kind.

        Raises:
            DatasetNotFoundError: The caller does not see it.
        """
        return await self.gate.see(caller, dataset_rid)

    async def describe(self, caller: Caller, dataset_rid: DatasetRid) -> DatasetDescription:
        """Tell what a dataset is and what the caller may do there.

        Raises:
            DatasetNotFoundError: The caller does not see it.
        """
        return self._description(await self.gate.describe(caller, dataset_rid))

    async def describe_among(
        self, caller: Caller, dataset_rids: Sequence[DatasetRid]
    ) -> dict[DatasetRid, DatasetDescription]:
        """Tell of several datasets at once; those that the caller does not see are left out.

        Raises:
            InvalidArgumentError: There are more than ``RESOURCES_PER_BATCH_MAX``.
        """
        check_batch(dataset_rids)
        found = await self.gate.describe_among(caller, set(dataset_rids))
        return {rid: self._description(seen) for rid, seen in found.items()}

    def _description(self, seen: Seen) -> DatasetDescription:
        return DatasetDescription(
            dataset_rid=DatasetRid(Rid(seen.resource.rid)),
            name=seen.resource.display_name,
            path=seen.resource.path,
            role=seen.role.role_id,
            trash_status=seen.resource.trash_status.value,
            is_streaming=seen.is_streaming,
            default_branch=self.settings.default_branch,
        )

    async def create_branch(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        transaction_rid: TransactionRid | None,
    ) -> Branch:
        """Make a branch: an empty one, or one that goes on from a committed transaction.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            CreateBranchPermissionDeniedError: It may not make branches.
            InvalidBranchNameError: A branch may not have this name.
            BranchAlreadyExistsError: There is one of that name.
            TransactionNotFoundError: The dataset has no such transaction.
            TransactionNotCommittedError: The transaction is not committed.
            TooManyBranchesError: There are as many as there may be.
        """
        denied = partial(CreateBranchPermissionDeniedError, dataset_rid, branch_name)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            check_branch_name(branch_name)
            if transaction_rid is not None:
                await self._check_committed(dataset_rid, transaction_rid)
            if await self.branches.count(dataset_rid) >= self.settings.branches_max:
                raise TooManyBranchesError(dataset_rid, self.settings.branches_max)
            branch = _new_branch(dataset_rid, branch_name, transaction_rid)
            await self.branches.add(branch)
            await self._record(caller, "branch.created", branch)
        return branch

    async def delete_branch(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str
    ) -> None:
        """Forget a branch and abort what is open on it; what was committed stays.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            DeleteBranchPermissionDeniedError: It may not delete branches.
            BranchNotFoundError: There is none.
        """
        denied = partial(DeleteBranchPermissionDeniedError, dataset_rid, branch_name)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            branch = await self.history.find_branch(dataset_rid, branch_name)
            await self.history.abort_open(branch)
            await self.branches.remove(dataset_rid, branch_name)
            await self._record(caller, "branch.deleted", branch)

    async def purge(self, rids: Sequence[Rid]) -> None:
        """Forget datasets that are being deleted for ever; their contents go after the commit."""
        await self.keeping.purge([DatasetRid(rid) for rid in rids])

    async def branch(self, caller: Caller, dataset_rid: DatasetRid, branch_name: str) -> Branch:
        """Give a branch.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            BranchNotFoundError: There is none.
        """
        if await self.gate.read(caller, dataset_rid):
            return await self.streaming.branch(dataset_rid, branch_name)
        return await self.history.find_branch(dataset_rid, branch_name)

    async def list_branches(
        self, caller: Caller, dataset_rid: DatasetRid, page: PageRequest
    ) -> Page[Branch]:
        """Give the branches by name.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
        """
        source: BranchStore | Streaming = self.branches
        if await self.gate.read(caller, dataset_rid):
            source = self.streaming
        found = await source.page(dataset_rid, after=page.after, limit=page.size + 1)
        return page_of(found, page, [one.branch_name for one in found])

    async def _check_committed(
        self, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> None:
        found = await self.history.find(dataset_rid, transaction_rid)
        if found.status is not TransactionStatus.COMMITTED:
            raise TransactionNotCommittedError(
                dataset_rid, found.transaction_rid, found.status.value
            )

    async def _record(self, caller: Caller, action: str, branch: Branch) -> None:
        await self.audit.record(
            actor(caller),
            f"dataset.{action}",
            branch.dataset_rid,
            branchName=branch.branch_name,
            transactionRid=branch.head_rid,
        )


def _new_branch(
    dataset_rid: DatasetRid, branch_name: str, head_rid: TransactionRid | None = None
) -> Branch:
    return Branch(
        dataset_rid=dataset_rid, branch_name=branch_name, head_rid=head_rid, open_rid=None
    )
