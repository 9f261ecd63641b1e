"""What the embedded log keeps in memory about its views."""

from array import array
from bisect import bisect_right, insort
from collections.abc import Iterable

from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log_errors import LogCorruptError


class Partition:
    """One partition of one view.

    ``next_offset`` belongs to the event loop, which gives out offsets. The writer thread moves
    the others; they say only what is durable.
    """

    __slots__ = (
        "compressed",
        "damage",
        "end_offset",
        "index",
        "is_deleted",
        "next_offset",
        "number",
        "runs",
        "start_offset",
        "view",
        "view_number",
    )

    def __init__(
        self,
        number: int,
        view: ViewRid,
        index: int,
        *,
        compressed: bool,
        start: int = 0,
        end: int = 0,
        view_number: int = 0,
    ) -> None:
        self.number = number
        """Its key in the log, different for each partition of each view there ever was."""
        self.view = view
        self.view_number = view_number
        self.index = index
        self.compressed = compressed
        self.start_offset = start
        self.end_offset = end
        self.next_offset = end
        self.damage: str | None = None
        """Why nobody knows where it ends, or what is missing there; it then takes no writes."""
        self.is_deleted = False
        self.runs: tuple[array[int], array[int]] = (array("Q"), array("Q"))
        """From which offset on records lie in which segment, ordered by offset. A run ends where
        the next one begins, or where its segment says so."""

    def add_run(self, base_offset: int, segment: int) -> None:
        """Note that records from *base_offset* on lie in *segment*; readers look meanwhile."""
        bases, segments = self.runs
        if not bases or base_offset >= bases[-1]:
            # A reader takes as many as it finds in the first column.
            segments.append(segment)
            bases.append(base_offset)
            return
        runs = list(zip(bases, segments, strict=True))
        insort(runs, (base_offset, segment))
        self._replace(runs)

    def remove_runs(self, gone: Iterable[tuple[int, int]]) -> None:
        """Forget runs, each given as its first offset and its segment."""
        left = set(gone)
        self._replace([run for run in zip(*self.runs, strict=True) if run not in left])

    def _replace(self, runs: list[tuple[int, int]]) -> None:
        self.runs = (
            array("Q", [base for base, _ in runs]),
            array("Q", [segment for _, segment in runs]),
        )

    def run_segments(self, offset: int) -> list[int]:
        """Give the segments in which *offset* may lie, the likeliest first."""
        bases, segments = self.runs
        return [segments[at] for at in range(bisect_right(bases, offset) - 1, -1, -1)]

    def trimmed_runs(self) -> list[tuple[int, int]]:
        """Give the runs that may hold only what was trimmed, as first offset and segment."""
        bases, segments = self.runs
        ends = [*bases[1:], self.end_offset]
        return [
            (base, segment)
            for base, segment, end in zip(bases, segments, ends, strict=True)
            if end <= self.start_offset
        ]

    def damage_error(self) -> LogCorruptError:
        """Make the error for one who would write here, or read past the damage."""
        return LogCorruptError(self.view, self.index, self.end_offset, self.damage or "")
