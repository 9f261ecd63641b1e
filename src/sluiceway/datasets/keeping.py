"""Keeps contents and what is known of them of one mind, whatever crashes when."""

import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sluiceway.datasets.contents import FileStore
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.store import DatasetFileStore
from sluiceway.foundation.request_errors import OverloadedError
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.foundation.transactions import Transactions

_log: Final = logging.getLogger("sluiceway.datasets")


class Received:
    """A content that was kept, and is not yet any file's."""

    def __init__(self, content_id: str, size_bytes: int) -> None:
        self.content_id: Final = content_id
        self.size_bytes: Final = size_bytes


@dataclass(slots=True)
class Keeping:
    """Receives contents, and removes those that no file has.

    A content is noted as unwanted before its first byte is written, and no longer once a file
    has it, in the same transaction. So every content is some file's or noted, at any moment.
    """

    contents: FileStore
    files: DatasetFileStore
    transactions: Transactions
    settings: DatasetSettings
    uploads: int = 0
    """How many are under way."""

    @contextlib.asynccontextmanager
    async def receive(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[Received]:
        """Keep a content; it is removed if the block ends without a file that has it.

        Raises:
            OverloadedError: Too many are under way.
            RequestEntityTooLargeError: It is too large.
            FileStoreUnavailableError: It cannot be kept.
        """
        if self.uploads >= self.settings.uploads_max:
            raise OverloadedError("uploads")
        self.uploads += 1
        content_id = str(uuid.uuid4())
        try:
            await self.files.note_unwanted([content_id])
            try:
                bytes_max = self.settings.file_bytes_max
                size = await self.contents.write(content_id, pieces, bytes_max=bytes_max)
                yield Received(content_id, size)
            except BaseException:
                await self.remove([content_id])
                raise
        finally:
            self.uploads -= 1

    async def drop(self, transaction_rid: TransactionRid) -> None:
        """Forget the files of a transaction, in the transaction that is open."""
        self._remove_later(await self.files.drop(transaction_rid))

    async def purge(self, dataset_rids: Sequence[DatasetRid]) -> None:
        """Forget all that there is of datasets, in the transaction that is open."""
        self._remove_later(await self.files.purge(dataset_rids))

    def replace(self, content_id: str | None) -> None:
        """Remove the content of a file that was replaced, once the open transaction is committed."""
        if content_id is not None:
            self._remove_later([content_id])

    async def sweep(self) -> int:
        """Remove what a crash has left behind; gives how many contents. For the start only."""
        unwanted = await self.files.unwanted()
        await self.remove(unwanted)
        return len(unwanted)

    async def remove(self, content_ids: Collection[str]) -> None:
        """Remove those of the contents that no file has; what fails now is done at the next start."""
        try:
            unwanted = await self.files.unwanted(content_ids)
            await self.contents.delete(unwanted)
            await self.files.forget_unwanted(unwanted)
        except Exception:  # noqa: BLE001 - they stay noted, and the next start tries again
            _log.exception("could not remove %d contents", len(content_ids))

    def _remove_later(self, content_ids: Collection[str]) -> None:
        if content_ids:
            self.transactions.after_commit(partial(self.remove, content_ids))
