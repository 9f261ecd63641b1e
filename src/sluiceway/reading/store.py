"""What subscribers need from storage."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sluiceway.foundation.rids import DatasetRid
from sluiceway.reading.types import Subscriber


class SubscriberStore(Protocol):
    """Keeps subscribers and where each reads next. Every call joins the current transaction."""

    async def add(self, subscriber: Subscriber) -> bool:
        """Keep a new subscriber that reads from its start offsets.

        Gives ``False``, and changes nothing, when its id is taken.
        """
        ...

    async def get(self, subscriber_id: str) -> Subscriber | None:
        """Give a subscriber of whichever stream."""
        ...

    async def count(self, dataset_rid: DatasetRid, branch_name: str) -> int:
        """Give how many subscribers a stream has."""
        ...

    async def of_stream(
        self, dataset_rid: DatasetRid, branch_name: str, *, after: str | None, limit: int
    ) -> list[Subscriber]:
        """Give up to *limit* subscribers of a stream in the order of their ids, behind *after*."""
        ...

    async def positions_of(self, subscriber_ids: Sequence[str]) -> dict[str, dict[int, int]]:
        """Give the next offset of each partition, of several subscribers."""
        ...

    async def restart(self, subscriber: Subscriber) -> None:
        """Write a subscriber's view and start anew, and let it read from its start offsets."""
        ...

    async def positions(self, subscriber_id: str) -> dict[int, int]:
        """Give the next offset of each partition."""
        ...

    async def set_positions(self, subscriber_id: str, positions: Mapping[int, int]) -> None:
        """Set the next offset of the partitions that *positions* names."""
        ...

    async def delete(self, subscriber_id: str) -> None:
        """Forget a subscriber."""
        ...

    async def remove(self, dataset_rids: Sequence[DatasetRid]) -> None:
        """Forget every subscriber of the datasets."""
        ...
