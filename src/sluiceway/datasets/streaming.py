"""Streaming datasets as the calls about datasets see them: what is archived of their streams.

Everything here is for those that have asked the gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.datasets.errors import (
    BranchNotFoundError,
    InvalidParameterCombinationError,
    TransactionNotFoundError,
)
from sluiceway.datasets.stream_schemas import stream_schema_version
from sluiceway.datasets.stream_tables import StreamTables
from sluiceway.datasets.table_errors import DatasetViewNotFoundError, SchemaNotFoundError
from sluiceway.datasets.types import Branch, Selection, StreamTransaction, ViewSchema
from sluiceway.foundation.rids import DatasetRid, Rid, TransactionRid
from sluiceway.streams.store import StreamStore
from sluiceway.streams.types import View

_VIEWS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Streaming:
    """The branches, transactions and schemas of streaming datasets."""

    streams: StreamStore
    tables: StreamTables
    default_branch: str

    async def branch(self, dataset_rid: DatasetRid, branch_name: str) -> Branch:
        """Give a stream as a branch.

        Raises:
            BranchNotFoundError: There is none.
        """
        return await self._branch(await self.view(dataset_rid, branch_name))

    async def page(self, dataset_rid: DatasetRid, *, after: str | None, limit: int) -> list[Branch]:
        """Give the branches by name, from behind *after* on."""
        names = await self.streams.branch_names(dataset_rid)
        wanted = [name for name in names if after is None or name > after][:limit]
        return [await self._branch(view) for view in await self._views(dataset_rid, wanted)]

    async def transaction(
        self, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> StreamTransaction:
        """Give a transaction of one of the streams.

        Raises:
            TransactionNotFoundError: There is none.
        """
        return (await self._find(dataset_rid, transaction_rid))[1]

    async def transactions(
        self, dataset_rid: DatasetRid, *, before: str | None, limit: int
    ) -> list[StreamTransaction]:
        """Give the transactions of all streams, the latest first, from behind *before* on."""
        names = await self.streams.branch_names(dataset_rid)
        views = await self._views(dataset_rid, names)
        return await self.tables.transactions(views, before=_rid(before), limit=limit)

    async def of_branch(
        self, dataset_rid: DatasetRid, branch_name: str, *, before: str | None, limit: int
    ) -> list[StreamTransaction]:
        """Give the transactions of a stream, the latest first, from behind *before* on.

        Raises:
            BranchNotFoundError: There is no such stream.
        """
        view = await self.view(dataset_rid, branch_name)
        return await self.tables.transactions([view], before=_rid(before), limit=limit)

    async def schema(
        self, dataset_rid: DatasetRid, selection: Selection, version_id: str | None
    ) -> ViewSchema:
        """Give the schema of a stream's table.

        Raises:
            InvalidParameterCombinationError: A version and a transaction are named.
            BranchNotFoundError: There is no such stream.
            TransactionNotFoundError: It has no such transaction.
            DatasetViewNotFoundError: Nothing is archived yet.
            SchemaNotFoundError: That is not its version.
        """
        if version_id is not None and selection.end_rid is not None:
            raise InvalidParameterCombinationError(
                [["branchName", "endTransactionRid"], ["branchName", "versionId"]],
                ["endTransactionRid", "versionId"],
            )
        view, end = await self.select(dataset_rid, selection)
        if end is None:
            raise DatasetViewNotFoundError(dataset_rid, view.branch_name)
        version = stream_schema_version(view)
        if version_id is not None and version_id != version.version_id:
            raise SchemaNotFoundError(dataset_rid, view.branch_name, end.transaction_rid)
        return ViewSchema(view.branch_name, end.transaction_rid, version)

    async def select(
        self, dataset_rid: DatasetRid, selection: Selection
    ) -> tuple[View, StreamTransaction | None]:
        """Give the stream that is meant, and the last of the transactions that are meant.

        There is none as long as nothing is archived.

        Raises:
            BranchNotFoundError: There is no such stream.
            TransactionNotFoundError: It has no such transaction.
        """
        if selection.end_rid is not None:
            view, end = await self._find(dataset_rid, selection.end_rid)
            if selection.branch_name not in {None, view.branch_name}:
                await self.view(dataset_rid, selection.branch_name)
                raise TransactionNotFoundError(dataset_rid, selection.end_rid)
            return view, end
        view = await self.view(dataset_rid, selection.branch_name)
        return view, await self._head(view)

    async def view(self, dataset_rid: DatasetRid, branch_name: str | None) -> View:
        """Give the active view of a branch.

        Raises:
            BranchNotFoundError: There is none.
        """
        name = self.default_branch if branch_name is None else branch_name
        view = await self.streams.active(dataset_rid, name)
        if view is None:
            raise BranchNotFoundError(dataset_rid, name)
        return view

    async def _find(
        self, dataset_rid: DatasetRid, transaction_rid: TransactionRid
    ) -> tuple[View, StreamTransaction]:
        found = await self.tables.transaction(dataset_rid, transaction_rid)
        if found is None:
            raise TransactionNotFoundError(dataset_rid, transaction_rid)
        return found

    async def _views(self, dataset_rid: DatasetRid, names: Sequence[str]) -> list[View]:
        """Give the active views of branches, in the order of their names."""
        found: list[View] = []
        for at in range(0, len(names), _VIEWS_AT_ONCE):
            some = [(dataset_rid, name) for name in names[at : at + _VIEWS_AT_ONCE]]
            found += await self.streams.active_among(some)
        return sorted(found, key=lambda view: view.branch_name)

    async def _branch(self, view: View) -> Branch:
        head = await self._head(view)
        return Branch(
            dataset_rid=view.dataset_rid,
            branch_name=view.branch_name,
            head_rid=None if head is None else head.transaction_rid,
            open_rid=None,
        )

    async def _head(self, view: View) -> StreamTransaction | None:
        found = await self.tables.transactions([view], limit=1)
        return found[0] if found else None


def _rid(text: str | None) -> TransactionRid | None:
    return None if text is None else TransactionRid(Rid(text))
