"""Streaming datasets as the calls about datasets see them: what is archived of their streams.

Everything here is for those that have asked the gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.datasets.errors import (
    BranchNotFoundError,
    InvalidParameterCombinationError,
    TransactionNotFoundError,
)
from sluiceway.datasets.stream_schemas import stream_schema_version
from sluiceway.datasets.stream_tables import StreamTables
from sluiceway.datasets.table_errors import DatasetViewNotFoundError, SchemaNotFoundError
from sluiceway.datasets.tables import OffsetRanges
from sluiceway.datasets.types import (
    Branch,
    DatasetFile,
    Selection,
    StreamTransaction,
    ViewSchema,
)
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import DatasetRid, Rid, TransactionRid
from sluiceway.streams.store import StreamStore
from sluiceway.streams.types import View

_VIEWS_AT_ONCE: Final = 100


class StreamRange(msgspec.Struct, frozen=True, kw_only=True):
    """What of a stream a call is about."""

    view: View
    start: StreamTransaction | None
    """The first transaction; ``None`` for that of the view."""
    end: StreamTransaction | None
    """The last one; ``None`` as long as nothing is archived."""
    is_whole: bool
    """Whether it is all there is, because no transaction was named."""

    @property
    def ranges(self) -> OffsetRanges | None:
        """The offsets that the transactions moved; ``None`` for all that are archived."""
        if self.is_whole or self.end is None:
            return None
        firsts = {} if self.start is None else self.start.next_offsets | self.start.first_offsets
        return {one: (firsts.get(one, 0), end) for one, end in self.end.next_offsets.items()}

    def has(self, file: DatasetFile) -> bool:
        """Tell whether a file belongs to one of the transactions."""
        if self.is_whole or self.end is None:
            return True
        start_ms = 0 if self.start is None else self.start.created_ms
        return start_ms <= file.updated_ms <= self.end.created_ms


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
        selected = await self.select(dataset_rid, selection)
        view, end = selected.view, selected.end
        if end is None:
            raise DatasetViewNotFoundError(dataset_rid, view.branch_name)
        version = stream_schema_version(view)
        if version_id is not None and version_id != version.version_id:
            raise SchemaNotFoundError(dataset_rid, view.branch_name, end.transaction_rid)
        return ViewSchema(view.branch_name, end.transaction_rid, version)

    async def select(self, dataset_rid: DatasetRid, selection: Selection) -> StreamRange:
        """Find what a selection stands for.

        Raises:
            BranchNotFoundError: There is no such stream.
            TransactionNotFoundError: It has no such transaction.
            InvalidArgumentError: The first transaction does not come before the last one.
        """
        start, end = None, None
        if selection.end_rid is not None:
            view, end = await self._find(dataset_rid, selection.end_rid)
            if selection.branch_name not in {None, view.branch_name}:
                await self.view(dataset_rid, selection.branch_name)
                raise TransactionNotFoundError(dataset_rid, selection.end_rid)
        else:
            view = await self.view(dataset_rid, selection.branch_name)
            end = await self._head(view)
        if selection.start_rid is not None:
            of_start, start = await self._find(dataset_rid, selection.start_rid)
            if of_start.view_rid != view.view_rid or end is None or not start.precedes(end):
                last = "the end" if end is None else end.transaction_rid
                reason = f"{start.transaction_rid} does not come before {last}"
                raise InvalidArgumentError(reason, startTransactionRid=start.transaction_rid)
        is_whole = selection.start_rid is None and selection.end_rid is None
        return StreamRange(view=view, start=start, end=end, is_whole=is_whole)

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
