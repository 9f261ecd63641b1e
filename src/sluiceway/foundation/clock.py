"""Time, as something that is handed in."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now_ms(self) -> int:
        """Give the time in epoch milliseconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Give the time in epoch milliseconds."""
        return time.time_ns() // 1_000_000


def iso_time(epoch_ms: int) -> str:
    """Write epoch milliseconds as ISO 8601 with zone, the form of every time on the wire."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
