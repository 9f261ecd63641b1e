"""What datasets need from storage. Every call joins the transaction that is open."""

from collections.abc import Collection, Sequence
from typing import Protocol

from sluiceway.datasets.types import Branch, DatasetFile, FileView, SchemaVersion, Transaction
from sluiceway.foundation.rids import DatasetRid, TransactionRid


class BranchStore(Protocol):
    """Keeps the branches of datasets of files."""

    async def add(self, branch: Branch) -> None:
        """Keep a new branch.

        Raises:
            BranchAlreadyExistsError: The dataset has one of that name.
        """
        ...

    async def get(self, dataset_rid: DatasetRid, branch_name: str) -> Branch | None:
        """Give a branch."""
        ...

    async def update(self, branch: Branch) -> None:
        """Keep a branch as it is now, in place of what it was."""
        ...

    async def remove(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        """Forget a branch; its transactions stay."""
        ...

    async def page(self, dataset_rid: DatasetRid, *, after: str | None, limit: int) -> list[Branch]:
        """Give branches by name, from behind *after* on."""
        ...

    async def count(self, dataset_rid: DatasetRid) -> int:
        """Give how many branches a dataset has."""
        ...


class TransactionStore(Protocol):
    """Keeps the transactions of datasets of files, and the schemas of their views."""

    async def add(self, transaction: Transaction) -> None:
        """Keep a new transaction."""
        ...

    async def get(self, dataset_rid: DatasetRid, transaction_rid: str) -> Transaction | None:
        """Give a transaction of a dataset."""
        ...

    async def update(self, transaction: Transaction) -> None:
        """Keep a transaction as it is now, in place of what it was."""
        ...

    async def page(
        self, dataset_rid: DatasetRid, *, before: str | None, limit: int
    ) -> list[Transaction]:
        """Give all transactions of a dataset, the latest first, from behind *before* on."""
        ...

    async def history(self, transaction_rid: TransactionRid, *, limit: int) -> list[Transaction]:
        """Give a transaction and those before it, each the parent of the one in front of it."""
        ...

    async def precedes(self, earlier: TransactionRid, later: TransactionRid) -> bool:
        """Tell whether a transaction is the other one, or one of those before it."""
        ...

    async def add_schema(self, version: SchemaVersion) -> None:
        """Keep a new version of a schema."""
        ...

    async def schema(self, dataset_rid: DatasetRid, version_id: str) -> SchemaVersion | None:
        """Give a version of a schema of a dataset."""
        ...


class DatasetFileStore(Protocol):
    """Keeps which files transactions have, and which contents are to be removed.

    A content that a file has is never among those.
    """

    async def put(self, file: DatasetFile) -> None:
        """Keep a file, in place of the one that the transaction has of this path.

        The content of that one is then to be removed, and the file's own is so no longer.
        """
        ...

    async def of_transaction(
        self, transaction_rid: TransactionRid, path: str
    ) -> DatasetFile | None:
        """Give the file that a transaction itself has of a path, also if it takes that out."""
        ...

    async def count(self, transaction_rid: TransactionRid) -> int:
        """Give how many files a transaction itself has, those that it takes out included."""
        ...

    async def view(
        self,
        view: FileView,
        *,
        after: str | None = None,
        limit: int,
        prefix: str = "",
        path: str | None = None,
    ) -> list[DatasetFile]:
        """Give files of a view by path: those behind *after*, that begin with *prefix*, or of *path*.

        By path means in the database's own order of texts.
        """
        ...

    async def drop(self, transaction_rid: TransactionRid) -> list[str]:
        """Forget the files of a transaction; gives their contents, which are to be removed then."""
        ...

    async def purge(self, dataset_rids: Sequence[DatasetRid]) -> list[str]:
        """Forget all that there is of datasets; gives the contents, which are to be removed then."""
        ...

    async def note_unwanted(self, content_ids: Collection[str]) -> None:
        """Note that contents are to be removed, unless a file gets them."""
        ...

    async def unwanted(self, content_ids: Collection[str] | None = None) -> list[str]:
        """Give the contents that are to be removed, all or those among *content_ids*."""
        ...

    async def forget_unwanted(self, content_ids: Collection[str]) -> None:
        """Forget contents that were removed."""
        ...
