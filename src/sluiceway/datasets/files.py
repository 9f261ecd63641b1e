"""Files of datasets: listed, read, uploaded and taken out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.datasets.errors import (
    CreateTransactionPermissionDeniedError,
    InvalidParameterCombinationError,
    InvalidTransactionTypeError,
)
from sluiceway.datasets.file_errors import (
    DeleteFilePermissionDeniedError,
    FileAlreadyExistsError,
    FileNotFoundOnBranchError,
    FileNotFoundOnTransactionRangeError,
    GetFileContentPermissionDeniedError,
    TooManyFilesError,
    UploadFilePermissionDeniedError,
)
from sluiceway.datasets.gate import Denied, Gate
from sluiceway.datasets.history import History
from sluiceway.datasets.keeping import Keeping
from sluiceway.datasets.paths import check_file_path
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.store import DatasetFileStore
from sluiceway.datasets.stream_files import StreamFiles
from sluiceway.datasets.types import (
    Branch,
    DatasetFile,
    FileView,
    Selection,
    Transaction,
    TransactionType,
)
from sluiceway.datasets.views import Selected, Views
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.foundation.transactions import Transactions


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a change of a file goes: an open transaction, or one of its own on a branch."""

    branch_name: str | None = None
    transaction_rid: TransactionRid | None = None
    transaction_type: TransactionType | None = None
    """Of the one of its own; ``UPDATE`` if it is left out."""


class _Place(msgspec.Struct, frozen=True):
    """Where a change of a file will go, as it is now."""

    transaction: Transaction
    branch: Branch | None
    """For a transaction that is not kept yet: where it will be committed."""
    view: FileView | None
    """What the change is made to."""


