"""Transactions: opened, committed, aborted, and found again."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.datasets.errors import (
    AbortTransactionPermissionDeniedError,
    BranchNotFoundError,
    CommitTransactionPermissionDeniedError,
    CreateTransactionPermissionDeniedError,
    GetBranchTransactionHistoryPermissionDeniedError,
    OpenTransactionAlreadyExistsError,
    TooManyTransactionsError,
    TransactionNotFoundError,
    TransactionNotOpenError,
)
from sluiceway.datasets.gate import Gate
from sluiceway.datasets.keeping import Keeping
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.store import BranchStore, TransactionStore
from sluiceway.datasets.streaming import Streaming
from sluiceway.datasets.types import (
    Branch,
    Step,
    Transaction,
    TransactionStatus,
    TransactionType,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.rids import DatasetRid, TransactionRid, new_transaction_rid
from sluiceway.foundation.transactions import Transactions


@dataclass(frozen=True, slots=True)
class History:
    """The transactions of datasets; those of streaming ones are only read.

    Methods without a caller are for those that have asked the gate, and join their transaction.
    """

    gate: Gate
    branches: BranchStore
    store: TransactionStore
    keeping: Keeping
    streaming: Streaming
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    settings: DatasetSettings

    async def create(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        transaction_type: TransactionType,
    ) -> Transaction:
        """Open a transaction on a branch.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            CreateTransactionPermissionDeniedError: It may not write.
            BranchNotFoundError: There is no such branch.
            OpenTransactionAlreadyExistsError: One is open on it.
            TooManyTransactionsError: Its view has as many as it may have.
        """
        denied = partial(CreateTransactionPermissionDeniedError, dataset_rid, branch_name)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            branch = await self.free_branch(dataset_rid, branch_name)
            opened = await self.prepare(branch, transaction_type)
            await self.store.add(opened)
            await self.branches.update(
                msgspec.structs.replace(branch, open_rid=opened.transaction_rid)
            )
            await self._record(caller, "created", opened)
        return opened

    async def get(
        self, caller: Caller, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> Step:
        """Give a transaction.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            TransactionNotFoundError: There is none.
        """
        if await self.gate.read(caller, dataset_rid):
            return await self.streaming.transaction(dataset_rid, transaction_rid)
        return await self.find(dataset_rid, transaction_rid)

    async def commit(
        self, caller: Caller, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> Transaction:
        """Make an open transaction the last one of its branch.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            CommitTransactionPermissionDeniedError: It may not write.
            TransactionNotFoundError: There is no such transaction.
            TransactionNotOpenError: It is not open.
        """
        denied = partial(CommitTransactionPermissionDeniedError, dataset_rid, transaction_rid)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            found = await self.find_open(dataset_rid, transaction_rid)
            closed = await self._close(found, TransactionStatus.COMMITTED)
            await self._record(caller, "committed", closed)
        return closed

    async def abort(
        self, caller: Caller, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> Transaction:
        """Drop an open transaction with all that it changed.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            AbortTransactionPermissionDeniedError: It may not write.
            TransactionNotFoundError: There is no such transaction.
            TransactionNotOpenError: It is not open.
        """
        denied = partial(AbortTransactionPermissionDeniedError, dataset_rid, transaction_rid)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            found = await self.find_open(dataset_rid, transaction_rid)
            closed = await self._close(found, TransactionStatus.ABORTED)
            await self.keeping.drop(transaction_rid)
            await self._record(caller, "aborted", closed)
        return closed

    async def list_all(
        self, caller: Caller, dataset_rid: DatasetRid, page: PageRequest
    ) -> Page[Step]:
        """Give all transactions of a dataset, the latest first.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
        """
        found: Sequence[Step]
        if await self.gate.read(caller, dataset_rid):
            found = await self.streaming.transactions(
                dataset_rid, before=page.after, limit=page.size + 1
            )
        else:
            found = await self.store.page(dataset_rid, before=page.after, limit=page.size + 1)
        return page_of(found, page, [one.transaction_rid for one in found])

    async def list_of_branch(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str, page: PageRequest
    ) -> Page[Step]:
        """Give the transactions that made a branch what it is, the latest first.

        Those are its open one, and the committed ones back to the first, also if they were made
        on the branch that this one came from.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            GetBranchTransactionHistoryPermissionDeniedError: It is less than Viewer.
            BranchNotFoundError: There is no such branch.
        """
        denied = partial(GetBranchTransactionHistoryPermissionDeniedError, dataset_rid, branch_name)
        found: Sequence[Step]
        if await self.gate.read(caller, dataset_rid, denied):
            found = await self.streaming.of_branch(
                dataset_rid, branch_name, before=page.after, limit=page.size + 1
            )
        else:
            found = await self._walk(dataset_rid, branch_name, page)
        return page_of(found, page, [one.transaction_rid for one in found])

    async def _walk(
        self, dataset_rid: DatasetRid, branch_name: str, page: PageRequest
    ) -> list[Transaction]:
        branch = await self.find_branch(dataset_rid, branch_name)
        start = branch.latest_rid
        if page.after is not None:
            last = await self.store.get(dataset_rid, page.after)
            start = None if last is None else last.parent_rid
        return [] if start is None else await self.store.history(start, limit=page.size + 1)

    async def find(self, dataset_rid: DatasetRid, transaction_rid: TransactionRid) -> Transaction:
        """Give a transaction of a dataset.

        Raises:
            TransactionNotFoundError: There is none.
        """
        found = await self.store.get(dataset_rid, transaction_rid)
        if found is None:
            raise TransactionNotFoundError(dataset_rid, transaction_rid)
        return found

    async def find_open(
        self, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> Transaction:
        """Give an open transaction of a dataset.

        Raises:
            TransactionNotFoundError: There is none.
            TransactionNotOpenError: It is not open.
        """
        found = await self.find(dataset_rid, transaction_rid)
        if found.status is not TransactionStatus.OPEN:
            raise TransactionNotOpenError(dataset_rid, found.transaction_rid, found.status.value)
        return found

    async def find_branch(self, dataset_rid: DatasetRid, branch_name: str) -> Branch:
        """Give a branch of a dataset.

        Raises:
            BranchNotFoundError: There is none.
        """
        branch = await self.branches.get(dataset_rid, branch_name)
        if branch is None:
            raise BranchNotFoundError(dataset_rid, branch_name)
        return branch

    async def free_branch(self, dataset_rid: DatasetRid, branch_name: str) -> Branch:
        """Give a branch on which no transaction is open.

        Raises:
            BranchNotFoundError: There is none.
            OpenTransactionAlreadyExistsError: One is open.
        """
        branch = await self.find_branch(dataset_rid, branch_name)
        if branch.open_rid is not None:
            raise OpenTransactionAlreadyExistsError(dataset_rid, branch_name)
        return branch

    async def prepare(self, branch: Branch, transaction_type: TransactionType) -> Transaction:
        """Make the transaction that would be next on a branch; it is not kept.

        Raises:
            TooManyTransactionsError: The view has as many as it may have.
        """
        parent = None
        if branch.head_rid is not None:
            parent = await self.find(branch.dataset_rid, branch.head_rid)
        is_first = parent is None or transaction_type is TransactionType.SNAPSHOT
        view_length = 1 if parent is None or is_first else parent.view_length + 1
        if view_length > self.settings.view_transactions_max:
            raise TooManyTransactionsError(branch.dataset_rid, self.settings.view_transactions_max)
        return Transaction(
            transaction_rid=new_transaction_rid(),
            dataset_rid=branch.dataset_rid,
            branch_name=branch.branch_name,
            type=transaction_type,
            status=TransactionStatus.OPEN,
            parent_rid=branch.head_rid,
            view_length=view_length,
            schema_version_id=None,
            created_ms=self.clock.now_ms(),
            closed_ms=None,
        )

    async def commit_at_once(self, caller: Caller, prepared: Transaction) -> None:
        """Keep a transaction that was prepared, and commit it; the branch is still free."""
        await self.store.add(prepared)
        closed = await self._close(prepared, TransactionStatus.COMMITTED)
        await self._record(caller, "committed", closed)

    async def _close(self, transaction: Transaction, status: TransactionStatus) -> Transaction:
        branch = await self.find_branch(transaction.dataset_rid, transaction.branch_name)
        version_id = transaction.schema_version_id
        head_rid = branch.head_rid
        if status is TransactionStatus.COMMITTED:
            head_rid = transaction.transaction_rid
            if version_id is None and transaction.parent_rid is not None:
                parent = await self.find(transaction.dataset_rid, transaction.parent_rid)
                version_id = parent.schema_version_id
        closed = msgspec.structs.replace(
            transaction,
            status=status,
            schema_version_id=version_id,
            closed_ms=self.clock.now_ms(),
        )
        await self.store.update(closed)
        await self.branches.update(
            msgspec.structs.replace(branch, head_rid=head_rid, open_rid=None)
        )
        return closed

    async def abort_open(self, branch: Branch) -> None:
        """Abort what is open on a branch, in the transaction that is open."""
        if branch.open_rid is not None:
            found = await self.find_open(branch.dataset_rid, branch.open_rid)
            await self._close(found, TransactionStatus.ABORTED)
            await self.keeping.drop(branch.open_rid)

    async def _record(self, caller: Caller, action: str, transaction: Transaction) -> None:
        await self.audit.record(
            actor(caller),
            f"dataset.transaction.{action}",
            transaction.dataset_rid,
            branchName=transaction.branch_name,
            transactionRid=transaction.transaction_rid,
            transactionType=transaction.type.value,
        )
