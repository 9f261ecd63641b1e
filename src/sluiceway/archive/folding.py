"""Which tables have enough changes for a fold into their current state."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sluiceway.archive.types import Folded
from sluiceway.foundation.rids import ViewRid


@dataclass(slots=True)
class Folding:
    """How many more records each table with change data capture takes until a fold is worth it."""

    _left: dict[ViewRid, int] = field(default_factory=dict)

    def archived(self, view: ViewRid, records: int) -> None:
        """Take note of a commit. Of a table's first one since the start only a call tells more."""
        self._left[view] = self._left.get(view, 0) - records

    def due(self) -> list[ViewRid]:
        """Give the views for which a fold is worth it, or may be."""
        return [view for view, left in self._left.items() if left <= 0]

    def begin(self, view: ViewRid) -> None:
        """Count what is archived from now on; a fold may or may not have it."""
        self._left[view] = 1

    def folded(self, view: ViewRid, folded: Folded) -> None:
        """Take note of what a fold told."""
        if view in self._left:
            self._left[view] += folded.changes_left - 1

    def failed(self, view: ViewRid) -> None:
        """Have a fold tried again."""
        if view in self._left:
            self._left[view] = 0

    def forget(self, views: Iterable[ViewRid]) -> None:
        """Forget views that are gone."""
        for view in views:
            self._left.pop(view, None)