@dataclass(frozen=True, slots=True)
class FileService:
    """The files of datasets; those of streaming ones are only read."""

    gate: Gate
    views: Views
    history: History
    files: DatasetFileStore
    keeping: Keeping
    streams: StreamFiles
    transactions: Transactions
    clock: Clock
    settings: DatasetSettings

    async def list(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        selection: Selection,
        *,
        prefix: str,
        page: PageRequest,
    ) -> Page[DatasetFile]:
        """Give files by path.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            SluicewayError: Whatever ``Views.select``, or ``StreamFiles``, raises.
        """
        if await self.gate.read(caller, dataset_rid):
            return await self.streams.list(dataset_rid, selection, prefix=prefix, page=page)
        selected = await self.views.select(dataset_rid, selection)
        if selected.view is None:
            return Page(data=[])
        found = await self.files.view(
            selected.view, after=page.after, limit=page.size + 1, prefix=prefix
        )
        return page_of(found, page, [one.path for one in found])

    async def get(
        self, caller: Caller, dataset_rid: DatasetRid, path: str, selection: Selection
    ) -> DatasetFile:
        """Give a file.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            FileNotFoundOnBranchError: There is no such file.
            FileNotFoundOnTransactionRangeError: There is none in the transactions asked for.
            SluicewayError: Whatever ``Views.select``, or ``StreamFiles``, raises.
        """
        if await self.gate.read(caller, dataset_rid):
            return await self.streams.get(dataset_rid, path, selection)
        return await self._find(dataset_rid, path, selection)

    async def content(
        self, caller: Caller, dataset_rid: DatasetRid, path: str, selection: Selection
    ) -> tuple[DatasetFile, AsyncIterator[bytes]]:
        """Give a file with its content, in pieces.

        Raises:
            GetFileContentPermissionDeniedError: The caller is less than Viewer.
            FileStoreUnavailableError: The content is not there.
            SluicewayError: Whatever ``get`` raises.
        """
        denied = partial(GetFileContentPermissionDeniedError, dataset_rid, path)
        if await self.gate.read(caller, dataset_rid, denied):
            return await self.streams.content(dataset_rid, path, selection)
        file = await self._find(dataset_rid, path, selection)
        assert file.content_id is not None
        return file, await self.keeping.contents.open(file.content_id)

    async def upload(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        path: str,
        target: Target,
        pieces: AsyncIterator[bytes],
    ) -> DatasetFile:
        """Keep a file, in place of one of the same path; without a transaction, commit it too.

        What can be refused is refused before the content is read, and asked again behind it.

        Raises:
            InvalidFilePathError: A file may not have this path.
            InvalidParameterCombinationError: The target is a transaction and a branch.
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            UploadFilePermissionDeniedError: It may not write to the transaction.
            CreateTransactionPermissionDeniedError: It may not write to the branch.
            InvalidTransactionTypeError: The transaction is one that takes files out.
            FileAlreadyExistsError: The transaction replaces no files, and there is one.
            TooManyFilesError: The transaction has as many files as it may have.
            SluicewayError: Whatever finding the target, or ``Keeping.receive``, raises.
        """
        check_file_path(path)
        _check(target)
        denied = self._denied(dataset_rid, path, target, UploadFilePermissionDeniedError)
        await self.gate.write(caller, dataset_rid, denied)
        await self._check_upload(await self._place(dataset_rid, target), path)
        async with self.keeping.receive(pieces) as received, self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            place = await self._place(dataset_rid, target)
            await self._check_upload(place, path)
            file = DatasetFile(
                transaction_rid=place.transaction.transaction_rid,
                path=path,
                content_id=received.content_id,
                size_bytes=received.size_bytes,
                updated_ms=self.clock.now_ms(),
            )
            await self._put(caller, place, file)
        return file

    async def delete(
        self, caller: Caller, dataset_rid: DatasetRid, path: str, target: Target
    ) -> None:
        """Take a file out of the view; without a transaction, commit that too.

        Raises:
            InvalidParameterCombinationError: The target is a transaction and a branch.
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            DeleteFilePermissionDeniedError: It may not write.
            InvalidTransactionTypeError: The transaction is not one that takes files out.
            FileNotFoundOnBranchError: There is no such file.
            FileNotFoundOnTransactionRangeError: There is none in the view of the transaction.
            TooManyFilesError: The transaction has as many files as it may have.
            SluicewayError: Whatever finding the target raises.
        """
        _check(target)
        denied = partial(DeleteFilePermissionDeniedError, dataset_rid, path)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            place = await self._place(dataset_rid, target)
            transaction = place.transaction
            if transaction.type is not TransactionType.DELETE:
                raise InvalidTransactionTypeError(
                    dataset_rid,
                    transaction.transaction_rid,
                    transaction.type.value,
                    "a file is deleted in a transaction of the type DELETE",
                )
            view = place.view
            if view is None or not await self.files.view(view, limit=1, path=path):
                if target.transaction_rid is None:
                    raise FileNotFoundOnBranchError(dataset_rid, transaction.branch_name, path)
                raise FileNotFoundOnTransactionRangeError(
                    dataset_rid, None, transaction.transaction_rid, path
                )
            file = DatasetFile(
                transaction_rid=transaction.transaction_rid,
                path=path,
                content_id=None,
                size_bytes=0,
                updated_ms=self.clock.now_ms(),
            )
            await self._put(caller, place, file)

    async def _find(self, dataset_rid: DatasetRid, path: str, selection: Selection) -> DatasetFile:
        selected = await self.views.select(dataset_rid, selection)
        if selected.view is not None:
            found = await self.files.view(selected.view, limit=1, path=path)
            if found:
                return found[0]
        raise _not_found(dataset_rid, path, selection, selected)

    def _denied(
        self,
        dataset_rid: DatasetRid,
        path: str,
        target: Target,
        of_transaction: type[UploadFilePermissionDeniedError],
    ) -> Denied:
        if target.transaction_rid is not None:
            return partial(of_transaction, dataset_rid, target.transaction_rid, path)
        branch_name = self.views.branch_of(target.branch_name)
        return partial(CreateTransactionPermissionDeniedError, dataset_rid, branch_name)

    async def _place(self, dataset_rid: DatasetRid, target: Target) -> _Place:
        if target.transaction_rid is not None:
            found = await self.history.find_open(dataset_rid, target.transaction_rid)
            return _Place(found, None, FileView(end_rid=found.transaction_rid))
        branch_name = self.views.branch_of(target.branch_name)
        branch = await self.history.free_branch(dataset_rid, branch_name)
        kind = target.transaction_type or TransactionType.UPDATE
        prepared = await self.history.prepare(branch, kind)
        view = None if branch.head_rid is None else FileView(end_rid=branch.head_rid)
        return _Place(prepared, branch, view)

    async def _check_upload(self, place: _Place, path: str) -> None:
        transaction = place.transaction
        if transaction.type is TransactionType.DELETE:
            raise InvalidTransactionTypeError(
                transaction.dataset_rid,
                transaction.transaction_rid,
                transaction.type.value,
                "a transaction of the type DELETE takes no files",
            )
        if transaction.type is not TransactionType.APPEND or place.view is None:
            return
        if await self.files.view(place.view, limit=1, path=path):
            raise FileAlreadyExistsError(transaction.dataset_rid, transaction.transaction_rid, path)

    async def _put(self, caller: Caller, place: _Place, file: DatasetFile) -> None:
        """Keep a file in its transaction, which is committed if it is one of its own."""
        transaction = place.transaction
        if place.branch is not None:
            await self.history.commit_at_once(caller, transaction)
        replaced = await self.files.of_transaction(transaction.transaction_rid, file.path)
        if replaced is None:
            files_max = self.settings.transaction_files_max
            if await self.files.count(transaction.transaction_rid) >= files_max:
                raise TooManyFilesError(transaction.dataset_rid, files_max)
        else:
            self.keeping.replace(replaced.content_id)
        await self.files.put(file)


def _check(target: Target) -> None:
    if target.transaction_rid is None:
        return
    provided = ["transactionRid"]
    if target.branch_name is not None:
        provided.append("branchName")
    if target.transaction_type is not None:
        provided.append("transactionType")
    if len(provided) > 1:
        raise InvalidParameterCombinationError(
            [["transactionRid"], ["branchName", "transactionType"]], provided
        )


def _not_found(
    dataset_rid: DatasetRid, path: str, selection: Selection, selected: Selected
) -> SluicewayError:
    if selection.end_rid is None:
        return FileNotFoundOnBranchError(dataset_rid, selected.branch_name, path)
    return FileNotFoundOnTransactionRangeError(
        dataset_rid, selection.start_rid, selection.end_rid, path
    )
