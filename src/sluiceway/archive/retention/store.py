"""What retention needs from the metadata."""

from collections.abc import Sequence
from typing import Protocol

from sluiceway.archive.retention.types import ActiveRetention, RetentionPolicy, StreamRetention
from sluiceway.archive.types import Offsets
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.streams.store import HoldStore
from sluiceway.streams.types import LegalHold


class RetentionStore(HoldStore, Protocol):
    """Keeps the policy and the hold of each stream. Every call joins the current transaction."""

    async def of_stream(self, dataset_rid: DatasetRid, branch_name: str) -> StreamRetention:
        """Give what is set for a stream; nothing of it when nothing is."""
        ...

    async def active(self) -> list[ActiveRetention]:
        """Give every policy that sets something, with the view to which it applies now."""
        ...

    async def policies(self) -> dict[ViewRid, RetentionPolicy]:
        """Give the same policies by view."""
        ...

    async def set_policy(
        self, dataset_rid: DatasetRid, branch_name: str, policy: RetentionPolicy
    ) -> None:
        """Take *policy* for the stream."""
        ...

    async def set_hold(
        self, dataset_rid: DatasetRid, branch_name: str, hold: LegalHold | None
    ) -> None:
        """Set the stream's hold, or lift it."""
        ...

    async def trimming(self, active: ActiveRetention, before: Offsets) -> None:
        """Keep up to where the log of a view is about to be trimmed."""
        ...

    async def remove(self, dataset_rids: Sequence[DatasetRid]) -> None:
        """Forget all that is set for the streams of datasets."""
        ...
