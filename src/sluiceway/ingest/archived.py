"""What receipts need from whoever archives the records."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from sluiceway.foundation.rids import TransactionRid, ViewRid
from sluiceway.ingest.once import Places


class ArchivedFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file of the stream's table, as the calls about datasets name it."""

    path: str
    transaction_rid: TransactionRid | None
    """The last transaction whose records it has, where that is known."""


@runtime_checkable
class ArchivedPlaces(Protocol):
    """Knows what is archived of the records of a view."""

    async def next_offsets(self, view: ViewRid) -> Mapping[int, int]:
        """Give by partition the offset up to which the table of a view has its records."""
        ...

    async def files(self, view: ViewRid, places: Places) -> Sequence[Sequence[ArchivedFile]] | None:
        """Give the files that have records of each place; ``None`` when nobody can tell now."""
        ...
