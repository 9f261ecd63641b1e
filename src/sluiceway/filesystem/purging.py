"""What must go when a resource is deleted for ever."""

from collections.abc import Sequence
from typing import Protocol

from sluiceway.foundation.rids import Rid


class PurgeListener(Protocol):
    """Keeps something that belongs to datasets."""

    async def purge(self, rids: Sequence[Rid]) -> None:
        """Remove all that belongs to these datasets.

        Called in the transaction of the deletion, before the resources themselves go. What cannot
        be rolled back should wait for the commit.
        """
        ...
