"""How often clients failed to authenticate, by client id and network address."""

from dataclasses import dataclass, field
from typing import Final

from sluiceway.access.windows import CountingWindows
from sluiceway.foundation.clock import Clock

ENTRIES_MAX: Final = 10_000
"""Pairs of client id and address that are remembered; past it the oldest is forgotten."""
FAILURES_PER_WINDOW_MAX: Final = 20
"""Failures of one client id from one address that are answered 401; more are answered 429."""
WINDOW_MS: Final = 60_000


@dataclass(slots=True)
class FailedAuthentications:
    """Counts failures in windows of a minute, in this process's memory.

    Only failures are held back: the right secret is always taken. A secret of 256 random bits
    cannot be guessed, and a forgotten program with last year's secret must not lock out the new
    one beside it.
    """

    clock: Clock
    windows: CountingWindows = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        self.windows = CountingWindows(self.clock, WINDOW_MS, ENTRIES_MAX)

    def count(self, client_id: str, origin: str) -> int | None:
        """Count a failure; gives the seconds to wait once there were too many."""
        if self.windows.count(client_id, origin) <= FAILURES_PER_WINDOW_MAX:
            return None
        return self.windows.seconds_left(client_id, origin)
