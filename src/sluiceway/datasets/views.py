"""Which files a call is about: branch, range of transactions, or both."""

from dataclasses import dataclass

import msgspec

from sluiceway.datasets.errors import TransactionNotCommittedError
from sluiceway.datasets.history import History
from sluiceway.datasets.types import FileView, Selection, Transaction, TransactionStatus
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import DatasetRid


class Selected(msgspec.Struct, frozen=True, kw_only=True):
    """What a selection stands for."""

    branch_name: str
    view: FileView | None
    """``None``: the branch has no committed transaction yet."""
    end: Transaction | None


@dataclass(frozen=True, slots=True)
class Views:
    """Finds what selections stand for."""

    history: History
    default_branch: str

    def branch_of(self, branch_name: str | None) -> str:
        """Give the branch that a call is about which may name one."""
        return self.default_branch if branch_name is None else branch_name

    async def select(self, dataset_rid: DatasetRid, selection: Selection) -> Selected:
        """Find what a selection stands for.

        Raises:
            BranchNotFoundError: There is no such branch.
            TransactionNotFoundError: There is no such transaction.
            TransactionNotCommittedError: The last one was aborted.
            InvalidArgumentError: The first one does not come before the last one.
        """
        end_rid = selection.end_rid
        branch_name = self.branch_of(selection.branch_name)
        if end_rid is None or selection.branch_name is not None:
            branch = await self.history.find_branch(dataset_rid, branch_name)
            end_rid = end_rid or branch.head_rid
        start_rid = selection.start_rid
        if start_rid is not None:
            await self.history.find(dataset_rid, start_rid)
        if end_rid is None:
            return Selected(branch_name=branch_name, view=None, end=None)
        end = await self.history.find(dataset_rid, end_rid)
        if end.status is TransactionStatus.ABORTED:
            raise TransactionNotCommittedError(dataset_rid, end_rid, end.status.value)
        if start_rid is not None and not await self.history.store.precedes(start_rid, end_rid):
            reason = f"{start_rid} does not come before {end_rid}"
            raise InvalidArgumentError(reason, startTransactionRid=start_rid)
        if selection.branch_name is None and selection.end_rid is not None:
            branch_name = end.branch_name
        view = FileView(end_rid=end_rid, start_rid=start_rid)
        return Selected(branch_name=branch_name, view=view, end=end)
