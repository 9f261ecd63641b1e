"""How often clients failed to authenticate, by client id and network address."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from sluiceway.foundation.clock import Clock

ENTRIES_MAX: Final = 10_000
"""Pairs of client id and address that are remembered; past it the oldest is forgotten."""
FAILURES_PER_WINDOW_MAX: Final = 20
"""Failures of one client id from one address that are answered 401; more are answered 429."""
WINDOW_MS: Final = 60_000
_KEY_LENGTH_MAX: Final = 64
"""Of a longer client id, so much is remembered; ours have 32 characters."""


@dataclass(slots=True)
class _Window:
    start_ms: int
    count: int


@dataclass(slots=True)
class FailedAuthentications:
    """Counts failures in windows of a minute, in this process's memory.

    Only failures are held back: the right secret is always taken. A secret of 256 random bits
    cannot be guessed, and a forgotten program with last year's secret must not lock out the new
    one beside it.
    """

    clock: Clock
    _windows: OrderedDict[tuple[str, str], _Window] = field(default_factory=OrderedDict)

    def count(self, client_id: str, origin: str) -> int | None:
        """Count a failure; gives the seconds to wait once there were too many."""
        key = (client_id[:_KEY_LENGTH_MAX], origin[:_KEY_LENGTH_MAX])
        now_ms = self.clock.now_ms()
        window = self._windows.get(key)
        if window is None or now_ms - window.start_ms >= WINDOW_MS:
            window = self._windows[key] = _Window(now_ms, 0)
            self._windows.move_to_end(key)
            while len(self._windows) > ENTRIES_MAX:
                self._windows.popitem(last=False)
        window.count += 1
        if window.count <= FAILURES_PER_WINDOW_MAX:
            return None
        return -(-(window.start_ms + WINDOW_MS - now_ms) // 1000)
