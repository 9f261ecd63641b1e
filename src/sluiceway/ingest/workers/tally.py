"""What a worker counts of its requests, until it is told on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import Counted
from sluiceway.streams.meters import Refusal
from sluiceway.streams.statistics import StreamStatistics, refusal_of
from sluiceway.streams.types import View


@dataclass(slots=True)
class RefusalTally(StreamStatistics):
    """Statistics of a worker: what was stored counts where the log is, so only refusals are here."""

    refusals: Counter[tuple[ViewRid, Refusal]] = field(default_factory=Counter)

    def stored(self, view: View, batches: Sequence[Counted], started: float) -> None:
        """Count nothing: whoever has the log does."""

    def refused(self, view: View, error: Exception) -> None:
        """Count a request to publish to *view* that was refused with *error*."""
        self.refusals[view.view_rid, refusal_of(error)] += 1
