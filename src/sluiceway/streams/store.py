"""What streams need from storage."""

from collections.abc import Collection, Sequence
from typing import Protocol

from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.streams.types import LegalHold, View


class StreamStore(Protocol):
    """Keeps which view is active on which branch. Every call joins the current transaction."""

    async def add(self, view: View) -> None:
        """Make *view* the active one of its branch, which has none.

        Raises:
            BranchAlreadyExistsError: The branch has one.
        """
        ...

    async def replace(self, view: View) -> ViewRid:
        """Make *view* the active one of its branch; gives the one whose place it takes.

        That one is gone then, see ``gone_views``.

        Raises:
            StreamNotFoundError: The branch has none.
        """
        ...

    async def change_schema(self, view: View) -> None:
        """Give the view its new schema, and the version of that; nothing when it is not active."""
        ...

    async def active(self, dataset_rid: DatasetRid, branch_name: str) -> View | None:
        """Give the active view of a branch."""
        ...

    async def active_among(self, branches: Collection[tuple[DatasetRid, str]]) -> list[View]:
        """Give the active views of those of the branches, at most 100, that have one."""
        ...

    async def active_of(self, view_rids: Collection[ViewRid]) -> list[View]:
        """Give those of the views, at most 100, that are active."""
        ...

    async def branches(self, dataset_rid: DatasetRid) -> int:
        """Give how many branches a dataset has."""
        ...

    async def with_branches(self, dataset_rids: Collection[DatasetRid]) -> set[DatasetRid]:
        """Give those of the datasets, at most 1,000, that have a branch."""
        ...

    async def branch_names(self, dataset_rid: DatasetRid) -> list[str]:
        """Give the names of a dataset's branches, sorted."""
        ...

    async def all_views(self) -> dict[ViewRid, tuple[DatasetRid, str]]:
        """Give every active view, with dataset and branch; for the clean-up at start."""
        ...

    async def remove(self, dataset_rids: Sequence[DatasetRid]) -> list[ViewRid]:
        """Forget every stream of the datasets.

        Gives what the record log has of them, views and dead letters, all of which is gone then.
        """
        ...

    async def gone_views(self) -> set[ViewRid]:
        """Give what was replaced or removed and may still be in the record log."""
        ...

    async def forget_gone(self, views: Collection[ViewRid]) -> None:
        """Forget that these are gone: their records are too."""
        ...


class HoldStore(Protocol):
    """Knows which streams have a legal hold. Every call joins the current transaction."""

    async def held(self, dataset_rids: Sequence[DatasetRid]) -> list[LegalHold]:
        """Give the holds on streams of the datasets, in the order of datasets and branches."""
        ...
