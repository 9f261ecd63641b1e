"""What the embedded log keeps in memory about its views."""

from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log_errors import LogCorruptError


class Partition:
    """One partition of one view.

    ``next_offset`` is the writer thread's own. ``start_offset``, which that thread moves, and
    ``end_offset``, which the event loop moves, say only what is durable.
    """

    __slots__ = (
        "compressed",
        "damage",
        "end_offset",
        "index",
        "next_offset",
        "number",
        "start_offset",
        "view",
    )

    def __init__(
        self, number: int, view: ViewRid, index: int, *, compressed: bool, start: int, end: int
    ) -> None:
        self.number = number
        """Its key in the file, different for each partition of each view."""
        self.view = view
        self.index = index
        self.compressed = compressed
        self.start_offset = start
        self.end_offset = end
        self.next_offset = end
        self.damage: str | None = None
        """What was wrong with its last row when the log was opened; it then takes no writes."""

    def damage_error(self) -> LogCorruptError:
        """Make the error for one who would write here, or read past the damage."""
        return LogCorruptError(self.view, self.index, self.end_offset, self.damage or "")
